"""Let a run that learnt to write molecules write some: anew, near to one, or on the way from one to another."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from engine.core.component import Config as ConfigBase
from engine.core.component import option
from engine.core.errors import MismatchError, OptionError
from engine.core.events import StageStarted
from engine.jobs._base import Job
from engine.jobs.spec import JobContext
from engine.project.runs import RunFolder

if TYPE_CHECKING:
    import torch

    from engine.infer.fitted import Fitted
    from engine.learn.tasks.generate import FittedSequence
    from engine.nn.sequence import SequenceHead

_SHOWN = 100


class Generate(Job):
    """Write molecules from vectors: those of held-back molecules, of one molecule and its surroundings, or between two.

    Each text is drawn token by token within the grammar of SMILES; what comes out is read by RDKit. Novel is what is
    not among the train molecules, unique counts different molecules among the valid ones.

    Source: the measures of Polykovskiy et al. (2020), "Molecular sets (MOSES)", section 3.
    """

    key = "generate"
    label = "Write molecules"
    lane: ClassVar[Literal["train", "quick"]] = "train"

    class Config(ConfigBase):
        run: str = option(..., "Folder of a run whose task is `generate`.")
        near: str | None = option(None, "A SMILES to write near to; the test molecules of the run when absent.")
        to: str | None = option(None, "A second SMILES: molecules on the way from the first to it.")
        count: int = option(1000, "How many are written.", ge=1, le=100_000)
        spread: float = option(0.0, "Noise on the vectors before writing, in their own scale.", ge=0, le=10)
        temperature: float = option(1.0, "0 takes the likeliest token, 1 draws as the model says.", ge=0, le=5)
        within_grammar: bool = option(True, "Leave out tokens after which no molecule can come.", advanced=True)
        seed: int = option(0, "Seed of what is drawn.", ge=0)
        out: str | None = option(None, "Table to write, .csv or .parquet.")

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: this job's Config; JSON values
        """Return how good they are, and the first of them.

        Returns: `{count, valid, unique, novel, rewritten, molecules: [{smiles, valid, novel}], path, sentence}`;
            shares of one; `rewritten` is the share of vectors whose likeliest text is the molecule they are of, None
            where they are of no single one. Unique and novel are shares of the valid ones.
        Raises: MismatchError: the run writes no molecules. OptionError: a SMILES cannot be read.
        """
        import torch

        from engine.data.chem.written import canonical
        from engine.infer.writing import write
        from engine.project.fitted import load_fitted

        run = RunFolder(context.folder / arguments.run)
        run.check()
        context.sink(StageStarted("read", 0, 2))
        fitted = load_fitted(run, sink=context.sink)
        if fitted.task.kind != "sequence":
            raise MismatchError(
                f"The run {run.path.name} predicts {fitted.task.target_name} and writes no molecules.",
                hint='Train one with task.type = "generate".',
            )
        task: FittedSequence = fitted.task  # type: ignore[assignment]  # what its kind says
        generator = torch.Generator().manual_seed(arguments.seed)
        vectors, originals, known = _vectors(run, fitted, arguments, generator, context)
        context.sink(StageStarted("write", 1, 2))
        head: SequenceHead = fitted.model.head.inner  # type: ignore[assignment]  # what the task made
        how: dict[str, Any] = {"within_grammar": arguments.within_grammar, "cancel": context.cancel}
        texts = write(head, vectors, task.vocabulary, temperature=arguments.temperature, generator=generator, **how)
        found = [canonical(text) for text in texts]
        rewritten = None
        if originals is not None:
            likeliest = write(head, vectors, task.vocabulary, temperature=0, **how)
            same = [canonical(text) == own for text, own in zip(likeliest, originals, strict=True)]
            rewritten = sum(same) / len(same)
        path = _written(arguments, context, texts, found, known)
        return _told(texts, found, known, rewritten, path)


def _vectors(
    run: RunFolder,
    fitted: Fitted,
    arguments: Any,  # Any: the job's Config
    generator: torch.Generator,
    context: JobContext,
) -> tuple[torch.Tensor, list[str | None] | None, set[str]]:
    """Return what to write from, the molecules that the vectors are of, and those that the model was trained on."""
    import numpy as np
    import torch

    from engine.data.chem.written import canonical
    from engine.infer.embedder import item_vectors
    from engine.infer.writing import between
    from engine.jobs._molecules import known_molecules
    from engine.project.opened import open_data

    kept = known_molecules(run)
    assert kept is not None, "a run that writes molecules is about molecules"
    train = {own for own in (canonical(str(text)) for text in kept.smiles[kept.of_part("train")]) if own}
    if arguments.near is not None:
        ends = [arguments.near, *([arguments.to] if arguments.to is not None else [])]
        own = _of_new(run, fitted, ends, context)
        if len(ends) == 2:
            return between(own[0], own[1], arguments.count), None, train
        vectors = own.expand(arguments.count, -1)
    elif arguments.to is not None:
        raise OptionError("There is no molecule to start from.", hint="Name it, too.", path="generate.near")
    else:
        data = open_data(run.recipe().data, sink=context.sink, cancel=context.cancel).data
        rows = np.resize(kept.of_part("test"), arguments.count)
        everything = item_vectors(fitted.model, fitted.batch(data), context.cancel)
        vectors = torch.from_numpy(everything[rows])
        originals = [canonical(str(text)) for text in kept.smiles[rows]]
        if not arguments.spread:
            return vectors, originals, train
    scale = vectors.std(dim=1, keepdim=True)
    noise = torch.randn(vectors.shape, generator=generator)
    return vectors + arguments.spread * scale * noise, None, train


def _of_new(run: RunFolder, fitted: Fitted, smiles: list[str], context: JobContext) -> torch.Tensor:
    """Return the vectors of molecules that are in no file."""
    import torch

    from engine.data.chem.written import canonical
    from engine.infer.embedder import item_vectors
    from engine.project.new_data import options_for
    from engine.project.opened import open_data

    for text in smiles:
        if canonical(text) is None:
            raise OptionError(f'"{text}" is not a molecule that can be read.', hint="Check the SMILES.", path="near")
    recipe = run.recipe()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "asked.csv"
        file.write_text("\n".join([fitted.task.target_name, *smiles]) + "\n", encoding="utf-8")
        data = open_data(options_for(recipe.data, [file]), cancel=context.cancel).data
    return torch.from_numpy(item_vectors(fitted.model, fitted.batch(data), context.cancel))


def _written(
    arguments: Any,  # Any: the job's Config
    context: JobContext,
    texts: list[str],
    found: list[str | None],
    known: set[str],
) -> str | None:
    if arguments.out is None:
        return None
    import pandas as pd

    from engine.export._base import Content
    from engine.jobs._writing import write

    table = pd.DataFrame(
        {
            "smiles": [own or text for text, own in zip(texts, found, strict=True)],
            "valid": [own is not None for own in found],
            "novel": [own is not None and own not in known for own in found],
        }
    )
    out = context.folder / arguments.out
    write(Content("predictions", table=table), out, context.sink)
    return str(out)


def _told(
    texts: list[str], found: list[str | None], known: set[str], rewritten: float | None, path: str | None
) -> dict[str, Any]:  # Any: JSON values
    valid = [own for own in found if own]
    unique = set(valid)
    shares = {
        "valid": len(valid) / len(found),
        "unique": len(unique) / len(valid) if valid else 0.0,
        "novel": sum(own not in known for own in valid) / len(valid) if valid else 0.0,
    }
    again = "" if rewritten is None else f" {rewritten:.0%} of the vectors give their own molecule back."
    sentence = (
        f"Of {len(found):,} texts {shares['valid']:.1%} are molecules; of these {shares['unique']:.1%} are different "
        f"from each other and {shares['novel']:.1%} are not among those trained on.{again}"
    )
    shown = [
        {"smiles": own or text, "valid": own is not None, "novel": own is not None and own not in known}
        for text, own in list(zip(texts, found, strict=True))[:_SHOWN]
    ]
    return {
        "count": len(found),
        **shares,
        "rewritten": rewritten,
        "molecules": shown,
        "path": path,
        "sentence": sentence,
    }
