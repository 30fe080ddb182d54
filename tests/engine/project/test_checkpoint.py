import json
from pathlib import Path

import pytest
import torch

from engine.core.errors import CorruptError, VersionError
from engine.core.events import CheckpointSaved, Event
from engine.learn.snapshots import Snapshot
from engine.project import checkpoint

_WEIGHTS = {"layer.weight": torch.arange(6.0).reshape(2, 3), "steps": torch.tensor(7)}


def test_weights_and_manifest_come_back(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "stage", _WEIGHTS, {"best_epoch": 3})
    found = checkpoint.load(tmp_path / "stage")
    assert found.manifest["best_epoch"] == 3
    assert set(found.tensors) == set(_WEIGHTS)
    for name, value in _WEIGHTS.items():
        assert torch.equal(found.tensors[name], value)
        assert found.tensors[name].dtype == value.dtype


def test_weights_that_share_memory_are_stored_apart(tmp_path: Path) -> None:
    whole = torch.arange(4.0)
    checkpoint.save(tmp_path, {"a": whole, "b": whole[1:]}, {})
    assert torch.equal(checkpoint.load(tmp_path).tensors["b"], torch.tensor([1.0, 2.0, 3.0]))


def test_a_stage_without_its_manifest_does_not_count(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, _WEIGHTS, {})
    (tmp_path / "manifest.json").unlink()
    assert not checkpoint.exists(tmp_path)
    with pytest.raises(CorruptError):
        checkpoint.load(tmp_path)


def test_weights_of_another_save_are_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "a", _WEIGHTS, {})
    checkpoint.save(tmp_path / "b", {"layer.weight": torch.zeros(2, 3)}, {})
    (tmp_path / "b" / "weights.safetensors").replace(tmp_path / "a" / "weights.safetensors")
    with pytest.raises(CorruptError, match="not those that its manifest describes"):
        checkpoint.load(tmp_path / "a")


def test_a_newer_manifest_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, _WEIGHTS, {})
    plain = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps({**plain, "version": 2}), encoding="utf-8")
    with pytest.raises(VersionError):
        checkpoint.load(tmp_path)


def test_progress_comes_back_with_every_digit(tmp_path: Path) -> None:
    heard: list[Event] = []
    progress = checkpoint.ProgressFile(tmp_path / "seeds" / "s-0" / "scratch", tmp_path, heard.append)
    assert progress.load() is None
    snapshot = Snapshot({"random.cpu": torch.get_rng_state()}, {"epoch": 5, "history": [{"loss": 0.1 + 0.2}]})
    progress.save_progress(snapshot)
    found = progress.load()
    assert found is not None
    assert found.plain == snapshot.plain
    assert torch.equal(found.tensors["random.cpu"], snapshot.tensors["random.cpu"])
    assert heard == [CheckpointSaved("seeds/s-0/scratch/progress.safetensors", 5)]
    progress.remove()
    assert progress.load() is None


def test_damaged_progress_is_told_in_words(tmp_path: Path) -> None:
    progress = checkpoint.ProgressFile(tmp_path, tmp_path)
    progress.save_progress(Snapshot(_WEIGHTS, {"epoch": 1}))
    path = tmp_path / "progress.safetensors"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(CorruptError, match="damaged"):
        progress.load()
