"""Read files whole and keep them as a dataset folder that the window can open fast."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core.atomic import sync_file, sync_folder, write_json, write_text
from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import WriteError
from engine.core.events import ArtefactWritten, StageStarted, to_plain
from engine.data.options import DataOptions
from engine.jobs._base import Job
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    import pyarrow as pa

    from engine.data.dataset import AnyData
    from engine.data.items import Items
    from engine.project.opened import Opened


class ImportData(Job):
    """Read the files as the options say, join them, and write graph, node table, issues and summary.

    The folder is named by the content of files and options, so the same import twice is one dataset.

    Source: our own.
    """

    key = "import_data"
    label = "Import files"

    class Config(ConfigBase):
        data: DataOptions = option(..., "Files and roles.")
        out: str = option(..., "Folder of datasets; the new one lies inside.")
        memory: float | None = option(
            None,
            "Most memory to take, about; the disk holds the rest. Most of what is free when absent.",
            gt=0,
            unit="GB",
        )

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{dataset, folder, summary}`."""
        from engine.data.room import room_in
        from engine.project.opened import open_data
        from engine.project.recipe import absolute

        context.sink(StageStarted("read", 0, 3))
        options = absolute(arguments.data, context.folder)
        out = context.folder / arguments.out
        with room_in(out, None if arguments.memory is None else int(arguments.memory * 1e9)) as room:
            opened = open_data(options, sink=context.sink, cancel=context.cancel, room=room)
            context.sink(StageStarted("describe", 1, 3))
            summary = _summary(opened)
            context.cancel.check()
            context.sink(StageStarted("write", 2, 3))
            folder = out / opened.fingerprint
            _write(opened, options, summary, folder)
        context.sink(ArtefactWritten("graph", str(folder)))
        return {"dataset": opened.fingerprint, "folder": str(folder), "summary": summary}


def _summary(opened: Opened) -> dict[str, Any]:  # Any: JSON values
    from engine.analysis.card import data_card
    from engine.data.collection import CollectionData
    from engine.data.dataset import union_of

    data, nodes = opened.data, union_of(opened.data)
    many = {"num_graphs": data.num_graphs} if isinstance(data, CollectionData) else {}
    return {
        "version": 1,
        "num_nodes": data.graph.num_nodes,
        "num_edges": data.graph.num_links,
        "directed": data.graph.directed,
        "join": data.join.to_plain(),
        "issue_counts": dict(opened.issues.counts),
        "columns": {
            name: {"role": spec.role.value, "kind": spec.kind.value, "reason": spec.reason}
            for name, spec in data.items.columns.items()
        },
        "num_features": len(nodes.feature_names),
        "files": sorted({table.path.name for table in opened.tables}),
        "card": data_card(nodes),
        **many,
    }


def _write(opened: Opened, options: DataOptions, summary: dict[str, Any], folder: Path) -> None:  # Any: JSON values
    """Fill a folder beside the final one and move it there; the summary, written last, makes it count.

    Raises: WriteError: the disk is full, or does not let it be written; nothing is left then.
    """
    if (folder / "summary.json").is_file():
        return
    shutil.rmtree(folder, ignore_errors=True)
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        making.mkdir(parents=True)
        _fill(opened, options, summary, making)
        making.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise WriteError.of(folder, error) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _fill(opened: Opened, options: DataOptions, summary: dict[str, Any], making: Path) -> None:  # Any: JSON values
    import numpy as np
    import pyarrow.parquet as pq

    from engine.data.collection import CollectionData
    from engine.graph.store import save_graph

    save_graph(opened.data.graph, making)
    for items, name in _tables(opened.data):
        table = item_table(items)
        # Numbers that are all different gain nothing from a list of their texts, and take long to be put into one.
        repeating = [name for name, spec in items.columns.items() if spec.distinct < table.num_rows // 100]
        pq.write_table(table, making / name, use_dictionary=repeating)
    if isinstance(opened.data, CollectionData):
        np.save(making / "graph_ptr.npy", opened.data.graph_ptr)
    lines = (json.dumps(to_plain(issue), ensure_ascii=False) + "\n" for issue in opened.issues.issues)
    write_text(making / "issues.jsonl", "".join(lines))
    write_json(making / "data.json", options.model_dump(mode="json"))
    write_json(making / "summary.json", summary)
    for path in making.iterdir():
        sync_file(path)


def _tables(data: AnyData) -> list[tuple[Items, str]]:
    """Return what becomes a table of its own, and the name of its file."""
    from engine.data.dataset import union_of

    nodes = (union_of(data).items, "nodes.parquet")
    return [nodes] if data.items.level == "node" else [nodes, (data.items, "graphs.parquet")]


def item_table(items: Items) -> pa.Table:
    """Return column `node_id` or `graph_id`, then every original column as text; one of that name gets `_original`."""
    import pyarrow as pa

    from engine.data.columns import column_of

    columns = {f"{items.level}_id": pa.array(items.ids, pa.string())}
    for name in items.table.columns:
        free = str(name)
        while free in columns:
            free += "_original"
        columns[free] = column_of(items.table, name).to_arrow()
    return pa.table(columns)
