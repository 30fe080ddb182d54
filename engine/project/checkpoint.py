"""Weights on disk: safetensors and a manifest with their hash. Loads data only, never code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from engine.core.atomic import replacing, write_json
from engine.core.errors import CorruptError, VersionError
from engine.core.events import CheckpointSaved, EventSink, silent
from engine.learn.snapshots import Snapshot

VERSION = 1
_WEIGHTS = "weights.safetensors"
_MANIFEST = "manifest.json"
_PROGRESS = "progress.safetensors"
_SNAPSHOTS = "snapshots.safetensors"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A finished stage: named tensors on the CPU, and the manifest as plain data."""

    tensors: Mapping[str, torch.Tensor]
    manifest: Mapping[str, Any]  # Any: JSON values


def save(
    folder: Path,
    tensors: Mapping[str, torch.Tensor],
    manifest: Mapping[str, Any],  # Any: JSON values
    snapshots: Sequence[Mapping[str, torch.Tensor]] = (),
) -> None:
    """Write weights, then the manifest that makes them count.

    Args: folder: of the stage. tensors: state of the module. manifest: recipe hash, schema hash, metrics and the like.
        snapshots: states of other epochs; without any there is no file of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MANIFEST).unlink(missing_ok=True)
    path = folder / _WEIGHTS
    with replacing(path) as temporary:
        _write({name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}, temporary)
    hashes = {"sha256": _hash(path), **_save_snapshots(folder / _SNAPSHOTS, snapshots)}
    write_json(folder / _MANIFEST, {"version": VERSION, **hashes, **manifest})


def _save_snapshots(path: Path, snapshots: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, str]:
    if not snapshots:
        path.unlink(missing_ok=True)
        return {}
    states = enumerate(snapshots)
    flat = {f"{n}.{k}": v.detach().cpu().contiguous().clone() for n, state in states for k, v in state.items()}
    with replacing(path) as temporary:
        _write(flat, temporary)
    return {"sha256_snapshots": _hash(path)}


def exists(folder: Path) -> bool:
    """Whether the folder holds a finished stage."""
    return (folder / _MANIFEST).is_file()


def load(folder: Path) -> Checkpoint:
    """Return weights and manifest.

    Raises: CorruptError: a file is missing or the weights are not the manifest's. VersionError: a newer program's.
    """
    manifest = read_manifest(folder)
    path = folder / _WEIGHTS
    if not path.is_file() or _hash(path) != manifest.get("sha256"):
        raise CorruptError(
            f"The weights in {folder} are not those that its manifest describes.", hint="Resume or repeat the run."
        )
    return Checkpoint(_tensors(path), manifest)


def load_snapshots(folder: Path) -> list[dict[str, torch.Tensor]]:
    """Return the states of the epochs behind the best, best first; none where none were kept.

    Raises: CorruptError: the file is missing or not the manifest's. VersionError: a newer program's.
    """
    expected = read_manifest(folder).get("sha256_snapshots")
    if expected is None:
        return []
    path = folder / _SNAPSHOTS
    if not path.is_file() or _hash(path) != expected:
        raise CorruptError(
            f"The snapshots in {folder} are not those that its manifest describes.", hint="Resume or repeat the run."
        )
    states: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in _tensors(path).items():
        number, _, rest = name.partition(".")
        states.setdefault(int(number), {})[rest] = value
    return [states[number] for number in sorted(states)]


def read_manifest(folder: Path) -> dict[str, Any]:  # Any: JSON values
    """Return what is known of a stage without its weights; raises as `load`."""
    path = folder / _MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptError(f"{path} cannot be read: {error}.", hint="Resume or repeat the run.") from error
    if not isinstance(found, dict):
        raise CorruptError(f"{path} does not hold a manifest.", hint="Resume or repeat the run.")
    if found.get("version", 0) > VERSION:
        raise VersionError(f"{folder} was written by a newer version of this program.", hint="Update the program.")
    return found


class ProgressFile:
    """Keeps the last resumable snapshot of one stage in one file, written whole or not at all.

    Args: folder: of the stage. root: the run folder, for the path in the event. sink: hears when one is in place.
    """

    def __init__(self, folder: Path, root: Path, sink: EventSink = silent) -> None:
        self._path = folder / _PROGRESS
        self._root = root
        self._sink = sink

    def save_progress(self, snapshot: Snapshot) -> None:
        """Put the snapshot in place of the one before."""
        with replacing(self._path) as temporary:
            _write(dict(snapshot.tensors), temporary, {"plain": json.dumps(dict(snapshot.plain))})
        place = self._path.relative_to(self._root).as_posix()
        self._sink(CheckpointSaved(place, int(snapshot.plain.get("epoch", 0))))

    def load(self) -> Snapshot | None:
        """Return the last snapshot, None when there is none.

        Raises: CorruptError: the file is damaged.
        """
        if not self._path.is_file():
            return None
        try:
            with safe_open(self._path, framework="pt") as file:
                plain = json.loads((file.metadata() or {})["plain"])
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise CorruptError(
                f"{self._path} is damaged: {error}.", hint="Remove it; the stage then starts from its beginning."
            ) from error
        return Snapshot(_tensors(self._path), plain)

    def remove(self) -> None:
        """Forget the snapshot: the stage is finished."""
        self._path.unlink(missing_ok=True)


def _write(tensors: dict[str, torch.Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    try:
        save_file(tensors, path, metadata=metadata)
    except SafetensorError as error:
        raise OSError(f"{error}") from error


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        # Read, not mapped: the file may be replaced while its tensors are in use.
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (OSError, SafetensorError) as error:
        raise CorruptError(f"{path} is damaged: {error}.", hint="Resume or repeat the run.") from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
