"""Which photos training does not see where a folder does not say so itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def held_out(names: Sequence[str], share: float) -> set[str]:
    """Names chosen by their digests, so that further photos change nothing; one at least."""
    if not share or len(names) < 2:
        return set()
    order = {name: hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in names}
    limit = int(share * 2**32).to_bytes(4, "big")
    return {name for name in names if order[name] < limit} or {min(names, key=order.__getitem__)}
