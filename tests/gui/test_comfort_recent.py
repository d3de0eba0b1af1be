"""The list of files that were opened: order, limits, pictures, and damage."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from studio.recent import MOST, THUMB, RecentFiles
from tests.fakes import save_png_of


@pytest.fixture
def photo(tmp_path):
    def made(name, shade=90, size=(60, 200)):
        save_png_of(np.full((*size, 3), shade, np.uint8), tmp_path / name)
        return tmp_path / name

    return made


def names(recent):
    return [file.path.name for file in recent.files()]


def test_the_last_opened_stands_first_once_and_at_the_next_start(photo, qapp):
    recent = RecentFiles()
    for name in ("a.png", "b.png", "a.png"):
        recent.add(photo(name))
    assert names(recent) == ["a.png", "b.png"] == names(RecentFiles())
    newest, older = recent.files()
    assert newest.when > older.when and newest.when.tzinfo is not None


def test_pictures_fill_and_show_the_file(photo, qapp):
    recent = RecentFiles()
    recent.add(photo("wide.png", 77))
    image = recent.thumbnail(recent.files()[0].path)
    assert image.size() == THUMB and image.pixelColor(160, 120) == QColor(77, 77, 77)


def test_a_given_picture_is_shown_for_files_that_are_no_photos(tmp_path, qapp):
    project = tmp_path / "walker.guise"
    project.write_bytes(b"PK\x03\x04")
    picture = QImage(90, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("blue"))
    for x in range(90):
        picture.setPixelColor(x, 0, QColor("red"))  # the top, where heads are
    recent = RecentFiles()
    recent.add(project)
    assert recent.thumbnail(project).isNull()
    recent.add(project, picture)
    assert recent.thumbnail(project).pixelColor(160, 0).red() > 150


def test_a_turned_photo_is_shown_upright(tmp_path, qapp):
    from PIL import Image

    image = Image.new("RGB", (400, 300), (0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 400, 150))  # bright at the top of the file
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by half
    image.save(tmp_path / "turned.jpg", exif=exif)
    recent = RecentFiles()
    recent.add(tmp_path / "turned.jpg")
    small = recent.thumbnail(tmp_path / "turned.jpg")
    assert small.pixelColor(160, 20).red() < 60 < small.pixelColor(160, 220).red()


def test_twenty_at_most_and_no_picture_is_left_behind(photo, qapp):
    recent = RecentFiles()
    paths = [photo(f"{n}.png") for n in range(MOST + 3)]
    for path in paths:
        recent.add(path)
    assert len(recent.files()) == MOST and names(recent)[0] == "22.png"
    assert len(list(recent._cache.iterdir())) == MOST
    assert recent.thumbnail(paths[0]).isNull()


def test_a_vanished_file_stays_until_it_is_removed(photo, qapp, qtbot):
    recent = RecentFiles()
    path = photo("gone.png")
    recent.add(path)
    path.unlink()
    assert [file.there for file in recent.files()] == [False]
    with qtbot.waitSignal(recent.changed):
        recent.remove(path)
    assert recent.files() == [] and list(recent._cache.iterdir()) == []


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff", b"{}", b'[{"path": 3}]', b'[{"path": "a", "when": "soon"}]']
)
def test_a_damaged_list_is_an_empty_one(photo, qapp, garbage):
    recent = RecentFiles()
    recent._list.parent.mkdir(parents=True)
    recent._list.write_bytes(garbage)
    assert recent.files() == []
    recent.add(photo("a.png"))
    assert names(recent) == ["a.png"]


def test_a_name_that_no_system_has_is_not_there(qapp):
    recent = RecentFiles()
    recent._list.parent.mkdir(parents=True)
    recent._list.write_text('[{"path": "' + "x" * 5000 + '", "when": "2026-01-02T03:04:05Z"}]')
    assert [file.there for file in recent.files()] == [False]


def test_folders_that_cannot_be_written_stop_nobody(photo, qapp, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    recent = RecentFiles()
    recent._list, recent._cache = blocked / "recent.json", blocked / "thumbnails"
    recent.add(photo("a.png"))
    assert recent.files() == []
