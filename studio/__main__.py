"""`guise`: the studio without a command, the command line with one."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_PLATFORM_PACKAGES = (
    "libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
    "libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libdbus-1-3"
)


def main(argv: list[str] | None = None) -> int:
    """Open the studio (no arguments, or a photo's path), or run a command.

    Returns:
        The exit code: 2 if something had to be explained on stderr.
    """
    args = sys.argv[1:] if argv is None else argv
    if _is_command(args):
        from trainer.cli import main as command_line

        return command_line(args)
    return _studio(args)


def _is_command(args: list[str]) -> bool:
    from trainer.cli import COMMANDS

    return bool(args) and (args[0] in COMMANDS or not _looks_like_file(args[0]))


def _looks_like_file(word: str) -> bool:
    return not word.startswith("-") and (Path(word).exists() or bool(Path(word).suffix))


def _studio(args: list[str]) -> int:
    missing = _missing_display()
    if missing:
        return _explained(missing)
    if sys.platform == "win32":
        import torch  # noqa: F401  # after Qt it fails to load its libraries there
    try:
        from studio.app import main as open_studio
    except ImportError as error:
        return _explained(_missing_library(error))
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)  # importing cv2 points them at its own folders
    return open_studio(args)


def _missing_display() -> str:
    """A sentence if there is nowhere to open a window, or Qt's own loader would abort."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return (
            "There is no display to open a window on (DISPLAY and WAYLAND_DISPLAY are not set); "
            "`guise repose` works without one."
        )
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    try:
        ctypes.CDLL("libxcb-cursor.so.0")
    except OSError as error:
        return _missing_library(error)
    return ""


def _missing_library(reason: object) -> str:
    return (
        f"The window cannot open: {reason}. On Debian or Ubuntu run "
        f"`sudo apt install {_PLATFORM_PACKAGES}`; `guise repose` works without."
    )


def _explained(sentence: str) -> int:
    print(f"guise: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
