"""Molecules written anew, a tenth of zinc_sample held back. Run it with: python -m tests.golden.generate_zinc."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.jobs.executors.inline import run_inline
from engine.jobs.spec import JobSpec
from tests.golden.figures import Figure, main

SAMPLES = 1000


def _read(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Return the negative log-likelihood per token on test and valid, and the trigram's on test, nats."""
    found = {part: metrics[part]["mean"] for part in ("test", "valid")}
    return {**found, "trigram": metrics["floors"]["trigram"]["test"]["mean"]}


def _look(run: Path) -> dict[str, float]:
    """Write a thousand molecules at temperature 1 from vectors of held-back ones, within the grammar and without it."""
    free = _written(run, within_grammar=False)
    found = _written(run, within_grammar=True)
    names = ("valid", "unique", "novel", "rewritten")
    return {**{f"{name}_share": found[name] for name in names}, "valid_share_without_grammar": free["valid"]}


def _written(run: Path, *, within_grammar: bool) -> dict[str, Any]:
    arguments = {"run": str(run), "count": SAMPLES, "temperature": 1.0, "seed": 0, "within_grammar": within_grammar}
    done = run_inline(JobSpec("generate", arguments, "golden"))
    assert done.result is not None, done.error
    return dict(done.result)


FIGURE = Figure(
    key="generate-zinc",
    title="Molecules of zinc_sample written anew, one seed, a tenth held back",
    published="none for this sample",
    floor=None,
    seeds=1,
    suggest={"preset": "recommended", "split": "random"},
    changes={
        "split.train": 0.85,
        "split.valid": 0.05,
        "split.test": 0.1,
        "encoder.width": 128,
        "finetune.training.epochs": 10,
    },
    read=_read,
    look=_look,
    data="zinc_sample",
    target="smiles",
    metric="negative log-likelihood per token, nats",
    is_error=True,
)

if __name__ == "__main__":
    main(FIGURE)
