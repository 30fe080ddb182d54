"""Say which neighbours and columns the prediction of one node rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import numpy as np

    from engine.data.builders.relational import RelationalData
    from engine.infer.explainers._base import Explanation
    from engine.infer.surroundings import Surroundings


class Explain(Job):
    """Explain the chosen model's answer for one node of the run's own data.

    Source: our own; each explainer names its paper.
    """

    key = "explain"
    label = "Explain a node"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        node: str = option(..., "Id of the node.")
        type: str = option("gradient", "Key of the explainer.")
        options: dict[str, Any] = option({}, "Its options.")  # Any: checked by the explainer
        seed: int = option(0, "Seed of whatever is drawn.", ge=0)
        most: int = option(20, "Most neighbours, edges and columns that are listed.", ge=1, le=1000)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return what counted, as plain data.

        Returns: `{node, target, predicted, probability, explainer, neighbours: [{id, score}], edges: [{source, target,
            score}], columns: [{name, score, value}], fidelity: {edges, columns}, sentence}`; probability is None where
            a value is predicted, fidelity None where there is nothing to choose from.
        """
        import numpy as np

        from engine.data.builders.relational import RelationalData
        from engine.infer.fidelity import column_fidelity, edge_fidelity
        from engine.infer.surroundings import Surroundings
        from engine.project.fitted import load_fitted, told_labels
        from engine.project.kinds import registry
        from engine.project.opened import open_data

        explainer = registry("explainer").get(arguments.type, "explain.type")
        config = explainer.parse(arguments.options, "explain.options")
        run = RunFolder(context.folder / arguments.run)
        run.check()
        context.sink(StageStarted("read", 0, 2))
        fitted = load_fitted(run, sink=context.sink)
        data = open_data(run.recipe().data, sink=context.sink, cancel=context.cancel).data
        if not isinstance(data, RelationalData):
            raise OptionError(
                "Only the answer for a node can be explained, and this run predicts whole graphs.", path="explain.run"
            )
        node = _position(data, arguments.node)
        around = Surroundings.of(
            fitted.model, fitted.task, fitted.batch(data, labels=told_labels(run, fitted, data)), node
        )
        context.sink(StageStarted("explain", 1, 2))
        found = explainer(config).explain(around, seed=arguments.seed, sink=context.sink, cancel=context.cancel)
        judged = {
            "edges": edge_fidelity(around, found, seed=arguments.seed),
            "columns": column_fidelity(around, found, seed=arguments.seed),
        }
        answer = around.answer()
        is_value = fitted.task.kind == "regression"
        decoded = fitted.task.decode(np.asarray([around.logits().detach().cpu().numpy()], np.float32))
        predicted = decoded["predicted"].iloc[0]
        result = {
            "node": arguments.node,
            "target": fitted.task.target_name,
            "predicted": float(predicted) if is_value else str(predicted),
            "probability": None if is_value else around.strength(answer),
            "explainer": explainer.key,
            "neighbours": _neighbours(data, around, found, node)[: arguments.most],
            "edges": _edges(data, around, found)[: arguments.most],
            "columns": _columns(fitted.column_names, around, found)[: arguments.most],
            "fidelity": {name: None if one is None else one.to_plain() for name, one in judged.items()},
        }
        return {**result, "sentence": _sentence(result)}


def _position(data: RelationalData, name: str) -> int:
    """Return the number of a node.

    Raises: OptionError: no node has that id.
    """
    import difflib

    import numpy as np

    found = np.flatnonzero(np.asarray(data.node_ids, dtype=object) == name)
    if len(found):
        return int(found[0])
    close = difflib.get_close_matches(name, [str(one) for one in data.node_ids[:100_000]], n=1)
    raise OptionError(
        f'No node has the id "{name}".',
        hint=f'Did you mean "{close[0]}"?' if close else "Name an id as it is in the files.",
        path="explain.node",
    )


def _order(scores: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.argsort(-scores, kind="stable")


def _edges(data: RelationalData, around: Surroundings, found: Explanation) -> list[dict[str, Any]]:  # Any: JSON values
    return [
        {
            "source": str(data.node_ids[around.ends[place, 0]]),
            "target": str(data.node_ids[around.ends[place, 1]]),
            "score": float(found.edges[place]),
        }
        for place in _order(found.edges)
    ]


def _neighbours(
    data: RelationalData, around: Surroundings, found: Explanation, node: int
) -> list[dict[str, Any]]:  # Any: JSON values
    """Score every node within reach by its best edge."""
    import numpy as np

    scores = np.zeros(data.graph.num_nodes)
    for side in (0, 1):
        np.maximum.at(scores, around.ends[:, side], found.edges)
    there = around.nodes[around.nodes != node]
    return [{"id": str(data.node_ids[k]), "score": float(scores[k])} for k in there[_order(scores[there])]]


def _columns(names: list[str], around: Surroundings, found: Explanation) -> list[dict[str, Any]]:  # Any: JSON values
    """Score the columns that are not zero at every node within reach; `value` is what the model sees of the node."""
    import numpy as np

    used = np.flatnonzero((around.x != 0).any(dim=0).cpu().numpy())
    own = around.x[around.row].cpu().numpy()
    order = used[_order(found.columns[used])]
    return [{"name": names[k], "score": float(found.columns[k]), "value": float(own[k])} for k in order]


def _sentence(result: dict[str, Any]) -> str:  # Any: JSON values
    words = f'"{result["node"]}" is predicted as {result["predicted"]}'
    words += f" ({result['probability']:.0%})." if result["probability"] is not None else "."
    edges = result["fidelity"]["edges"]
    if edges is None:
        return f"{words} It has no neighbours that this could rest on."
    unit = "" if result["probability"] is None else " points"
    factor = 1 if result["probability"] is None else 100
    much = "edge" if edges["size"] == 1 else f"{edges['size']} edges"
    return (
        f"{words} Without the {much} that matter most it changes by {factor * edges['removed']:.3g}{unit}, without as "
        f"many at random by {factor * edges['removed_random']:.3g}{unit}."
    )
