"""The VUNet's recipe, end to end on drawn people: trains, exports, and the export invents looks."""

import json

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from engine import registry, weights
from engine.appearance import FromPhoto, Sampled
from engine.errors import InputError
from engine.painters.vunet.codes import Codes
from engine.painters.vunet.network import VunetConfig
from engine.runtime import Runtime
from tests.unit.people import drawn_person
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401  (a fixture)
from tests.unit.test_people_data import write_pack
from trainer.loop import RunOptions
from trainer.recipes.vunet import VunetRecipe, divergence, train_vunet


@pytest.fixture
def recipe(tmp_path, narrow_vgg):  # noqa: F811
    for split in ("train", "val"):
        write_pack(tmp_path / "drawn", split)
    return VunetRecipe(
        data=tmp_path,
        packs=("drawn",),
        sides=(32, 64),
        shares=(0.4, 0.4),
        prior_share=0.2,
        network=VunetConfig((8, 8, 8, 8), (8, 8, 8, 8), 4, 2, 4, 16, 1),
        perceptual=str(narrow_vgg),
    )


def test_all_stages_train_and_the_export_paints(recipe, tmp_path):
    options = RunOptions(out=tmp_path / "run", images=40, batch=8, device="cpu", tick=0)
    path = train_vunet(recipe, options)
    assert path == tmp_path / "run" / "prior" / "model.safetensors"
    first = (tmp_path / "run" / "32" / "stats.jsonl").read_text().splitlines()[0]
    last = (tmp_path / "run" / "64" / "stats.jsonl").read_text().splitlines()[0]
    told = ("l1", "matte", "perceptual", "posterior", "kl_coarse", "kl_fine", "active_fine")
    for line, names in ((first, told), (last, (*told, "fool", "judge", "active_coarse"))):
        figures = json.loads(line)
        assert all(np.isfinite(figures[name]) for name in names)
    file = weights.load(path)
    assert file.card.side == 64
    assert file.card.metrics.keys() >= {"again_l1", "moved_l1", "prior", "mask_iou"}
    painter = registry.build(file, Runtime(torch.device("cpu"), torch.float32))
    photo, mask, pose = drawn_person()
    for look in (FromPhoto(photo, pose, mask), Sampled(1, pose)):
        picture = painter.paint(pose, painter.prepare(look), 96, lambda: False)
        assert picture.pixels[..., 3].max() > 200


def test_the_last_stage_moves_the_prior_only(recipe, tmp_path):
    path = train_vunet(recipe, RunOptions(out=tmp_path / "run", images=40, batch=4, device="cpu"))
    before = weights.load(tmp_path / "run" / "64" / "model.safetensors").tensors
    after = weights.load(path).tensors
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    assert moved == {"prior"}


def test_a_share_is_needed_for_every_size(recipe, tmp_path):
    from dataclasses import replace

    with pytest.raises(InputError, match="same number"):
        train_vunet(replace(recipe, shares=(1.0,)), RunOptions(out=tmp_path / "run"))


def test_divergence_is_that_of_normal_distributions():
    torch.manual_seed(0)
    known = torch.rand(3, 12) > 0.3
    codes = Codes(torch.randn(3, 12, 4), torch.randn(3, 12, 2, 8, 8), known)
    for found, means in zip(divergence(codes), (codes.coarse, codes.fine), strict=True):
        each = kl_divergence(Normal(means, 1.0), Normal(torch.zeros_like(means), 1.0))
        wanted = (each.flatten(2).sum(2) * known).sum(1).mean()
        torch.testing.assert_close(found, wanted)
