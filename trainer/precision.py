"""Methods of a network that compute in the precision of the training, as its forward does.

Lightning's `mark_forward_method` sees to that only where a strategy wraps the module; no process of
ours has its modules wrapped, so that a marked method would compute in fp32 whatever was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lightning_fabric import Fabric


def in_precision(fabric: Fabric, network: Any, *methods: str) -> None:
    """Let methods of a network compute in the precision of the training; they return fp32.

    Args:
        network: what `fabric.setup` gave; the module inside stays as it is.
    """
    for name in methods:
        # past Lightning's own __setattr__, which would write into the module inside, too
        vars(network)[name] = _computing(fabric, getattr(network, name))


def _computing(fabric: Fabric, method: Callable[..., Any]) -> Callable[..., Any]:
    precision = fabric.strategy.precision

    def compute(*args: Any, **kwargs: Any) -> Any:
        with precision.forward_context():
            made = method(*args, **kwargs)
        return precision.convert_output(made)

    return compute
