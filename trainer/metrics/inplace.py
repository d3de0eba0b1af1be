"""Back in the photo: nothing but the moved arm changes, and the arm keeps its fine detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import InputError
from engine.painters.parts import (
    PARTS,
    Window,
    capsule_distance,
    ownership,
    part_capsules,
    part_frames,
)
from engine.request import Request
from engine.shapes.body import body_height, completed
from engine.shapes.pose import INDEX, Pose, Presence
from trainer.metrics.asking import Paints
from trainer.metrics.detail import rigid, warped
from trainer.metrics.figures import Figure
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.stage import Person

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

COUNT = 20
"""People who are edited."""
SHOWN = 8
"""Of them, on the sheet."""
_SHIFT = 0.1
"""How far a wrist is dragged, in standing heights."""
_TURNS = (-60.0, -30.0, 30.0, 60.0)
"""Degrees by which a forearm, and by half of them a whole arm, is turned."""
_BAND = 1.5
"""Standard deviation in pixels of a blur that halves a quarter of the Nyquist frequency."""
_EDGE = 3
"""Detail is compared so many pixels off the edge of what was visible."""
_LEAST = 60
"""Fewer comparable pixels than this say nothing about a part."""
_STAGED = (
    f"held-out people, {COUNT} picked by stride if there are more, at the photo's own size, asked "
    "of the engine as the studio does; the arm of which more is seen"
)


class _Edit(NamedTuple):
    """A pose asked for, and the moved parts of which detail is compared."""

    pose: Pose
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """What a dragged wrist changed outside the region of its arm.

    Attributes:
        share: changed pixels outside, as a share of all pixels outside.
        most: largest difference of a channel there, 0..255.
    """

    share: float
    most: int


class InPlace:
    """Pictures of one person asked for in their photo."""

    def __init__(self, session: Paints, model: str, person: Person) -> None:
        self._session, self._model, self.person = session, model, person
        self.side = _clearer_arm(person)

    def paint(self, pose: Pose) -> Pixels:
        """(H, W, 3) the photo with the person in a pose. GuiseError if it cannot be painted."""
        painted = self._session.paint(Request(self._model, pose, self.person.look))
        if painted.degraded:
            raise InputError(f"{painted.degraded} Free memory, then evaluate again.")
        return painted.picture.pixels

    def untouched(self) -> bool:
        """Whether the photo comes back as it is if nothing is moved."""
        same = self.paint(self.person.annotated)
        return bool(np.array_equal(same, self.person.photo.pixels))

    def outside(self, pose: Pose) -> Left:
        """What an edit of the arm changes outside its region."""
        photo = self.person.photo.pixels.astype(np.int16)
        step = np.abs(self.paint(pose) - photo).max(2)
        beyond = step[~arm_region(self.person, pose, self.side)]
        return Left(float((beyond > 0).mean()), int(beyond.max(initial=0)))

    def kept(self, edit: _Edit) -> dict[str, tuple[float, float]]:
        """Detail kept in each moved part that can be compared: as carried, and any at all.

        The first is the energy of the source's detail found again at its new place, the second the
        energy of whatever detail is there; both as shares of the source's energy.
        """
        found = fine(self.paint(edit.pose))
        whole = completed(edit.pose)
        rgba = np.dstack([self.person.photo.pixels, self.person.mask.pixels])
        out = {}
        for part in edit.parts:
            names = _bone(self.side, part)
            matrix = rigid((self.person.pose, whole), names)
            seen = _inside(self.person, f"{self.side}_{part}")
            there = warped(seen.astype(np.uint8) * 255, matrix, cv2.INTER_LINEAR) > 250
            there &= owned(whole, f"{self.side}_{part}")
            if there.sum() < _LEAST:
                continue
            truth = fine(warped(rgba, matrix, cv2.INTER_LANCZOS4)[..., :3])
            out[part] = _energies(found[there], truth[there])
        return out

    def drags(self) -> list[Pose]:
        """The wrist dragged up, down, left and right."""
        step = _SHIFT * body_height(self.person.annotated)
        wrist = f"{self.side}_wrist"
        x, y = self.person.pose.xy[INDEX[wrist]]
        ways = ((0, -step), (0, step), (-step, 0), (step, 0))
        return [self.person.annotated.moved(**{wrist: (x + dx, y + dy)}) for dx, dy in ways]

    def turns(self) -> list[_Edit]:
        """The forearm turned about the elbow, and the whole arm about the shoulder."""
        edits = []
        for angle in _TURNS:
            forearm = _turned(self.person, self.side, "elbow", ("wrist",), angle)
            edits.append(_Edit(forearm, ("forearm",)))
            arm = _turned(self.person, self.side, "shoulder", ("elbow", "wrist"), angle / 2)
            edits.append(_Edit(arm, ("upper_arm", "forearm")))
        return edits


def fine(rgb: Pixels) -> Floats:
    """(H, W) lightness above a quarter of the Nyquist frequency."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey - cv2.GaussianBlur(grey, (0, 0), _BAND)


def _energies(found: Floats, truth: Floats) -> tuple[float, float]:
    p, s = found.astype(np.float64), truth.astype(np.float64)
    energy = max(float(s @ s), 1e-9)
    carried = float(np.clip((p @ s) / energy, 0, 1)) ** 2
    return carried, float(p @ p) / energy


def arm_region(person: Person, pose: Pose, side: str) -> Flags:
    """(H, W) where an arm may be before and after an edit.

    Within the clothes' radius of its bones in both poses, and whatever of the person is nearest to
    them in the photo, with the pixels that its edge is mixed with.
    """
    arm = [PARTS.index(f"{side}_{part}") for part in ("upper_arm", "forearm")]
    region = np.zeros(person.mask.pixels.shape, bool)
    for stance in (person.pose, completed(pose)):
        capsules, distance = _distances(stance)
        region |= (distance[arm] <= capsules[arm, 5, None, None]).any(0)
    mine = np.isin(_owners(person.pose), arm)
    kernel = np.ones((2 * _EDGE + 1, 2 * _EDGE + 1), np.uint8)
    hung = cv2.dilate((mine & (person.mask.pixels > 0)).astype(np.uint8), kernel)
    return region | (hung > 0)


def owned(pose: Pose, part: str) -> Flags:
    """(H, W) pixels of a complete pose's canvas that surely belong to a part."""
    capsules, distance = _distances(pose)
    index = PARTS.index(part)
    return (_owners(pose) == index) & (distance[index] <= capsules[index, 4])


def _distances(pose: Pose) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(10, 6) capsules and (10, H, W) how far each pixel is from them."""
    joints = torch.tensor(pose.xy[None], dtype=torch.float32)
    capsules = part_capsules(joints, part_frames(joints))
    window = Window(pose.size[1], pose.size[0])
    return capsules[0].numpy(), capsule_distance(capsules, window)[0].numpy()


def _owners(pose: Pose) -> NDArray[np.int64]:
    """(H, W) index of the part that each pixel belongs to, if to any."""
    joints = torch.tensor(pose.xy[None], dtype=torch.float32)
    capsules = part_capsules(joints, part_frames(joints))
    return ownership(capsules, Window(pose.size[1], pose.size[0]))[0].argmax(0).numpy()


def _inside(person: Person, part: str) -> Flags:
    """(H, W) where a part was visible, off its edge."""
    seen = owned(person.pose, part) & (person.mask.pixels > 200)
    kernel = np.ones((2 * _EDGE + 1, 2 * _EDGE + 1), np.uint8)
    return cv2.erode(seen.astype(np.uint8), kernel, borderValue=0) > 0


def _clearer_arm(person: Person) -> str:
    """ "right" or "left": the arm whose joints were seen, or else of which more was."""

    def seen(side: str) -> tuple[int, int]:
        joints = [INDEX[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist")]
        marks = person.pose.presence[joints]
        pixels = sum(int(_inside(person, f"{side}_{p}").sum()) for p in ("upper_arm", "forearm"))
        return int((marks == Presence.seen).sum()), pixels

    return max(("right", "left"), key=seen)


def _bone(side: str, part: str) -> tuple[str, str]:
    ends = {"upper_arm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist")}[part]
    return f"{side}_{ends[0]}", f"{side}_{ends[1]}"


def _turned(person: Person, side: str, root: str, hanging: tuple[str, ...], degrees: float) -> Pose:
    """The annotated pose with joints turned about another one, lengths kept."""
    at, a = person.pose.xy, np.deg2rad(degrees)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    middle = at[INDEX[f"{side}_{root}"]]
    moved = {}
    for name in hanging:
        x, y = turn @ (at[INDEX[f"{side}_{name}"]] - middle) + middle
        moved[f"{side}_{name}"] = (float(x), float(y))
    return person.annotated.moved(**moved)


def staged(session: Paints, model: str, people: Sequence[Person]) -> list[InPlace]:
    """The people who are edited."""
    return [InPlace(session, model, people[i]) for i in strided(len(people), COUNT)]


def inplace_figures(cases: Sequence[InPlace]) -> list[Figure]:
    """The photo without an edit, beside a dragged wrist, and the detail of a turned arm.

    Raises:
        GuiseError: a picture cannot be painted.
    """
    return [_same_figure(cases), _outside_figure(cases), _kept_figure(cases)]


def inplace_sheet(cases: Sequence[InPlace]) -> Pixels:
    """(H, W, 3) a row for each person: the photo, the wrist dragged, the arm turned.

    Raises:
        GuiseError: a picture cannot be painted.
    """
    rows = []
    for case in (cases[i] for i in strided(len(cases), SHOWN)):
        row = [Cell(f"photo {case.person.name}", case.person.photo.pixels)]
        for way, pose in zip(("up", "down", "left", "right"), case.drags(), strict=True):
            row.append(Cell(f"wrist {way}", case.paint(pose)))
        for edit in case.turns():
            row.append(Cell(f"{' and '.join(edit.parts)} turned", case.paint(edit.pose)))
        rows.append(row)
    return contact_sheet(rows, 320)


def _same_figure(cases: Sequence[InPlace]) -> Figure:
    return Figure(
        id="inplace.same",
        title="In place, no edit is the photo bit for bit",
        protocol=f"{_STAGED}; the photo's own pose asked for; share of pictures equal to the photo",
        judge="formula",
        n=len(cases),
        value=float(np.mean([case.untouched() for case in cases])),
        better="higher",
        target=(1.0, None),
        target_says="all of them",
    )


def _outside_figure(cases: Sequence[InPlace]) -> Figure:
    found = [[case.outside(pose) for pose in case.drags()] for case in cases]
    rows = [left for row in found for left in row]
    return Figure(
        id="inplace.outside",
        title="In place, pixels changed outside the arm of a dragged wrist",
        protocol=f"{_STAGED}; its wrist dragged by {_SHIFT:g} standing heights up, down, left and "
        "right; region of the arm = within the clothes' radius of the capsules of upper arm and "
        "forearm (2.2 radii), old and new, and every pixel of the mask that they own in the photo, "
        f"{_EDGE} px wider; "
        "changed pixels outside as a share of all pixels outside, mean over edits",
        judge="formula",
        n=len(rows),
        value=float(np.mean([left.share for left in rows])),
        better="lower",
        target=(None, 0.0),
        target_says="none",
        detail={
            "edits that change anything outside": sum(left.most > 0 for left in rows),
            "largest share": max(left.share for left in rows),
            "largest difference of a channel": max(left.most for left in rows),
            "largest difference by photo": {
                case.person.name: max(left.most for left in row)
                for case, row in zip(cases, found, strict=True)
            },
        },
    )


def _kept_figure(cases: Sequence[InPlace]) -> Figure:
    by_photo: dict[str, float] = {}
    by_part: dict[str, list[float]] = {}
    plain: list[float] = []
    for case in cases:
        mine = []
        for edit in case.turns():
            for part, (carried, at_all) in case.kept(edit).items():
                mine.append(carried)
                plain.append(at_all)
                by_part.setdefault(part, []).append(carried)
        if mine:
            by_photo[case.person.name] = float(np.mean(mine))
    return Figure(
        id="inplace.detail",
        title="In place, fine detail that a turned arm keeps",
        protocol=f"{_STAGED}; forearm turned about the elbow by {', '.join(map(str, _TURNS))} "
        "degrees, whole arm about the shoulder by half as much; lightness less its blur of "
        f"{_BAND} px (what is above a quarter of the Nyquist frequency); the photo's is carried to "
        "its new place by the exact turn (Lanczos); squared projection of the picture on it = "
        f"share of its energy found again, {_EDGE} px off the edge of what was visible; mean over "
        "parts and edits of a photo, then over photos",
        judge="formula",
        n=len(by_photo),
        value=float(np.mean(list(by_photo.values()))) if by_photo else 0.0,
        better="higher",
        target=(0.6, None),
        target_says="at least 0.6",
        detail={
            "parts": {part: float(np.mean(values)) for part, values in by_part.items()},
            "energy of any detail over the source's, median": float(np.median(plain or [0])),
            "photos": by_photo,
            "photos below 0.6": sum(value < 0.6 for value in by_photo.values()),
        },
    )
