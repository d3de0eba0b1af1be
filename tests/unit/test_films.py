"""GIF and MP4 files, read back by Pillow and OpenCV."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageSequence

from engine.errors import InputError
from engine.film_mp4 import Mp4
from engine.films import film, opened, write_film
from engine.painters.base import Stopped
from engine.picture import Picture

RANDOM = np.random.default_rng(1)
TEXTURE = cv2.GaussianBlur(RANDOM.integers(0, 256, (95, 121, 3), np.uint8), (0, 0), 4)


def scene(n, size=(121, 95)):
    """A red square that runs over a soft picture."""
    pixels = cv2.resize(TEXTURE, size)
    pixels[20:50, 4 * n : 4 * n + 20] = (220, 30, 30)
    return Picture(pixels)


def gif_frames(path):
    """(pixels, milliseconds) as Pillow plays them."""
    with Image.open(path) as image:
        return [
            (np.array(f.convert("RGB")), f.info["duration"]) for f in ImageSequence.Iterator(image)
        ]


def mp4_frames(path):
    reader, found = cv2.VideoCapture(str(path)), []
    while (read := reader.read())[0]:
        found.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    return found, reader.get(cv2.CAP_PROP_FPS)


def noise(made, wanted):
    """Peak signal to noise in decibels."""
    return 10 * np.log10(255**2 / ((made.astype(float) - wanted) ** 2).mean())


@pytest.mark.parametrize("fps", [12, 7, 30, 50])
def test_a_gif_has_every_frame_for_its_time(tmp_path, fps):
    pictures = [scene(n) for n in range(10)]
    write_film(iter(pictures), tmp_path / "o.gif", fps)
    made = gif_frames(tmp_path / "o.gif")
    assert len(made) == 10 and made[0][0].shape == (95, 121, 3)
    for (pixels, _), picture in zip(made, pictures, strict=True):
        assert noise(cv2.blur(pixels, (5, 5)), cv2.blur(picture.pixels, (5, 5))) > 30
    ends = np.cumsum([ms for _, ms in made])
    assert np.abs(ends - 1000 * np.arange(1, 11) / fps).max() <= 5.001


def test_what_stands_still_does_not_boil(tmp_path):
    write_film((scene(n) for n in range(10)), tmp_path / "o.gif", 12)
    made = gif_frames(tmp_path / "o.gif")
    for pixels, _ in made[1:]:
        assert np.array_equal(pixels[55:], made[0][0][55:])
    single = tmp_path / "single.gif"
    write_film([scene(0)], single, 12)
    assert (tmp_path / "o.gif").stat().st_size < 2.5 * single.stat().st_size


def test_held_pictures_are_stored_once(tmp_path):
    write_film([scene(0)] * 6 + [scene(3)] * 3, tmp_path / "o.gif", 12)
    made = gif_frames(tmp_path / "o.gif")
    assert [ms for _, ms in made] == [500, 250]


def test_a_gif_loops_or_ends(tmp_path):
    for loop in (True, False):
        write_film([scene(0), scene(1)], tmp_path / "o.gif", 12, loop)
        with Image.open(tmp_path / "o.gif") as image:
            assert image.info.get("loop") == (0 if loop else None)
            assert "compositeWithTrainedAlgorithmicMedia" in image.info["comment"].decode()


def test_colours_that_come_late_are_in_the_palette(tmp_path):
    late = Picture(np.full((95, 121, 3), (10, 230, 240), np.uint8))
    write_film([scene(0)] * 5 + [late], tmp_path / "o.gif", 12)
    assert np.abs(gif_frames(tmp_path / "o.gif")[-1][0].astype(int) - late.pixels).max() <= 2


@pytest.mark.parametrize("size", [(121, 95), (120, 96), (33, 64)])
def test_an_mp4_has_every_frame(tmp_path, size):
    pictures = [scene(n, size) for n in range(9)]
    write_film(iter(pictures), tmp_path / "o.mp4", 12)
    made, fps = mp4_frames(tmp_path / "o.mp4")
    width, height = size
    assert len(made) == 9 and fps == pytest.approx(12)
    assert made[0].shape == (height + height % 2, width + width % 2, 3)
    for pixels, picture in zip(made, pictures, strict=True):
        assert noise(pixels[:height, :width], picture.pixels) > 27


@pytest.mark.parametrize("name", ["o.gif", "o.mp4"])
def test_transparency_turns_white_and_sizes_are_kept(tmp_path, name):
    clear = Picture(np.zeros((96, 120, 4), np.uint8))
    write_film([clear, scene(2, (60, 48))], tmp_path / name, 12)
    made = (
        mp4_frames(tmp_path / name)[0]
        if name[-1] == "4"
        else [f for f, _ in gif_frames(tmp_path / name)]
    )
    assert made[0].min() >= 250 and made[1].shape == (96, 120, 3)
    assert (
        noise(
            cv2.blur(made[1], (9, 9)),
            cv2.blur(cv2.resize(scene(2, (60, 48)).pixels, (120, 96)), (9, 9)),
        )
        > 24
    )


@pytest.mark.parametrize("name", ["o.gif", "o.mp4"])
def test_a_film_called_off_leaves_the_old_file(tmp_path, name, monkeypatch):
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(drafts))
    (tmp_path / name).write_bytes(b"old")
    counts = []
    with pytest.raises(Stopped):
        write_film(
            (scene(n) for n in range(9)),
            tmp_path / name,
            12,
            progress=counts.append,
            stop=lambda: len(counts) == 4,
        )
    assert counts == [1, 2, 3, 4] and (tmp_path / name).read_bytes() == b"old"
    with pytest.raises(ZeroDivisionError), film(tmp_path / name, 12) as made:
        made.add(scene(0))
        raise ZeroDivisionError
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == [name]
    assert not list(drafts.iterdir())


def test_memory_is_that_of_a_few_pictures(tmp_path):
    """The pictures are painted while the film is written, and not kept."""
    import weakref

    alive = weakref.WeakSet()
    most = 0

    def painted():
        nonlocal most
        for n in range(20):
            picture = scene(n)
            alive.add(picture)
            most = max(most, len(alive))
            yield picture

    for name in ("o.gif", "o.mp4"):
        write_film(painted(), tmp_path / name, 12)
    assert most <= 2


@pytest.mark.parametrize(
    ("name", "fps", "says"),
    [
        ("o.avi", 12, "ends in .gif or .mp4"),
        ("o", 12, "ends in"),
        ("o.gif", 51, "1 to 50"),
        ("o.mp4", 0, "1 to 60"),
        ("none/o.mp4", 12, "no folder"),
    ],
)
def test_unusable_places_are_explained(tmp_path, name, fps, says):
    with pytest.raises(InputError, match=says):
        opened(tmp_path / name, fps)


def test_an_empty_film_is_none(tmp_path):
    with pytest.raises(InputError, match="a picture at least"):
        write_film([], tmp_path / "o.gif", 12)
    assert not [p for p in tmp_path.iterdir() if p.is_file()]


def test_a_missing_codec_or_a_full_disk_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.film_mp4._CODEC", "zzzz")
    with pytest.raises(InputError, match="codec"):
        write_film([scene(0)], tmp_path / "o.mp4", 12)
    monkeypatch.undo()

    class Swallows:
        def __init__(self, *_):
            pass

        def isOpened(self):
            return True

        def write(self, _):
            pass

        def release(self):
            pass

    monkeypatch.setattr(Mp4, "_opened", lambda self, size: Swallows())
    with pytest.raises(InputError, match="written whole"):
        write_film([scene(0)], tmp_path / "o.mp4", 12)
    assert not [p for p in tmp_path.iterdir() if p.is_file()]
