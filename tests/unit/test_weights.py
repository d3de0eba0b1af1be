"""Model files: what is written is read back, and nothing hostile is opened."""

import json
import os
import pickle
import struct
import zipfile

import pytest
import torch

from engine import weights
from engine.card import Card
from engine.errors import InputError, ModelError

CARD = Card(
    id="tiny",
    architecture="deformable",
    title="Tiny",
    summary="For tests.",
    config={"channels": [8, 8, 8, 8]},
    takes=("FromPhoto",),
    metrics={"ssim": {"value": 0.5, "protocol": "none"}},
)


class Bomb:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.safetensors"
    weights.save(path, CARD, {"a": torch.arange(6.0).reshape(2, 3).half(), "b": torch.ones(1)})
    return path


def test_round_trip_keeps_card_tensors_and_precision(model):
    loaded = weights.load(model)
    assert loaded.card == CARD == weights.read_card(model)
    assert torch.equal(loaded.tensors["a"], torch.arange(6.0).reshape(2, 3).half())
    assert loaded.tensors["b"].dtype == torch.float32


def test_tensors_that_are_views_or_not_contiguous_are_saved(tmp_path):
    base = torch.arange(12.0).reshape(3, 4)
    weights.save(tmp_path / "m.safetensors", CARD, {"t": base.T, "row": base[1]})
    tensors = weights.load(tmp_path / "m.safetensors").tensors
    assert torch.equal(tensors["t"], base.T) and torch.equal(tensors["row"], base[1])


def test_digest_follows_the_weights_and_not_the_card(tmp_path, model):
    renamed, changed = tmp_path / "r.safetensors", tmp_path / "c.safetensors"
    loaded = weights.load(model)
    other = Card(id="x", architecture="y", title="t" * 99, summary="", config={})
    weights.save(renamed, other, loaded.tensors)
    weights.save(changed, CARD, loaded.tensors | {"b": torch.zeros(1)})
    assert weights.load(renamed).digest == loaded.digest != weights.load(changed).digest


def test_saving_fails_without_a_trace_and_keeps_the_old_file(tmp_path, model, monkeypatch):
    before = model.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="no space left"):
        weights.save(model, CARD, {"a": torch.zeros(5)})
    assert model.read_bytes() == before
    assert [p for p in tmp_path.iterdir() if p.is_file()] == [model]


@pytest.mark.parametrize("read", [weights.read_card, weights.load])
class TestBadFiles:
    def test_missing(self, read, tmp_path):
        with pytest.raises(ModelError, match=r"no (model )?file"):
            read(tmp_path / "none.safetensors")

    def test_folder(self, read, tmp_path):
        with pytest.raises(ModelError):
            read(tmp_path)

    @pytest.mark.parametrize("keep", [0, 5, 40, 200])
    def test_truncated(self, read, model, keep):
        model.write_bytes(model.read_bytes()[:keep])
        with pytest.raises(ModelError, match=r"truncated|not a Guise model|empty"):
            read(model)

    def test_not_ours(self, read, tmp_path):
        from safetensors.torch import save_file

        path = tmp_path / "foreign.safetensors"
        save_file({"a": torch.ones(2)}, path)
        with pytest.raises(ModelError, match="no card"):
            read(path)

    def test_photo_named_like_a_model(self, read, tmp_path):
        path = tmp_path / "photo.safetensors"
        path.write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
        with pytest.raises(ModelError):
            read(path)

    def test_card_of_wrong_types(self, read, tmp_path):
        header = json.dumps({"__metadata__": {"guise": '{"id": 3}'}}).encode()
        path = tmp_path / "odd.safetensors"
        path.write_bytes(struct.pack("<Q", len(header)) + header)
        with pytest.raises(ModelError, match="card that Guise cannot read"):
            read(path)

    @pytest.mark.parametrize("header", [b"[1, 2]", b"not json", b"[" * 50_000, b'{"a": NaN}'])
    def test_header_that_is_no_json_object(self, read, tmp_path, header):
        path = tmp_path / "odd.safetensors"
        path.write_bytes(struct.pack("<Q", len(header)) + header)
        with pytest.raises(ModelError):
            read(path)

    @pytest.mark.parametrize("name", ["bomb.safetensors", "bomb.pth", "bomb.pt", "bomb.ckpt"])
    @pytest.mark.parametrize("protocol", [0, 2, 5])
    def test_pickle_bomb_never_runs(self, read, tmp_path, name, protocol):
        fuse, path = tmp_path / "ran", tmp_path / name
        path.write_bytes(pickle.dumps({"state": Bomb(fuse)}, protocol))
        with pytest.raises(ModelError):
            read(path)
        assert not fuse.exists()

    def test_torch_archive_bomb_never_runs(self, read, tmp_path):
        fuse, path = tmp_path / "ran", tmp_path / "bomb.safetensors"
        torch.save({"state": Bomb(fuse)}, path)
        assert zipfile.is_zipfile(path)
        with pytest.raises(ModelError, match="pickle"):
            read(path)
        assert not fuse.exists()


def test_corrupted_tensor_table_is_damage(model):
    content = bytearray(model.read_bytes())
    at = content.index(b"data_offsets") + 15
    content[at : at + 1] = b"9"
    model.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        weights.load(model)


def test_plain_pytorch_weights_are_named_as_such(tmp_path):
    path = tmp_path / "net_G.pth"
    torch.save({"w": torch.ones(2)}, path)
    with pytest.raises(ModelError, match="plain PyTorch weights"):
        weights.load(path)


def test_reading_a_card_needs_no_torch(model):
    import subprocess
    import sys

    code = (
        "import sys, pathlib; from engine.weights import read_card;"
        f"print(read_card(pathlib.Path({str(model)!r})).id, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tiny", "False"]
