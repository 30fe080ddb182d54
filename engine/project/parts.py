"""A recipe's components, found and checked: what is wrong with a recipe is known before any work starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.component import Config
from engine.core.errors import MismatchError
from engine.data.known import known_names
from engine.data.splits import SPLITTERS, Splitter
from engine.learn.finetuning import check_term
from engine.learn.loaders import LOADERS
from engine.learn.loaders._base import Loader
from engine.learn.loaders.full import Full
from engine.learn.objectives import OBJECTIVES
from engine.learn.objectives._base import Objective
from engine.learn.runtime import derived_seed, seed_everything
from engine.learn.strategies import STRATEGIES
from engine.learn.strategies._base import Strategy
from engine.learn.tasks import TASKS
from engine.learn.tasks._base import FittedTask, Task
from engine.learn.terms import TERMS
from engine.learn.terms._base import Term
from engine.nn.encoders import ENCODERS
from engine.nn.encoders._base import Encoder
from engine.nn.model import Model
from engine.nn.readouts import READOUTS
from engine.nn.readouts._base import Readout
from engine.nn.whole import WholeName, WholeNumbers
from engine.project.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that a recipe names, each with its own options.

    Args: splitter, task, strategy: ready. objective: None without pretraining. encoder, encoder_options: to build
        encoders from, as the width of the features is known later. term: the loss beside that of the labels.
        loader: what one step sees of the graph. readout, readout_options: for whole graphs, built like the encoder.
    """

    splitter: Splitter
    task: Task
    encoder: type[Encoder]
    encoder_options: Config
    objective: Objective | None
    strategy: Strategy
    term: Term | None = None
    loader: Loader = Full(Full.Config())
    readout: type[Readout] | None = None
    readout_options: Config | None = None

    def new_encoder(self, in_width: int, seed: int, *, edge_width: int = 0) -> Encoder:
        """Return an encoder with the first weights of a seed: the same for every stage of that seed.

        Args: in_width: F. edge_width: D, columns of what edges carry.
        """
        seed_everything(derived_seed(seed, "encoder"))
        for_graphs = self.readout is not None
        return self.encoder.build(self.encoder_options, in_width, edge_width=edge_width, for_graphs=for_graphs)

    def new_model(self, in_width: int, task: FittedTask, seed: int, *, edge_width: int = 0) -> Model:
        """Return encoder, readout and head with the first weights of a seed.

        Args: in_width: F. task: says what the head answers. edge_width: D, columns of what edges carry.
        """
        encoder = self.new_encoder(in_width, seed, edge_width=edge_width)
        seed_everything(derived_seed(seed, "head"))
        readout = None if self.readout is None else self.readout(self.readout_options, encoder.out_width)
        head = task.make_head(encoder.out_width if readout is None else readout.out_width)
        name = self.whole
        whole = None if name is None else WholeNumbers(name, len(known_names(name, in_width)))
        return Model(encoder, task.width, readout, head, whole)

    @property
    def whole(self) -> WholeName | None:
        """The numbers of whole graphs that are read beside the readout, None without any."""
        name: WholeName | Literal["nothing"] = getattr(self.readout_options, "whole", "nothing")
        return None if name == "nothing" else name

    def check_strategy(self, in_width: int, task: FittedTask, *, edge_width: int = 0) -> None:
        """Make sure that the strategy suits the encoder, which shows when the width of the features is known.

        Args: in_width: F. task: says what the head answers. edge_width: D, columns of what edges carry.
        Raises: MismatchError: it does not, for example as adapters do not fit into their share of the weights.
        """
        self.strategy.extend(self.new_model(in_width, task, 0, edge_width=edge_width))


def resolve(recipe: Recipe) -> Parts:
    """Find and check every component of a recipe.

    Raises: UnknownComponentError: a key is in no registry. OptionError: an option is unknown or out of range.
        MismatchError: the strategy needs a pretrained encoder and the recipe has none, or there is a loss beside the
        labels and the encoder never moves, or labels are to be columns where they cannot.
    """
    splitter = SPLITTERS.get(recipe.split.type, "split.type")
    task = TASKS.get(recipe.task.type, "task.type")
    encoder = ENCODERS.get(recipe.encoder.type, "encoder.type")
    strategy = STRATEGIES.get(recipe.finetune.type, "finetune.type")
    objective = None
    if recipe.pretrain is not None:
        kind = OBJECTIVES.get(recipe.pretrain.type, "pretrain.type")
        objective = kind(kind.parse(recipe.pretrain.options(), "pretrain"))
    parts = Parts(
        splitter(splitter.parse(recipe.split.options(), "split")),
        task(task.parse(recipe.task.options(), "task")),
        encoder,
        encoder.parse(recipe.encoder.options(), "encoder"),
        objective,
        strategy(strategy.parse(recipe.finetune.options(), "finetune")),
        _term(recipe),
        _loader(recipe),
        *_readout(recipe),
    )
    _check_level(recipe, parts)
    if strategy.needs_pretrained and objective is None:
        raise MismatchError(
            f'"finetune.type" is "{strategy.key}", which starts from a pretrained encoder, but there is no "pretrain".',
            hint='Add a [pretrain] table, or set finetune.type to "scratch".',
            path="finetune.type",
        )
    if recipe.unlabelled is not None and objective is None:
        raise MismatchError(
            'There are "unlabelled" graphs to pretrain on, but there is no "pretrain".',
            hint="Add a [pretrain] table, or remove [unlabelled].",
            path="unlabelled",
        )
    if recipe.transfer is not None and (objective is None or not strategy.needs_pretrained):
        raise MismatchError(
            'There is a "transfer", but no "pretrain" that says how its encoder was made, or "finetune.type" does not '
            "start from it.",
            hint="Let the run command write all of them: run RECIPE --transfer-from RUN.",
            path="transfer",
        )
    if recipe.noise.loss == "generalised" and not task.is_class:
        raise MismatchError(
            '"noise.loss" is "generalised", which is for classes, and the target holds numbers.',
            hint='Set noise.loss to "cross_entropy".',
            path="noise.loss",
        )
    if recipe.labels.reuse:
        _check_reuse(recipe, parts)
    if parts.term is not None:
        check_term(parts.strategy, recipe.finetune.training.epochs)
    return parts


def _check_level(recipe: Recipe, parts: Parts) -> None:
    """Refuse parts for nodes in a recipe for whole graphs, and the other way round.

    Raises: MismatchError.
    """
    of_graphs = parts.task.level == "graph"
    task = f'"task.type" is "{parts.task.key}", which is about {"whole graphs" if of_graphs else "nodes"}'
    if (parts.loader.level == "graph") != of_graphs:
        raise MismatchError(
            f'{task}, but "loader.type" is "{parts.loader.key}".',
            hint=f'Set loader.type to "{"graphs" if of_graphs else "full"}".',
            path="loader.type",
        )
    if (parts.readout is not None) != of_graphs:
        raise MismatchError(
            f'{task}, but there is {"no" if of_graphs else "a"} "readout", which makes one vector of a graph.',
            hint='Add a [readout] table with type = "mean".' if of_graphs else "Remove [readout].",
            path="readout",
        )
    if parts.objective is not None and parts.objective.needs_graphs() and not of_graphs:
        raise MismatchError(
            f'{task}, but "pretrain.type" is "{parts.objective.key}", which looks at many graphs.',
            hint='Choose another objective, such as "attributes".',
            path="pretrain.type",
        )
    if parts.whole is not None and parts.task.key == "generate":
        raise MismatchError(
            f'{task}; molecules are written from their vectors alone, and "readout.whole" is "{parts.whole}".',
            hint='Set readout.whole to "nothing".',
            path="readout.whole",
        )
    only_nodes = (
        (parts.term is not None, "beside"),
        (recipe.noise.prune != "off", "noise.prune"),
        (recipe.noise.drop_edge > 0, "noise.drop_edge"),
        (recipe.labels.reuse, "labels.reuse"),
        (recipe.after.smooth != "off", "after.smooth"),
    )
    for is_set, path in only_nodes:
        if is_set and of_graphs:
            raise MismatchError(f'{task}; "{path}" is for nodes.', hint=f'Leave "{path}" out.', path=path)


def _check_reuse(recipe: Recipe, parts: Parts) -> None:
    """Refuse labels as columns beside what cannot go with them.

    Raises: MismatchError.
    """
    troubles = (
        (not parts.task.is_class, "the target holds numbers and not classes", "task.type"),
        (parts.objective is not None, "an encoder is pretrained on columns that hold no labels", "pretrain"),
        (parts.loader.samples, "labels are hidden over the whole graph and not over samples of it", "loader.type"),
        (parts.term is not None, "a loss beside that of the labels would see those that are asked for", "beside"),
    )
    for is_so, reason, path in troubles:
        if is_so:
            raise MismatchError(
                f'"labels.reuse" is on, but {reason}.',
                hint=f'Set labels.reuse to false, or change "{path}".',
                path="labels.reuse",
            )


def strategy_of(manifest: Mapping[str, Any]) -> Strategy:  # Any: JSON values
    """Return the strategy that a checkpoint's manifest names; one from before it was named adds no weights.

    `extend` of it makes a new model ready for the checkpoint's weights.
    """
    plain = dict(manifest.get("strategy") or {"type": "scratch"})
    kind = STRATEGIES.get(str(plain.pop("type")))
    return kind(kind.parse(plain, "strategy"))


def strategy_to_plain(strategy: Strategy) -> dict[str, Any]:  # Any: JSON values
    """Return what `strategy_of` understands, under "strategy"."""
    return {"strategy": {"type": strategy.key, **strategy.config.model_dump(mode="json")}}


def _term(recipe: Recipe) -> Term | None:
    if recipe.beside is None:
        return None
    kind = TERMS.get(recipe.beside.type, "beside.type")
    return kind(kind.parse(recipe.beside.options(), "beside"))


def _readout(recipe: Recipe) -> tuple[type[Readout] | None, Config | None]:
    if recipe.readout is None:
        return None, None
    kind = READOUTS.get(recipe.readout.type, "readout.type")
    return kind, kind.parse(recipe.readout.options(), "readout")


def _loader(recipe: Recipe) -> Loader:
    kind = LOADERS.get(recipe.loader.type, "loader.type")
    return kind(kind.parse(recipe.loader.options(), "loader"))
