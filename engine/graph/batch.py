"""Graphs as torch tensors on a device, with their features and the operators made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.core.errors import MismatchError
from engine.graph.collating import Flat, runs, select
from engine.graph.collection import Collection
from engine.graph.features import Pattern, SparseFeatures
from engine.graph.graph import Graph
from engine.graph.operators import Factors, Operator, degree_factors, make_operator

OperatorKind = Literal["gcn", "symmetric"]
H = TypeVar("H", Tensor, SparseFeatures, Tensor | SparseFeatures)


@dataclass(frozen=True, slots=True)
class GraphBatch:
    """One graph, or several side by side without edges between them.

    Of these fields `indptr` and `indices` count over all nodes of the batch; `graph_ptr` says where each graph starts.
    A collection of many graphs, from which steps take some by `graphs`, may hold bytes where steps see float32.

    Args:
        indptr: int64 [N+1], rows by target.
        indices: int32 [E], sources, ascending in each row; checked.
        weight: float32 [E], or None when every edge counts 1.
        x: features, float32 [N, F], dense or sparse.
        graph_ptr: int64 [B+1], first node of each graph, then N.
        directed: False promises that structure, weights and attributes are symmetric.
        lasting: whether graph and features stay for many steps, so that keeping what is made of both pays.
        edge_attr: float32 [E, D], a row for each entry, or None where edges carry nothing.
        tokens: int16 [B, L], what a sequence head learns to write of each graph, 0 pads; None where nothing is written.
        known: tables [B, K] of numbers that are known of each graph beside its nodes, by name; NaN where unknown.
    """

    indptr: Tensor
    indices: Tensor
    weight: Tensor | None
    x: Tensor | SparseFeatures
    graph_ptr: Tensor
    directed: bool
    lasting: bool = False
    edge_attr: Tensor | None = None
    tokens: Tensor | None = None
    known: Mapping[str, Tensor] = field(default_factory=dict, repr=False, compare=False)
    _operators: dict[str, Operator] = field(default_factory=dict, repr=False, compare=False)
    _factors: dict[str, Factors] = field(default_factory=dict, repr=False, compare=False)
    _smoothed: dict[str, Tensor] = field(default_factory=dict, repr=False, compare=False)
    _patterns: list[Pattern] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def from_graph(
        cls, graph: Graph, x: Any, device: torch.device | str = "cpu"
    ) -> GraphBatch:  # Any: scipy.sparse has no types
        """Put one graph on a device; its arrays are checked first.

        Args:
            graph: the graph.
            x: features [N, F]: a numpy array, or a scipy CSR matrix, which stays sparse. Taken over as float32.
            device: where the tensors go.
        Raises: BuildError: the graph's arrays are damaged. MismatchError: x has another number of rows.
        """
        graph.validate()
        features: Tensor | SparseFeatures
        if isinstance(x, np.ndarray):
            features = torch.from_numpy(np.array(x, np.float32, order="C", ndmin=2)).to(device)
        else:
            features = SparseFeatures.from_csr(x.tocsr(), device)
        weight = None if graph.weight is None else _tensor(graph.weight, device)
        edge_attr = None if graph.edge_attr is None else _tensor(graph.edge_attr, device).float()
        graph_ptr = torch.tensor([0, graph.num_nodes], dtype=torch.int64, device=device)
        batch = cls(
            _tensor(graph.indptr, device), _tensor(graph.indices, device), weight, features, graph_ptr, graph.directed
        )
        return replace(batch.with_x(features), lasting=True, edge_attr=edge_attr)

    @classmethod
    def from_collection(cls, collection: Collection, device: torch.device | str = "cpu") -> GraphBatch:
        """Put many graphs on a device as they are kept: bytes stay bytes until `graphs` takes some of them.

        Raises: BuildError: the collection's arrays are damaged.
        """
        graph = collection.validate().graph
        weight = None if graph.weight is None else _tensor(graph.weight, device)
        edge_attr = None if graph.edge_attr is None else _tensor(graph.edge_attr, device)
        rows = _tensor(graph.indptr, device), _tensor(graph.indices, device)
        x, graph_ptr = _tensor(collection.x, device), _tensor(collection.graph_ptr, device)
        return cls(*rows, weight, x, graph_ptr, graph.directed, edge_attr=edge_attr)

    def graphs(self, ids: Tensor | npt.NDArray[np.integer] | Sequence[int]) -> GraphBatch:
        """Return some of the graphs side by side, in the order asked for, with features and attributes as float32.

        Args: ids: whole numbers [M], which graphs; repeats allowed.
        Raises: IndexError: there is no such graph.
        """
        chosen = torch.as_tensor(ids).to(device=self.device, dtype=torch.int64)
        dense = None if isinstance(self.x, SparseFeatures) else self.x
        flat = Flat(self.graph_ptr, self.indptr, self.indices, dense, self.weight, self.edge_attr)
        found = select(flat, chosen)
        x = self.x.take_rows(runs(self.graph_ptr, chosen)[0]) if isinstance(self.x, SparseFeatures) else found.x
        assert x is not None, "a batch has features"
        rows = found.indptr, found.indices
        return GraphBatch(
            *rows,
            found.weight,
            x,
            found.graph_ptr,
            self.directed,
            edge_attr=found.edge_attr,
            tokens=None if self.tokens is None else self.tokens[chosen],
            known={name: table[chosen] for name, table in self.known.items()},
        )

    def with_tokens(self, tokens: Tensor | None) -> GraphBatch:
        """Return the same graphs with other tokens [B, L], or with none."""
        return replace(self, tokens=tokens)

    @property
    def num_nodes(self) -> int:
        """N."""
        return len(self.indptr) - 1

    @property
    def num_edges(self) -> int:
        """E, stored entries: an undirected edge counts twice."""
        return len(self.indices)

    @property
    def num_graphs(self) -> int:
        """B."""
        return len(self.graph_ptr) - 1

    @property
    def in_width(self) -> int:
        """F, columns of the features."""
        return int(self.x.shape[1])

    @property
    def edge_width(self) -> int:
        """D, columns of the edge attributes; 0 where edges carry nothing."""
        return 0 if self.edge_attr is None else int(self.edge_attr.shape[1])

    def graph_of_node(self) -> Tensor:
        """Return the number of each node's graph, int64 [N]."""
        numbers = torch.arange(self.num_graphs, device=self.device)
        return torch.repeat_interleave(numbers, torch.diff(self.graph_ptr), output_size=self.num_nodes)

    @property
    def dtype(self) -> torch.dtype:
        """Floating point type of the features as a step sees them."""
        return self.x.dtype if self.x.dtype.is_floating_point else torch.float32

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.indptr.device

    def with_x(self, x: Tensor | SparseFeatures) -> GraphBatch:
        """Return the same graph with other features [N, F], for now; operators already made are shared.

        Raises: MismatchError: x has another number of rows.
        """
        if x.shape[0] != self.num_nodes:
            raise MismatchError(
                f"The features describe {x.shape[0]} nodes, but the graph has {self.num_nodes}.", code="data.features"
            )
        return replace(self, x=x, lasting=False, _smoothed={})

    def propagation(self, kind: OperatorKind = "gcn") -> Operator:
        """Return an operator over the nodes, made at the first use and kept.

        Args: kind: "gcn", D^-1/2 (A + I) D^-1/2 with each self-loop exactly once; "symmetric", D^-1/2 A D^-1/2.
        """
        if kind not in self._operators:
            self._operators[kind] = make_operator(
                self.indptr,
                self.indices,
                self.weight,
                self.factors(kind),
                num_sources=self.num_nodes,
                symmetric=not self.directed,
            )
        return self._operators[kind]

    def pattern(self) -> Pattern:
        """Return whom each node hears, without weights; made at the first use and kept, with its transpose."""
        if not self._patterns:
            symmetric = not self.directed
            self._patterns.append(Pattern(self.indptr, self.indices, self.num_nodes, symmetric))
        return self._patterns[0]

    def factors(self, kind: OperatorKind = "gcn") -> Factors:
        """Return what normalises the entries of an operator, made at the first use and kept."""
        if kind not in self._factors:
            self._factors[kind] = degree_factors(self.indptr, self.indices, self.weight, with_loops=kind == "gcn")
        return self._factors[kind]

    def smoothed(self, kind: OperatorKind = "gcn") -> Tensor | None:
        """Return the features after the first step's propagation, [N, F], made at the first use and kept.

        Returns: None where they would have to be made again and again, or are sparse: these are better multiplied by
            the weights first.
        """
        if not self.lasting or not isinstance(self.x, Tensor) or self.x.requires_grad:
            return None
        if kind not in self._smoothed:
            self._smoothed[kind] = self.propagation(kind).forward.product(self.x)
        return self._smoothed[kind]

    @property
    def num_sources(self) -> int:
        """N: as one step of message passing, the graph leads from all nodes to all nodes."""
        return self.num_nodes

    @property
    def num_targets(self) -> int:
        """N."""
        return self.num_nodes

    def block(self, step: int) -> GraphBatch:
        """Return what a model's step goes over; of a whole graph that is the graph itself, whichever step it is."""
        return self

    def own(self, h: H) -> H:
        """Return the targets' own rows of h [N, W], which are all of them."""
        return h


def _tensor(array: np.ndarray[Any, Any], device: torch.device | str) -> Tensor:
    # Frozen arrays may be read from a mapped file; torch wants to own memory it could write to.
    owned = array if array.flags.writeable and array.flags.c_contiguous else array.copy()
    return torch.from_numpy(owned).to(device)
