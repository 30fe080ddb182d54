"""What the items of a dataset are called: nodes, graphs or molecules, in whole sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit.translate import tr, tr_n

if TYPE_CHECKING:
    from app.session.frames import DatasetFrame


def counted(dataset: DatasetFrame | None, count: int) -> str:
    """Return a number of items in words: "12 nodes", "1 molecule"."""
    if dataset is None or not dataset.is_collection:
        return tr_n("{count} node", "{count} nodes", count)
    if dataset.are_molecules:
        return tr_n("{count} molecule", "{count} molecules", count)
    return tr_n("{count} graph", "{count} graphs", count)


def extent(dataset: DatasetFrame) -> str:
    """Return how large a dataset is: "34 nodes, 78 edges", "1,128 molecules of 1 to 55 atoms"."""
    if dataset.sizes is None:
        return tr("{nodes} nodes, {edges} edges", nodes=dataset.num_nodes, edges=dataset.num_edges)
    if not len(dataset.sizes):
        return counted(dataset, 0)
    low, high = int(dataset.sizes.min()), int(dataset.sizes.max())
    if dataset.are_molecules:
        return tr("{count} molecules of {low} to {high} atoms", count=dataset.num_nodes, low=low, high=high)
    return tr("{count} graphs of {low} to {high} nodes", count=dataset.num_nodes, low=low, high=high)


def chosen(dataset: DatasetFrame, count: int) -> str:
    """Return how many of a dataset's items are selected."""
    return tr("{count} of {items} selected", count=count, items=counted(dataset, dataset.num_nodes))
