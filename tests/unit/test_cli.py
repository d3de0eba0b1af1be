"""The command line with the bundled models: good input gives files, bad input one sentence."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.photo_files import open_photo
from engine.shapes.pose import Pose, Presence
from engine.shapes.pose_files import read_pose, write_pose
from studio.__main__ import main
from tests.unit.data_folders import edges
from tests.unit.test_weights import Bomb

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def photo():
    """The bundled sample."""
    return ROOT / "assets" / "samples" / "walker.png"


@pytest.fixture(scope="module")
def pose_file(photo, tmp_path_factory):
    """What `guise detect` says of the photo."""
    folder = tmp_path_factory.mktemp("pose")
    out, mask = folder / "pose.json", folder / "mask.png"
    assert main(["detect", str(photo), "-o", str(out), "--mask", str(mask)]) == 0
    return out


@pytest.fixture(scope="module")
def raised(pose_file):
    """That pose with a hand raised."""
    pose = read_pose(pose_file)
    x, y = pose["right_shoulder"]
    reach = 0.2 * pose.size[1]
    path = pose_file.with_name("raised.json")
    write_pose(
        pose.moved(right_elbow=(x - reach * 0.6, y), right_wrist=(x - reach * 0.7, y - reach)),
        path,
    )
    return path


def jpeg(photo):
    content = io.BytesIO()
    Image.open(photo).save(content, "JPEG")
    return content.getvalue()


def refused(capsys, *args):
    """The one sentence on stderr of a command that exits with 2."""
    capsys.readouterr()
    assert main([str(a) for a in args]) == 2
    said = capsys.readouterr().err
    assert said.startswith("guise: ") and said.count("\n") == 1 and "Traceback" not in said
    return said


def test_detect_finds_the_person(photo, pose_file):
    pose, photo = read_pose(pose_file), open_photo(photo)
    assert pose.size == photo.size and (pose.presence > 0).sum() >= 16
    mask = np.array(Image.open(pose_file.with_name("mask.png")))
    assert mask.shape == photo.pixels.shape[:2]
    for name in ("right_hip", "left_hip", "neck"):
        x, y = pose[name]
        assert mask[int(y), int(x)] > 127


def test_detect_writes_coco(photo, tmp_path):
    out = tmp_path / "pose.json"
    assert main(["detect", str(photo), "-o", str(out), "--format", "coco"]) == 0
    note = json.loads(out.read_text())["annotations"][0]
    assert len(note["keypoints"]) == 51


def test_repose_to_a_pose_file(photo, tmp_path, raised, capsys):
    out = tmp_path / "out.png"
    assert main(["repose", str(photo), "--pose", str(raised), "-o", str(out)]) == 0
    photo, made = open_photo(photo).pixels, np.array(Image.open(out))
    assert made.shape == photo.shape and "px in" in capsys.readouterr().out
    pose = read_pose(raised)
    x, y = (int(v) for v in pose["right_elbow"])
    assert np.abs(made[y - 4 : y + 4, x - 4 : x + 4].astype(int) - photo[y, x]).max() > 20
    x, y = (int(v) for v in pose["nose"])  # the face did not move
    face = np.s_[y - 5 : y + 5, x - 5 : x + 5]
    assert np.abs(made[face].astype(int) - photo[face]).mean() < 8


def test_repose_without_a_change_is_the_photo(photo, tmp_path, pose_file):
    out = tmp_path / "out.png"
    args = ["--pose", str(pose_file), "--source-pose", str(pose_file), "-o", str(out)]
    assert main(["repose", str(photo), *args]) == 0
    assert np.array_equal(np.array(Image.open(out)), open_photo(photo).pixels)


def test_repose_to_another_photos_pose_as_a_small_cutout(photo, tmp_path):
    out, other = tmp_path / "out.png", tmp_path / "other.png"
    Image.open(photo).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(other)
    args = ["--pose-of", str(other), "-o", str(out), "--cutout", "--longest", "240"]
    assert main(["repose", str(photo), *args]) == 0
    made = Image.open(out)
    assert made.mode == "RGBA" and max(made.size) == 240
    alpha = np.array(made)[..., 3]
    assert 0.02 < (alpha > 127).mean() < 0.8 and alpha[0, 0] == 0


def test_the_same_command_gives_the_same_file(photo, tmp_path, raised):
    for name in ("a.png", "b.png"):
        out = str(tmp_path / name)
        assert main(["repose", str(photo), "--pose", str(raised), "-o", out]) == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_models_are_listed_with_terms(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert "people" in out and "person-reader" in out and "commercial use" in out


@pytest.mark.parametrize(
    "command",
    ["repose", "grid", "animate", "sketch", "scene", "prepare", "train", "evaluate", "models"],
)
def test_help(command, capsys):
    try:
        code = main([command, "--help"])
    except SystemExit as ended:
        code = ended.code
    assert not code and command in capsys.readouterr().out
    assert main(["--help"]) == 0 and command in capsys.readouterr().out
    assert main(["--version"]) == 0 and capsys.readouterr().out.startswith("guise ")


@pytest.mark.parametrize("recipe", ["deformable", "deformable-paper", "perception"])
def test_recipes_list_their_options(recipe, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["train", recipe, "--help"])
    out = capsys.readouterr().out
    assert ended.value.code == 0 and "--data" in out and "--minutes" in out


def test_top_level_help_and_errors_come_without_torch():
    code = (
        "import sys; from studio.__main__ import main; main(['--help']); main(['nonsense']);"
        "main(['models', 'list']); print('torch' in sys.modules, 'PySide6' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split()[-2:] == ["False", "False"], done.stderr


# Bad input


@pytest.fixture(scope="module")
def bad_photos(photo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text.jpg").write_text("no image")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "truncated.jpg").write_bytes(jpeg(photo)[:3000])
    Image.new("RGB", (1, 1)).save(folder / "dot.png")
    Image.new("RGB", (30_000, 40)).save(folder / "wide.png")
    Image.new("RGB", (320, 240), (90, 120, 150)).save(folder / "nobody.png")
    return folder


SAYS = {
    "text.jpg": "not an image",
    "empty.jpg": "0 bytes",
    "truncated.jpg": "truncated",
    "dot.png": "at least 32 px",
    "wide.png": "30000 x 40 px",
    "nobody.png": "No person was found",
    "missing.jpg": "no file",
    ".": "is a folder",
}


@pytest.mark.parametrize("name", SAYS)
def test_bad_photos(name, bad_photos, raised, tmp_path, capsys):
    folder = tmp_path / "out"
    folder.mkdir()
    photo = bad_photos / name
    assert SAYS[name] in refused(capsys, "repose", photo, "--pose", raised, "-o", folder / "o.png")
    assert SAYS[name] in refused(capsys, "detect", photo, "-o", folder / "p.json")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("mode", ["L", "CMYK", "I;16"])
def test_unusual_photos_work(photo, mode, tmp_path, pose_file):
    photo = Image.open(photo)
    if mode == "I;16":
        photo = Image.fromarray(np.array(photo.convert("L")).astype(np.uint16) * 257)
    else:
        photo = photo.convert(mode)
    photo.save(tmp_path / "photo.tif")
    out = tmp_path / "p.json"
    assert main(["detect", str(tmp_path / "photo.tif"), "-o", str(out)]) == 0
    found, known = read_pose(out), read_pose(pose_file)
    both = (found.presence > 0) & (known.presence > 0)
    assert np.median(np.abs(found.xy - known.xy)[both]) < 0.03 * known.size[1]


POSES = {
    "not json": "{oops",
    "nan": '{"people": [{"pose_keypoints_2d": [NaN]}]}',
    "types": '{"people": [{"pose_keypoints_2d": ["a"]}]}',
    "length": '{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}',
    "nobody": '{"people": []}',
}


@pytest.mark.parametrize("text", POSES.values(), ids=POSES.keys())
def test_bad_pose_files(photo, text, tmp_path, capsys):
    path = tmp_path / "pose.json"
    path.write_text(text)
    said = refused(capsys, "repose", photo, "--pose", path, "-o", tmp_path / "o.png")
    assert str(path) in said and not (tmp_path / "o.png").exists()


def changed(pose_file, tmp_path, change):
    path = tmp_path / "changed.json"
    write_pose(change(read_pose(pose_file)), path)
    return path


@pytest.mark.parametrize(
    ("names", "says"),
    [(("right_hip",), "right hip"), (("left_shoulder", "right_shoulder"), "shoulder")],
)
def test_source_or_target_without_hips_or_shoulders(
    photo, names, says, pose_file, tmp_path, capsys
):
    path = changed(pose_file, tmp_path, lambda p: p.marked(Presence.missing, *names))
    common = ("repose", photo, "-o", tmp_path / "o.png")
    assert says in refused(capsys, *common, "--pose", path)
    assert says in refused(capsys, *common, "--pose", pose_file, "--source-pose", path)


def limb_of_zero_length(pose):
    return pose.moved(right_elbow=pose["right_shoulder"], right_wrist=pose["right_shoulder"])


def flat_torso(pose):  # shoulders and hips on one line: a singular affine
    y = pose["right_hip"][1]
    names = ("right_shoulder", "left_shoulder", "right_hip", "left_hip", "neck")
    return pose.moved(**{n: (pose[n][0], y) for n in names})


def outside(pose):
    return pose.moved(right_wrist=(-400.0, -300.0), left_ankle=(9000.0, 9000.0))


@pytest.mark.parametrize("change", [limb_of_zero_length, flat_torso, outside])
def test_extreme_poses_give_a_picture(photo, change, pose_file, tmp_path):
    path = changed(pose_file, tmp_path, change)
    out = tmp_path / "o.png"
    assert main(["repose", str(photo), "--pose", str(path), "-o", str(out)]) == 0
    assert Image.open(out).size == open_photo(photo).size


def test_a_source_whose_joints_lie_on_one_point(photo, pose_file, tmp_path, capsys):
    def point(pose):
        return Pose(np.full((18, 2), 100.0), pose.presence, pose.size)

    path = changed(pose_file, tmp_path, point)
    refused(
        capsys,
        "repose",
        photo,
        "--pose",
        pose_file,
        "--source-pose",
        path,
        "-o",
        tmp_path / "o.png",
    )


def test_bad_models(photo, tmp_path, raised, capsys):
    common = ("repose", photo, "--pose", raised, "-o", tmp_path / "o.png", "--model")
    fuse = tmp_path / "ran"
    bundled = (ROOT / "assets" / "models" / "people.safetensors").read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(bundled[:100_000])
    (tmp_path / "photo.safetensors").write_bytes(photo.read_bytes())
    torch.save(Bomb(fuse), tmp_path / "bomb.safetensors")
    torch.save(Bomb(fuse), tmp_path / "bomb.pth")
    for name in ("cut.safetensors", "photo.safetensors", "bomb.safetensors", "bomb.pth", "no.pth"):
        assert name in refused(capsys, *common, tmp_path / name)
    assert "ghosts" in refused(capsys, *common, "ghosts")
    assert "painter" in refused(capsys, *common, "person-reader")
    assert not fuse.exists() and not (tmp_path / "o.png").exists()


def test_bad_options(photo, tmp_path, raised, capsys):
    out = tmp_path / "o.png"
    assert "--pose" in refused(capsys, "repose", photo, "-o", out)
    both = ("--pose", raised, "--pose-of", photo)
    assert "either" in refused(capsys, "repose", photo, *both, "-o", out)
    one = ("repose", photo, "--pose", raised)
    assert "--longest" in refused(capsys, *one, "-o", out, "--longest", 3)
    assert "no folder" in refused(capsys, *one, "-o", tmp_path / "none" / "o.png")
    assert "cannot be written" in refused(capsys, *one, "-o", tmp_path)
    assert "device" in refused(capsys, *one, "-o", out, "--device", "toaster")
    assert "no command" in refused(capsys, "paint")
    assert "no recipe" in refused(capsys, "train", "gan")
    assert "no preset" in refused(capsys, "train", "deformable", "--preset", "vast")
    nowhere = ("train", "deformable", "--data", tmp_path / "none")
    assert "--data" in refused(capsys, *nowhere)
    with pytest.raises(SystemExit) as ended:
        main(["repose", "--nonsense"])
    assert ended.value.code == 2


def test_ctrl_c_exits_with_130(photo, monkeypatch, raised, tmp_path):
    from engine.session import Session

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "paint", interrupted)
    assert main(["repose", str(photo), "--pose", str(raised), "-o", str(tmp_path / "o.png")]) == 130


def test_without_a_display_the_studio_explains_itself(photo, tmp_path):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    env = {k: v for k, v in os.environ.items() if k not in hidden}
    command = [sys.executable, "-m", "studio", str(photo)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 2 and "guise repose" in done.stderr
    assert done.stderr.count("\n") == 1


def test_missing_qt_libraries_are_named(monkeypatch, capsys):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "studio.app", None)  # importing it raises ImportError
    said = refused(capsys)
    assert "apt install" in said and "libegl1" in said


@pytest.mark.parametrize("method", ["pix2pix", "cvae-gan"])
def test_a_method_of_the_paper_is_trained_by_its_name(method, tmp_path, monkeypatch, capsys):
    from trainer.recipes import bicyclegan

    asked = []
    monkeypatch.setattr(
        bicyclegan, "train_bicyclegan", lambda recipe, _: asked.append(recipe.method) or "m.st"
    )
    assert main(["train", method, "--data", str(edges(tmp_path))]) == 0
    assert asked == [method] and "guise sketch" in capsys.readouterr().out
