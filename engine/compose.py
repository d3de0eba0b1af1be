"""A reposed person back in the photo, at the photo's own resolution.

Only the parts whose joints moved are painted anew; every other pixel is the photo's. Where the old
person was and the new one is not, a made-up background shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.boxes import rows
from engine.changed import Box, Changed, changed
from engine.painters.base import Frame
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.pixels import bounds, cropped, grown, warped
from engine.placing import resized, scaled_size
from engine.plate import Plate
from engine.shapes.body import body_height, completed
from engine.shapes.pose import Pose

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Size = tuple[int, int]

_RIM = 0.012
"""Photo pixels this near to the person, in standing heights, are taken to be touched by it."""
_VIEWS = 2
"""Sizes kept ready, besides the photo's own."""
_MATTE = (0.22, 0.92)
"""Painted alpha below the first is dropped and above the second is full: border pixels of a cut-out
are mixed with the old background."""
_ALPHA = np.interp(np.arange(256) / 255, _MATTE, (0, 255)).round().astype(np.uint8)[None]


@dataclass
class _View:
    """The photo at one size.

    Attributes:
        pixels: (H, W, 3).
        matte: (h, w) the person, a little wider and soft, in the rectangle `box`.
        behind: the background in that rectangle, kept for small sizes.
    """

    pixels: Bytes
    matte: Bytes
    box: Box
    behind: Bytes | None = None

    @property
    def size(self) -> Size:
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass
class Stage:
    """What putting a person back needs of the photo, whatever the pose; see :meth:`make`."""

    photo: Photo
    mask: Mask
    pose: Pose
    frame: Frame
    _views: dict[Size, _View] = field(default_factory=dict)

    @classmethod
    def make(cls, photo: Photo, mask: Mask, pose: Pose, frame: Frame) -> Stage:
        """Prepare a photo; the background is made up when it is first seen.

        Args:
            mask: the person's pixels, of the photo's size.
            pose: how the person stands in the photo, on its canvas.
            frame: the square in which the painter paints.

        Raises:
            InputError: shoulders or hips missing.
        """
        stage = cls(photo, mask, completed(pose), frame)
        stage._view(photo.size)
        return stage

    @property
    def nbytes(self) -> int:
        """Bytes held besides the photo and its mask."""
        held = self._plate.pixels.nbytes if "_plate" in self.__dict__ else 0
        for view in self._views.values():
            held += view.matte.nbytes + (view.behind.nbytes if view.behind is not None else 0)
            held += view.pixels.nbytes if view.pixels is not self.photo.pixels else 0
        return held

    def composite(self, picture: Picture, pose: Pose, longest: int | None) -> Picture:
        """The photo with the person in another pose.

        Args:
            picture: RGBA of the painted person in the whole frame, at any size.
            pose: the pose that was painted, on the photo's canvas.
            longest: longest side of the result in pixels; None = the photo's own size.

        Returns:
            RGB. Pixels that belong to no moved part are the photo's, bit for bit.

        Raises:
            InputError: shoulders or hips missing.
        """
        size = scaled_size(self.photo.size, longest)
        view = self._view(size)
        edit = changed(self.pose.resized(size), completed(pose).resized(size), view.box)
        edit = edit and self._tidied(edit, view, picture)
        box = edit.box(size) if edit else (0, 0, 0, 0)
        if edit is None or box[0] >= box[2] or box[1] >= box[3]:
            return Picture(view.pixels)
        out = view.pixels.copy()
        out[rows(box)] = self._blended(view, box, edit, picture)
        return Picture(out)

    def replaced(self, picture: Picture, longest: int | None) -> Picture:
        """The photo with the person replaced by a painted one; nothing of the old one stays.

        Args:
            picture: RGBA of the painted person in the whole frame, at any size.
            longest: longest side of the result in pixels; None = the photo's own size.

        Returns:
            RGB.
        """
        view = self._view(scaled_size(self.photo.size, longest))
        box = self._touched(view, picture)
        out = view.pixels.copy()
        if box[0] < box[2] and box[1] < box[3]:
            person = self._sampled(picture.pixels, view.size, box)
            alpha = _alpha_of(person)
            painted = _weights(np.full_like(alpha, 255), alpha)
            bared = _weights(cropped(view.matte, view.box, box), cv2.bitwise_not(alpha))
            out[rows(box)] = self._laid(view, box, person, painted, bared)
        return Picture(out)

    def _touched(self, view: _View, picture: Picture) -> Box:
        """Where the old person is or the new one is."""
        alpha = np.ascontiguousarray(picture.pixels[..., 3])
        new = np.array(bounds(alpha), float)
        if not new[2]:
            return view.box
        scale = np.divide(view.size, self.photo.size)
        corner = np.array((self.frame.left, self.frame.top)) * scale
        step = self.frame.side * scale / picture.size[0]
        # Smoothing spreads the outermost pixel over its neighbours.
        low = np.floor(corner + (new[:2] - 1) * step) - 1
        high = np.ceil(corner + (new[2:] + 1) * step) + 1
        if view.box[2]:
            low, high = np.minimum(low, view.box[:2]), np.maximum(high, view.box[2:])
        left, top = (int(v) for v in np.maximum(low, 0))
        right, bottom = (int(v) for v in np.minimum(high, view.size))
        return left, top, right, bottom

    def _blended(self, view: _View, box: Box, edit: Changed, picture: Picture) -> Bytes:
        """The changed rectangle: photo, background where the person left, painted person on top."""
        person = self._sampled(picture.pixels, view.size, box)
        old, loose, new, reach = edit.maps(box)
        matte = cropped(view.matte, view.box, box)
        # New parts may show wherever nothing of the photo's person has to stay.
        share = cv2.max(cv2.max(_times(old, matte), new), _times(reach, cv2.bitwise_not(matte)))
        alpha = _alpha_of(person)
        allowed = edit.allowed(box)
        if allowed is not None:
            alpha = _times(alpha, allowed)
        painted = _weights(share, alpha)
        bared = _weights(_times(loose, matte), cv2.bitwise_not(alpha))
        return self._laid(view, box, person, painted, bared)

    def _laid(self, view: _View, box: Box, person: Bytes, painted: Floats, bared: Floats) -> Bytes:
        """A rectangle of the photo, under shares of bared background and painted person."""
        pixels = view.pixels[rows(box)]
        if cv2.countNonZero(bared):
            # Shares of the final picture: the painted person goes over both afterwards.
            pixels = cv2.blendLinear(pixels, self._behind(view, box), 1 - painted - bared, bared)
        colours = cv2.cvtColor(person, cv2.COLOR_RGBA2RGB)
        return np.asarray(cv2.blendLinear(pixels, colours, 1 - painted, painted), np.uint8)

    def _tidied(self, edit: Changed, view: _View, picture: Picture) -> Changed:
        """The edit, less what would be left hanging in the air."""
        box = (0, 0, *edit.cells)
        origin, step = np.array((edit.left, edit.top)), edit.step
        scale = np.divide(view.size, self.photo.size)
        corner = (np.array((self.frame.left, self.frame.top)) * scale - origin) / step
        pixel = self.frame.side * scale / picture.size[0] / step
        alpha = np.ascontiguousarray(picture.pixels[..., 3])
        painted = warped(alpha, corner, pixel, box, cv2.BORDER_CONSTANT)
        place = (np.array(view.box[:2]) - origin) / step
        person = warped(view.matte, place, np.full(2, 1 / step), box, cv2.BORDER_CONSTANT)
        edit = edit.with_whole_things(person > 250)
        return edit.without_orphans(person > 250, painted > 127)

    def _sampled(self, pixels: Bytes, size: Size, box: Box) -> Bytes:
        """The painted frame at the pixels of a box of the scaled canvas."""
        scale = np.divide(size, self.photo.size)
        corner, side = np.array((self.frame.left, self.frame.top)) * scale, self.frame.side * scale
        left, top = (int(v) for v in np.round(corner))
        if np.allclose(side, pixels.shape[0]) and np.allclose(corner, (left, top)):
            return cropped(pixels, (left, top, left + pixels.shape[1], top + pixels.shape[0]), box)
        if side.min() < 0.75 * pixels.shape[0]:
            small = max(1, int(np.ceil(side.max())))
            shrunk = cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA)
            pixels = np.asarray(shrunk, np.uint8)
        return warped(pixels, corner, side / pixels.shape[0], box, cv2.BORDER_CONSTANT)

    def _behind(self, view: _View, box: Box) -> Bytes:
        if view.behind is not None:
            return cropped(view.behind, view.box, box)
        return self._plate.at(np.divide(view.size, self.photo.size), box)

    @cached_property
    def _plate(self) -> Plate:
        view = self._view(self.photo.size)
        return Plate.make(view.pixels, view.matte, view.box)

    def _view(self, size: Size) -> _View:
        if size not in self._views:
            others = [s for s in self._views if s != self.photo.size]
            if size != self.photo.size and len(others) >= _VIEWS:
                del self._views[others[0]]
            self._views[size] = self._made_view(size)
        return self._views[size]

    def _made_view(self, size: Size) -> _View:
        own = size == self.photo.size
        scale = size[0] / self.photo.size[0]
        mask = self.mask.pixels
        if not own:
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
            mask = np.asarray(cv2.resize(mask, size, interpolation=how), np.uint8)
        matte, box = _widened(mask, max(2, round(_RIM * body_height(self.pose) * scale)))
        if own:
            return _View(self.photo.pixels, matte, box)
        pixels = resized(Picture(self.photo.pixels), max(size)).pixels
        return _View(pixels, matte, box, self._plate.at(np.divide(size, self.photo.size), box))


def _widened(mask: Bytes, rim: int) -> tuple[Bytes, Box]:
    """The mask with a rim that fades, and the box in which it lies."""
    box = grown(bounds(mask), rim + 1, mask.shape)
    size = (2 * rim + 1, 2 * rim + 1)
    # Chinks between arm and waist or between the legs show more of the rim than of the background.
    whole = cv2.morphologyEx(mask[rows(box)], cv2.MORPH_CLOSE, np.ones(size, np.uint8))
    spread = cv2.blur(whole, size, borderType=cv2.BORDER_REPLICATE)
    # A straight edge blurs to a half on the edge and to nothing a rim away from it.
    return np.asarray(cv2.convertScaleAbs(spread, alpha=4), np.uint8), box


def _alpha_of(person: Bytes) -> Bytes:
    """(H, W) the painted alpha without fog."""
    return np.asarray(cv2.LUT(cv2.extractChannel(person, 3), _ALPHA), np.uint8)


def _times(a: ArrayLike, b: ArrayLike) -> Bytes:
    """Product of two maps in 0..255."""
    return np.asarray(cv2.multiply(np.asarray(a), np.asarray(b), scale=1 / 255), np.uint8)


def _weights(a: ArrayLike, b: ArrayLike) -> Floats:
    """Product of two maps in 0..255, in 0..1."""
    product = cv2.multiply(np.asarray(a), np.asarray(b), scale=1 / 65025, dtype=cv2.CV_32F)
    return np.asarray(product, np.float32)
