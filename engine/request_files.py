"""Requests as JSON recipes, and back once the photos behind them are found."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from PIL import Image

from engine.appearance import FromPhoto, within
from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.finishing import Finish
from engine.look_files import look_from, look_value
from engine.photo import MAX_PIXELS, MIN_SIDE, Mask, Photo
from engine.request import Quality, Request, Scene
from engine.shape_files import Rasters, rasters_in, shape_from, shape_value

MAX_FILE = 400_000_000
R = TypeVar("R", Photo, Mask)
Find = Callable[[str], Photo | None]


@dataclass(frozen=True)
class Source:
    """A photo that a recipe needs.

    Attributes:
        name: of its file when the picture was made; may be empty.
        digest: of its pixels.
    """

    name: str
    digest: str


class SourcesMissing(InputError):
    """Photos of a recipe that have to be found first.

    Attributes:
        sources: every one of them.
    """

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources
        named = ", ".join(s.name or f"a photo ({s.digest[:8]})" for s in sources)
        super().__init__(f"This picture was made from {named}; show Guise where to find it.")


class _Form(msgspec.Struct):
    model: str
    shape: Any
    appearance: Any
    weights: str = ""
    place: Any = None
    longest: int | None = None
    quality: Quality = Quality.full
    scene: Scene = Scene.photo
    finish: dict[str, float] = {}
    names: dict[str, str] = {}
    degraded: str = ""
    version: str = ""
    rasters: dict[str, bytes] = {}


@dataclass(frozen=True)
class Recipe:
    """How a picture was made, and the pixels that came with it.

    Attributes:
        rasters: digest -> PNG of masks, and of photos if they were embedded.
    """

    form: _Form
    rasters: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def weights(self) -> str:
        """Hash of the model's weights that painted the picture; empty if it was not told."""
        return self.form.weights

    @property
    def degraded(self) -> str:
        """As in Painted."""
        return self.form.degraded

    @property
    def sources(self) -> tuple[Source, ...]:
        """The photos that have to be found, each once: those that did not come with the recipe."""
        used = dict.fromkeys((*_photos(self.form.place), *_photos(self.form.appearance)))
        return tuple(Source(self.form.names.get(d, ""), d) for d in used if d not in self.rasters)


def recipe_value(
    request: Request, weights: str = "", names: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A request as JSON-able values: numbers, shapes, digests for pixels.

    Args:
        weights: the hash of the weights that painted it; empty = as the request says.
        names: digest -> file name of photos, so that a person knows which one to look for.
    """
    used = {look.photo.digest for look in _looks(request)}
    finish = {name: value for name, value in asdict(request.finish).items() if value}
    return ({"finish": finish} if finish else {}) | {
        "model": request.model,
        "weights": weights or request.weights,
        "shape": shape_value(request.shape),
        "appearance": look_value(request.appearance),
        "place": request.place and look_value(request.place),
        "longest": request.longest,
        "quality": request.quality.value,
        "scene": request.scene.value,
        "names": {digest: name for digest, name in (names or {}).items() if digest in used},
    }


def rasters_of(request: Request, photos: bool) -> dict[str, bytes]:
    """Digest -> PNG of the masks that a request refers to, and of its photos if asked."""
    found: dict[str, Photo | Mask] = {m.digest: m for m in rasters_in(request.shape)}
    for look in _looks(request):
        found |= {mask.digest: mask for mask in rasters_in(look.shape)}
        for raster in (look.mask, look.photo if photos else None):
            if raster is not None:
                found[raster.digest] = raster
    return {digest: _png(raster) for digest, raster in found.items()}


def recipe_from(value: Any, rasters: Mapping[str, bytes] | None = None) -> Recipe:
    """The recipe that :func:`recipe_value` told. InputError: it is not one."""
    try:
        form = msgspec.convert(value, _Form)
    except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise InputError(f"This is not the recipe of a picture ({error}).") from None
    return Recipe(form, {**form.rasters, **(rasters or {})})


def restored(recipe: Recipe, find: Find) -> Request:
    """The request of a recipe, equal to the one that was told.

    The hash of the weights is not asked for, so that another version of the model may paint it;
    `replace(request, weights=recipe.weights)` does.

    Args:
        find: the photo with this digest, or None if it is not at hand.

    Raises:
        SourcesMissing: it tells every photo that is not at hand.
        InputError: the recipe is damaged, or a photo found is another one.
    """
    photos = {source.digest: find(source.digest) for source in recipe.sources}
    missing = tuple(s for s in recipe.sources if photos[s.digest] is None)
    if missing:
        raise SourcesMissing(missing)
    for digest, photo in photos.items():
        if photo is not None and not matches(photo, digest):
            raise InputError("A photo was found that is not the one the picture was made from.")
    form = recipe.form
    rasters = Rasters(lambda d: photos.get(d) or _raster(recipe, d, Photo), _masks(recipe))
    place = None if form.place is None else look_from(form.place, rasters)
    if place is not None and not isinstance(place, FromPhoto):
        raise InputError("The recipe is damaged: a person stands in a look that is no photo.")
    if form.longest is not None and not 1 <= form.longest <= 100_000:
        raise InputError(f"The recipe is damaged: a picture of {form.longest} px makes no sense.")
    return Request(
        model=form.model,
        shape=shape_from(form.shape, rasters),
        appearance=look_from(form.appearance, rasters),
        longest=form.longest,
        quality=form.quality,
        scene=form.scene,
        place=place,
        finish=_finish(form.finish),
    )


def _finish(value: Mapping[str, float]) -> Finish:
    try:
        return Finish(**value)
    except (TypeError, InputError) as error:
        raise InputError(f"The recipe is damaged: {error}") from None


def matches(photo: Photo, digest: str) -> bool:
    """Whether a photo is the one that a recipe means: the same pixels."""
    return photo.digest == digest


def save_recipe(
    request: Request,
    path: Path,
    weights: str = "",
    names: Mapping[str, str] | None = None,
    embed_sources: bool = False,
) -> None:
    """Write a request as JSON; masks travel along, photos only if they are embedded.

    Raises:
        InputError: the place cannot be written.
    """
    value = recipe_value(request, weights, names)
    value["rasters"] = rasters_of(request, embed_sources)  # msgspec writes bytes as base64
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=1))


def open_recipe(path: Path) -> Recipe:
    """The recipe in a JSON file of :func:`save_recipe`. InputError: there is none."""
    content = read_limited(path, MAX_FILE)
    try:
        return Recipe(form := msgspec.json.decode(content, type=_Form), form.rasters)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not the recipe of a picture ({error}).") from None


def _looks(request: Request) -> Iterator[FromPhoto]:
    outer = (request.place,) if request.place else ()
    for look in (*outer, *within(request.appearance)):
        if isinstance(look, FromPhoto):
            yield look


def _photos(value: Any) -> Iterator[str]:
    """Digests of the photos in an undecoded look; not recursive, for depth is anybody's choice."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("kind") == "FromPhoto" and isinstance(value.get("photo"), str):
                yield value["photo"]
            waiting += reversed(value.values())


def _masks(recipe: Recipe) -> Callable[[str], Mask]:
    return lambda digest: _raster(recipe, digest, Mask)


def _png(raster: Photo | Mask) -> bytes:
    content = io.BytesIO()
    Image.fromarray(raster.pixels).save(content, "PNG")
    return content.getvalue()


def _raster(recipe: Recipe, digest: str, kind: type[R]) -> R:
    """Pixels that came with a recipe. InputError: they did not, or are others."""
    content = recipe.rasters.get(digest, b"")
    wanted = "L" if kind is Mask else "RGB"
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            fits = image.width * image.height <= MAX_PIXELS and min(image.size) >= MIN_SIDE
            raster = kind(np.array(image)) if fits and image.mode == wanted else None
    except MemoryError:
        raise
    except Exception:  # decoders raise whatever a damaged file provokes
        raster = None
    if raster is None or raster.digest != digest:
        raise InputError("The recipe is damaged: pixels that belong to it are missing or changed.")
    return raster
