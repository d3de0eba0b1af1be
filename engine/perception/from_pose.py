"""A mask from a skeleton that someone placed by hand, for photos in which nobody was found."""

from __future__ import annotations

import cv2
import numpy as np

from engine.changed import bone_distance, part_bones
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.placing import resized, scaled_size
from engine.shapes.body import body_height, completed
from engine.shapes.pose import Pose

_SIDE = 320
"""Longest side at which the person is told from the background."""
_SURE, _LIKELY, _POSSIBLE = 0.5, 1.3, 3.0
"""So many part radii from a bone a pixel is surely, likely, or at most perhaps the person's."""
_ROUNDS = 4


def mask_from_pose(photo: Photo, pose: Pose) -> Mask:
    """The person's pixels, grown from the skeleton by colour (GrabCut, Rother et al., 2004).

    Args:
        pose: where the joints lie on the photo; shoulders and hips must be there.

    Raises:
        InputError: shoulders or hips missing.
    """
    size = scaled_size(photo.size, min(_SIDE, max(photo.size)))
    small = resized(Picture(photo.pixels), max(size)).pixels
    inside = completed(pose).resized(size)
    down, across = (np.arange(n, dtype=np.float64) + 0.5 for n in reversed(size))
    bones = part_bones(inside, body_height(inside)).astype(np.float32)
    near = np.min([bone_distance(b, down, across) / b[4] for b in bones], axis=0)
    labels = np.full(near.shape, cv2.GC_BGD, np.uint8)
    labels[near < _POSSIBLE] = cv2.GC_PR_BGD
    labels[near < _LIKELY] = cv2.GC_PR_FGD
    labels[near < _SURE] = cv2.GC_FGD
    if (near < _SURE).any() and (near >= _SURE).any():
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.setRNGSeed(0)
        cv2.grabCut(small, labels, (0, 0, 1, 1), *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    person = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    soft = cv2.resize(person, photo.size, interpolation=cv2.INTER_LINEAR)
    return Mask(np.where(soft > 127, 255, 0).astype(np.uint8))
