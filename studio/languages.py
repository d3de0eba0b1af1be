"""The language of the window: English texts of the source, looked up in one file a language."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

import assets
from studio.sentences import Sentences

log = logging.getLogger("guise")

FOLDER = Path(assets.__file__).parent / "languages"
SOURCE = "en"
_ERROR = "GuiseError"
_QT_TEXTS = QLibraryInfo.LibraryPath.TranslationsPath


class _File(msgspec.Struct):
    language: str
    messages: dict[str, str]
    errors: dict[str, str]


class Catalogue(QTranslator):
    """Texts of one language by their English, the same in every part of the window.

    A text that it does not have stays English.

    Args:
        messages: translations by English text.
        errors: translations of what engine and trainer say, with {0}, {1}… for what is filled
            in.
    """

    def __init__(
        self,
        messages: dict[str, str],
        errors: dict[str, str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.messages, self._errors = messages, Sentences(errors or {})

    def translate(
        self,
        context: str,
        sourceText: str,
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        if context == _ERROR:
            return self._errors.told(sourceText)
        return self.messages.get(sourceText)

    def isEmpty(self) -> bool:
        return not self.messages


def known() -> list[str]:
    """Codes of all languages that there are."""
    return [SOURCE, *sorted(path.stem for path in FOLDER.glob("*.json"))]


def spoken(sentence: str) -> str:
    """What an error says, in the user's language; English if it is not known there."""
    return QCoreApplication.translate(_ERROR, sentence)


def read(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """A language's translations by English text: of the window, and of errors.

    Raises:
        OSError: there is no such language.
        msgspec.DecodeError: its file is damaged.
    """
    file = msgspec.json.decode((FOLDER / f"{code}.json").read_bytes(), type=_File)
    return file.messages, file.errors


def resolved(choice: str, wanted: list[str] | None = None) -> str:
    """The language for a choice of the settings.

    Args:
        choice: a code, or "system".
        wanted: what the system's user reads, best first, e.g. ["zh-Hans-CN"]; None = asks it.

    Returns:
        A known code; English if nothing else fits.
    """
    if choice != "system":
        return choice if choice in known() else SOURCE
    for name in QLocale.system().uiLanguages() if wanted is None else wanted:
        locale = QLocale(name)
        if locale.language() == QLocale.Language.English:
            return SOURCE
        simplified = locale.script() == QLocale.Script.SimplifiedHanScript
        code = "zh_CN" if simplified else locale.name()  # also for Singapore and Malaysia
        if code in known():
            return code
    return SOURCE


def install(app: QCoreApplication, choice: str) -> str:
    """Let everything that is built from now on speak a language, Qt's own texts too.

    Args:
        choice: as in the settings.

    Returns:
        The code of the language.
    """
    code = resolved(choice)
    if code == SOURCE:
        return code
    try:
        messages, errors = read(code)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("language %s: %s", code, error)
        return SOURCE
    own_words = QTranslator(app)
    if own_words.load(f"qtbase_{code}", QLibraryInfo.path(_QT_TEXTS)):
        app.installTranslator(own_words)
    app.installTranslator(Catalogue(messages, errors, app))
    QLocale.setDefault(QLocale(code))
    return code
