"""Product photos with edges: both layouts, bad folders, and edges made to look drawn."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import InputError
from tests.unit.products import drawn_item, write_pack
from trainer.data.products import lines_of, read_products, read_sketches, whitened
from trainer.data.sketches import Drawings, Drawn, outline, pruned

STILL = Drawn(hairs=0, detail=0, gaps=0, wobble=0, thick=0, scale=0, colours=0)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    write_pack(tmp_path / "items")
    return tmp_path


def test_photos_and_edges_are_paired_by_name(pack: Path) -> None:
    products = read_products(pack, ["items"], "val", 64)
    assert len(products) == 4
    for number, name in enumerate(products.names):
        photo, edges = drawn_item(int(name))
        assert np.array_equal(products.photos[number], photo[..., ::-1])
        assert np.array_equal(products.lines[number], edges == 0)


def test_side_by_side_pictures_are_read_too(pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ab" / "val"
    folder.mkdir(parents=True)
    for number in range(100, 104):
        photo, edges = drawn_item(number)
        both = np.hstack([cv2.cvtColor(edges, cv2.COLOR_GRAY2BGR), photo])
        cv2.imwrite(str(folder / f"{number}.png"), both)
    by_name, halves = (read_products(pack, [name], "val", 64) for name in ("items", "ab"))
    assert np.array_equal(by_name.photos, halves.photos)
    assert np.array_equal(by_name.lines, halves.lines)


def test_bad_folders_say_what_is_wrong(pack: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        read_products(pack, ["others"], "val", 64)
    (pack / "items" / "val" / "edges" / "101.png").unlink()
    with pytest.raises(InputError, match="'101' is only in one"):
        read_products(pack, ["items"], "val", 64)
    (pack / "odd" / "val").mkdir(parents=True)
    with pytest.raises(InputError, match="no pictures"):
        read_products(pack, ["odd"], "val", 64)
    cv2.imwrite(str(pack / "odd" / "val" / "a.png"), np.zeros((20, 41, 3), np.uint8))
    with pytest.raises(InputError, match="41 pixels wide"):
        read_products(pack, ["odd"], "val", 64)
    (pack / "odd" / "val" / "a.png").write_text("no picture")
    with pytest.raises(InputError, match="not a picture"):
        read_products(pack, ["odd"], "val", 64)


@pytest.mark.parametrize(("swapped", "says"), [(True, "right half; exchange"), (False, "neither")])
def test_edges_elsewhere_than_left_are_told(tmp_path: Path, swapped: bool, says: str) -> None:
    photo, edges = drawn_item(1)
    photo[photo.min(2) < 250] = (10, 200, 90)
    other = np.repeat(edges[..., None], 3, 2) if swapped else photo
    (tmp_path / "ab" / "val").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "ab" / "val" / "a.png"), np.hstack([photo, other]))
    with pytest.raises(InputError, match=says):
        read_products(tmp_path, ["ab"], "val", 64)


def test_photos_or_edges_alone_say_what_to_do(pack: Path) -> None:
    for part, says in (("edges", "guise prepare edges"), ("photos", "guise sketch")):
        (pack / part / "val").mkdir(parents=True)
        (pack / "items" / "val" / part).rename(pack / part / "val" / part)
        other = "photos" if part == "edges" else "edges"
        with pytest.raises(InputError, match=says):
            read_products(pack, ["items"], "val", 64)
        (pack / part / "val" / part).rename(pack / "items" / "val" / part)
        assert (pack / "items" / "val" / other).is_dir()


def test_a_folder_that_is_a_pack_itself_needs_no_name(pack: Path) -> None:
    named = read_products(pack, ["items"], "val", 64)
    itself = read_products(pack / "items", ["shoes128"], "val", 64)
    assert np.array_equal(named.photos, itself.photos)


def test_sketches_of_a_folder_come_in_the_order_of_their_names(pack: Path) -> None:
    lines = read_sketches(pack / "items" / "val" / "edges", 64)
    assert np.array_equal(lines[1], drawn_item(101)[1] == 0)


def test_thin_lines_survive_being_made_smaller() -> None:
    gray = np.full((256, 256), 255, np.uint8)
    gray[:, 101] = 0
    gray[200, :] = 0
    lines = lines_of(gray, 128)
    assert lines[:, 50].all()
    assert lines[100, :].all()
    assert lines.sum() == 128 + 127


def test_light_backdrops_become_white_and_others_stay() -> None:
    photo = np.full((40, 40, 3), (244, 240, 236), np.uint8)
    photo[10:30, 10:30] = (90, 60, 30)
    clean = whitened(photo)
    assert (clean[0, 0] == 255).all()
    assert np.abs(clean[20, 20].astype(int) - (94, 63, 32)).max() <= 1
    dark = np.full((40, 40, 3), 120, np.uint8)
    assert np.array_equal(whitened(dark), dark)


def test_pruning_takes_hairs_and_leaves_strokes_as_long_as_they_were() -> None:
    lines = np.zeros((64, 64), bool)
    lines[30, 10:50] = True
    lines[27:30, 25] = True
    kept = pruned(lines)
    assert not kept[27:29, 25].any()
    assert kept[30, 10:50].all()


def test_the_outline_is_what_the_paper_around_touches() -> None:
    edges = drawn_item(3)[1] == 0
    rows, columns = np.nonzero(edges)
    middle = int(rows.mean()), int(columns.mean())
    both = edges.copy()
    both[middle[0], middle[1] - 3 : middle[1] + 4] = True
    found = outline(both)
    assert found[edges].all()
    assert not found[middle]


def test_sketch_and_photo_are_moved_together(pack: Path) -> None:
    products = read_products(pack, ["items"], "train", 64)
    still = Drawings(products, STILL)
    moving = Drawings(products, Drawn(hairs=0, detail=0, gaps=0, wobble=0, thick=0, scale=0.2))
    for drawings in (still, moving):
        batch = drawings.batch(np.random.default_rng(5), 12)
        for sketch, photo in zip(batch.sketches[:, 0].numpy(), batch.photos.numpy(), strict=True):
            item = (photo.min(0) < 0.9).astype(np.uint8)
            rim = cv2.morphologyEx(item, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
            assert (rim[sketch > 0.5] > 0).mean() > 0.98


def test_drawings_leave_inner_lines_out_but_keep_the_outline(pack: Path) -> None:
    products = read_products(pack, ["items"], "train", 64)
    products.lines[:, 30:35, 22:42:4] = True  # short inner strokes
    changed = Drawn(hairs=0, detail=1.0, gaps=0, wobble=0, thick=0, scale=0, colours=0)
    drawings = Drawings(products, changed)
    batch = drawings.batch(np.random.default_rng(1), 40)
    ink = (batch.sketches[:, 0] > 0.5).numpy()
    inner = ink[:, 31:34, 23:41].sum((1, 2))
    assert inner.min() < 0.4 * inner.max()
    outlines = np.stack([ink[n].sum() - inner[n] for n in range(len(ink))])
    assert outlines.min() > 60


def test_one_seed_is_one_batch(pack: Path) -> None:
    drawings = Drawings(read_products(pack, ["items"], "train", 64), Drawn())
    first, again, other = (drawings.batch(np.random.default_rng(s), 4) for s in (1, 1, 2))
    assert first.sketches.equal(again.sketches)
    assert first.photos.equal(again.photos)
    assert not first.photos.equal(other.photos)
