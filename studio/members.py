"""What goes beside the JSON of a document: photos, masks and thumbnails, by their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta

from engine.appearance import Appearance, FromPhoto, within
from engine.look_files import look_value
from engine.photo import Mask, Photo
from engine.shape_files import Rasters, ShapeForm, rasters_in, shape_value
from engine.shapes.shape import Shape

Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


@dataclass
class Members:
    """What goes beside the JSON, by digest."""

    photos: dict[str, Photo] = field(default_factory=dict)
    masks: dict[str, Mask] = field(default_factory=dict)
    thumbnails: dict[str, bytes] = field(default_factory=dict)

    def photo(self, photo: Photo) -> str:
        """Its digest, noted."""
        self.photos[photo.digest] = photo
        return photo.digest

    def mask(self, mask: Mask) -> str:
        """Its digest, noted."""
        self.masks[mask.digest] = mask
        return mask.digest

    def thumbnail(self, content: bytes) -> str:
        """Its digest, noted."""
        digest = hashlib.sha256(content).hexdigest()
        self.thumbnails[digest] = content
        return digest

    def shape(self, shape: Shape) -> ShapeForm:
        """Its value; the pixels under it noted."""
        for raster in rasters_in(shape):
            self.mask(raster)
        return shape_value(shape)

    def look(self, look: Appearance) -> dict[str, Any]:
        """Its value; its photos and masks noted."""
        for inner in within(look):
            if isinstance(inner, FromPhoto):
                self.photo(inner.photo)
                for mask in (inner.mask, *rasters_in(inner.shape)):
                    if mask is not None:
                        self.mask(mask)
        return look_value(look)


@dataclass(frozen=True)
class Source:
    """Where members come from; each raises InputError if there is none of that digest."""

    rasters: Rasters
    thumbnail: Callable[[str], bytes]
