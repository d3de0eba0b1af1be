"""The engine's front door: models, device, memory and caches; requests in, messages out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import registry, weights
from engine.appearance import Appearance, FromPhoto, Mix, Parts, Sampled, Vector, within
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import GuiseError, InputError, ModelError, Unsupported
from engine.finishing import PLAIN
from engine.painters.base import Frame, Prepared, Stop, Stopped
from engine.perception.base import Reading
from engine.photo import Photo
from engine.picture import Picture
from engine.request import (
    Cancelled,
    Failed,
    FailureKind,
    Message,
    Painted,
    Quality,
    Request,
    Scene,
)
from engine.shapes.labels import LabelMap
from engine.shapes.pose import Pose
from engine.shapes.sketch import Sketch

if TYPE_CHECKING:
    from engine.compose import Stage
    from engine.perception.everyone import PartReader
    from engine.perception.window import Box
    from engine.runtime import Runtime

log = logging.getLogger("guise")

PREPARED_BYTES = 400_000_000
STAGE_BYTES = 600_000_000
READING_BYTES = 200_000_000
_SHAPES = {"Pose": "people in poses", "Sketch": "drawings", "LabelMap": "maps of labels"}


def never() -> bool:
    """The Stop of a caller who waits for the answer."""
    return False


class Session:
    """Models on one device. Use it from one thread.

    Args:
        device: None or "auto" for the fastest, or "cpu", "cuda", "mps".
        models: model files beside the bundled and the user's own.
        architectures: what may be built; for tests and extensions.

    Raises:
        GuiseError: an unknown device.
        ModelError: one of `models` is missing, damaged, or not ours.
    """

    def __init__(
        self,
        device: str | None = None,
        models: Iterable[Path] | None = None,
        architectures: tuple[registry.Architecture, ...] = registry.ARCHITECTURES,
    ) -> None:
        from engine.runtime import Runtime

        self.runtime = Runtime.best(device)
        self._architectures = architectures
        self._extra = tuple(map(Path, models or ()))
        self._catalogue = {m.card.id: m for m in registry.catalogue(self._extra)}
        self._digests: dict[str, str] = {}
        self._built: dict[tuple[str, Runtime], tuple[Any, int]] = {}
        self._prepared = ByteCache[Prepared](PREPARED_BYTES, lambda p: p.nbytes)
        self._stages = ByteCache["Stage"](STAGE_BYTES, lambda s: s.nbytes)
        self._readings = ByteCache[Reading](READING_BYTES, _reading_bytes)

    # What there is

    def models(self) -> list[Card]:
        """The cards of all models at hand."""
        return [model.card for model in self._catalogue.values()]

    def digest(self, model: str) -> str:
        """The hash of a model's weights, as Request.weights takes it."""
        if model not in self._digests:
            self._digests[model] = self._file(model).digest
        return self._digests[model]

    @property
    def status(self) -> str:
        """Device and precision, for the status bar."""
        return str(self.runtime)

    def memory(self) -> int:
        """Bytes held by loaded models and caches."""
        held = sum(nbytes for _, nbytes in self._built.values())
        return held + self._prepared.nbytes + self._stages.nbytes + self._readings.nbytes

    def loaded(self) -> dict[str, int]:
        """Bytes of each model that is held, by its id."""
        held: dict[str, int] = {}
        for (model, _), (_, nbytes) in self._built.items():
            held[model] = held.get(model, 0) + nbytes
        return held

    def tend(self, unload: str = "") -> None:
        """Look again which model files there are; models that changed are loaded anew.

        Args:
            unload: id of a model to let go of too; empty = none.
        """
        before = self._catalogue
        there = [path for path in self._extra if path.exists()]
        self._catalogue = {m.card.id: m for m in registry.catalogue(there)}
        stale = {unload} | {name for name in before if self._catalogue.get(name) != before[name]}
        self._built = {key: held for key, held in self._built.items() if key[0] not in stale}
        if stale & before.keys():
            for name in stale:
                self._digests.pop(name, None)
            self._prepared.clear()

    # What it does

    def read(self, photo: Photo, stop: Stop = never) -> Reading:
        """Where the most central person is and how they stand; `found` may be False.

        Raises:
            ModelError: the perception model is missing or damaged.
            Stopped: `stop` said so.
        """
        reader = self._build(registry.PERCEPTION_MODEL, self.runtime, "perception")
        if stop():
            raise Stopped
        return self._readings.get(photo, lambda: reader.read(photo))

    def sketch_of(self, photo: Photo, stop: Stop = never) -> Sketch:
        """The lines of a photo as strokes.

        Raises:
            InputError: it shows no lines.
            ModelError: the perception model is missing or damaged.
            Stopped: `stop` said so.
        """
        reader = self._build(registry.EDGES_MODEL, self.runtime, "perception")
        if stop():
            raise Stopped
        sketch = reader.strokes(photo)
        if sketch.is_empty:
            raise InputError("The photo shows no clear lines; choose one with a sharp item on it.")
        return sketch

    def labels_of(self, photo: Photo, stop: Stop = never) -> LabelMap:
        """What a photo shows of a street, as labels and objects.

        Raises:
            ModelError: the perception model is missing or damaged.
            Stopped: `stop` said so.
        """
        reader = self._build(registry.SCENE_READER_MODEL, self.runtime, "perception")
        if stop():
            raise Stopped
        return reader.read(photo)

    def read_all(self, photo: Photo, stop: Stop = never) -> tuple[Reading, ...]:
        """Everybody in a photo, the most prominent person, as :meth:`read` finds them, first.

        Raises:
            ModelError, Stopped: as :meth:`read`.
        """
        from engine.perception.everyone import everyone

        first = self.read(photo, stop)
        reader = self._build(registry.PERCEPTION_MODEL, self.runtime, "perception")
        return everyone(_Stoppable(reader, stop), photo) if first.found else (first,)

    def vector(self, model: str, look: Appearance) -> Vector:
        """A look as the numbers of a model whose looks are a few sliders.

        Raises:
            Unsupported: the model's looks are no such numbers, or it does not take this one.
            GuiseError: unusable input, or a missing model.
        """
        painter = self._build(model, self.runtime, "painter")
        if "Vector" not in painter.card.takes:
            raise Unsupported(f"The looks of the model {model!r} are no sliders; choose another.")
        return painter.vector(look)

    def paint(self, request: Request, stop: Stop = never) -> Painted:
        """The picture that the request asks for; out of memory gives a smaller one that says so.

        Raises:
            GuiseError: unusable input, a missing model, or an appearance it does not take.
            Stopped: `stop` said so.
            MemoryError: not even the smallest retry fits.
        """
        start = time.perf_counter()
        picture, degraded = self._paint_if_it_fits(request, self.runtime, stop), ""
        if picture is None:
            picture, degraded = self._paint_with_less(request, stop)
        return Painted(request, picture, time.perf_counter() - start, degraded)

    def answer(self, request: Request, stop: Stop = never) -> Message:
        """Like :meth:`paint`, but every outcome is a message; never raises."""
        try:
            return self.paint(request, stop)
        except Stopped:
            return Cancelled(request)
        except Exception as error:
            return failed(request, error)

    def export(self, request: Request, path: Path, stop: Stop = never) -> Painted:
        """Paint with full care at the request's size and write a PNG with its recipe.

        Raises:
            InputError: the place cannot be written; otherwise as :meth:`paint`.
        """
        from engine.photo_files import save_png

        careful = replace(request, quality=Quality.full)
        painted = self.paint(careful, stop)
        digest = self.digest(request.model)
        told = " ".join(filter(None, (painted.degraded, self._lessened(careful))))
        save_png(painted.picture, path, careful, weights=digest, degraded=told)
        return replace(painted, degraded=told)

    def _lessened(self, request: Request) -> str:
        """Empty, or that the painter cannot paint so large and the picture was enlarged."""
        if not isinstance(request.shape, LabelMap):
            return ""
        painter = self._build(request.model, self.runtime, "painter")
        return painter.lessened(request.longest or max(request.shape.size))

    def background(
        self, stand: FromPhoto, longest: int | None = None, stop: Stop = never
    ) -> Picture:
        """The photo without its person, as it shows behind a reposed one; RGB.

        Raises:
            GuiseError: shoulders or hips are missing, or the perception model for the mask is.
            Stopped: `stop` said so.
        """
        from engine.framing import person_frame

        stand = self._with_mask(stand, stop)
        stage = self._stage(stand, person_frame(stand.pose, stand.mask))
        return stage.replaced(Picture(np.zeros((1, 1, 4), np.uint8)), longest)

    def repose(
        self,
        person: Reading,
        pose: Pose,
        longest: int | None = None,
        scene: Scene = Scene.photo,
        model: str = registry.PAINTER_MODEL,
        look: Appearance | None = None,
    ) -> Picture:
        """The person of a reading in another pose, with full care.

        Args:
            pose: on the photo's canvas, e.g. `person.pose.moved(right_wrist=(120, 80))`.
            longest: longest side of the picture in pixels; None = the photo's own size.
            look: another look than the person's own.

        Raises:
            InputError: nobody was found in the photo; otherwise as :meth:`paint`.
        """
        if not person.found:
            raise InputError("No person was found in the photo; choose one that shows a person.")
        own = FromPhoto(person.photo, person.pose, person.mask)
        request = Request(model, pose, look or own, longest=longest, scene=scene, place=own)
        return self.paint(request).picture

    # How it does it

    def _paint(self, request: Request, runtime: Runtime, stop: Stop) -> Picture:
        if isinstance(request.shape, Pose):
            return self._paint_person(request, runtime, stop)
        return self._paint_canvas(request, request.shape, runtime, stop)

    def _paint_canvas(
        self, request: Request, shape: Sketch | LabelMap, runtime: Runtime, stop: Stop
    ) -> Picture:
        """A shape that stands nowhere: all of its canvas is painted."""
        painter, look = self._painter(request, runtime), request.appearance
        prepared = self._prepared.get(
            (look, self.digest(request.model), runtime), lambda: painter.prepare(look)
        )
        if stop():
            raise Stopped
        picture = painter.paint(shape, prepared, request.longest or max(shape.size), stop)
        if request.scene is not Scene.cutout:
            return picture
        from engine.alpha import cut_out

        if not isinstance(shape, Sketch):
            raise Unsupported("A painted scene fills its canvas; it cannot be cut out.")
        return cut_out(shape, picture)

    def _paint_person(self, request: Request, runtime: Runtime, stop: Stop) -> Picture:
        from engine.placing import placed, resized

        _check_canvases(request)
        stand = request.stands_in
        own = stand == request.appearance
        if own and stand and request.scene is Scene.photo and request.shape == stand.shape:
            return resized(Picture(stand.photo.pixels), request.longest)
        painter = self._painter(request, runtime)
        request = self._masked(request, stop)
        stand = request.stands_in
        look = request.appearance
        prepared = self._prepared.get(
            (look, self.digest(request.model), runtime), lambda: painter.prepare(look)
        )
        if stop():
            raise Stopped
        frame = prepared.frame if own else _frame_of(request, prepared)
        canvas = request.shape.size
        scale = 1.0 if request.longest is None else request.longest / max(canvas)
        side = max(1, round(frame.side * scale))
        picture = painter.paint(_moved(request.pose, frame, prepared.frame), prepared, side, stop)
        if stop():
            raise Stopped
        if request.finish != PLAIN:
            from engine.retouch import finished

            photo, mask = (stand.photo, stand.mask) if stand else (None, None)
            step = picture.size[0] / frame.side
            picture = finished(picture, request.finish, step, photo, mask)
        if request.scene is not Scene.photo or stand is None:
            alone = placed(picture, frame, canvas, request.longest)
            return alone if request.scene is Scene.cutout else alone.over((255, 255, 255))
        stage = self._stage(stand, frame)
        if own:
            return stage.composite(picture, request.pose, request.longest)
        return stage.replaced(picture, request.longest)

    def _stage(self, stand: FromPhoto, frame: Frame) -> Stage:
        from engine.compose import Stage

        mask = stand.mask
        assert mask is not None
        make = Stage.make
        return self._stages.get((stand, frame), lambda: make(stand.photo, mask, stand.pose, frame))

    def _masked(self, request: Request, stop: Stop) -> Request:
        """The request with every photo's mask found."""
        look = self._with_masks(request.appearance, stop)
        place = request.place and self._with_mask(request.place, stop)
        return replace(request, appearance=look, place=place)

    def _with_masks(self, look: Appearance, stop: Stop) -> Appearance:
        match look:
            case FromPhoto():
                return self._with_mask(look, stop)
            case Mix(a, b, t):
                return Mix(self._with_masks(a, stop), self._with_masks(b, stop), t)
            case Parts(default, regions):
                found = tuple((name, self._with_masks(r, stop)) for name, r in regions)
                return Parts(self._with_masks(default, stop), found)
            case _:
                return look

    def _with_mask(self, look: FromPhoto, stop: Stop) -> FromPhoto:
        if look.mask is not None:
            return look
        reading = self.read(look.photo, stop)
        if reading.found:
            return replace(look, mask=reading.mask)
        from engine.perception.from_pose import mask_from_pose

        return replace(look, mask=mask_from_pose(look.photo, look.pose))

    def _painter(self, request: Request, runtime: Runtime) -> Any:
        painter = self._build(request.model, runtime, "painter")
        digest = self.digest(request.model)
        if request.weights and request.weights != digest:
            raise ModelError(
                f"The picture was made with other weights of {request.model!r} "
                f"({request.weights[:12]}) than those at hand ({digest[:12]})."
            )
        if painter.card.shape != type(request.shape).__name__:
            raise Unsupported(
                f"The model {request.model!r} paints {_SHAPES[painter.card.shape]}, not "
                f"{_SHAPES[type(request.shape).__name__]}."
            )
        for look in within(request.appearance):
            kind = type(look).__name__
            if kind not in painter.card.takes:
                raise Unsupported(f"The model {request.model!r} cannot take a look of kind {kind}.")
        return painter

    def _build(self, model: str, runtime: Runtime, kind: str) -> Any:
        card = self._model(model).card
        if registry.architecture(card, self._architectures).kind != kind:
            raise ModelError(f"The model {model!r} is no {kind}; see `guise models list`.")
        if (model, runtime) not in self._built:
            file = self._file(model)
            nbytes = sum(t.numel() for t in file.tensors.values()) * runtime.dtype.itemsize
            self._built[model, runtime] = (
                registry.build(file, runtime, self._architectures),
                nbytes,
            )
            self._digests[model] = file.digest
        return self._built[model, runtime][0]

    def _file(self, model: str) -> weights.Loaded:
        return weights.load(self._model(model).path)

    def _model(self, model: str) -> registry.Model:
        if model not in self._catalogue:
            known = ", ".join(self._catalogue) or "none"
            raise ModelError(f"There is no model {model!r}; at hand: {known}.")
        return self._catalogue[model]

    # When memory runs out

    def _paint_if_it_fits(self, request: Request, runtime: Runtime, stop: Stop) -> Picture | None:
        """None if memory ran out; returning lets go of the tensors that the traceback holds."""
        try:
            return self._paint(request, runtime, stop)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            return None

    def _paint_with_less(self, request: Request, stop: Stop) -> tuple[Picture, str]:
        """Half the size, then the CPU; what was cached so far is let go first."""
        half = max(64, (request.longest or max(request.shape.size)) // 2)
        smaller = replace(request, longest=half)
        attempts: list[tuple[Runtime, Request, str]] = [
            (self.runtime, smaller, f"Memory ran out, so the picture has only {half} px."),
        ]
        if self.runtime.device.type != "cpu":
            cpu = type(self.runtime).best("cpu")
            attempts += [
                (cpu, request, "The device ran out of memory, so this was painted on the CPU."),
                (cpu, smaller, f"Memory ran out: painted on the CPU, and only {half} px large."),
            ]
        for runtime, lesser, degraded in attempts:
            self._let_go()
            picture = self._paint_if_it_fits(lesser, runtime, stop)
            if picture is not None:
                return picture, degraded
        self._let_go()
        raise MemoryError("Not even a smaller picture fits into memory.")

    def _let_go(self) -> None:
        import torch

        for cache in (self._prepared, self._stages):
            cache.clear()
        if self.runtime.device.type == "cuda":
            torch.cuda.empty_cache()


def _check_canvases(request: Request) -> None:
    """Poses and masks must lie on their photos; InputError says which one does not."""
    stand = request.stands_in
    if stand is None and request.scene is Scene.photo:
        raise InputError("This look has no photo to stand in; name one, or ask for a cut-out.")
    checked = [("new pose", request.shape, stand)]
    for look in (stand, *within(request.appearance)):
        if isinstance(look, FromPhoto):
            checked += [("source pose", look.shape, look), ("mask", look.mask, look)]
    for name, part, look in checked:
        if part is not None and look is not None and part.size != look.photo.size:
            here, there = ("{} x {} px".format(*p.size) for p in (part, look.photo))
            raise InputError(
                f"The {name} is for {here} and the photo has {there}; resize it first."
            )


def _frame_of(request: Request, prepared: Prepared) -> Frame:
    """The square that a look which is not the photo's own is painted for."""
    from engine.framing import person_frame

    stand, look = request.stands_in, request.appearance
    if stand is not None:
        return person_frame(stand.pose, stand.mask)
    if isinstance(look, Sampled) and look.pose.size == request.shape.size:
        return prepared.frame  # so that an invented person keeps its size while joints move
    return person_frame(request.pose)


def _moved(pose: Pose, here: Frame, there: Frame) -> Pose:
    """A pose that lies in one frame, at the same place of another."""
    if here == there:
        return pose
    scale = there.side / here.side
    shift = (there.left - here.left * scale, there.top - here.top * scale)
    return pose.mapped(np.array([[scale, 0, shift[0]], [0, scale, shift[1]]]), pose.size)


def _reading_bytes(reading: Reading) -> int:
    return reading.photo.pixels.nbytes + reading.mask.pixels.nbytes


class _Stoppable:
    """A reader that stops between two looks at a photo."""

    def __init__(self, reader: PartReader, stop: Stop) -> None:
        self._reader, self._stop = reader, stop

    def read(self, photo: Photo) -> Reading:
        return self._going_on().read(photo)

    def read_in(self, photo: Photo, box: Box) -> Reading:
        return self._going_on().read_in(photo, box)

    def _going_on(self) -> PartReader:
        if self._stop():
            raise Stopped
        return self._reader


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this is any library's way of saying that memory ran out."""
    if isinstance(error, MemoryError):
        return True
    said = str(error).lower()
    signs = ("out of memory", "not enough memory", "insufficient memory", "can't allocate memory")
    return not isinstance(error, GuiseError) and any(sign in said for sign in signs)


ADVICE: tuple[tuple[Callable[[BaseException], bool], FailureKind, str], ...] = (
    (
        is_out_of_memory,
        FailureKind.memory,
        "Close other programs, or paint a smaller picture.",
    ),
    (
        lambda e: isinstance(e, ModelError),
        FailureKind.model,
        "Choose another model, or install Guise again to get the bundled ones back.",
    ),
    (
        lambda e: isinstance(e, Unsupported),
        FailureKind.input,
        "Choose a model that takes this kind of look.",
    ),
    (
        lambda e: isinstance(e, GuiseError),
        FailureKind.input,
        "Nothing was changed; correct the input and try again.",
    ),
)


def failed(request: object, error: BaseException) -> Failed:
    """What to tell the person about an error; unexpected ones are logged with their traceback."""
    for applies, kind, advice in ADVICE:
        if applies(error):
            text = "Memory ran out." if kind is FailureKind.memory else str(error)
            return Failed(request, kind, text, advice)
    log.error("unexpected error", exc_info=error)
    text = f"Something unexpected went wrong ({type(error).__name__}: {error})."
    return Failed(
        request, FailureKind.internal, text, "The last picture is kept; try again or restart."
    )
