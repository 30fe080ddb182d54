"""Write a recipe for files and a target, with reasons, and say how long it will take."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import OptionError
from engine.core.events import StageStarted
from engine.data.options import DataOptions
from engine.jobs._base import Job
from engine.jobs.spec import JobContext

if TYPE_CHECKING:
    from engine.data.dataset import AnyData
    from engine.data.reading import ReadBefore
    from engine.jobs._estimate import Bench
    from engine.jobs._foretold import Costs, Estimate
    from engine.project.presets import Draft
    from engine.project.recipe import Recipe
    from engine.project.signals import Signals
    from engine.project.situation import Situation


class Suggest(Job):
    """Read the data, choose split, model and training by a preset, time a few steps, and hand back a recipe.

    Source: our own; the plain preset is Kipf and Welling (2017).
    """

    key = "suggest"
    label = "Suggest a recipe"
    lane: ClassVar[Literal["train", "quick"]] = "train"

    class Config(ConfigBase):
        files: tuple[str, ...] = option((), "Files, when no data options are given.")
        encoding: str | None = option(None, "Text encoding of files that do not say.")
        data: DataOptions | None = option(None, "Files and roles as confirmed.")
        target: str | None = option(None, "Column to predict; the one with the role target when absent.")
        targets: tuple[str, ...] = option((), "Several columns to predict at once, for whole graphs.")
        preset: Literal["quick", "plain", "recommended"] = option("recommended", "Which kind of recipe.")
        pretrain: str | None = option(None, "none, auto, or the key of an objective; the preset decides when absent.")
        pretrain_on: tuple[str, ...] = option(
            (), "Files of other graphs with the same columns, which are pretrained on; their targets are not looked at."
        )
        split: str | None = option(
            None,
            "Names of columns with commas, or the key of a split such as scaffold; what the data offers else.",
        )
        seeds: int | None = option(
            None,
            "Trainings with different seeds, 0 to this number less one; the preset decides when absent.",
            ge=1,
            le=1000,
        )

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return `{recipe, toml, comments, reasons, warnings, estimate}`; file paths in the recipe are absolute.

        Warnings are those of the reasons that make every score doubtful.
        """
        from engine.analysis.leaks import suspects
        from engine.analysis.telling import telling_columns
        from engine.data.reading import ReadBefore
        from engine.data.splits import SPLITTERS
        from engine.jobs._estimate import Bench, Spent, spending
        from engine.project.codec import to_toml
        from engine.project.opened import open_data
        from engine.project.presets import assemble, choose_split
        from engine.project.recipe import absolute
        from engine.project.signals import measure
        from engine.project.situation import look_at, with_splits

        context.sink(StageStarted("read", 0, 2))
        read = ReadBefore()
        with spending() as looking:
            options = absolute(_data_options(arguments, context, read), context.folder)
        if arguments.split and arguments.split not in SPLITTERS:
            options = with_splits(options, tuple(name.strip() for name in arguments.split.split(",")))
        with spending() as joining:
            opened = open_data(options, sink=context.sink, cancel=context.cancel, read=read)
        del read
        data = opened.data
        # A run opens what is kept; else it reads the files as it was done here.
        seconds = joining[0].seconds + (0.0 if opened.is_kept else looking[0].seconds)
        reading = Spent(seconds, max(looking[0].bytes, joining[0].bytes))
        situation = look_at(data, _targets(arguments, options))
        notes: defaultdict[str, list[str]] = defaultdict(list)
        others = _others(arguments, options, context)
        split = choose_split(situation, arguments.split, notes)
        warnings = [
            suspect.sentence(target)
            for target in (situation.targets if situation.is_class else ())
            for suspect in suspects(data.items, target)
        ]
        notes["data"].extend(warnings)
        if situation.level == "graph":
            notes["data"].extend(
                one.sentence
                for target in situation.targets
                for one in telling_columns(data.items, target, is_class=situation.is_class)
            )
        _check_split(situation, split, data)
        context.sink(StageStarted("measure", 1, 2))
        parts = _parts(arguments, situation, data, split, None, others)
        bench = Bench(data, assemble(options, situation, split, parts), context.cancel, reading)
        if arguments.preset == "recommended" and situation.level == "node":
            signals = measure(
                data.graph, bench.batch, bench.labels, own_features=situation.has_features, cancel=context.cancel
            )
            parts = _parts(arguments, situation, data, split, signals, others)
        recipe, estimate = _settle(
            arguments, parts, bench, lambda: assemble(options, situation, split, parts), reading.seconds
        )
        comments = {part: " ".join(texts) for part, texts in {**notes, **parts.reasons}.items()}
        comments[""] = estimate.sentence
        return {
            "recipe": recipe.model_dump(mode="json", exclude_none=True),
            "toml": to_toml(recipe, comments),
            "comments": comments,
            "reasons": [text for texts in (*notes.values(), *parts.reasons.values()) for text in texts],
            "warnings": warnings,
            "estimate": estimate.to_plain(),
        }


def _data_options(arguments: Any, context: JobContext, read: ReadBefore) -> DataOptions:  # Any: the job's Config
    from engine.data.reading import read_files
    from engine.data.suggest import options_of
    from engine.project.kept import KeptOptions
    from engine.project.situation import with_targets

    targets = arguments.targets or ((arguments.target,) if arguments.target else ())
    if arguments.data is not None:
        found: DataOptions = arguments.data
        return with_targets(found, targets) if targets else found
    if not arguments.files:
        raise OptionError("There are no files to read.", hint="Name at least one.", path="suggest.files")
    encodings = {"": arguments.encoding} if arguments.encoding else None
    paths = [context.folder / file for file in arguments.files]
    first = targets[0] if targets else None
    kept = KeptOptions(paths, [arguments.encoding, first], context.cancel)
    understood = kept.find()
    if understood is None:
        tables = read_files(paths, encodings, first, cancel=context.cancel, sink=context.sink, read=read)
        understood = options_of(tables)
        kept.keep(understood)
    return with_targets(understood, targets) if len(targets) > 1 else understood


def _targets(arguments: Any, options: DataOptions) -> tuple[str, ...]:  # Any: the job's Config
    from engine.project.situation import target_of

    named: tuple[str, ...] = arguments.targets
    return named or (arguments.target or target_of(options),)


def _check_split(situation: Situation, split: dict[str, Any], data: AnyData) -> None:  # Any: TOML values
    """Refuse a split that names a column which is not there, before anything is measured."""
    from engine.core.errors import RoleError
    from engine.project.opened import close_names

    known = data.items.names
    for name in split.get("columns", ()):
        if name not in known:
            raise RoleError(
                f'The {situation.level} table has no column "{name}" to split by.', hint=close_names(name, known)
            )
        if name in situation.targets:
            raise RoleError(f'The column "{name}" cannot be target and split at once.', hint="Name another column.")


def _others(arguments: Any, options: DataOptions, context: JobContext) -> DataOptions | None:  # Any: as above
    """Return how the files to pretrain on are read: as the run's own, where that does not depend on the file."""
    from engine.data.reading import read_files
    from engine.data.suggest import options_of
    from engine.project.recipe import absolute

    if not arguments.pretrain_on:
        return None
    encodings = {"": arguments.encoding} if arguments.encoding else None
    paths = [context.folder / file for file in arguments.pretrain_on]
    found = options_of(read_files(paths, encodings, None, cancel=context.cancel, sink=context.sink), options.directed)
    return absolute(options.model_copy(update={"tables": found.tables}), context.folder)


def _parts(
    arguments: Any,
    situation: Situation,
    data: AnyData,
    split: dict[str, Any],
    signals: Signals | None,
    others: DataOptions | None,
) -> Draft:  # Any: the job's Config; TOML values
    from engine.project.presets import draft

    is_wanted = arguments.preset == "quick" or others is not None
    pretrain = arguments.pretrain or ("auto" if is_wanted else "none")
    return draft(arguments.preset, situation, pretrain, _train_labels(situation, data, split), signals, others)


def _train_labels(situation: Situation, data: AnyData, split: dict[str, Any]) -> int:  # Any: TOML values
    """Return how many labelled items train, about."""
    from engine.data.splits import SPLITTERS
    from engine.learn.tasks import TASKS
    from engine.project.opened import target_cells

    options = {name: value for name, value in split.items() if name != "type"}
    splitter = SPLITTERS.get(split["type"], "split.type")
    kind = TASKS.get(situation.task["type"])
    task = kind(kind.parse({name: value for name, value in situation.task.items() if name != "type"}, "task"))
    target = task.draft(target_cells(data.items, task.columns))
    found = splitter(splitter.parse(options, "split")).assign(data.items, target, is_class=task.stratifies, seed=0)
    return int(found[0].train.sum())


def _settle(
    arguments: Any, parts: Draft, bench: Bench, recipe: Any, read_seconds: float
) -> tuple[Recipe, Estimate]:  # Any: the job's Config; a function that assembles the recipe anew
    """Measure, and choose by what was measured: for the quick preset width and epochs, and how many seeds."""
    from engine.project.presets import recommended_seeds
    from engine.project.sampling import fits, see_in_parts

    spent = read_seconds + bench.prepare_seconds + bench.floor_seconds()
    if bench.level == "node" and not fits(needed := bench.whole_bytes(recipe()), bench.free):
        see_in_parts(
            parts,
            hops=bench.hops(recipe()),
            num_nodes=bench.batch.num_nodes,
            train_labels=len(bench.labels.rows("train")),
            needed=needed,
            free=bench.free,
        )
    costs = _quick_costs(parts, bench, recipe, spent) if arguments.preset == "quick" else bench.measure(recipe())
    draft: Recipe = recipe()
    splits = bench.splits
    seeds = arguments.seeds or 1
    if arguments.seeds is None and arguments.preset == "recommended":
        seeds = recommended_seeds(parts, bench.estimate(draft, costs, splits).seconds)
    final = draft.replaced({"runtime.seeds": list(range(seeds))})
    return final, bench.estimate(final, costs, splits)


def _quick_costs(parts: Draft, bench: Bench, recipe: Any, spent: float) -> Costs:  # Any: a function, as in `_settle`
    """Give a quick recipe the best width that its time allows, and the epochs; return what was measured of it.

    The narrowest is measured first and a wider one only where that may fit: on a large graph one step of the widest
    takes as long as the whole run should.
    """
    from engine.project.presets import fit_into, least_seconds, quick_seconds, quick_widths, say_width

    trainings = 2 if parts.pretrain is not None else 1
    left = quick_seconds() - spent

    def measured(width: int) -> tuple[Costs, float]:
        parts.encoder["width"] = width
        found = bench.measure(recipe())
        return found, least_seconds(found.epoch, trainings)

    *wider, narrowest = quick_widths()
    costs, needed = measured(narrowest)
    for width in wider:
        # A step grows with the width at most, but for what it takes in any case.
        if needed * width / narrowest / 2 <= left:
            found, wide_needed = measured(width)
            if wide_needed <= left:
                costs, needed = found, wide_needed
                break
    else:
        parts.encoder["width"] = narrowest
    say_width(parts, fits=needed <= left)
    fit_into(parts, costs.epoch, trainings, spent)
    return costs
