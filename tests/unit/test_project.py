"""Projects come back equal; cut, hostile and foreign files are refused in one sentence."""

import json
import random
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.appearance import FromPhoto
from engine.errors import GuiseError, InputError
from engine.photo import Mask
from engine.shapes.pose import Pose
from studio import project, project_zip
from studio.project import JSON, read_project, write_project
from tests.unit.made_states import OTHER, PHOTO, POSE, full_state, states

SAME_FOLDER = [HealthCheck.function_scoped_fixture]


@pytest.fixture
def path(tmp_path):
    """A project with some of everything."""
    made = tmp_path / "walker.guise"
    write_project(full_state(), made)
    return made


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path, members, packing=zipfile.ZIP_STORED):
    """The same file with other members, as somebody else's program would write it."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def edit_json(path, edit):
    members = members_of(path)
    told = json.loads(members[JSON])
    edit(told)
    rewrite(path, members | {JSON: json.dumps(told).encode()})


def refusal(path):
    with pytest.raises(InputError) as caught:
        read_project(path)
    text = str(caught.value)
    assert text.startswith(f"{path} cannot be opened: ") and text.endswith(".")
    assert "\n" not in text
    return text


@settings(max_examples=40, deadline=None, suppress_health_check=SAME_FOLDER)
@given(states)
def test_every_state_comes_back_equal(tmp_path, state):
    path = tmp_path / "any.guise"
    write_project(state, path)
    assert read_project(path) == state


def test_equal_states_give_equal_files(path, tmp_path):
    write_project(read_project(path), tmp_path / "again.guise")
    assert (tmp_path / "again.guise").read_bytes() == path.read_bytes()


def test_it_is_self_contained_and_each_photo_is_there_once(path):
    members = members_of(path)
    photos = [name for name in members if name.startswith("photos/")]
    assert sorted(photos) == sorted(f"photos/{p.digest}.png" for p in (PHOTO, OTHER))
    with zipfile.ZipFile(path) as archive, archive.open(f"photos/{OTHER.digest}.png") as file:
        assert np.array_equal(np.array(Image.open(file)), OTHER.pixels)
    told = json.loads(members[JSON])
    assert (told["format"], told["editor"]) == (1, "pose")
    assert told["document"]["painter"]["terms"] == "Free."


def test_other_programs_may_pack_it(path):
    before = read_project(path)
    rewrite(path, members_of(path), zipfile.ZIP_DEFLATED)
    assert read_project(path) == before


def test_unknown_parts_of_the_same_format_are_passed_over(path):
    before = read_project(path)
    edit_json(path, lambda told: told["document"].update(note="from a later version"))
    rewrite(path, members_of(path) | {"notes/later.txt": b"1"})
    assert read_project(path) == before


def test_a_failed_write_keeps_the_old_project(path):
    before = path.read_bytes()
    unreadable = Pose(POSE.xy * 1e12, POSE.presence, POSE.size)
    state = full_state()
    with pytest.raises(InputError):
        write_project(replace(state, wanted=state.wanted._replace(pose=unreadable)), path)
    assert path.read_bytes() == before


# Damage


def test_every_cut_is_told(path):
    content = path.read_bytes()
    lengths = {*range(64), *range(0, len(content), 97), *range(len(content) - 64, len(content))}
    for length in sorted(lengths):
        path.write_bytes(content[:length])
        text = refusal(path)
        assert "cut off" in text or "empty" in text or "not a Guise project" in text


def test_flipped_bytes_never_crash_and_never_lie(path):
    whole, content = read_project(path), path.read_bytes()
    dice = random.Random(5)
    refused = 0
    for _ in range(600):
        damaged = bytearray(content)
        for _ in range(dice.choice((1, 1, 1, 8))):
            damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            assert read_project(path) == whole
        except GuiseError:
            refused += 1
    assert refused > 500


@settings(max_examples=60, deadline=None, suppress_health_check=SAME_FOLDER)
@given(st.binary(max_size=400))
def test_rubbish_is_refused(tmp_path, content):
    path = tmp_path / "rubbish.guise"
    path.write_bytes(content)
    refusal(path)
    path.write_bytes(b"PK\x03\x04" + content)
    refusal(path)
    rewrite(path, {JSON: content})
    refusal(path)


def test_what_is_no_file_is_told(tmp_path):
    assert "no such file" in refusal(tmp_path / "gone.guise")
    assert "is a folder" in refusal(tmp_path)


def test_a_newer_format_names_its_version_and_says_to_update(path):
    edit_json(path, lambda told: told.update(format=2, program="9.9", document={"all": "new"}))
    text = refusal(path)
    assert "9.9" in text and "format 2" in text and "update Guise" in text


def test_another_editor_is_named(path):
    edit_json(path, lambda told: told.update(editor="sculpture"))
    assert "sculpture" in refusal(path)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "photos/../../x", "C:/x", "..\\x", "a\0b"])
def test_path_tricks_are_refused(path, name):
    members = members_of(path)
    if "\0" in name:  # zipfile writes no such name itself
        rewrite(path, members | {"a~b": b"1"})
        path.write_bytes(path.read_bytes().replace(b"a~b", b"a\0b"))
    else:
        rewrite(path, members | {name: b"1"})
    assert "points out of the project" in refusal(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(path):
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(JSON, b"{}")
    assert "same name" in refusal(path)


def test_a_bomb_is_not_unpacked(path):
    rewrite(path, members_of(path) | {"bomb": bytes(30_000_000)}, zipfile.ZIP_DEFLATED)
    assert "would unpack to 30 MB" in refusal(path)


def test_a_member_that_lies_about_its_size_is_refused(path):
    members = members_of(path)
    honest = len(members[JSON])
    padded = members[JSON] + b" " * 5_000_000
    rewrite(path, members | {JSON: padded}, zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    lie = content.replace(struct.pack("<I", len(padded)), struct.pack("<I", honest))
    assert lie != content
    path.write_bytes(lie)
    assert "damaged" in refusal(path)


def test_too_many_members_are_refused(path, monkeypatch):
    monkeypatch.setattr(project_zip, "MAX_MEMBERS", 5)
    assert "at most 5" in refusal(path)


def test_too_much_in_all_is_refused(path, monkeypatch):
    monkeypatch.setattr(project_zip, "MAX_TOTAL", path.stat().st_size - 3000)
    monkeypatch.setattr(project_zip, "_check_kind", lambda file: None)
    assert "more than a project can have" in refusal(path)


def test_photos_that_decode_to_too_much_are_refused(path, monkeypatch):
    monkeypatch.setattr(project, "MAX_PIXEL_BYTES", PHOTO.pixels.nbytes)
    assert "of memory" in refusal(path)


def test_every_missing_member_is_named(path):
    members = members_of(path)
    for name in members:
        rewrite(path, {k: v for k, v in members.items() if k != name})
        assert f"its part {name} is missing" in refusal(path)


def test_a_photo_that_is_another_one_is_refused(path):
    members = members_of(path)
    names = [f"photos/{p.digest}.png" for p in (PHOTO, OTHER)]
    rewrite(path, members | {names[0]: members[names[1]]})
    assert "not what was saved" in refusal(path)


def wrong_documents():
    def change(path, value):
        def edit(told):
            inner = told
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value

        return edit

    yield change(["document"], [])
    yield change(["document", "reading", "found"], "yes")
    yield change(["document", "reading", "photo"], "../../etc/passwd")
    yield change(["document", "reading", "confidence"], [0.5])
    yield change(["document", "reading", "pose", "canvas_width"], 61)
    yield change(["document", "wanted", "source", "people"], [])
    yield change(["document", "wanted", "pose", "canvas_height"], 7)
    yield change(["document", "wanted", "look", "kind"], "Guess")
    yield change(["document", "wanted", "model"], None)
    yield change(["document", "wanted", "finish"], {"feather": 51})
    yield change(["document", "wanted", "finish"], {"match": "some"})
    yield change(["document", "wanted", "scene"], "sea")
    yield change(["document", "wanted", "mask"], "0" * 64)
    yield change(["document", "selected"], [18])
    yield change(["document", "history", 0, "when"], "yesterday")
    yield change(["document", "history", 0, "seconds"], -1)
    yield change(["document", "history", 0, "wanted", "pose"], {})
    yield change(["view"], {"zoom": "large"})
    yield change(["format"], 0)
    yield change(["format"], None)
    yield change(["editor"], 3)


@pytest.mark.parametrize("edit", list(wrong_documents()))
def test_wrong_values_are_refused(path, edit):
    edit_json(path, edit)
    refusal(path)


def test_a_mask_for_another_photo_is_refused(tmp_path):
    state = full_state()
    wide = Mask(np.zeros((PHOTO.size[1], PHOTO.size[0] + 1), np.uint8))
    path = tmp_path / "wide.guise"
    with pytest.raises(InputError, match="different sizes"):
        write_project(replace(state, reading=replace(state.reading, mask=wide)), path)
    look = FromPhoto(PHOTO, POSE, wide)
    with pytest.raises(InputError, match="is for 61 x 80 px"):
        write_project(replace(state, wanted=state.wanted._replace(look=look)), path)
    assert not path.exists()
