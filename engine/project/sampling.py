"""When a graph is too large to be seen whole in every step, and what a recipe then says."""

from __future__ import annotations

from engine.project.presets import Draft

# A step of the whole graph is comfortable when it takes at most this share of the memory that is free.
_COMFORTABLE = 0.5
_BATCH_SIZE = 1024
# Clusters in a step, and their nodes.
_CLUSTERS, _CLUSTER_SIZE = 10, 2000
# Steps of message passing up to which drawing neighbours of neighbours stays small.
_FEW = 3
# Steps until the weights hardly move any more, and epochs that are worth a look each.
_STEPS = 4000
_EPOCHS = (8, 200)


def fits(needed: int, free: int) -> bool:
    """Whether a run on the whole graph leaves the machine room. Args: needed: bytes. free: bytes, 0 when unknown."""
    return not free or needed <= _COMFORTABLE * free


def see_in_parts(parts: Draft, *, hops: int | None, num_nodes: int, train_labels: int, needed: int, free: int) -> None:
    """Let a recipe train on sampled neighbours, a deep encoder on clusters, with epochs for as many steps as it takes.

    Args: parts: changed in place. hops: steps of message passing, None for an encoder that looks at all nodes at once.
        train_labels: nodes that train. needed, free: bytes, for the reason.
    """
    if hops is None or hops > _FEW:
        parts.loader = {"type": "clusters", "cluster_size": _CLUSTER_SIZE, "clusters": _CLUSTERS}
        steps = max(1, -(-num_nodes // (_CLUSTERS * _CLUSTER_SIZE)))
        seen = f"{_CLUSTERS} clusters of about {_CLUSTER_SIZE:,} nodes, as the encoder hears of nodes that are far away"
    else:
        parts.loader = {"type": "neighbours", "fanouts": [10, 10], "batch_size": _BATCH_SIZE}
        steps = max(1, -(-train_labels // _BATCH_SIZE))
        seen = f"{_BATCH_SIZE:,} labelled nodes and some of their neighbours"
    epochs = min(max(_STEPS // steps, _EPOCHS[0]), _EPOCHS[1])
    parts.finetune["training"] = {
        **parts.finetune.get("training", {}),
        "epochs": epochs,
        "patience": max(3, epochs // 5),
    }
    parts.say(
        "loader",
        f"The whole graph in one step would need {needed / 2**30:.1f} GB and {free / 2**30:.1f} GB are free, so each "
        f"step sees {seen}.",
    )
