"""Say what the prediction of one node, or of one graph, rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import Notice, StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from engine.data.builders.relational import RelationalData
    from engine.data.collection import CollectionData
    from engine.infer.explainers._base import Explainer, Explanation
    from engine.infer.fitted import Fitted
    from engine.infer.surroundings import Surroundings
    from engine.learn.finetuning import Labels
    from engine.learn.tasks._base import FittedTask


class Explain(Job):
    """Explain the chosen model's answer for one node, or for one graph, of the run's own data.

    Source: our own; each explainer names its paper.
    """

    key = "explain"
    label = "Explain a prediction"

    class Config(ConfigBase):
        run: str = option(..., "Folder of the run.")
        node: str | None = option(None, "Id of the node, where the run predicts nodes.")
        graph: str | None = option(None, "Id of the graph, where the run predicts whole graphs.")
        target: str | None = option(None, "Which of several target columns is explained; the first when absent.")
        type: str = option("gradient", "Key of the explainer.")
        options: dict[str, Any] = option({}, "Its options.")  # Any: checked by the explainer
        seed: int = option(0, "Seed of whatever is drawn.", ge=0)
        most: int = option(20, "Most columns that are listed, and most neighbours and edges of a node.", ge=1, le=1000)

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return what counted, as plain data.

        Returns: of a node `{node, target, targets, predicted, probability, explainer, neighbours: [{id, score}], edges:
            [{source, target, score}], columns: [{name, score, value}], fidelity: {edges, columns}, sentence}`. Of a
            graph `graph` in place of `node`, and in place of neighbours `nodes: [{index, id, score}]`, all of them in
            their order; `edges` are all of the graph's with `index: [i, j]`, scores are below zero where something
            speaks against the answer, and fidelity is of {nodes, edges}. `targets` are all that could be explained,
            `target` is the one that is. Probability is None where a value is predicted, a fidelity None where there is
            nothing to choose from.
        Raises: OptionError: no node, graph or target column has that name. What reading the run and the data raises.
        """
        from engine.data.builders.relational import RelationalData
        from engine.project.fitted import load_fitted, told_labels
        from engine.project.kinds import registry
        from engine.project.opened import open_data

        kind = registry("explainer").get(arguments.type, "explain.type")
        explainer = kind(kind.parse(arguments.options, "explain.options"))
        run = RunFolder(context.folder / arguments.run)
        run.check()
        context.sink(StageStarted("read", 0, 2))
        fitted = load_fitted(run, sink=context.sink)
        data = open_data(run.recipe().data, sink=context.sink, cancel=context.cancel).data
        if not isinstance(data, RelationalData):
            return _graph(explainer, fitted, data, arguments, context)
        return _node(explainer, fitted, data, told_labels(run, fitted, data), arguments, context)


def _node(
    explainer: Explainer,
    fitted: Fitted,
    data: RelationalData,
    labels: Labels | None,
    arguments: Any,  # Any: the job's Config
    context: JobContext,
) -> dict[str, Any]:  # Any: JSON values
    from engine.infer.fidelity import column_fidelity, edge_fidelity
    from engine.infer.surroundings import Surroundings

    node = _position(data.node_ids, arguments.node, "node")
    around = Surroundings.of(fitted.model, fitted.task, fitted.batch(data, labels=labels), node)
    around = around.for_target(_target(fitted, arguments.target))
    context.sink(StageStarted("explain", 1, 2))
    found = explainer.explain(around, seed=arguments.seed, sink=context.sink, cancel=context.cancel)
    judged = {
        "edges": edge_fidelity(around, found, seed=arguments.seed),
        "columns": column_fidelity(around, found, seed=arguments.seed),
    }
    result = {
        "node": arguments.node,
        **_answer(fitted, around),
        "explainer": explainer.key,
        "neighbours": _neighbours(data, around, found, node)[: arguments.most],
        "edges": _edges(data, around, found)[: arguments.most],
        "columns": _columns(fitted.column_names, around, found, around.x[around.row])[: arguments.most],
        "fidelity": {name: None if one is None else one.to_plain(_unit(around.task)) for name, one in judged.items()},
    }
    return {**result, "sentence": _sentence(result)}


def _graph(
    explainer: Explainer,
    fitted: Fitted,
    data: CollectionData,
    arguments: Any,  # Any: the job's Config
    context: JobContext,
) -> dict[str, Any]:  # Any: JSON values
    import numpy as np

    from engine.infer.fidelity import edge_fidelity, node_fidelity
    from engine.infer.surroundings import Surroundings

    graph = _position(data.graph_ids, arguments.graph, "graph")
    around = Surroundings.of_graph(fitted.model, fitted.task, fitted.batch(data), graph)
    around = around.for_target(_target(fitted, arguments.target))
    if fitted.whole is not None:
        text = (
            f"The model reads {fitted.whole} of whole graphs beside the nodes. They stay as they are while nodes and "
            "edges are left out, so the explanation is about what rests on nodes and edges alone."
        )
        context.sink(Notice("info", "explain.whole", text, {"table": fitted.whole}))
    context.sink(StageStarted("explain", 1, 2))
    found = explainer.explain(around, seed=arguments.seed, sink=context.sink, cancel=context.cancel)
    judged = {
        "nodes": node_fidelity(around, found, seed=arguments.seed),
        "edges": edge_fidelity(around, found, seed=arguments.seed),
    }
    ids = data.union.node_ids[data.graph_ptr[graph] : data.graph_ptr[graph + 1]]
    scores = np.zeros(len(ids)) if found.nodes is None else found.nodes
    result = {
        "graph": arguments.graph,
        **_answer(fitted, around),
        "explainer": explainer.key,
        "nodes": [{"index": k, "id": str(name), "score": float(scores[k])} for k, name in enumerate(ids)],
        "edges": [
            {"index": [int(i), int(j)], "source": str(ids[i]), "target": str(ids[j]), "score": float(score)}
            for (i, j), score in zip(around.ends, found.edges, strict=True)
        ],
        "columns": _columns(fitted.column_names, around, found, around.x.mean(dim=0))[: arguments.most],
        "fidelity": {name: None if one is None else one.to_plain(_unit(around.task)) for name, one in judged.items()},
    }
    return {**result, "sentence": _sentence(result)}


def _answer(fitted: Fitted, around: Surroundings) -> dict[str, Any]:  # Any: JSON values
    import numpy as np

    is_value = around.task.kind == "regression"
    decoded = around.task.decode(np.asarray([around.logits().detach().cpu().numpy()], np.float32))
    # Of one target the first column is what is predicted.
    predicted = decoded.to_numpy(dtype=object)[0, 0]
    return {
        "target": around.task.target_name,
        "targets": list(fitted.task.columns),
        "predicted": float(predicted) if is_value else str(predicted),
        "probability": None if is_value else around.strength(around.answer()),
    }


def _unit(task: FittedTask) -> float:
    """Return by how much the target changes where the model's own number changes by one; 1 for classes."""
    import numpy as np

    if task.kind != "regression":
        return 1.0
    low, high = task.estimate(np.asarray([[0.0], [1.0]], np.float32)).ravel()
    return abs(float(high) - float(low))


def _target(fitted: Fitted, name: str | None) -> str:
    """Return the target column to explain. Raises: OptionError: the run predicts no such column."""
    columns = fitted.task.columns
    if name is None:
        return columns[0]
    if name not in columns:
        raise OptionError(
            f'This run does not predict "{name}".', hint=f"It predicts {', '.join(columns)}.", path="explain.target"
        )
    return name


def _position(ids: np.ndarray, name: str | None, what: str) -> int:
    """Return the number of a node or graph.

    Raises: OptionError: none has that id, or none was named.
    """
    import difflib

    import numpy as np

    if name is None:
        raise OptionError(
            f"This run predicts {what}s, and none is named.", hint=f'Set "{what}" to an id.', path=f"explain.{what}"
        )
    found = np.flatnonzero(np.asarray(ids, dtype=object) == name)
    if len(found):
        return int(found[0])
    close = difflib.get_close_matches(name, [str(one) for one in ids[:100_000]], n=1)
    raise OptionError(
        f'No {what} has the id "{name}".',
        hint=f'Did you mean "{close[0]}"?' if close else "Name an id as it is in the files.",
        path=f"explain.{what}",
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


def _columns(
    names: list[str], around: Surroundings, found: Explanation, seen: Tensor
) -> list[dict[str, Any]]:  # Any: JSON values
    """Score the columns that are not zero at every node within reach; `value` is what the model sees of the item."""
    import numpy as np

    used = np.flatnonzero((around.x != 0).any(dim=0).cpu().numpy())
    own = seen.cpu().numpy()
    order = used[_order(found.columns[used])]
    return [{"name": names[k], "score": float(found.columns[k]), "value": float(own[k])} for k in order]


def _sentence(result: dict[str, Any]) -> str:  # Any: JSON values
    predicted = result["predicted"]
    shown = f"{predicted:.4g}" if isinstance(predicted, float) else predicted
    item = result.get("node") or result["graph"]
    words = f'"{item}" is predicted as {shown}'
    if len(result["targets"]) > 1:
        words = f'"{result["target"]}" of "{item}" is predicted as {shown}'
    words += f" ({result['probability']:.0%})." if result["probability"] is not None else "."
    what = "node" if "graph" in result else "edge"
    judged = result["fidelity"][f"{what}s"]
    if judged is None:
        if "graph" in result:
            return f"{words} There is nothing that could be left out."
        return f"{words} It has no neighbours that this could rest on."
    unit = "" if result["probability"] is None else " points"
    factor = 1 if result["probability"] is None else 100
    much = what if judged["size"] == 1 else f"{judged['size']} {what}s"
    return (
        f"{words} Without the {much} that matter most it changes by {factor * judged['removed']:.3g}{unit}, without as "
        f"many at random by {factor * judged['removed_random']:.3g}{unit}."
    )
