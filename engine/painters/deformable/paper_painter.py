"""The published Deformable GAN as a painter: read a photo once, paint poses many times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, FromPhoto
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.framing import cut_out, person_frame
from engine.painters.backgrounds import silhouette, whole_frame, with_background
from engine.painters.base import Frame, Stop, Stopped, from_photo
from engine.painters.deformable.paper_network import Encoded, PaperConfig, PaperGenerator
from engine.painters.enlarge import enlarged
from engine.painters.parts import Window
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.body import completed
from engine.shapes.pose import Pose


@dataclass(frozen=True)
class PreparedPhoto:
    """The source photo's features."""

    frame: Frame
    encoded: Encoded

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        tensors = (self.encoded.picture, self.encoded.joints, *self.encoded.layers)
        return sum(t.nbytes for t in tensors)


class PaperPainter:
    """Siarohin et al., CVPR 2018; see :mod:`engine.painters.deformable.paper_network`.

    The network sees the middle columns of the square frame: all of them, or half for people who
    stand. A model that paints no alpha sees the photo with its background, whole if it has the
    network's proportions, and its picture gets the pose's silhouette as alpha.
    """

    def __init__(self, card: Card, network: PaperGenerator, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.network = runtime.place(network)
        self.config = network.config
        self.margin = (card.side - self.config.width) // 2

    def prepare(self, appearance: Appearance) -> PreparedPhoto:
        """Frame the person and encode the source.

        Raises:
            InputError: shoulders or hips missing, or no mask for a model that paints alpha.
        """
        look = from_photo(appearance)
        mask = look.mask
        if self.config.alpha and (mask is None or not (mask.pixels > 127).any()):
            raise InputError("Nobody is marked in the photo; choose a photo that shows a person.")
        frame = self._frame(look)
        if self.config.alpha and mask is not None:
            rgba = Picture(cut_out(look.photo, mask, frame, self.card.side))
            pixels = rgba.over((255, 255, 255)).pixels
        else:
            pixels = with_background(look.photo, frame, self.card.side)
        with torch.inference_mode():
            joints = self._joints(look.pose, frame)
            encoded = self.network.encode(self._picture(pixels), joints)
        return PreparedPhoto(frame, encoded)

    def _frame(self, look: FromPhoto) -> Frame:
        """Photos like the training photos are taken whole, as in training."""
        whole = whole_frame(look.photo.size, self.config.width / self.config.height)
        if self.config.alpha or whole is None:
            return person_frame(look.pose, look.mask)
        return whole

    def _columns(self) -> slice:
        return slice(self.margin, self.margin + self.config.width)

    def _picture(self, pixels: NDArray[np.uint8]) -> Tensor:
        """(1, 3, H, W) in -1..1 of a square frame."""
        middle = torch.from_numpy(pixels[:, self._columns()].copy()).to(self.runtime.device)
        return middle.permute(2, 0, 1)[None].float() / 127.5 - 1

    def _joints(self, pose: Pose, frame: Frame) -> Tensor:
        """(1, 18, 3) x, y and presence in the network's frame; missing joints stay missing."""
        completed(pose)  # says which shoulder or hip is missing
        side = self.card.side
        inside = pose.mapped(frame.matrix(side), (side, side))
        joints = np.column_stack([inside.xy - (self.margin, 0), inside.presence])
        return torch.tensor(joints[None], dtype=torch.float32, device=self.runtime.device)

    def paint(self, shape: Pose, prepared: PreparedPhoto, side: int, stop: Stop) -> Picture:
        """The person in the pose `shape` (on the photo's canvas), RGBA at side x side.

        The network paints at its own size; the picture is enlarged.
        """
        with torch.inference_mode():
            painted = self.network.paint(prepared.encoded, self._joints(shape, prepared.frame))[0]
            values = (painted * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
        if stop():
            raise Stopped
        pixels = values.permute(1, 2, 0).cpu().numpy()
        rgba = np.zeros((self.card.side, self.card.side, 4), np.uint8)
        rgba[:, self._columns(), : pixels.shape[2]] = pixels
        if not self.config.alpha:
            rgba[:, self._columns(), 3] = self._silhouette(shape, prepared.frame)
        return Picture(enlarged(rgba, side))

    def _silhouette(self, shape: Pose, frame: Frame) -> NDArray[np.uint8]:
        """(H, W) where a dressed body in this pose is."""
        joints = self._joints(completed(shape), frame)[..., :2]
        return silhouette(joints, Window(self.config.height, self.config.width))


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> PaperPainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        config = PaperConfig(**card.config)
        if card.side != config.height or config.width > config.height:
            raise ValueError(f"its side is {card.side}, not the network's {config.height}")
        network = PaperGenerator(config)
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return PaperPainter(card, network, runtime)
