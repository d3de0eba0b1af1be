"""Devices and precision."""

import pytest
import torch
from torch import nn

from engine.cache import ByteCache
from engine.errors import GuiseError
from engine.runtime import Runtime, _cpu_is_faster_in_bf16


def test_the_best_device_is_one_that_works():
    runtime = Runtime.best()
    layer = runtime.place(nn.Conv2d(3, 4, 3))
    out = layer(torch.ones(1, 3, 8, 8, device=runtime.device, dtype=runtime.dtype))
    assert out.dtype is runtime.dtype and out.device.type == runtime.device.type
    assert not layer.training and not layer.weight.requires_grad
    assert layer.weight.is_contiguous(memory_format=torch.channels_last)
    assert Runtime.best("auto") == runtime


def test_names():
    assert Runtime.best("cpu").device == torch.device("cpu")
    assert str(Runtime(torch.device("cpu"), torch.bfloat16)) == "CPU bf16"
    for name in ("toaster", "cuda:99", "cpu:x", "meta", "cuda:-3"):
        with pytest.raises(GuiseError, match="device"):
            Runtime.best(name)


def test_the_probe_answers():
    assert _cpu_is_faster_in_bf16() in (True, False)


def test_a_cache_drops_the_least_recently_used_first_and_keeps_the_newest():
    cache = ByteCache[int](10, lambda v: v)
    made = []

    def value(key, size):
        def make():
            made.append(key)
            return size

        return cache.get(key, make)

    value("a", 4), value("b", 4), value("a", 4)
    value("c", 4)  # b goes: a was used later
    assert cache.nbytes == 8
    value("a", 4), value("b", 4)
    assert made == ["a", "b", "c", "b"]
    assert value("vast", 99) == 99 and cache.nbytes == 99
    with pytest.raises(ZeroDivisionError):
        cache.get("bad", lambda: 1 // 0)
    assert cache.get("bad", lambda: 1) == 1
    cache.clear()
    assert cache.nbytes == 0
