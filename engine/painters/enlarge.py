"""Painted people at other sizes than the network's."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.framing import bled


def enlarged(rgba: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(S, S, 4) straight alpha -> (side, side, 4); transparent colours do not reach the edge."""
    if side == len(rgba):
        return rgba
    how = cv2.INTER_AREA if side < len(rgba) else cv2.INTER_CUBIC
    spread = np.dstack([bled(rgba[..., :3], rgba[..., 3]), rgba[..., 3]])
    return np.asarray(cv2.resize(spread, (side, side), interpolation=how), np.uint8)
