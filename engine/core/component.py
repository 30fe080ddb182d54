"""Everything a user can pick from a list is a Component: one class, one file, its own typed options."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.core.errors import OptionError

_ConfigT = TypeVar("_ConfigT", bound=BaseModel)


class Config(BaseModel):
    """Typed options: frozen, unknown keys refused. Forms, TOML, command line and help text come from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def option(
    default: Any,  # Any: the annotation of the field decides
    help: str,
    *,
    label: str | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    unit: str | None = None,
    advanced: bool = False,
    column: str | None = None,
) -> Any:  # Any: pydantic's own field type is not public
    """Declare one option of a Config.

    Args:
        default: its value when nothing is said; `...` for an option that must be given.
        help: one sentence for tooltip and `components` listing.
        label: short name on screen; made from the field name when None.
        ge, gt, le, lt: bounds, inclusive or exclusive.
        unit: what the number counts (epochs, seconds, MB).
        advanced: folded away at first.
        column: the option names a table column of this role; the form offers a column picker.
    """
    extra = {
        k: v
        for k, v in {"label": label, "unit": unit, "advanced": advanced or None, "column": column}.items()
        if v is not None
    }
    return Field(
        default, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=cast("dict[str, Any]", extra) or None
    )


#: What data can be: one graph, many of them, many that are molecules.
Data = Literal["graph", "graphs", "molecules"]


class Component:
    """Base of all components.

    A subclass states `key` (stable, equals its file name, used in files), `label` (name on screen), a
    docstring whose first line says what it is and that names its source, and a nested `Config`. `recommended` is said
    of data that are one graph, `recommended_for_graphs` of many; `for_data` names the data that it is for at all.
    """

    key: ClassVar[str] = ""
    label: ClassVar[str] = ""
    recommended: ClassVar[bool] = False
    recommended_for_graphs: ClassVar[bool] = False
    for_data: ClassVar[tuple[Data, ...]] = ("graph", "graphs", "molecules")
    Config: ClassVar[type[Config]] = Config

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the docstring: the sentence shown beside the label."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    @classmethod
    def parse(cls, options: Mapping[str, Any], where: str = "") -> Any:  # Any: the subclass's own Config
        """Check options and return them typed.

        Args: options: plain data. where: path of the part inside the recipe, for messages.
        Raises: OptionError: an unknown key or a value out of range, with its path.
        """
        return parse_config(cls.Config, options, where or cls.key)

    @classmethod
    def describe(cls) -> dict[str, Any]:  # Any: JSON values
        """Return the catalogue entry: key, label, summary, doc, recommended, for_data, JSON schema of the options."""
        return {
            "key": cls.key,
            "label": cls.label,
            "summary": cls.summary(),
            "doc": inspect.getdoc(cls) or "",
            "recommended": cls.recommended,
            "recommended_for_graphs": cls.recommended_for_graphs,
            "for_data": list(cls.for_data),
            "schema": cls.Config.model_json_schema(),
        }


def parse_config(config: type[_ConfigT], options: Mapping[str, Any], where: str) -> _ConfigT:
    """Check plain data against a Config.

    Args: config: the class that states the options. options: plain data. where: their path inside the recipe.
    Returns: the options, typed and frozen.
    Raises: OptionError: the first thing wrong, with its path, the value found and what would be accepted.
    """
    try:
        return config.model_validate(dict(options))
    except ValidationError as error:
        raise _option_error(config, error, where) from error


def _option_error(config: type[BaseModel], error: ValidationError, where: str) -> OptionError:
    # A misspelt name is reported before what is missing because of it.
    first = min(error.errors(), key=lambda one: one["type"] == "missing")
    path = ".".join([where, *(str(part) for part in first["loc"])]).strip(".")
    if first["type"] == "extra_forbidden":
        known: Sequence[str] = sorted(_config_at(config, first["loc"][:-1]).model_fields)
        close = difflib.get_close_matches(str(first["loc"][-1]), known, n=1)
        hint = (
            f'Did you mean "{close[0]}"?'
            if close
            else f"Known here: {', '.join(known)}; the components command explains them."
        )
        return OptionError(f'"{path}" is not an option.', hint=hint, path=path)
    if first["type"] == "missing":
        return OptionError(f'"{path}" is missing.', hint="Add it to the recipe.", path=path)
    reason = first["msg"][0].lower() + first["msg"][1:]
    return OptionError(f'"{path}" is {first["input"]!r}: {reason}.', hint="Change the value in the recipe.", path=path)


def _config_at(config: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    """Return the class that states the options at a path inside another one's."""
    for name in path:
        if name in config.model_fields:
            found = _config_in(config.model_fields[str(name)].annotation)
            config = found or config
    return config


def _config_in(annotation: object) -> type[BaseModel] | None:
    """Return the first option class inside an annotation such as `tuple[TableOptions, ...]` or `StagePart | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_config_in(part) for part in get_args(annotation))
    return next((part for part in inner if part is not None), None)
