"""`guise export`: models out of runs, and bundled painters as ONNX that paint the same."""

import os
from dataclasses import asdict, replace
from pathlib import Path

import msgspec
import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.bicyclegan.official import EncoderConfig, OfficialConfig, OfficialGan
from engine.painters.deformable.paper_network import PaperConfig, PaperGenerator
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.official import EncoderConfig as HdEncoderConfig
from engine.painters.pix2pixhd.official import OfficialConfig as HdConfig
from engine.painters.pix2pixhd.official import OfficialHd
from engine.painters.vunet.paper_network import PaperVunet, PaperVunetConfig
from engine.runtime import Runtime
from tests.unit.test_loop import LineTask
from tests.unit.test_run_survival import Killed, Watched, options, word
from trainer.commands import export
from trainer.loop import run
from trainer.onnx_base import Called
from trainer.onnx_export import write_onnx

BUNDLED = {model.card.id: model.path for model in registry.catalogue()}


def painter(name):
    runtime = Runtime(torch.device("cpu"), torch.float32)
    return registry.build(weights.load(BUNDLED[name]), runtime)


def test_a_run_is_exported_with_its_card(tmp_path, capsys):
    run(LineTask(), options(tmp_path / "run"))
    out = tmp_path / "line.safetensors"
    export.main([str(tmp_path / "run"), "-o", str(out)])
    assert "from" in capsys.readouterr().out
    found, trained = (weights.load(p) for p in (out, tmp_path / "run" / "model.safetensors"))
    assert found.digest == trained.digest and found.card == trained.card


def test_of_a_killed_run_the_newer_checkpoint_is_taken(tmp_path):
    def die():
        raise Killed

    folder = tmp_path / "run"
    task = Watched(step3=lambda: word(folder, "export"), step9=die)
    with pytest.raises(Killed):
        run(task, options(folder, save_every=0))
    os.utime(folder / "model.safetensors", (0, 0))
    out = tmp_path / "line.safetensors"
    export.main([str(folder), "-o", str(out)])
    state = torch.load(folder / "state.pt", weights_only=True)
    assert state["position"]["step"] == 8
    found = weights.load(out).tensors["weight"]
    assert torch.equal(found, state["average"]["weight"].half())
    assert not torch.equal(found, weights.load(folder / "model.safetensors").tensors["weight"])


def test_eight_bits_make_a_smaller_file_that_paints_alike(tmp_path):
    out = tmp_path / "small.safetensors"
    export.main(["shoes", "-o", str(out), "--bits", "8"])
    assert weights.read_card(out).bits == 8
    old, new = (weights.load(path).tensors for path in (BUNDLED["shoes"], out))
    assert old.keys() == new.keys()
    for name, value in old.items():
        most = float(value.float().abs().max())
        assert float((new[name].float() - value.float()).abs().max()) <= most / 100, name


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["shoes"], "Say what to write"),
        (["nothing", "-o", "a.safetensors"], "no model or run 'nothing'"),
        (["shoes", "-o", "a.pth"], r"end with \.safetensors"),
        (["shoes", "--onnx", "a.pb"], r"end with \.onnx"),
    ],
)
def test_what_cannot_be_exported_is_said(args, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((InputError, ModelError, Unsupported), match=words):
        export.main(args)
    assert not list(tmp_path.glob("a.*"))


def test_a_run_without_a_model_says_how_to_get_one(tmp_path):
    with pytest.raises(ModelError, match="holds no model yet"):
        export.main([str(tmp_path), "-o", str(tmp_path / "a.safetensors")])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Exports a bundled model, once; returns sessions of its graphs by name."""
    folder, known = tmp_path_factory.mktemp("onnx"), {}

    def sessions(name):
        if name not in known:
            made = write_onnx(weights.load(BUNDLED[name]), folder / f"{name}.onnx")
            assert all(each.apart <= 1e-3 for each in made)
            known[name] = [onnxruntime.InferenceSession(str(each.path)) for each in made]
        return known[name]

    return sessions


def asked(session, **given):
    return session.run(None, {name: value.numpy() for name, value in given.items()})[0]


def test_sketches_of_any_size_with_any_number_of_looks(written):
    prepare, paint = written("shoes")
    network = painter("shoes").network
    rng = torch.Generator().manual_seed(0)
    sketch = (torch.rand(3, 1, 64, 160, generator=rng) < 0.1).float()
    look = torch.randn(3, network.looks, generator=rng)
    photo = torch.rand(1, 3, 128, 128, generator=rng) * 2 - 1
    with torch.inference_mode():
        wanted = network.paint(network.read(sketch), look)
        read = network.encode(photo).mean
    np.testing.assert_allclose(asked(paint, sketch=sketch, look=look), wanted, atol=1e-3)
    np.testing.assert_allclose(asked(prepare, photo=photo), read, atol=1e-3)
    notes = paint.get_modelmeta().custom_metadata_map
    card = msgspec.json.decode(notes["guise"], type=Card)
    assert card == weights.read_card(BUNDLED["shoes"])
    assert "1 = line" in msgspec.json.decode(notes["about"])["sketch"]


def test_a_street_is_painted_from_labels_objects_and_looks(written):
    _, paint = written("street")
    network = painter("street").network
    rng = torch.Generator().manual_seed(1)
    labels = torch.randint(0, 40, (1, 96, 160), generator=rng)
    objects = torch.randint(0, 5, (1, 96, 160), generator=rng)
    look = torch.rand(1, network.inputs.features, 96, 160, generator=rng) * 2 - 1
    with torch.inference_mode():
        wanted = network.paint(torch.cat([network.inputs.shape(labels, objects), look], 1))
    found = asked(paint, labels=labels, objects=objects, look=look)
    np.testing.assert_allclose(found, wanted, atol=1e-3)


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_model_becomes_onnx(written, name):
    for session in written(name):
        told = msgspec.json.decode(session.get_modelmeta().custom_metadata_map["about"])
        seen = {entry.name for entry in (*session.get_inputs(), *session.get_outputs())}
        assert seen == told.keys() and all(told.values())


@pytest.mark.parametrize("name", ["facades-looks", "edges", "street-reader"])
def test_other_sizes_than_the_tried_one_give_the_same(written, name):
    session = written(name)[-1]
    size = {"photo": (2, 3, 64, 96), "look": (2, 8)}
    rng = torch.Generator().manual_seed(2)
    given = {
        entry.name: torch.randint(0, 9, (2, 64, 96), generator=rng)
        if "int" in entry.type
        else torch.rand(size[entry.name], generator=rng) * 2 - 1
        for entry in session.get_inputs()
    }
    network = painter(name).network
    with torch.inference_mode():
        if name == "facades-looks":
            shape = network.inputs.shape(given["labels"], given["objects"])
            wanted = network.paint(network.read(shape), given["look"])
        else:
            wanted = network(given["photo"])
    np.testing.assert_allclose(asked(session, **given), wanted, atol=1e-3)


PUBLISHED = {
    "bicyclegan-paper": (
        OfficialGan,
        OfficialConfig(width=2, downs=7, encoder=EncoderConfig("resnet", 128, 2)),
        128,
    ),
    "pix2pixhd-paper": (
        OfficialHd,
        HdConfig(SceneInputs(4, 3), 3, 4, 2, 1, enhancers=1, encoder=HdEncoderConfig(3, 4, 2)),
        64,
    ),
    "vunet-paper": (PaperVunet, PaperVunetConfig(32, 1, 1, 4, 8, prior=32), 32),
    "deformable-paper": (PaperGenerator, PaperConfig(64, 64, 4, warp=False), 64),
}


def published(name, folder, **changes):
    """A file with random weights in the published layout."""
    torch.manual_seed(0)
    kind, config, side = PUBLISHED[name]
    config = replace(config, **changes)
    card = Card(id=name, architecture=name, title="", summary="", config=asdict(config), side=side)
    weights.save(folder / "made.safetensors", card, kind(config).state_dict())
    return weights.load(folder / "made.safetensors")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_networks_become_onnx(name, tmp_path):
    made = write_onnx(published(name, tmp_path), tmp_path / "a.onnx")
    assert all(each.apart <= 1e-3 for each in made)
    assert (tmp_path / "a.prepare.onnx").exists() == (name != "deformable-paper")


def test_deformable_skips_cannot_become_onnx(tmp_path):
    loaded = published("deformable-paper", tmp_path, warp=True)
    with pytest.raises(Unsupported, match=r"deformable skips look up .* export people instead"):
        write_onnx(loaded, tmp_path / "a.onnx")
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize("name", ["people", "people-vunet"])
def test_people_have_a_graph_a_look_and_a_graph_a_picture(written, name):
    prepare, paint = written(name)
    given = {entry.name for entry in prepare.get_inputs()}
    assert given == {"rgba", "joints"}
    held = {entry.name for entry in prepare.get_outputs()}
    assert held < {entry.name for entry in paint.get_inputs()}
    assert all(onnx.load(session._model_path).metadata_props for session in (prepare, paint))


def test_without_onnx_a_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"pip install guise-studio\[onnx\]"):
        write_onnx(weights.load(BUNDLED["shoes"]), tmp_path / "a.onnx")


def test_a_graph_that_cannot_be_held_says_why(tmp_path, monkeypatch):
    import trainer.onnx_graphs as onnx_graphs

    loaded = weights.load(BUNDLED["shoes"])
    sketches = onnx_graphs._sketches

    def rounded(card, network):
        first, paint = sketches(card, network)
        broken = Called(network, lambda net, drawn, z: net.no_such_layer(drawn))
        return [replace(paint, module=broken)] if first else []

    monkeypatch.setattr(onnx_graphs, "_sketches", rounded)
    with pytest.raises(Unsupported, match="cannot become ONNX"):
        write_onnx(loaded, Path(tmp_path / "a.onnx"))
    assert not list(tmp_path.glob("a.*"))
