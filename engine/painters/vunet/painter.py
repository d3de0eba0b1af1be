"""The part-aligned VUNet as a painter: looks from photos, invented, mixed and by region."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, FromPhoto, Mix, Parts, Sampled
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.framing import cut_out, person_frame
from engine.painters.base import Frame, Stop, Stopped, not_taken
from engine.painters.enlarge import enlarged
from engine.painters.parts import Window, needed_window, part_capsules, part_frames
from engine.painters.vunet.codes import Codes, between, with_region
from engine.painters.vunet.network import STRIDE, PartVunet, VunetConfig
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.body import completed
from engine.shapes.pose import Pose

_CLARITY, _SOFTNESS = 1.1, 1.0
"""How much fine contrast is raised, and against a mean of how many pixels.

24 training people painted at 192 px then have 0.55 of their photos' texture, without it 0.19.
"""
_CODE_BYTES = 20_000_000
"""Codes kept so that a look between two others can follow a slider."""


@dataclass(frozen=True)
class PreparedLook:
    """What is pasted into a pose: (1, 12, features, 16, 16)."""

    frame: Frame
    features: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        return self.features.nbytes


class VunetPainter:
    """See :mod:`engine.painters.vunet.network`."""

    def __init__(self, card: Card, network: PartVunet, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.network = runtime.place(network)
        self.network.prior.float()  # many small steps: rounding would add up
        self._codes = ByteCache[Codes](_CODE_BYTES, lambda c: sum(t.nbytes for t in c))

    def prepare(self, appearance: Appearance) -> PreparedLook:
        """Encode, invent or mix the look.

        Raises:
            InputError: nobody is marked in a photo, or shoulders and hips are missing.
        """
        with torch.inference_mode():
            features = self.network.unfold(self._look(appearance))
        return PreparedLook(_frame(appearance), features)

    def paint(self, shape: Pose, prepared: PreparedLook, side: int, stop: Stop) -> Picture:
        """The person in the pose `shape`, RGBA at side x side; painted at the network's size."""
        with torch.inference_mode():
            joints = self._joints(shape, prepared.frame)
            capsules = part_capsules(joints, part_frames(joints))[0]
            window = needed_window(capsules, self.card.side, STRIDE)
            person = self.network.paint(prepared.features, joints, window)
            values = torch.cat([person.rgb, person.alpha], 1)[0].permute(1, 2, 0).cpu().numpy()
        if stop():
            raise Stopped
        return Picture(enlarged(_in_frame(crisper(values), window, self.card.side), side))

    def _look(self, look: Appearance) -> Codes:
        match look:
            case Mix(a, b, t):
                return between(self._look(a), self._look(b), t)
            case Parts(default, regions):
                codes = self._look(default)
                for region, other in regions:
                    codes = with_region(codes, self._look(other), region)
                return codes
            case FromPhoto() | Sampled():
                return self._codes.get(look, lambda: self._made(look))
            case _:
                raise not_taken(look)

    def _made(self, look: FromPhoto | Sampled) -> Codes:
        joints = self._joints(look.pose, _frame(look))
        if isinstance(look, Sampled):
            return self.network.sample(joints, [look.seed])
        if look.mask is None or not (look.mask.pixels > 127).any():
            raise InputError("Nobody is marked in the photo; choose a photo that shows a person.")
        rgba = cut_out(look.photo, look.mask, _frame(look), self.card.side)
        pixels = torch.from_numpy(rgba).permute(2, 0, 1)[None].to(self.runtime.device)
        return self.network.encode(pixels.float() / 255, joints)

    def _joints(self, pose: Pose, frame: Frame) -> Tensor:
        side = self.card.side
        inside = completed(pose).mapped(frame.matrix(side), (side, side))
        return torch.tensor(inside.xy[None], dtype=torch.float32, device=self.runtime.device)


def _frame(look: Appearance) -> Frame:
    """Where the look was found; only a measure, poses are moved into it."""
    match look:
        case FromPhoto(mask=mask):
            return person_frame(look.pose, mask)
        case Sampled():
            return person_frame(look.pose)
        case Mix(a, _, _):
            return _frame(a)
        case Parts(default, _):
            return _frame(default)
        case _:
            raise not_taken(look)


def crisper(rgba: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 of 0..1, what codes and means have softened made clearer again.

    Unsharp masking; colours that are not the person's take no part in the mean.
    """
    rgb, alpha = rgba[..., :3], rgba[..., 3:]
    soft = cv2.GaussianBlur(np.concatenate([rgb * alpha, alpha], 2), (0, 0), _SOFTNESS)
    mean = soft[..., :3] / np.maximum(soft[..., 3:], 1e-3)
    clear = rgb + _CLARITY * (rgb - mean) * (alpha > 0.5)
    return np.rint(np.concatenate([clear, alpha], 2).clip(0, 1) * 255).astype(np.uint8)


def _in_frame(pixels: NDArray[np.uint8], window: Window, side: int) -> NDArray[np.uint8]:
    """The window's pixels (H, W, 4) at their place in the transparent frame."""
    rgba = np.zeros((side, side, 4), np.uint8)
    left, top = int(window.left), int(window.top)
    rgba[top : top + window.height, left : left + window.width] = pixels
    return rgba


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> VunetPainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = PartVunet(msgspec.convert(card.config, VunetConfig))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return VunetPainter(card, network, runtime)
