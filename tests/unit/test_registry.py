"""Which models there are: bundled, the user's own, and those that are named."""

import logging

import pytest
import torch

from engine import registry, weights
from engine.card import Card
from engine.errors import ModelError
from engine.runtime import Runtime
from tests.unit.fake_models import ARCHITECTURES, painter_file


def test_every_architecture_is_listed_once_and_its_module_can_be_imported():
    ids = [entry.id for entry in registry.ARCHITECTURES]
    assert ids == [
        "deformable",
        "deformable-paper",
        "vunet",
        "vunet-paper",
        "vunet-edges",
        "bicyclegan",
        "bicyclegan-paper",
        "bicyclegan-scenes",
        "pix2pixhd",
        "pix2pixhd-paper",
        "perception",
        "edges",
        "segments",
    ]
    for entry in registry.ARCHITECTURES:
        card = Card(id="x", architecture=entry.id, title="", summary="", config={"channels": 3})
        loaded = weights.Loaded(card, {"w": torch.ones(1)}, "")
        with pytest.raises(ModelError):  # the module is there and refuses these weights
            registry.build(loaded, Runtime.best("cpu"))


def test_the_bundled_models_load():
    found = {model.card.id: model for model in registry.catalogue()}
    assert {registry.PAINTER_MODEL, registry.PERCEPTION_MODEL} <= set(found)
    for model in found.values():
        built = registry.build(weights.load(model.path), Runtime.best("cpu"))
        assert built.card == model.card
        assert model.card.terms and model.card.data and model.path.stat().st_size < 12_000_000


def test_a_later_file_replaces_an_earlier_of_the_same_id_and_damage_is_left_out(tmp_path, caplog):
    folder = registry.user_folder()
    folder.mkdir(parents=True)
    mine = painter_file(folder)
    (folder / "broken.safetensors").write_bytes(b"nonsense")
    with caplog.at_level(logging.WARNING):
        found = {model.card.id: model.path for model in registry.catalogue()}
    assert found["people"] == mine and "broken.safetensors" in caplog.text
    named = painter_file(tmp_path)
    assert {m.card.id: m.path for m in registry.catalogue([named])}["people"] == named
    with pytest.raises(ModelError, match="not a Guise model"):
        registry.catalogue([folder / "broken.safetensors"])


def test_a_card_of_an_unknown_architecture_asks_for_an_update():
    card = Card(id="new", architecture="diffusion", title="", summary="", config={})
    with pytest.raises(ModelError, match="update Guise"):
        registry.architecture(card)
    assert (
        registry.architecture(
            Card(id="d", architecture="discs", title="", summary="", config={}), ARCHITECTURES
        ).kind
        == "painter"
    )
