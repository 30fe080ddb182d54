"""Features made from the graph alone, for nodes that bring none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from engine.core.errors import MismatchError
from engine.core.events import EventSink, Notice
from engine.data.features.spectral import align, regularised_eigenvectors
from engine.data.features.walks import degrees_met, return_probabilities
from engine.graph.graph import Graph

Kind = Literal["degree", "random_walk", "laplacian"]
Array = npt.NDArray[np.float64]

# Nodes whose spectral coordinates are kept, as a multiple of the width, so that another graph can be turned to match.
_ANCHORS_PER_COLUMN = 3
# An orthogonal turn in `width` dimensions needs that many points in general position; below twice that it is guesswork.
_LEAST_ANCHORS_PER_COLUMN = 2
_MOST_RESIDUAL = 0.6
# Longer walks have forgotten where they began.
_MOST_WALKS = 16


@dataclass(frozen=True)
class StructuralCoder:
    """Degree, alone or with random-walk or spectral coordinates.

    degree: log(1 + degree); for a directed graph in-degree and out-degree.
    random_walk: besides, the probability to be back after 2, 3 and 4 steps, and the mean log degree met after
        1, 2, … steps. They mean the same in every graph, so a model trained on them can score any other one.
    laplacian: besides, coordinates in the leading eigenvectors of the normalised adjacency matrix (the smallest of
        its Laplacian), regularised. They say which region of the graph a node is in, which is much more where
        neighbours are alike, but only within one graph: another graph is accepted if it holds enough of the same
        nodes, whose coordinates it is then turned onto.

    Source: return probabilities after Dwivedi et al. (2022); regularised spectral coordinates after Qin and Rohe
        (2013) with tau = mean degree; the turn is the orthogonal Procrustes solution (Schönemann 1966).

    Args: width: columns beside the degree. shift, scale: of each column. graph: hash of the graph that was fitted.
        anchors, places: nodes by id and their spectral coordinates, empty for the other kinds.
    """

    kind: Kind
    width: int
    directed: bool
    shift: tuple[float, ...]
    scale: tuple[float, ...]
    graph: str
    anchors: tuple[str, ...]
    places: tuple[tuple[float, ...], ...]
    reason: str
    # What fitting computed, so that transforming the same graph right away need not do it again; never stored.
    fitted: Array | None = field(default=None, compare=False, repr=False)

    @classmethod
    def fit(cls, graph: Graph, node_ids: npt.NDArray[np.object_], *, kind: Kind, width: int) -> StructuralCoder:
        """Learn scales, and for spectral coordinates the anchors.

        Args: graph: any graph. node_ids: [N] text. kind: see the class. width: columns beside the degree.
        """
        degree = _degree(graph)
        own = np.empty((graph.num_nodes, 0))
        anchors: tuple[str, ...] = ()
        places: tuple[tuple[float, ...], ...] = ()
        if kind == "random_walk":
            own = _walks(graph, min(width, _MOST_WALKS))
        elif kind == "laplacian":
            own = regularised_eigenvectors(graph, width)
            # Those of negative eigenvalues are zeros: a small graph has fewer columns than were asked for.
            own = own[:, np.abs(own).max(axis=0, initial=0) > 1e-6]
            anchors, places = _anchors(graph, node_ids, own)
        raw = np.hstack([degree, own])
        # Eigenvectors keep their own scale: the leading ones count more.
        scaled = degree.shape[1] if kind == "laplacian" else raw.shape[1]
        shift, scale = np.zeros(raw.shape[1]), np.ones(raw.shape[1])
        shift[:scaled] = raw[:, :scaled].mean(axis=0)
        spread = raw[:, :scaled].std(axis=0)
        scale[:scaled] = np.where(spread > 1e-9, spread, 1.0)
        reason = {
            "degree": "Number of edges of each node",
            "random_walk": "Number of edges, and what short random walks meet; valid for other graphs too",
            "laplacian": "Number of edges, and spectral coordinates: in which region of this graph a node is",
        }[kind]
        return cls(
            kind,
            own.shape[1],
            graph.directed,
            tuple(shift.tolist()),
            tuple(scale.tolist()),
            fingerprint(graph),
            anchors,
            places,
            f"{reason} ({raw.shape[1]} columns).",
            own,
        )

    @property
    def names(self) -> list[str]:
        """The degree columns, then those of the kind."""
        degree = ["log in-degree", "log out-degree"] if self.directed else ["log degree"]
        if self.kind == "random_walk":
            back = [f"return after {steps} steps" for steps in (2, 3, 4)]
            met = [f"degree met after {step + 1} steps" for step in range(self.width - len(back))]
            return degree + (back + met)[: self.width]
        return degree + [f"spectral {k}" for k in range(self.width)]

    def transform(self, graph: Graph, node_ids: npt.NDArray[np.object_], sink: EventSink) -> npt.NDArray[np.float32]:
        """Return shape [N, degree columns + width] float32.

        Raises: MismatchError: the coordinates of another graph cannot be turned onto those that were learnt.
        """
        if graph.directed != self.directed:
            was, now = ("directed", "undirected") if self.directed else ("undirected", "directed")
            raise MismatchError(
                f"The features were learnt on an {was} graph, but this one is {now}."
                if was[0] == "u"
                else f"The features were learnt on a {was} graph, but this one is {now}.",
                hint='Set "directed" as it was.',
            )
        degree = _degree(graph)
        is_same = fingerprint(graph) == self.graph
        if is_same and self.fitted is not None:
            own = self.fitted
        elif self.kind == "laplacian":
            own = regularised_eigenvectors(graph, self.width)
            own = own if is_same else self._turn(own, node_ids, sink)
        else:
            own = _walks(graph, self.width) if self.kind == "random_walk" else np.empty((graph.num_nodes, 0))
        raw = np.hstack([degree, own])
        x: npt.NDArray[np.float32] = ((raw - np.array(self.shift)) / np.array(self.scale)).astype(np.float32)
        return x

    def _turn(self, own: Array, node_ids: npt.NDArray[np.object_], sink: EventSink) -> Array:
        place = {str(node): row for row, node in enumerate(node_ids)}
        common = [k for k, anchor in enumerate(self.anchors) if anchor in place]
        needed = min(_LEAST_ANCHORS_PER_COLUMN * self.width, int(0.9 * len(self.anchors)))
        if len(common) < max(needed, 1):
            raise MismatchError(
                f"The model was trained on spectral coordinates, which belong to one graph. This graph holds "
                f"{len(common)} of the {len(self.anchors)} nodes that are needed to compare; {needed} would do.",
                hint='Train with "structural" set to "random_walk" or "degree" to score other graphs, '
                "or score the trained graph with new nodes added.",
                common=len(common),
                needed=needed,
            )
        reference = np.array([self.places[k] for k in common])
        turned = align(own, np.array([place[self.anchors[k]] for k in common]), reference)
        if turned.residual > _MOST_RESIDUAL:
            raise MismatchError(
                f"The model was trained on spectral coordinates, which belong to one graph, and this graph is too "
                f"different: {turned.residual:.0%} of the coordinates of the common nodes do not fit.",
                hint='Train with "structural" set to "random_walk" or "degree" to score other graphs.',
                residual=turned.residual,
            )
        sink(
            Notice(
                "warning",
                "feature.turned",
                f"The graph differs from the one that was trained on: its spectral coordinates were turned to match, "
                f"by {len(common)} common nodes, with {turned.residual:.1%} left over.",
                {"common": len(common), "residual": turned.residual},
            )
        )
        return turned.points

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return everything learnt as JSON-ready data."""
        return {
            "kind": self.kind,
            "width": self.width,
            "directed": self.directed,
            "shift": list(self.shift),
            "scale": list(self.scale),
            "graph": self.graph,
            "anchors": list(self.anchors),
            "places": [list(row) for row in self.places],
            "reason": self.reason,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> StructuralCoder:  # Any: JSON values
        """Rebuild a coder from `to_plain`."""
        return cls(
            plain["kind"],
            plain["width"],
            plain["directed"],
            tuple(plain["shift"]),
            tuple(plain["scale"]),
            plain["graph"],
            tuple(plain["anchors"]),
            tuple(tuple(row) for row in plain["places"]),
            plain["reason"],
        )


def fingerprint(graph: Graph) -> str:
    """Return 16 hex digits over structure and weights."""
    whole = hashlib.sha256(b"directed" if graph.directed else b"undirected")
    for array in (graph.indptr, graph.indices, graph.weight):
        if array is not None:
            whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()[:16]


def _degree(graph: Graph) -> Array:
    """Return log(1 + degree), shape [N, 1]; for a directed graph in and out, shape [N, 2]."""
    columns = [graph.degree()]
    if graph.directed:
        columns.append(np.bincount(graph.indices, minlength=graph.num_nodes))
    return np.log1p(np.stack(columns, axis=1).astype(np.float64))


def _walks(graph: Graph, width: int) -> Array:
    back = return_probabilities(graph)[:, :width]
    return np.hstack([back, degrees_met(graph, width - back.shape[1])])


def _anchors(
    graph: Graph, node_ids: npt.NDArray[np.object_], own: Array
) -> tuple[tuple[str, ...], tuple[tuple[float, ...], ...]]:
    """Keep the nodes with most edges: later files hold them most likely, and their coordinates are the steadiest."""
    rows = np.sort(np.argsort(-graph.degree(), kind="stable")[: _ANCHORS_PER_COLUMN * own.shape[1]])
    places = tuple(tuple(float(f"{value:.6g}") for value in own[row]) for row in rows)
    return tuple(str(node_ids[row]) for row in rows), places
