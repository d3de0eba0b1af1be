"""The settings file: what it survives, and that its table is sound."""

import json

import pytest
from PySide6.QtCore import QByteArray

from studio.settings import BY_NAME, SETTINGS, Settings, settings_file, worded
from studio.theme import ThemeChoice


@pytest.fixture
def file():
    path = settings_file()
    path.parent.mkdir(parents=True)
    return path


def test_what_was_chosen_is_there_at_the_next_start():
    first = Settings()
    first.theme = ThemeChoice.light
    first.set("history", 320)
    first.geometry = QByteArray(b"\x01\xd9\xd0\xcb\x00\xff")
    again = Settings()
    assert again.theme is ThemeChoice.light
    assert again.whole("history") == 320
    assert bytes(again.geometry.data()) == b"\x01\xd9\xd0\xcb\x00\xff"
    assert again.trouble == ""


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00\xff\xfe garbage", b"[1, 2]", b'{"theme": "light"', b'"\xed\xa0\x80"']
)
def test_a_broken_file_is_kept_and_said(file, garbage):
    file.write_bytes(garbage)
    settings = Settings()
    assert settings.theme is ThemeChoice.dark
    kept = [p for p in file.parent.iterdir() if p.name.startswith("settings broken")]
    assert [p.read_bytes() for p in kept] == [garbage]
    assert str(kept[0]) in settings.trouble
    settings.set("history", 50)
    assert Settings().whole("history") == 50
    assert Settings().trouble == ""


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("theme", "pink"),
        ("theme", 3),
        ("history", True),
        ("history", 5),
        ("history", 1e3),
        ("history", 10**9),
        ("hints", 1),
        ("folder", "x" * 5000),
        ("geometry", ["a"]),
    ],
)
def test_one_bad_value_gives_its_default_and_the_others_stay(file, name, bad):
    file.write_text(json.dumps({name: bad, "autosave": 45}))
    settings = Settings()
    assert settings.value(name) == BY_NAME[name].default
    assert settings.whole("autosave") == 45
    with pytest.raises(ValueError, match=name):
        settings.set(name, bad)


def test_geometry_of_garbage_is_no_geometry(file):
    file.write_text(json.dumps({"geometry": "%%%"}))
    assert Settings().geometry.isEmpty()


def test_a_folder_in_the_files_place_does_not_stop_the_start(file):
    file.mkdir()
    settings = Settings()
    assert settings.trouble
    settings.set("autosave", 60)
    assert Settings().whole("autosave") == 60


def test_two_windows_do_not_undo_each_others_choices():
    one, two = Settings(), Settings()
    one.set("history", 50)
    two.set("autosave", 90)
    last = Settings()
    assert (last.whole("history"), last.whole("autosave")) == (50, 90)


def test_a_place_that_cannot_be_written_changes_nothing_else(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    settings = Settings(blocked / "settings.json")
    settings.set("autosave", 90)
    assert settings.whole("autosave") == 90


def test_a_change_is_told_once(qtbot):
    settings, told = Settings(), []
    settings.changed.connect(told.append)
    settings.set("hints", False)
    settings.set("hints", False)
    assert told == ["hints"]


def test_damaged_tables_are_empty(file):
    file.write_text(json.dumps({"shortcuts": {"undo": "Ctrl+Z"}}))
    settings = Settings()
    assert settings.table("shortcuts") == {}
    settings.set_table("shortcuts", {"undo": ["Ctrl+Z"], "redo": []})
    assert Settings().table("shortcuts") == {"undo": ["Ctrl+Z"], "redo": []}


def test_the_table_is_sound():
    assert len(BY_NAME) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.accepts(setting.default), setting.name
        assert setting.section == "" or (worded(setting.text) and setting.help.endswith("."))
