"""Predict a number for every node."""

from __future__ import annotations

from engine.learn.value_task import ValueTask


class NodeValue(ValueTask):
    """Predict a number for every node.

    The model works on the target less the train items' mean, over their standard deviation; scores and predictions
    are in the target's own unit. Cells that are not numbers are unknown, never 0, and a notice counts them.

    Source: mean squared error is the likelihood of a normal distribution with one variance (Bishop 2006, 3.1.1).
    """

    key = "node_value"
    label = "Number of each node"
    level = "node"
