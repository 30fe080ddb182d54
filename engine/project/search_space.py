"""What a search tries: the options that matter for each encoder, and the range of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from engine.core.errors import OptionError
from engine.nn.encoders import ENCODERS
from engine.project.recipe import Recipe

Plain = dict[str, Any]  # Any: option values


class Trial(Protocol):
    """Draws one value for each option; optuna's trials do."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:  # Any: one of the choices
        """Return one of the choices."""
        ...

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return a number between the bounds, included."""
        ...


@dataclass(frozen=True, slots=True)
class Range:
    """What an option may be: one of some choices, or a number between two bounds.

    Args: kind: "choice", "uniform" or "log" (even in the logarithm).
    """

    kind: Literal["choice", "uniform", "log"]
    values: tuple[Any, ...]  # Any: option values

    def drawn(self, trial: Trial, name: str) -> Any:  # Any: an option value
        """Return the value a trial takes."""
        if self.kind == "choice":
            return trial.suggest_categorical(name, self.values)
        low, high = self.values
        return trial.suggest_float(name, low, high, log=self.kind == "log")


# An encoder is searched over those of its options that are named here; the ranges are those in which the published
# settings of the citation, social and heterophilous benchmarks lie.
_ENCODER = {
    "layers": Range("choice", (1, 2, 3, 4, 6, 8, 12)),
    "width": Range("choice", (16, 32, 64, 128)),
    "steps": Range("choice", (2, 3, 5, 10, 20)),
    "restart": Range("uniform", (0.05, 0.3)),
    "input_dropout": Range("uniform", (0.0, 0.8)),
    "dropout": Range("uniform", (0.0, 0.8)),
    "norm": Range("choice", ("none", "batch", "layer")),
    "skip": Range("choice", (False, True)),
    "heads": Range("choice", (1, 4, 8)),
}
_OPTIMISER = {"rate": Range("log", (1e-3, 3e-2)), "weight_decay": Range("log", (1e-6, 1e-2))}


def space(encoder: str) -> dict[str, Range]:
    """Return what is searched of an encoder, by option, without the choices that it does not accept.

    Raises: UnknownComponentError: there is no such encoder.
    """
    component = ENCODERS.get(encoder, "encoder.type")
    found = {}
    for name, range_ in _ENCODER.items():
        if name not in component.Config.model_fields:
            continue
        if range_.kind != "choice":
            found[name] = range_
            continue
        accepted = tuple(value for value in range_.values if _accepts(component, name, value))
        if len(accepted) > 1:
            found[name] = Range("choice", accepted)
    return found


def draw(trial: Trial, recipe: Recipe, encoders: Sequence[str]) -> Recipe:
    """Return the recipe with other values for what is searched, drawn by a trial.

    Args: encoders: keys to choose from; the recipe's own keeps its options that are not searched.
    """
    key = encoders[0] if len(encoders) == 1 else trial.suggest_categorical("encoder", tuple(encoders))
    own = recipe.encoder.options() if key == recipe.encoder.type else {}
    drawn = {name: range_.drawn(trial, f"{key}.{name}") for name, range_ in space(key).items()}
    optimiser = {name: range_.drawn(trial, name) for name, range_ in _OPTIMISER.items()}
    changes: Plain = {"encoder": {"type": key, **own, **drawn}}
    changes |= {f"finetune.optimiser.{name}": value for name, value in optimiser.items()}
    return recipe.replaced(changes)


def start_of(recipe: Recipe, encoders: Sequence[str]) -> Plain:
    """Return the values that the recipe itself has, as a first trial; empty where one lies outside its range."""
    found: Plain = {"encoder": recipe.encoder.type} if len(encoders) > 1 else {}
    options = ENCODERS.get(recipe.encoder.type, "encoder.type").parse(recipe.encoder.options(), "encoder")
    for name, range_ in space(recipe.encoder.type).items():
        found[f"{recipe.encoder.type}.{name}"] = _within(range_, getattr(options, name))
    for name, range_ in _OPTIMISER.items():
        found[name] = _within(range_, getattr(recipe.finetune.optimiser, name))
    return {} if recipe.encoder.type not in encoders or None in found.values() else found


def differences(before: Recipe, after: Recipe) -> dict[str, Any]:  # Any: option values
    """Return the options of encoder and optimiser that differ, by their path."""
    old, new = (_leaves(one.model_dump(mode="json", exclude_none=True)) for one in (before, after))
    watched = ("encoder.", "finetune.optimiser.")
    return {path: value for path, value in new.items() if path.startswith(watched) and old.get(path) != value}


def _within(range_: Range, value: Any) -> Any:  # Any: option values; None outside
    if range_.kind == "choice":
        return value if value in range_.values else None
    low, high = range_.values
    return value if isinstance(value, (int, float)) and low <= value <= high else None


def _accepts(component: Any, name: str, value: object) -> bool:  # Any: an encoder's class
    try:
        component.parse({name: value})
    except OptionError:
        return False
    return True


def _leaves(plain: Mapping[str, Any], path: str = "") -> dict[str, Any]:  # Any: JSON values
    found: dict[str, Any] = {}
    for name, value in plain.items():
        here = f"{path}{name}"
        found |= _leaves(value, f"{here}.") if isinstance(value, Mapping) else {here: value}
    return found
