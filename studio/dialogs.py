"""Files to choose, questions to answer, and small words about a document."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.exports import Kind
from engine.request import Scene
from engine.request_files import SourcesMissing
from engine.shapes.pose import Pose
from engine.shapes.pose_files import read_pose
from engine.shapes.retarget import retargeted
from studio.project import SUFFIX

_PHOTOS = "*.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff *.gif *.avif *.ppm *.jp2 *.tga"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Dialogs", text)


def photo_to_open(parent: QWidget, folder: str) -> Path | None:
    """A photo chosen by the user, or None."""
    kinds = f"{_tr('Photos')} ({_PHOTOS});;{_tr('All files')} (*)"
    name, _ = QFileDialog.getOpenFileName(parent, _tr("Open photo"), folder, kinds)
    return Path(name) if name else None


def file_to_open(parent: QWidget, folder: str) -> Path | None:
    """A photo, a drawing or a project chosen by the user, or None."""
    project = f"*{SUFFIX}"
    kinds = (
        f"{_tr('Photos and projects')} ({project} *.svg {_PHOTOS});;"
        f"{_tr('Projects')} ({project});;{_tr('Photos')} ({_PHOTOS});;"
        f"{_tr('Drawings')} (*.svg);;{_tr('All files')} (*)"
    )
    name, _ = QFileDialog.getOpenFileName(parent, _tr("Open"), folder, kinds)
    return Path(name) if name else None


def drawing_to_open(parent: QWidget, folder: str) -> Path | None:
    """A drawing, or a photo whose lines are to be drawn, chosen by the user; or None."""
    kinds = f"{_tr('Drawings and photos')} (*.svg {_PHOTOS});;{_tr('All files')} (*)"
    name, _ = QFileDialog.getOpenFileName(parent, _tr("Open as drawing"), folder, kinds)
    return Path(name) if name else None


def photos_to_find(parent: QWidget, folder: str, missing: SourcesMissing) -> list[Path]:
    """The photos from which a picture was made, chosen by the user; may be empty."""
    names = ", ".join(source.name or _tr("a photo") for source in missing.sources)
    kinds = f"{_tr('Photos')} ({_PHOTOS});;{_tr('All files')} (*)"
    title = _tr("Find {0}").format(names)
    chosen, _ = QFileDialog.getOpenFileNames(parent, title, folder, kinds)
    return [Path(name) for name in chosen]


def project_to_save(parent: QWidget, folder: str, name: str) -> Path | None:
    """Where to write the project, or None."""
    start = str(Path(folder) / f"{name}{SUFFIX}")
    kinds = f"{_tr('Projects')} (*{SUFFIX})"
    chosen, _ = QFileDialog.getSaveFileName(parent, _tr("Save project"), start, kinds)
    return Path(chosen).with_suffix(SUFFIX) if chosen else None


def dropped_file(data: QMimeData) -> Path | None:
    """The first local file of a drop."""
    files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return Path(files[0]) if files else None


def picture_to_save(parent: QWidget, folder: str, name: str) -> tuple[Path, Scene, bool] | None:
    """Where to write the picture, as what, what stands around the person, and whether the source
    photos go into the file; or None."""
    png, photo = Kind.png, Scene.photo
    kinds = {
        f"PNG (*{png.value})": (png, photo, False),
        f"{_tr('PNG, transparent')} (*{png.value})": (png, Scene.cutout, False),
        f"{_tr('PNG on white')} (*{png.value})": (png, Scene.white, False),
        f"{_tr('PNG with the source photo inside')} (*{png.value})": (png, photo, True),
        f"{_tr('Layers for Krita and GIMP')} (*{Kind.openraster.value})": (
            Kind.openraster,
            photo,
            False,
        ),
        f"{_tr('Everything but the picture')} (*{Kind.json.value})": (Kind.json, photo, False),
    }
    start = str(Path(folder) / f"{name} reposed.png")
    chosen, kind = QFileDialog.getSaveFileName(parent, _tr("Export"), start, ";;".join(kinds))
    if not chosen:
        return None
    end, scene, embedded = kinds.get(kind, (png, photo, False))
    return Path(chosen).with_suffix(end.value), scene, embedded


class Product(Enum):
    """What is written of a drawing."""

    picture = "picture"
    cutout = "cut-out picture"
    sheet = "sheet"
    film = "film"
    drawing = "drawing"


def drawing_to_save(parent: QWidget, folder: str, name: str) -> tuple[Path, Product] | None:
    """Where to write what of a drawing, or None."""
    kinds = {
        f"{_tr('PNG on white')} (*.png)": (".png", Product.picture),
        f"{_tr('PNG, transparent')} (*.png)": (".png", Product.cutout),
        f"{_tr('Sheet of the variations')} (*.png)": (".png", Product.sheet),
        f"{_tr('Film from look A to look B')} (*.gif)": (".gif", Product.film),
        f"{_tr('Film from look A to look B')} (*.mp4)": (".mp4", Product.film),
        f"{_tr('The drawing alone')} (*.svg)": (".svg", Product.drawing),
    }
    start = str(Path(folder) / f"{name}.png")
    chosen, kind = QFileDialog.getSaveFileName(parent, _tr("Export"), start, ";;".join(kinds))
    if not chosen:
        return None
    end, what = kinds.get(kind, (".png", Product.picture))
    return Path(chosen).with_suffix(end), what


def scene_to_save(parent: QWidget, folder: str, name: str) -> Path | None:
    """Where to write a painted scene, or None."""
    start = str(Path(folder) / f"{name}.png")
    kinds = ("PNG (*.png)", f"{_tr('Everything but the picture')} (*.json)")
    chosen, kind = QFileDialog.getSaveFileName(parent, _tr("Export"), start, ";;".join(kinds))
    return Path(chosen).with_suffix(".json" if kind == kinds[1] else ".png") if chosen else None


def film_to_save(parent: QWidget, folder: str, name: str) -> Path | None:
    """Where to write an animation; `name` has the end that it is to have. None = nowhere."""
    end = Path(name).suffix
    start, kinds = str(Path(folder) / name), f"{end[1:].upper()} (*{end})"
    chosen, _ = QFileDialog.getSaveFileName(parent, _tr("Export animation"), start, kinds)
    return Path(chosen).with_suffix(end) if chosen else None


def folders_for_batch(parent: QWidget, folder: str) -> tuple[Path, Path] | None:
    """The folder of photos and the folder for the results, or None."""
    photos = QFileDialog.getExistingDirectory(parent, _tr("Photos to edit alike"), folder)
    if not photos:
        return None
    out = QFileDialog.getExistingDirectory(parent, _tr("Folder for the results"), photos)
    return (Path(photos), Path(out)) if out else None


def pose_to_open(parent: QWidget, folder: str) -> Path | None:
    """A pose file chosen by the user, or None."""
    name, _ = QFileDialog.getOpenFileName(parent, _tr("Import pose"), folder, "JSON (*.json)")
    return Path(name) if name else None


def pose_to_save(parent: QWidget, folder: str) -> Path | None:
    """Where to write the pose, or None."""
    start = str(Path(folder) / "pose.json")
    chosen, _ = QFileDialog.getSaveFileName(parent, _tr("Export pose"), start, "JSON (*.json)")
    return Path(chosen).with_suffix(".json") if chosen else None


def read_fitted(path: Path, source: Pose) -> Pose:
    """The pose of a file, set up with the body and place of the source pose."""
    pose = read_pose(path)
    return pose if pose.size == source.size else retargeted(pose, source)


class AboutDialog(QDialog):
    """What this is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Guise"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel("Guise")
        heading.setObjectName("heading")
        text = QLabel(
            self.tr(
                "Keep the look, change the shape. Keep the shape, change the look.\n\n"
                "Everything is computed on this machine; no picture leaves it. The program is free "
                "under the MIT licence; each model carries the terms of the data that it was "
                "trained on, shown in the right panel."
            ),
            wordWrap=True,
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        for widget in (heading, text, buttons):
            layout.addWidget(widget)
        self.resize(420, 200)


class LeaveDialog(QDialog):
    """Asked when a document with unsaved changes is closed.

    Args:
        name: of the document.
    """

    LEAVE, SAVE = 2, 3

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Guise")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QLabel(self.tr("Save the changes to “{0}” before closing?").format(name))
        text.setTextFormat(Qt.TextFormat.PlainText)
        self.save_button = QPushButton(self.tr("Save"))
        self.save_button.setObjectName("primary")
        self.leave_button = QPushButton(self.tr("Close without saving"))
        self.stay_button = QPushButton(self.tr("Cancel"))
        row = QHBoxLayout()
        row.addStretch()
        for button in (self.leave_button, self.stay_button, self.save_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(text)
        layout.addLayout(row)
        self.save_button.clicked.connect(lambda: self.done(self.SAVE))
        self.leave_button.clicked.connect(lambda: self.done(self.LEAVE))
        self.stay_button.clicked.connect(self.reject)
        self.save_button.setDefault(True)
