"""Bones and joints in the complex plane: the tree of the body, turning, two-bone reach."""

from __future__ import annotations

import math

from engine.shapes.pose import INDEX, Pose
from engine.shapes.retarget import BONES, ROOTS

HIPS = "hips"
"""The root: the middle of the hips."""

PARENT: dict[str, str] = {child: parent for parent, child, _ in (*ROOTS, *BONES)}
"""Every joint's parent, parents before children; both hips and the neck hang on :data:`HIPS`."""

CHAINS: tuple[tuple[str, str, str], ...] = tuple(
    (f"{side}_{root}", f"{side}_{middle}", f"{side}_{end}")
    for side in ("right", "left")
    for root, middle, end in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
)
"""Arms and legs: root, middle and end."""

Points = dict[str, complex]
"""Positions by name: x + iy, so that a product turns and stretches."""


def points(pose: Pose) -> Points:
    """The joints that are there, and :data:`HIPS` if a hip is (the only hip, if one is missing)."""
    there = {name: complex(*pose.xy[i]) for name, i in INDEX.items() if pose.presence[i]}
    return there | middle_of_hips(there)


def middle_of_hips(at: Points) -> Points:
    """The root alone; nothing where both hips are missing."""
    hips = [at[n] for n in ("right_hip", "left_hip") if n in at]
    return {HIPS: sum(hips) / len(hips)} if hips else {}


def below(name: str) -> tuple[str, ...]:
    """All that hangs on a joint, parents first."""
    out = [name]
    for child, parent in PARENT.items():
        if parent in out:
            out.append(child)
    return tuple(out[1:])


def direction(vector: complex, otherwise: complex = 1) -> complex:
    """The unit vector; `otherwise` for the zero vector."""
    length = abs(vector)
    return vector / length if length > 1e-9 else otherwise


def turn(pivot: complex, joint: complex, to: complex) -> complex:
    """The rotation, a unit number, that brings `joint` onto the ray from `pivot` through `to`."""
    bone = direction(joint - pivot, 0)
    return direction((to - pivot) * bone.conjugate())


def reached(
    root: complex, middle: complex, end: complex, to: complex, centre: complex
) -> tuple[complex, complex]:
    """Middle and end of a limb of two bones whose end reaches for `to`; both lengths stay.

    What is out of reach is approached as far as the limb goes, stretched or folded. The limb keeps
    the side to which it bends; a straight one bends away from `centre`.
    """
    a, b = abs(middle - root), abs(end - middle)
    far = min(max(abs(to - root), abs(a - b)), a + b)
    ray = direction(to - root, direction(end - root))
    along = (a * a - b * b + far * far) / (2 * far) if far > 1e-9 else 0.0
    height = max(a * a - along * along, 0.0) ** 0.5
    bends = [root + ray * complex(along, side * height) for side in (1, -1)]
    lean = ((middle - root) * (end - root).conjugate()).imag
    if far <= 1e-9:
        bends = [root + (middle - root)]
    elif abs(lean) > 1e-6 * max(a * b, 1e-9):
        bends = bends[:1] if lean > 0 else bends[1:]
    bent = max(bends, key=lambda m: abs(m - centre))
    return bent, root + ray * far


def pinned(
    root: complex, middle: complex, end: complex, new_root: complex, centre: complex
) -> complex:
    """The middle of a limb whose root moved and whose end stays, bent to the same side.

    Where the end is out of reach the bones stretch, or shrink, in proportion.
    """
    a, b = abs(middle - root), abs(end - middle)
    far = abs(end - new_root)
    if far >= a + b:
        return new_root + (end - new_root) * (a / (a + b) if a + b else 0.5)
    if far <= abs(a - b):
        ratio = a / (a - b) if a != b else 0.5
        return new_root + (end - new_root) * ratio
    shift = new_root - root
    return reached(new_root, middle + shift, end + shift, end, centre)[0]


def angle_between(a: complex, b: complex) -> float:
    """From a to b in radians, the shorter way round, -pi..pi; 0 if one of them is zero."""
    turned = b * a.conjugate()
    return math.atan2(turned.imag, turned.real)
