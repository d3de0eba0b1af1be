"""Keep the look, change the shape.

    from engine import Session, open_photo
    session = Session()
    person = session.read(open_photo("walker.jpg"))
    picture = session.repose(person, person.pose.moved(right_wrist=(120, 80)))
    picture.save("waving.png")

PyTorch is imported when a Session is made, not before.
"""

from engine.appearance import Appearance, FromPhoto, Mix, Parts, PerObject, Sampled, Vector
from engine.errors import GuiseError, InputError, ModelError, Unsupported
from engine.painters.base import Stopped
from engine.photo import Mask, Photo
from engine.photo_files import open_photo
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.session import Session
from engine.shapes.labels import Label, LabelMap, LabelSet
from engine.shapes.pose import Pose, Presence
from engine.shapes.sketch import Sketch, Stroke
from engine.shapes.sketch_files import open_sketch

__all__ = [
    "Appearance",
    "FromPhoto",
    "GuiseError",
    "InputError",
    "Label",
    "LabelMap",
    "LabelSet",
    "Mask",
    "Mix",
    "ModelError",
    "Parts",
    "PerObject",
    "Photo",
    "Picture",
    "Pose",
    "Presence",
    "Quality",
    "Request",
    "Sampled",
    "Scene",
    "Session",
    "Sketch",
    "Stopped",
    "Stroke",
    "Unsupported",
    "Vector",
    "open_photo",
    "open_sketch",
]
