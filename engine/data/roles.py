"""What a column is for: the roles, and which of them each kind of table may hold."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a column is for."""

    NODE_ID = "node_id"
    LABEL_TEXT = "label_text"
    EDGE_SOURCE = "edge_source"
    EDGE_TARGET = "edge_target"
    EDGE_WEIGHT = "edge_weight"
    EDGE_TYPE = "edge_type"
    GRAPH_ID = "graph_id"
    SMILES = "smiles"
    FEATURE = "feature"
    FEATURE_NAME = "feature_name"
    FEATURE_VALUE = "feature_value"
    TARGET = "target"
    SPLIT = "split"
    FOLD = "fold"
    TIME = "time"
    IGNORE = "ignore"


class TableKind(StrEnum):
    """What the rows of a table are."""

    NODES = "nodes"
    EDGES = "edges"
    FEATURES = "features"
    GRAPHS = "graphs"
    MOLECULES = "molecules"


class ColumnKind(StrEnum):
    """How the values of a column are read when they become features or targets."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    ID = "id"
