"""Label files of a scene: what to open, and what to write where."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import InputError
from engine.shapes.label_colours import ColourPicture, open_colours
from engine.shapes.label_files import (
    Opened,
    UnknownColours,
    open_label_map,
    partner,
    save_coloured,
    save_instance_ids,
    save_label_ids,
    save_palette,
)
from engine.shapes.label_labelme import open_labelme, save_labelme
from engine.shapes.label_objects import numbered
from engine.shapes.labels import LabelMap, LabelSet
from studio.errand import Errands
from studio.panels.scene_colours import ColoursDialog

_IMAGES = "*.png *.tif *.tiff *.bmp *.gif *.webp *.jpg *.jpeg"


class LabelKind(Enum):
    """What is written of a map; the value is the end of the name."""

    ids = ".png"
    colours = " colours.png"
    palette = " palette.png"
    labelme = ".json"


def labels_to_open(parent: QWidget, folder: str) -> Path | None:
    """A label file chosen by the user, or None."""
    tr = QCoreApplication.translate
    labels, files = tr("SceneFiles", "Label pictures and labelme"), tr("SceneFiles", "All files")
    kinds = f"{labels} ({_IMAGES} *.json);;{files} (*)"
    name, _ = QFileDialog.getOpenFileName(parent, tr("SceneFiles", "Import labels"), folder, kinds)
    return Path(name) if name else None


def labels_to_save(parent: QWidget, folder: str, name: str) -> tuple[Path, LabelKind] | None:
    """Where to write which kind of label file, or None."""
    tr = QCoreApplication.translate
    words = {
        tr("SceneFiles", "Label and instance ids"): LabelKind.ids,
        tr("SceneFiles", "Colours"): LabelKind.colours,
        tr("SceneFiles", "Label ids in colours, as a palette"): LabelKind.palette,
    }
    kinds = {f"{word} (*.png)": kind for word, kind in words.items()}
    kinds["labelme (*.json)"] = LabelKind.labelme
    start = str(Path(folder) / f"{name} labels.png")
    chosen, kind = QFileDialog.getSaveFileName(
        parent, tr("SceneFiles", "Export labels"), start, ";;".join(kinds)
    )
    if not chosen:
        return None
    wanted = kinds.get(kind, LabelKind.ids)
    return Path(chosen).with_suffix(".json" if wanted is LabelKind.labelme else ".png"), wanted


def write_labels(scene: LabelMap, path: Path, kind: LabelKind) -> tuple[Path, ...]:
    """Write a map; ids go into two files, the second for instances.

    Returns:
        The files.

    Raises:
        InputError: it cannot be written; then no file is left half.
    """
    match kind:
        case LabelKind.colours:
            save_coloured(scene, path)
        case LabelKind.palette:
            save_palette(scene, path)
        case LabelKind.labelme:
            save_labelme(scene, path)
        case LabelKind.ids:
            beside = path.with_name(f"{path.stem}_instanceIds.png")
            first = path.with_name(f"{path.stem}_labelIds.png")
            save_instance_ids(scene, beside)
            save_label_ids(scene, first)
            return first, beside
    return (path,)


class LabelImport(QObject):
    """Opens label files beside the window, and asks where colours are unknown.

    Signals:
        imported: a LabelMap, and sentences on what could not be taken as it was.
        failed: why a file cannot be used.
    """

    imported = Signal(object, tuple)
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent, self._name = parent, ""
        self._errands = Errands(self)
        self._errands.done.connect(self._opened)
        self._errands.failed.connect(self.failed)

    def open(self, path: Path, label_set: LabelSet) -> None:
        """Read a file; its instances too, where a file with their usual name lies beside it."""
        self._name = path.name
        self._errands.run(lambda: read_labels(path, label_set))

    def wait(self) -> None:
        """Until nothing is read; before the window goes away."""
        self._errands.wait()

    def _opened(self, found: Opened | ColourPicture) -> None:
        if isinstance(found, Opened):
            self.imported.emit(found.scene, found.notes)
            return
        dialog = ColoursDialog(self._parent, found, self._name)
        dialog.mapped.connect(lambda scene: self.imported.emit(scene, ()))
        dialog.open()


def read_labels(path: Path, label_set: LabelSet) -> Opened | ColourPicture:
    """A map, or a picture in colours of which somebody must say what they mean.

    Without instances each piece of a thing is an object; those that do not fit are told and left
    out.

    Raises:
        InputError: neither.
    """
    if path.suffix.lower() == ".json":
        return open_labelme(path, label_set)
    try:
        found, instances = open_label_map(path, label_set), partner(path)
    except UnknownColours:
        return open_colours(path, label_set)
    if instances is None:
        return Opened(numbered(found.scene), found.notes)
    try:
        return open_label_map(path, label_set, instances)
    except InputError as error:
        return Opened(numbered(found.scene), (*found.notes, str(error)))
