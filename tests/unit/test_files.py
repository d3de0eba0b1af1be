"""Files are written whole or not at all, in the place that a link points to."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.files import replacing


def write(path, content):
    with replacing(path) as file:
        file.write(content)


def names(folder):
    return sorted(p.name for p in folder.iterdir() if p.is_file())


def test_permissions_and_links_stay(tmp_path):
    real, link = tmp_path / "real.bin", tmp_path / "link.bin"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to("real.bin")
    write(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert names(tmp_path) == ["link.bin", "real.bin"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    write(tmp_path / "new.bin", b"1")
    (tmp_path / "plain").touch()
    modes = {stat.S_IMODE((tmp_path / n).stat().st_mode) for n in ("new.bin", "plain")}
    assert len(modes) == 1


def test_a_long_name_is_no_trouble(tmp_path):
    write(tmp_path / ("n" * 250), b"1")
    assert (tmp_path / ("n" * 250)).read_bytes() == b"1"


def test_a_write_protected_file_stays(tmp_path):
    path = tmp_path / "kept.bin"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(InputError, match="write-protected"):
        write(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["kept.bin"]


def test_an_error_while_writing_keeps_the_old_file(tmp_path):
    path = tmp_path / "kept.bin"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old" and names(tmp_path) == ["kept.bin"]


def test_a_full_disk_keeps_the_old_file(tmp_path):
    path = tmp_path / "kept.bin"
    path.write_bytes(b"old")
    script = (
        "import sys; from pathlib import Path; from engine.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as f: f.write(bytes(100_000))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
    )
    assert "cannot be written (file too large)" in done.stderr.splitlines()[-1]
    assert path.read_bytes() == b"old" and names(tmp_path) == ["kept.bin"]


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(InputError, match="no such file or directory"):
        write(tmp_path / "gone" / "a.bin", b"1")
