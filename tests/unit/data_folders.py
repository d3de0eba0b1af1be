"""Small folders of training data in every layout, written as their makers write them."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.shapes.pose import Pose
from engine.shapes.pose_files import to_coco17
from tests.unit.people import asymmetric_pose, drawn_person
from tests.unit.products import drawn_item, write_pack
from trainer.data.index_p import REQUIRED

SIZE = (64, 128)
"""Width and height of the photos of people."""
COUNTS = {"train": 22, "val": 3}


def person(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8], Pose]:
    """A photo (H, W, 3) RGB with its own noise, the mask and the pose."""
    photo, mask, pose = drawn_person(SIZE, asymmetric_pose().resized(SIZE))
    noise = np.random.default_rng(seed).integers(0, 120, (16, 8, 3), np.uint8)
    backdrop = cv2.resize(noise, SIZE, interpolation=cv2.INTER_NEAREST)
    pixels = np.where(mask.pixels[..., None] > 0, photo.pixels, backdrop)
    return np.asarray(pixels, np.uint8), mask.pixels, pose


def save(path: Path, pixels: NDArray[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def each(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Split and a number for each sample."""
    numbers = iter(range(10_000))
    return [(split, next(numbers)) for split, count in counts.items() for _ in range(count)]


def coco(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """Photos, masks and person_keypoints_{split}.json."""
    for split in counts:
        images, notes = [], []
        for where, i in each(counts):
            if where != split:
                continue
            pixels, mask, pose = person(i)
            save(folder / "photos" / f"{i}.png", pixels)
            save(folder / "masks" / f"{i}.png", mask)
            size = {"width": SIZE[0], "height": SIZE[1]}
            images.append({"id": i, "file_name": f"{i}.png", **size})
            notes.append({"image_id": i, "keypoints": to_coco17(pose)})
        table = {"images": images, "annotations": notes}
        (folder / f"person_keypoints_{split}.json").write_text(json.dumps(table))
    return folder


def posegan(folder: Path, counts: dict[str, int] | None = None) -> Path:
    """{split}/ID_N.png and annotation-{split}.csv; two photos an identity."""
    counts = counts or {"train": 22, "test": 4}
    rows: dict[str, list[str]] = {split: [] for split in counts}
    for split, i in each(counts):
        pixels, _, pose = person(i)
        name = f"{i // 2:04}_{i}.png"
        save(folder / split / name, pixels)
        x, y = np.floor(pose.xy).astype(int).T.tolist()
        rows[split].append(f"{name}: {y}: {x}")
    for split, lines in rows.items():
        text = "\n".join(["name:keypoints_y:keypoints_x", *lines, ""])
        (folder / f"annotation-{split}.csv").write_text(text)
    return folder


def index_p(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """index.p and imgs/."""
    names, joints, train = [], [], []
    sides = {"r": "right_", "l": "left_", "c": ""}
    for split, i in each(counts):
        pixels, _, pose = person(i)
        save(folder / "imgs" / f"{i}.png", pixels)
        names.append(f"imgs/{i}.png")
        joints.append([np.divide(pose[sides[n[0]] + n[1:]] or (0, 0), SIZE) for n in REQUIRED])
        train.append(split == "train")
    table = {"joint_order": list(REQUIRED), "imgs": names, "train": train}
    (folder / "index.p").write_bytes(pickle.dumps({**table, "joints": np.array(joints)}))
    return folder


def coco_official(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """annotations/person_keypoints_{split}2017.json; two people beside each other in a photo."""
    (folder / "annotations").mkdir(parents=True)
    for split in counts:
        images, notes = [], []
        for where, i in each(counts):
            if where != split:
                continue
            pixels, mask, pose = person(i)
            save(folder / f"{split}2017" / f"{i}.png", np.hstack([pixels, pixels[:, ::-1]]))
            images.append(
                {"id": i, "file_name": f"{i}.png", "width": 2 * SIZE[0], "height": SIZE[1]}
            )
            rings, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            ys, xs = np.nonzero(mask)
            box = [int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1]
            common = {"image_id": i, "num_keypoints": 17, "category_id": 1, "area": 1.0}
            outline = [(ring[:, 0] + 0.5).ravel().tolist() for ring in rings]
            notes.append(
                {
                    "id": 2 * i,
                    "bbox": box,
                    "keypoints": to_coco17(pose),
                    "segmentation": outline,
                    "iscrowd": 0,
                    **common,
                }
            )
            crowd = {"counts": [0, SIZE[0] * SIZE[1] * 2], "size": [SIZE[1], 2 * SIZE[0]]}
            notes.append(
                {
                    "id": 2 * i + 1,
                    "bbox": [SIZE[0], 0, *SIZE],
                    "keypoints": [0] * 51,
                    "segmentation": crowd,
                    "iscrowd": 1,
                    **common,
                }
            )
        file = folder / "annotations" / f"person_keypoints_{split}2017.json"
        file.write_text(json.dumps({"images": images, "annotations": notes}))
    return folder


def edges(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """{split}/photos and {split}/edges."""
    write_pack(folder, counts["train"], counts["val"])
    return folder


def halves(folder: Path, counts: dict[str, int] = COUNTS, swapped: bool = False) -> Path:
    """{split}/N.png with the edges on the left, or on the right."""
    for split, i in each(counts):
        photo, lines = drawn_item(i)
        both = [np.repeat(lines[..., None], 3, 2), np.ascontiguousarray(photo[..., ::-1])]
        save(folder / split / f"{i}.png", np.hstack(both[::-1] if swapped else both))
    return folder


def street(seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint16], NDArray[np.uint8]]:
    """(64, 96) Cityscapes ids, object ids, and a photo whose noise is its own."""
    rng = np.random.default_rng(seed)
    labels = np.full((64, 96), 23, np.uint8)
    labels[32:] = 7
    left = int(rng.integers(8, 60))
    labels[34:50, left : left + 24] = 26
    objects = labels.astype(np.uint16)
    objects[labels == 26] = 26_000
    noise = cv2.resize(rng.integers(0, 90, (16, 24, 3), np.uint8), (96, 64))
    return labels, objects, np.asarray(labels[..., None] * 5 + noise, np.uint8)


def pix2pixhd(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """{split}_label, {split}_inst, {split}_img."""
    for split, i in each(counts):
        for part, pixels in zip(("label", "inst", "img"), street(i), strict=True):
            save(folder / f"{split}_{part}" / f"{i}.png", pixels)
    return folder


def pictures(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """{split}_A and {split}_B."""
    for split, i in each(counts):
        labels, _, photo = street(i)
        save(folder / f"{split}_A" / f"{i}.png", np.dstack([labels * 3] * 3))
        save(folder / f"{split}_B" / f"{i}.png", photo)
    return folder


def cityscapes(folder: Path, counts: dict[str, int] = COUNTS) -> Path:
    """gtFine/{split}/CITY and leftImg8bit/{split}/CITY."""
    for split, i in each(counts):
        labels, objects, photo = street(i)
        name = f"aachen_{i:06}_000019"
        truth = folder / "gtFine" / split / "aachen"
        save(truth / f"{name}_gtFine_labelIds.png", labels)
        save(truth / f"{name}_gtFine_instanceIds.png", objects)
        save(truth / f"{name}_gtFine_color.png", np.dstack([labels] * 3))
        save(folder / "leftImg8bit" / split / "aachen" / f"{name}_leftImg8bit.png", photo)
    return folder


def labelme(folder: Path, counts: dict[str, int] | None = None) -> Path:
    """Photos with labelme's JSON beside them, in train and val."""
    for split, i in each(counts or COUNTS):
        labels, _, photo = street(i)
        save(folder / split / f"{i}.png", photo)
        ys, xs = np.nonzero(labels == 26)
        car = [[int(xs.min()), int(ys.min())], [int(xs.max()) + 1, int(ys.max()) + 1]]
        shapes = [
            ("sky", "rectangle", [[0, 0], [96, 32]]),
            ("road", "rectangle", [[0, 32], [96, 64]]),
            ("car", "rectangle", car),
        ]
        file = {
            "version": "5.5.0",
            "flags": {},
            "shapes": [
                {"label": n, "points": p, "group_id": None, "shape_type": kind, "flags": {}}
                for n, kind, p in shapes
            ],
            "imagePath": f"{i}.png",
            "imageData": None,
            "imageHeight": 64,
            "imageWidth": 96,
        }
        (folder / split / f"{i}.json").write_text(json.dumps(file))
    return folder


MAKERS = {
    "coco": coco,
    "posegan": posegan,
    "index": index_p,
    "coco-official": coco_official,
    "edges": edges,
    "side-by-side": halves,
    "pix2pixhd": pix2pixhd,
    "pix2pixhd-pictures": pictures,
    "cityscapes": cityscapes,
    "labelme": labelme,
}
"""Layout -> what writes such a folder."""
