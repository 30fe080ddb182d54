"""What a stage of a training needs to go on as if it had never been interrupted: flat tensors and plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.core.errors import MismatchError


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A stage between two epochs.

    Args: tensors: flat names to tensors on the CPU that share no memory. plain: JSON values.
    """

    tensors: Mapping[str, Tensor]
    plain: Mapping[str, Any]  # Any: JSON values


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def check(snapshot: Snapshot, module: nn.Module, **work: object) -> None:
    """Make sure that a snapshot is of this work.

    Args: module: its weights. work: what stands in the snapshot's plain data, such as stage and seed.
    Raises: MismatchError: it is of another one, or of another model.
    """
    for name, wanted in work.items():
        if snapshot.plain[name] != wanted:
            raise MismatchError(
                f"The interrupted work was of {name} {snapshot.plain[name]!r}, not {wanted!r}.",
                hint="Start the run again from the beginning.",
            )
    stored, own = part(snapshot.tensors, "module."), module.state_dict()
    if {k: v.shape for k, v in stored.items()} != {k: v.shape for k, v in own.items()}:
        raise MismatchError(
            "The interrupted work was of another model: its weights have other names or shapes.",
            hint="Start the run again from the beginning.",
        )


def optimiser_state(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, dict[str, float]]]:
    """Return what an optimiser keeps of each weight: tensors by "optimiser.NUMBER.NAME", and numbers."""
    tensors: dict[str, Tensor] = {}
    numbers: dict[str, dict[str, float]] = {}
    for number, slots in optimiser.state_dict()["state"].items():
        for name, value in slots.items():
            if isinstance(value, Tensor):
                tensors[f"optimiser.{number}.{name}"] = value
            elif value is not None:
                numbers.setdefault(str(number), {})[name] = value
    return tensors, numbers


def load_optimiser(optimiser: torch.optim.Optimizer, snapshot: Snapshot) -> None:
    """Take over what `optimiser_state` returned; the groups stay as they are."""
    state: dict[int, dict[str, Any]] = {}  # Any: tensors and numbers, as torch keeps them
    for name, value in part(snapshot.tensors, "optimiser.").items():
        number, _, slot = name.partition(".")
        state.setdefault(int(number), {})[slot] = value.clone()
    for number, slots in snapshot.plain["optimiser"].items():
        state.setdefault(int(number), {}).update(slots)
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def random_states(module: nn.Module, generators: Sequence[torch.Generator]) -> dict[str, Tensor]:
    """Return the states of all generators that a training draws from: torch's own and those given."""
    states = {"random.cpu": torch.get_rng_state()}
    device = _device(module)
    if device.type == "cuda":
        states["random.cuda"] = torch.cuda.get_rng_state(device)
    return states | {f"random.generator.{i}": g.get_state() for i, g in enumerate(generators)}


def set_random_states(module: nn.Module, generators: Sequence[torch.Generator], tensors: Mapping[str, Tensor]) -> None:
    """Take over what `random_states` returned."""
    torch.set_rng_state(tensors["random.cpu"])
    device = _device(module)
    if "random.cuda" in tensors and device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"], device)
    for number, generator in enumerate(generators):
        generator.set_state(tensors[f"random.generator.{number}"])


def _device(module: nn.Module) -> torch.device:
    return next((p.device for p in module.parameters()), torch.device("cpu"))
