"""Instance normalisation that keeps channels last is the usual one, gradients included."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from trainer.networks.multiscale import MultiScale
from trainer.networks.norm import InstanceNorm


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
@pytest.mark.parametrize("batch", [1, 3])
def test_it_is_that_of_torch(layout: torch.memory_format, batch: int) -> None:
    torch.manual_seed(0)
    x = (5 * torch.randn(batch, 8, 6, 7) + 2).contiguous(memory_format=layout)
    mine, theirs = (x.clone().requires_grad_() for _ in "ab")
    wanted = torch.randn(batch, 8, 6, 7)
    made = InstanceNorm()(mine)
    other = nn.InstanceNorm2d(8)(theirs)
    assert made.is_contiguous(memory_format=layout)
    torch.testing.assert_close(made, other, rtol=1e-5, atol=1e-5)
    for result in (made, other):
        (result - wanted).square().sum().backward()
    assert mine.grad is not None
    assert theirs.grad is not None
    torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-4, atol=1e-4)


def test_channels_in_parts_are_judged_as_channels_together() -> None:
    torch.manual_seed(0)
    judge = MultiScale(5, 4, 3, 3, 8)
    shape, picture = torch.randn(2, 2, 64, 64), torch.randn(2, 3, 64, 64)
    for part, whole in zip(
        judge(shape, picture), judge(torch.cat([shape, picture], 1)), strict=True
    ):
        for mine, theirs in zip(part, whole, strict=True):
            torch.testing.assert_close(mine, theirs)
