"""Joints and limbs as people say them; left and right are the person's own."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def joint_names() -> dict[str, str]:
    """Every joint by its name in JOINTS, in that order."""
    tr = QCoreApplication.translate
    return {
        "nose": tr("Joint", "Nose"),
        "neck": tr("Joint", "Neck"),
        "right_shoulder": tr("Joint", "Right shoulder"),
        "right_elbow": tr("Joint", "Right elbow"),
        "right_wrist": tr("Joint", "Right wrist"),
        "left_shoulder": tr("Joint", "Left shoulder"),
        "left_elbow": tr("Joint", "Left elbow"),
        "left_wrist": tr("Joint", "Left wrist"),
        "right_hip": tr("Joint", "Right hip"),
        "right_knee": tr("Joint", "Right knee"),
        "right_ankle": tr("Joint", "Right ankle"),
        "left_hip": tr("Joint", "Left hip"),
        "left_knee": tr("Joint", "Left knee"),
        "left_ankle": tr("Joint", "Left ankle"),
        "right_eye": tr("Joint", "Right eye"),
        "left_eye": tr("Joint", "Left eye"),
        "right_ear": tr("Joint", "Right ear"),
        "left_ear": tr("Joint", "Left ear"),
    }


def limb_names() -> dict[str, str]:
    """Every limb by its name in LIMB_JOINTS."""
    tr = QCoreApplication.translate
    return {
        "head": tr("Limb", "Head"),
        "trunk": tr("Limb", "Trunk"),
        "right_arm": tr("Limb", "Right arm"),
        "left_arm": tr("Limb", "Left arm"),
        "right_leg": tr("Limb", "Right leg"),
        "left_leg": tr("Limb", "Left leg"),
    }
