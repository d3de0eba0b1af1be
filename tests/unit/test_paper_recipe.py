"""The published recipe and its ablations, end to end on drawn people."""

import copy
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from engine import registry, weights
from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.painters.deformable.paper_network import PaperConfig
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from tests.bench.deformable_training import published
from tests.unit.people import asymmetric_pose, drawn_person
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401 (a fixture)
from tests.unit.test_paper_data import HEADER, row
from tests.unit.test_people_data import write_pack
from trainer.loop import RunOptions
from trainer.networks.perceptual import Perceptual
from trainer.recipes.deformable_paper import (
    PRESETS,
    DeformablePaperRecipe,
    DeformablePaperTask,
    train_deformable_paper,
)

SIZE = (64, 64)
CPU = Runtime(torch.device("cpu"), torch.float32)
CONTENT = {"baseline": "pixels", "dsc": "pixels", "full": "nearest"}


@pytest.fixture(autouse=True)
def one_thread():
    """Networks this small only lose time on more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe(tmp_path, request):
    """Two people in two poses each, in pose-gan's layout."""
    poses = {"a": default_pose(SIZE), "b": asymmetric_pose().resized(SIZE)}
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        rows = [HEADER]
        for i in (1, 2):
            for letter, pose in poses.items():
                name = f"000{i}_{letter}.png"
                pixels = np.roll(drawn_person(SIZE, pose)[0].pixels, i, 2)
                assert cv2.imwrite(str(tmp_path / split / name), pixels)
                rows.append(row(name, pose))
        (tmp_path / f"annotation-{split}.csv").write_text("\n".join(rows))
    vgg = str(request.getfixturevalue("narrow_vgg"))
    return DeformablePaperRecipe(tmp_path, (), 64, 64, 4, area=3, perceptual=vgg)


def ready(recipe):
    """A task in single precision."""
    torch.manual_seed(0)
    task = DeformablePaperTask(recipe)
    task.setup(Fabric(accelerator="cpu", devices=1))
    return task


@pytest.mark.parametrize("ablation", CONTENT)
def test_each_ablation_trains_and_its_export_paints(recipe, ablation, tmp_path):
    options = RunOptions(out=tmp_path / "run", images=4, batch=2, device="cpu", tick=0)
    path = train_deformable_paper(replace(recipe, ablation=ablation), options)
    first = json.loads((path.parent / "stats.jsonl").read_text().splitlines()[0])
    for name in ("fool", "judge", CONTENT[ablation]):
        assert np.isfinite(first[name])
    file = weights.load(path)
    assert (file.card.architecture, file.card.side, file.card.alpha) == (
        "deformable-paper",
        64,
        False,
    )
    assert {"l1", "ssim", "copy_l1", "copy_ssim"} == set(file.card.metrics)
    painter = registry.build(file, CPU)
    photo, mask, pose = drawn_person()
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    picture = painter.paint(asymmetric_pose(photo.size), prepared, 96, lambda: False)
    assert picture.pixels.shape == (96, 96, 4)


def test_key_point_folders_train_alpha_too(recipe, tmp_path):
    for split in ("train", "val"):
        write_pack(tmp_path / "packs" / "drawn", split)
    recipe = replace(recipe, data=tmp_path / "packs", packs=("drawn",))
    options = RunOptions(out=tmp_path / "run", images=4, batch=2, device="cpu", tick=0)
    path = train_deformable_paper(recipe, options)
    first = json.loads((path.parent / "stats.jsonl").read_text().splitlines()[0])
    assert np.isfinite(first["matte"])
    file = weights.load(path)
    assert file.card.alpha
    photo, mask, pose = drawn_person()
    painter = registry.build(file, CPU)
    picture = painter.paint(pose, painter.prepare(FromPhoto(photo, pose, mask)), 64, lambda: False)
    assert picture.pixels[..., 3].any()


@pytest.mark.parametrize("ablation", CONTENT)
def test_each_ablation_learns_a_pair(recipe, ablation):
    task = ready(replace(recipe, ablation=ablation, channels=8, rate=2e-3))
    batch = task.batch(np.random.default_rng(0), 2)
    losses = [task.step(batch, 1.0, 0.0)[CONTENT[ablation]] for _ in range(25)]
    assert np.mean(losses[-3:]) < 0.75 * losses[0]


@pytest.mark.parametrize("ablation", CONTENT)
def test_losses_are_the_published_ones(recipe, ablation):
    """With a rate of zero nothing moves, so everything can be computed again."""
    task = ready(replace(recipe, ablation=ablation))
    batch = task.batch(np.random.default_rng(0), 2)
    torch.manual_seed(1)
    found = task.step(batch, 0.0, 0.0)
    torch.manual_seed(1)
    pairs, real = batch
    with torch.no_grad():
        made = task.network(pairs.source, pairs.source_joints, pairs.target_joints)
        fake, true = (
            torch.sigmoid(task.judge(p.source, p.source_joints, picture, p.target_joints)).double()
            for p, picture in ((pairs, made), (real, real.target))
        )
        if ablation == "full":
            seen = Perceptual(recipe.perceptual, ("relu1_2",))
            mine, theirs = (seen(picture / 2 + 0.5)[0] for picture in (made, pairs.target))
            content = 0.01 * 255 * 0.226 * nearest_by_unfolding(mine, theirs, 3)
        else:
            content = 100 * (made - pairs.target).abs().mean()
    assert found["fool"] == pytest.approx(float(-torch.log(fake + 1e-7).mean()), rel=1e-3)
    judged = -torch.log(true).mean() - torch.log(1 - fake).mean()
    assert found["judge"] == pytest.approx(float(judged), rel=1e-3)
    assert found[CONTENT[ablation]] == pytest.approx(float(content), rel=1e-3)


def test_a_step_has_the_gradients_of_the_published_order(recipe):
    """With next to no rate, the discriminator is the same before and after its own update."""
    task = ready(recipe)
    for layer in task.network.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    plain = published(task, copy.deepcopy(task.network.module))
    for optimiser in (plain.painter, plain.critic):
        optimiser.param_groups[0]["lr"] = 1e-12
    batch = task.batch(np.random.default_rng(0), 2)
    task.step(batch, 1e-9, 0.0)
    plain.step(batch)
    for mine, theirs in ((task.network, plain.network), (task.judge, plain.judge)):
        wanted = {name: p.grad for name, p in theirs.named_parameters()}
        assert max(float(g.abs().max()) for g in wanted.values()) > 1e-4
        for name, parameter in mine.module.named_parameters():
            scale = float(wanted[name].abs().max())
            assert float((parameter.grad - wanted[name]).abs().max()) <= 1e-3 * scale + 1e-7, name


def nearest_by_unfolding(painted, target, area):
    """All neighbours at once, as published: the target padded with -10,000."""
    batch, channels, height, width = target.shape
    padded = torch.nn.functional.pad(target, [area // 2] * 4, value=-10000)
    near = torch.nn.functional.unfold(padded, area).view(batch, channels, -1, height, width)
    return (near - painted[:, :, None]).abs().sum(1).amin(1).mean()


def test_the_discriminators_real_pairs_are_drawn_apart(recipe):
    task = DeformablePaperTask(recipe)
    batches = [task.batch(np.random.default_rng(seed), 2) for seed in range(4)]
    assert any((b.painted.target != b.real.target).any() for b in batches)


def test_a_loss_that_is_not_finite_changes_no_generator(recipe):
    task = ready(replace(recipe, ablation="dsc"))
    batch = task.batch(np.random.default_rng(0), 2)
    before = {name: value.clone() for name, value in task.network.state_dict().items()}
    broken = batch._replace(painted=batch.painted._replace(target=batch.painted.target * np.nan))
    task.step(broken, 1.0, 0.0)
    for name, value in task.network.state_dict().items():
        assert torch.equal(value, before[name])
    task.step(batch, 1.0, 0.0)
    changed = [not torch.equal(v, before[n]) for n, v in task.network.state_dict().items()]
    assert any(changed)


def test_state_goes_on_where_it_was(recipe):
    first, second = ready(recipe), ready(recipe)
    batches = [first.batch(np.random.default_rng(seed), 2) for seed in range(2)]
    first.step(batches[0], 1.0, 0.0)
    second.load_state(first.state())
    answers = []
    for task in (first, second):
        torch.manual_seed(2)
        answers.append(task.step(batches[1], 1.0, 0.0))
    assert answers[0] == pytest.approx(answers[1])


def test_presets_are_the_published_sizes(tmp_path):
    configs = {
        name: DeformablePaperRecipe(tmp_path, **options).network(alpha=False)
        for name, options in PRESETS.items()
    }
    assert configs["paper-256"] == PaperConfig()
    assert configs["paper-128x64"] == PaperConfig(128, 64)
    assert not DeformablePaperRecipe(tmp_path, ablation="baseline").network(alpha=False).warp
    assert (PRESETS["paper-256"]["area"], PRESETS["paper-128x64"]["area"]) == (5, 3)


@pytest.mark.parametrize("size", [(100, 100), (64, 32), (128, 32), (64, 128)])
def test_a_size_that_no_network_has_is_explained(recipe, size):
    with pytest.raises(InputError, match="power of two"):
        DeformablePaperTask(replace(recipe, height=size[0], width=size[1]))
