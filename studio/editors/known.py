"""Every kind of tab: which workspace shows the documents of which editor."""

from __future__ import annotations

from studio.editors.annotation.document import AnnotationDocument
from studio.editors.annotation.people import PeopleWorkspace
from studio.editors.annotation.scene_document import SceneAnnotation
from studio.editors.annotation.scenes import SceneAnnotations
from studio.editors.base import Workspace
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.workspace import PoseWorkspace
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.workspace import SceneWorkspace
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.workspace import SketchWorkspace

EDITORS: dict[str, type[Workspace]] = {
    PoseDocument.EDITOR: PoseWorkspace,
    SketchDocument.EDITOR: SketchWorkspace,
    SceneDocument.EDITOR: SceneWorkspace,
    AnnotationDocument.EDITOR: PeopleWorkspace,
    SceneAnnotation.EDITOR: SceneAnnotations,
}
