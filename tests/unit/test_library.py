"""The pose library's files: own poses kept, found, renamed, and never lost."""

from dataclasses import dataclass

import numpy as np
import pytest

from engine.errors import InputError
from engine.shapes.body import default_pose
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose, write_pose
from studio.library import PoseLibrary, user_poses


@dataclass(frozen=True)
class Bundled:
    name: str
    pose: Pose
    tags: tuple[str, ...]


BUNDLED = (
    Bundled("Arms akimbo", default_pose((100, 200)), ("standing", "confident")),
    Bundled("Crouching start", default_pose((200, 200)), ("sport", "low")),
    Bundled("Standing still", default_pose((90, 200)), ("calm",)),
)


@pytest.fixture
def library():
    return PoseLibrary(BUNDLED)


def bent():
    return default_pose((120, 200)).moved(right_wrist=(7.25, 31.5))


def names(poses):
    return [pose.name for pose in poses]


def test_search_takes_the_beginnings_of_words_of_names_and_tags(library):
    assert names(library.found("")) == ["Arms akimbo", "Crouching start", "Standing still"]
    assert names(library.found("stand")) == ["Arms akimbo", "Standing still"]
    assert names(library.found("  AKI conf ")) == ["Arms akimbo"]
    assert names(library.found("start sport")) == ["Crouching start"]
    assert names(library.found("tanding")) == []


def test_own_poses_are_openpose_files_and_stand_first(library):
    library.save("Zorro", bent())
    again = PoseLibrary(BUNDLED)
    assert names(again.poses)[0] == "Zorro"
    assert again.poses[0].pose == bent()
    assert read_pose(user_poses() / "Zorro.json") == bent()
    assert names(again.found("own")) == ["Zorro"]


def test_a_taken_name_gets_a_number(library):
    first = library.save("Jump", bent())
    second = library.save("Jump", default_pose((120, 200)))
    assert (first.name, second.name) == ("Jump", "Jump 2")
    assert read_pose(first.path) == bent()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../escape", "escape"),
        ('a/b\\c:d*"e"', "a b c d e"),
        ("...hidden", "hidden"),
        ("x" * 300, "x" * 80),
        ("跳跃", "跳跃"),
    ],
)
def test_names_become_plain_files_in_the_folder(library, typed, kept):
    saved = library.save(typed, bent())
    assert saved.name == kept and saved.path.parent == user_poses()


@pytest.mark.parametrize("typed", ["", "   ", "///", ".."])
def test_a_pose_without_a_name_is_not_kept(library, typed):
    with pytest.raises(InputError, match="name"):
        library.save(typed, bent())
    assert not list(user_poses().glob("*"))


def test_rename_keeps_the_pose_and_never_takes_another_ones_place(library):
    one, two = library.save("One", bent()), library.save("Two", default_pose((120, 200)))
    renamed = library.rename(one, "Two")
    assert renamed.name == "Two 2" and renamed.pose == bent()
    assert read_pose(two.path) == default_pose((120, 200))
    assert library.rename(renamed, "Two 2") is renamed
    assert names(library.poses)[:2] == ["Two", "Two 2"]


def test_bundled_poses_stay(library):
    for act in (library.delete, lambda pose: library.rename(pose, "x")):
        with pytest.raises(InputError, match="stays"):
            act(library.poses[0])
    assert len(library.poses) == 3


def test_delete_takes_the_file_away(library):
    saved = library.save("Gone", bent())
    library.delete(saved)
    assert not saved.path.exists() and len(library.poses) == 3


def test_files_of_others_are_copied(library, tmp_path):
    for form in ("openpose", "coco"):
        write_pose(bent(), tmp_path / f"{form}.json", form)
        added = library.add_file(tmp_path / f"{form}.json")
        np.testing.assert_allclose(added.pose["right_wrist"], (7.25, 31.5))
    (tmp_path / "no.json").write_text("{}")
    with pytest.raises(InputError):
        library.add_file(tmp_path / "no.json")


def test_a_broken_file_is_named_and_the_rest_still_works(library):
    library.save("Good", bent())
    (user_poses() / "bad.json").write_text('{"people": [')
    library.reload()
    assert names(library.poses)[0] == "Good" and len(library.poses) == 4
    assert len(library.problems) == 1 and "bad.json" in library.problems[0]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be made"):
        PoseLibrary((), tmp_path / "file" / "poses").save("A", bent())
