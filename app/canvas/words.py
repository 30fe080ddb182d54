"""What a canvas shows, in words: for a screen reader, and for whoever asks."""

from __future__ import annotations

from app.canvas.scene import Scene, State
from app.kit.translate import tr


def scene_in_words(scene: Scene, current: str) -> str:
    """Return how much is shown, what the colours mean, what is selected, and the node one looks at.

    Args: current: what is said about that node; empty for none.
    """
    parts = [tr("{nodes} nodes, {edges} edges", nodes=scene.num_nodes, edges=scene.num_edges)]
    for meaning, title in (
        (tr("Colour: {title}", title=scene.colouring.title), scene.colouring.title),
        (tr("Size: {title}", title=scene.sizing.title if scene.sizing else ""), scene.sizing),
        (tr("Shape: {title}", title=scene.shaping.title if scene.shaping else ""), scene.shaping),
    ):
        if title:
            parts.append(meaning)
    hidden = int((scene.state == State.HIDDEN).sum())
    if hidden:
        parts.append(tr("{count} hidden", count=hidden))
    parts.append(tr("{count} selected", count=int((scene.state == State.SELECTED).sum())))
    if current:
        parts.append(tr("Current node: {node}", node=", ".join(current.splitlines())))
    return "; ".join(parts)
