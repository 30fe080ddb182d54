"""The `data` part of a recipe: which files, how each is read, what each column is for."""

from __future__ import annotations

from typing import Any, Literal

from engine.core.component import Config, option
from engine.data.chem.options import CleaningOptions, MoleculeOptions
from engine.data.roles import ColumnKind, Role, TableKind

# So that data from before them keep their content hash.
_ADDED_LATER = ("molecules", "cleaning")


class ColumnOptions(Config):
    """One column: its role, and how its values are read."""

    role: Role = option(..., "What the column is for.")
    kind: ColumnKind = option(ColumnKind.TEXT, "How its values are read.")


class TableOptions(Config):
    """One file: its dialect and its columns. What is None is found from the content."""

    path: str = option(..., "File, relative to the recipe, or absolute.")
    kind: TableKind = option(..., "What its rows are: nodes, edges, features, graphs or molecules.")
    format: str = option("delimited", "Which importer reads it.")
    encoding: str | None = option(None, "Text encoding, such as utf-8 or gb18030.")
    delimiter: str | None = option(None, "Character between two cells.")
    quote: str | None = option(None, "Character around a cell that holds delimiters.")
    comment: str | None = option(None, "Lines that begin with this are skipped.")
    header: bool | None = option(None, "Whether the first row holds column names.")
    decimal: Literal[".", ","] = option(".", "Decimal mark of numbers.")
    columns: dict[str, ColumnOptions] = option({}, "Column name to role and kind.")


class DataOptions(Config):
    """The whole `data` part."""

    tables: tuple[TableOptions, ...] = option(..., "The files.")
    directed: bool = option(False, "Whether an edge from a to b differs from one from b to a.")
    implicit_nodes: Literal["add", "drop"] = option(
        "add", "Edge ends without a row in the node table: add them as nodes, or drop their edges."
    )
    bad_rows_limit: int = option(
        1000, "Refuse a file with more unreadable rows than this.", ge=0, unit="rows", advanced=True
    )
    structural: Literal["auto", "none", "degree", "random_walk", "laplacian"] = option(
        "auto", "Features made from the graph itself; auto adds them when there are no others."
    )
    structural_width: int = option(128, "Most columns of structural features.", ge=1, le=512, advanced=True)
    text_width: int = option(256, "Hashed TF-IDF buckets for each text column.", ge=16, le=65536, advanced=True)
    max_categories: int = option(
        100, "A category column keeps its most frequent values up to this number.", ge=2, le=10000, advanced=True
    )
    normalise: Literal["auto", "none", "rows", "standard"] = option(
        "auto",
        "rows: each node's features sum to one; standard: zero mean and unit variance per column; "
        "auto: rows for sparse counts, standard for the rest.",
        advanced=True,
    )
    molecules: MoleculeOptions = option(MoleculeOptions(), "What is told of atoms and bonds.")
    cleaning: CleaningOptions = option(CleaningOptions(), "What is done with molecules that are not plain.")

    def to_hash(self) -> dict[str, Any]:  # Any: JSON values
        """Return plain data for content hashes: what came later is left out while it is at its defaults."""
        plain = self.model_dump(mode="json")
        changed = self.model_dump(mode="json", exclude_defaults=True)
        return {name: value for name, value in plain.items() if name not in _ADDED_LATER or name in changed}
