"""Labels and objects as people say them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.shapes.labels import LabelMap, LabelSet


def _known() -> dict[str, str]:
    """The labels of the bundled sets by their names there."""
    tr = QCoreApplication.translate
    return {
        "unlabeled": tr("Label", "Unlabeled"),
        "ego vehicle": tr("Label", "Ego vehicle"),
        "rectification border": tr("Label", "Rectification border"),
        "out of roi": tr("Label", "Outside the picture"),
        "static": tr("Label", "Static"),
        "dynamic": tr("Label", "Dynamic"),
        "ground": tr("Label", "Ground"),
        "road": tr("Label", "Road"),
        "sidewalk": tr("Label", "Sidewalk"),
        "parking": tr("Label", "Parking"),
        "rail track": tr("Label", "Rail track"),
        "building": tr("Label", "Building"),
        "wall": tr("Label", "Wall"),
        "fence": tr("Label", "Fence"),
        "guard rail": tr("Label", "Guard rail"),
        "bridge": tr("Label", "Bridge"),
        "tunnel": tr("Label", "Tunnel"),
        "pole": tr("Label", "Pole"),
        "polegroup": tr("Label", "Group of poles"),
        "traffic light": tr("Label", "Traffic light"),
        "traffic sign": tr("Label", "Traffic sign"),
        "vegetation": tr("Label", "Vegetation"),
        "terrain": tr("Label", "Terrain"),
        "sky": tr("Label", "Sky"),
        "person": tr("Label", "Person"),
        "rider": tr("Label", "Rider"),
        "car": tr("Label", "Car"),
        "truck": tr("Label", "Truck"),
        "bus": tr("Label", "Bus"),
        "caravan": tr("Label", "Caravan"),
        "trailer": tr("Label", "Trailer"),
        "train": tr("Label", "Train"),
        "motorcycle": tr("Label", "Motorcycle"),
        "bicycle": tr("Label", "Bicycle"),
        "other": tr("Label", "Other"),
        "door": tr("Label", "Door"),
        "window": tr("Label", "Window"),
        "pavement": tr("Label", "Pavement"),
    }


def label_name(label_set: LabelSet, label: int) -> str:
    """A label's name in sentence case; those of one's own sets as they are written."""
    name = label_set[label].name
    return _known().get(name, name[:1].upper() + name[1:])


def object_name(scene: LabelMap, number: int) -> str:
    """An object's label, with its place among those of this label; "" if it is not there."""
    found = scene.instances.get(number)
    if found is None:
        return ""
    alike = [n for n, one in scene.instances.items() if one.label == found.label]
    return f"{label_name(scene.label_set, found.label)} {alike.index(number) + 1}"
