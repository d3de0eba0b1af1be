"""The published recipe end to end on drawn people."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from engine import registry, weights
from engine.appearance import FromPhoto, Sampled
from engine.errors import InputError
from engine.painters.vunet.paper_network import PaperVunetConfig
from engine.runtime import Runtime
from tests.bench.vunet_training import published
from tests.unit.people import asymmetric_pose, drawn_person
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401 (a fixture)
from tests.unit.test_index_p import entries, written
from tests.unit.test_people_data import write_pack
from tests.unit.test_vunet_paper_painter import ARCHITECTURES
from trainer.commands.train import main
from trainer.loop import RunOptions
from trainer.networks.perceptual import Perceptual
from trainer.recipes.vunet_paper import (
    PRESETS,
    TAPS,
    VunetPaperRecipe,
    VunetPaperTask,
    divergence_weight,
    learning_rate,
    train_vunet_paper,
)

CPU = Runtime(torch.device("cpu"), torch.float32)


@pytest.fixture(autouse=True)
def one_thread():
    """Networks this small only lose time on more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe(tmp_path, request):
    for split in ("train", "val"):
        write_pack(tmp_path / "drawn", split, count=8)
    dye(tmp_path / "drawn" / "photos")
    vgg = str(request.getfixturevalue("narrow_vgg"))
    return VunetPaperRecipe(tmp_path, ("drawn",), perceptual=vgg, **PRESETS["tiny"])


def dye(folder):
    """Other colours and another background for each photo: layers start from differences."""
    rng = np.random.default_rng(0)
    for path in sorted(folder.iterdir()):
        photo = cv2.imread(str(path)).astype(float)
        patches = cv2.resize(rng.uniform(-60, 60, (9, 7, 3)), photo.shape[1::-1])
        dyed = photo[..., rng.permutation(3)] * rng.uniform(0.4, 1.2, 3) + patches
        cv2.imwrite(str(path), dyed.clip(0, 255).astype(np.uint8))


def ready(recipe):
    """A task in single precision."""
    torch.manual_seed(0)
    task = VunetPaperTask(recipe)
    task.setup(Fabric(accelerator="cpu", devices=1))
    return task


def options(folder, **changes):
    return RunOptions(out=folder, batch=2, device="cpu", tick=0, **changes)


def lines(path):
    return [json.loads(line) for line in (path.parent / "stats.jsonl").read_text().splitlines()]


def test_a_run_goes_on_and_its_export_paints(recipe, tmp_path):
    path = train_vunet_paper(recipe, options(tmp_path / "run", images=8))
    assert lines(path)[0].keys() >= {
        *("pixels", "features", "gram", "divergence"),
        *(f"{name}_{side}" for name in ("kl", "posterior", "prior") for side in (2, 4)),
    }
    train_vunet_paper(recipe, options(tmp_path / "run", images=16))
    steps = [line["step"] for line in lines(path) if "pixels" in line]
    assert steps == list(range(1, 9))
    file = weights.load(path)
    assert (file.card.architecture, file.card.side, file.card.alpha) == ("vunet-paper", 32, False)
    assert set(file.card.metrics) == {"l1", "ssim", "kl"}
    painter = registry.build(file, CPU, ARCHITECTURES)
    photo, mask, pose = drawn_person()
    for look in (FromPhoto(photo, pose, mask), Sampled(1, pose)):
        prepared = painter.prepare(look)
        picture = painter.paint(asymmetric_pose(photo.size), prepared, 96, lambda: False)
        assert picture.pixels.shape == (96, 96, 4)
        assert picture.pixels[..., 3].max() > 200


def test_the_command_line_takes_presets_and_an_index(recipe, tmp_path):
    folder = tmp_path / "deepfashion"
    folder.mkdir()
    written(folder, entries(folder)).rename(folder / "other.p")
    words = ["vunet-paper", "--preset", "tiny", "--data", str(folder), "--index", "other.p"]
    words += ["--perceptual", recipe.perceptual, "--out", str(tmp_path / "run"), "--batch", "2"]
    main([*words, "--images", "2", "--device", "cpu", "--prior", "24"])
    card = weights.read_card(tmp_path / "run" / "model.safetensors")
    assert (card.config["prior"], card.config["whole"]) == (24, True)
    assert "index" in card.data


def test_an_index_trains_on_whole_photos(recipe, tmp_path):
    folder = tmp_path / "deepfashion"
    folder.mkdir()
    written(folder, entries(folder))
    task = ready(replace(recipe, data=folder))
    assert (len(task.figures), len(task.held_out)) == (2, 1)
    assert task.config.whole
    assert np.isfinite(
        list(task.step(task.batch(np.random.default_rng(0), 2), 1, 0).values())
    ).all()


def test_it_learns_a_batch(recipe):
    task = ready(recipe)
    batch = task.batch(np.random.default_rng(0), 8)
    losses = [task.step(batch, (n + 1) / 100, 0.0) for n in range(8)]
    likelihood = [sum(step[n] for n in ("pixels", "features", "gram")) for step in losses]
    assert likelihood[-1] < 0.8 * likelihood[0]


def test_losses_are_the_published_ones(recipe):
    """With a rate of zero nothing moves, so everything can be computed again."""
    task = ready(replace(recipe, rate=0.0, feature_weight=2.0, gram=(0.5, 0, 0.1, 0, 0, 0.2)))
    batch = task.batch(np.random.default_rng(0), 2)
    torch.manual_seed(1)
    found = task.step(batch, 1.0, 0.625)
    torch.manual_seed(1)
    with torch.no_grad():
        made = task.network(batch.shape, batch.crops)
        judge = Perceptual(recipe.perceptual, TAPS)
        mine, theirs = (
            [p * 127.5, *(f * 255 * 0.226 for f in judge(p / 2 + 0.5))]
            for p in (made.picture, batch.picture)
        )
    apart = [float((a - b).abs().mean()) for a, b in zip(mine, theirs, strict=True)]
    assert found["pixels"] == pytest.approx(5 * 2 * apart[0], rel=1e-3)
    assert found["features"] == pytest.approx(5 * 2 * sum(apart[1:]), rel=1e-3)

    def gram(x):
        return torch.einsum("bchw,bdhw->bcd", x, x) / (4 * x.shape[2] * x.shape[3])

    texture = sum(
        w * float((gram(mine[i]) - gram(theirs[i])).abs().mean())
        for i, w in ((0, 0.5), (2, 0.1), (5, 0.2))
    )
    assert found["gram"] == pytest.approx(5 * texture, rel=1e-3)
    kl = sum(
        0.5 * float((q - p).square().sum()) / 2
        for q, p in zip(made.posterior, made.prior, strict=True)
    )
    assert found["kl_2"] + found["kl_4"] == pytest.approx(kl, rel=1e-3)
    assert found["divergence"] == pytest.approx(0.5 * kl, rel=1e-3)


def test_the_schedule_is_the_published_one():
    """100,000 steps: rate constant to 1,000, KL at 50,000 and 75,000."""
    for step, rate, weight in (
        (0, 1, 1e-6),
        (1_000, 1, 1e-6),
        (50_000, 50 / 99, 1e-6),
        (62_500, 37.5 / 99, 0.5),
        (75_000, 25 / 99, 1),
        (100_000, 0, 1),
    ):
        assert learning_rate(step / 100_000) == pytest.approx(rate)
        assert divergence_weight(step / 100_000) == pytest.approx(weight, rel=1e-4)


def test_layers_start_from_the_data(recipe):
    task = ready(recipe)
    _, shape, crops = task.batch(np.random.default_rng(0), 32)
    made = []
    task.bare.dec_up.first.register_forward_hook(lambda *seen: made.append(seen[2]))
    with torch.no_grad():
        task.bare(shape, crops)
    torch.testing.assert_close(
        made[0].var((0, 2, 3), correction=0), torch.ones(8), atol=1e-3, rtol=0
    )


def test_a_second_round_starts_from_the_first(recipe, tmp_path):
    path = train_vunet_paper(recipe, options(tmp_path / "run", images=2))
    task = ready(replace(recipe, start=path))
    for name, value in weights.load(path).tensors.items():
        torch.testing.assert_close(task.bare.state_dict()[name], value.float())
    other = replace(recipe, start=path, network=replace(recipe.network, prior=24))
    with pytest.raises(InputError, match="does not fit"):
        ready(other)


def test_a_loss_that_is_not_finite_changes_nothing(recipe):
    task = ready(recipe)
    batch = task.batch(np.random.default_rng(0), 2)
    before = {name: value.clone() for name, value in task.bare.state_dict().items()}
    task.step(batch._replace(picture=batch.picture * np.nan), 1.0, 0.0)
    for name, value in task.bare.state_dict().items():
        assert torch.equal(value, before[name])


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


def test_mirrored_photos_have_mirrored_figures(recipe):
    task = ready(recipe)
    plain, flipped = (task.figures.batch([1], [flip]) for flip in (False, True))
    torch.testing.assert_close(flipped.picture, plain.picture.flip(3))
    swapped = plain.shape.flip(3)[:, [1, 0, 2]]  # right is left in the mirror
    assert float((flipped.shape - swapped).abs().mean()) < 0.1


def test_presets_are_the_published_sizes(tmp_path):
    paper = VunetPaperRecipe(tmp_path, **PRESETS["paper256"])
    assert paper.network == PaperVunetConfig(256, 2, 2, 32, 128, "published", 3, 512)
    small = VunetPaperRecipe(tmp_path, **PRESETS["paper128"])
    assert small.network.latent_sides() == [2, 4]
    assert not any(small.gram)
    retrained = VunetPaperRecipe(tmp_path, **PRESETS["retrain256"])
    assert (retrained.feature_weight, retrained.gram) == (2.0, (0, 0.02, 0.02, 0.02, 0.02, 0.02))


def test_a_step_has_the_gradients_of_the_published_order(recipe, monkeypatch):
    # numbers drawn in the order of memory would differ between the layouts
    monkeypatch.setattr(torch, "randn_like", lambda x: torch.randn(x.shape))
    task = ready(replace(recipe, gram=(0.01,) * 6))
    plain = published(task)
    batch = task.batch(np.random.default_rng(0), 2)
    torch.manual_seed(3)
    task.step(batch, 1e-9, 0.6)
    torch.manual_seed(3)
    plain.step(batch, 0.6)
    wanted = {name: p.grad for name, p in plain.network.named_parameters() if p.grad is not None}
    assert len(wanted) > 50
    small = 1e-6 * max(float(gradient.abs().max()) for gradient in wanted.values())
    for name, parameter in task.bare.named_parameters():
        if name not in wanted:
            continue
        scale = float(wanted[name].abs().max())
        assert float((parameter.grad - wanted[name]).abs().max()) <= 1e-3 * scale + small, name
