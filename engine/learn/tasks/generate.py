"""Write each graph of a collection as text: molecules as SMILES, one token after another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from engine.core.component import option
from engine.core.errors import RoleError
from engine.core.events import EventSink, Notice, silent
from engine.data.chem.grammar import Vocabulary, tokens
from engine.data.splits._base import Split
from engine.graph.batch import GraphBatch
from engine.learn.tasks._base import FittedTask, Target, Task, TaskConfig
from engine.nn.heads import Head
from engine.nn.sequence import SequenceHead


class Generate(Task):
    """Write every molecule as its SMILES, from its vector alone: the model learns what its vectors hold.

    A trained model rewrites molecules, writes others near to one, and walks from one to another. The target is the
    column of SMILES; kekulized, so that valence can be looked after while writing. Learnt from the train items alone:
    which tokens there are, how long a text may be. The loss is the negative log-likelihood of a token, in nats.

    Source: a generative decoder on a graph's vector with its likelihood as loss, as Gómez-Bombarelli et al. (2018),
    "Automatic chemical design using a data-driven continuous representation of molecules", have it on a text's.
    """

    key = "generate"
    label = "Molecules written anew"
    level = "graph"
    is_class = False

    class Config(TaskConfig):
        width: int = option(256, "Numbers that the writer remembers.", ge=8, le=4096)
        noise: float = option(
            0.05, "Noise on the vectors while training, so that near ones are written alike.", ge=0, le=2
        )
        longest: int = option(120, "Most tokens of a text that is learnt; longer ones are left out.", ge=8, le=1000)

    def draft(self, values: NDArray[np.object_]) -> Target:
        """Say which cells can be written, 0, and which cannot, NaN."""
        texts = written(values)
        if not any(texts):
            raise RoleError(
                f'The column "{self.config.target}" holds no molecule that can be written as a SMILES.',
                hint="Choose the column of SMILES.",
            )
        return np.array([0.0 if text else math.nan for text in texts])

    def fit(self, values: NDArray[np.object_], split: Split, *, sink: EventSink = silent) -> FittedSequence:
        """Learn the tokens, and the longest text, from the train items."""
        from engine.data.chem.written import vocabulary

        texts = written(values)
        train = [text for text, is_train in zip(texts, split.train, strict=True) if is_train and text]
        if not train:
            raise RoleError(
                f'The train part of "{split.name}" holds no molecule of "{self.config.target}".',
                hint="Choose another split or column.",
            )
        known = vocabulary(train)
        lengths = [len(tokens(text)) + 2 for text in train]
        fitted = FittedSequence(
            self.config.target,
            known,
            length=min(max(lengths), self.config.longest),
            width=self.config.width,
            noise=self.config.noise,
        )
        lost = sum(1 for text in texts if text and known.encode(text, fitted.length) is None)
        if lost:
            text = f"{lost} molecules are left out: longer than any of train, or with atoms that none of train has."
            sink(Notice("info", "task.unwritten", text, {"items": lost}))
        return fitted

    @classmethod
    def restore(cls, plain: Mapping[str, Any]) -> FittedSequence:  # Any: JSON values
        """Rebuild a fitted task from its plain state."""
        known = Vocabulary(tuple(plain["tokens"]), tuple(plain["bonds"]))
        return FittedSequence(
            plain["target"], known, length=plain["length"], width=plain["state_width"], noise=plain["noise"]
        )


class FittedSequence(FittedTask):
    """A task of writing that has seen its train items.

    Its logits are the log-probabilities of the true tokens, [n, L - 1], and its target holds the tokens, [n, L].

    Args: target_name: column of SMILES. vocabulary: V tokens. length: L, with begin and end. width: of the writer's
        state. noise: on the vectors while training.
    """

    def __init__(self, target_name: str, vocabulary: Vocabulary, *, length: int, width: int, noise: float) -> None:
        self.key = Generate.key
        self.kind = "sequence"
        self.target_name = target_name
        self.vocabulary = vocabulary
        self.length = length
        self.state_width = width
        self.noise = noise
        self.width = length - 1
        self.class_names = ()
        self.main_metric = "nll"
        self.maximise = False

    def encode(self, values: NDArray[np.object_]) -> Target:
        """Return the tokens of each cell, int16 [n, L]; all 0 where it cannot be written."""
        found = np.zeros((len(values), self.length), dtype=np.int16)
        for row, text in enumerate(written(values)):
            numbers = self.vocabulary.encode(text, self.length) if text else None
            if numbers is not None:
                found[row] = numbers
        return found

    def known(self, target: Target) -> NDArray[np.bool_]:
        """Return which items have tokens, shape [n]."""
        return np.asarray(target[:, 0] > 0)

    def make_head(self, in_width: int) -> Head:
        """Return a writing head for graph vectors of `in_width` numbers."""
        return SequenceHead(in_width, len(self.vocabulary), self.length, self.state_width, self.noise)

    def told(self, batch: GraphBatch, target: Target) -> GraphBatch:
        """Return the graphs with their tokens beside them: those before a place are what the next is said after."""
        return batch.with_tokens(torch.from_numpy(target).to(batch.device))

    def loss(self, logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the mean negative log-likelihood of a token, nats."""
        return -logits.sum() / (target[:, 1:] > 0).sum().clamp_min(1)

    def main_score(self, logits: torch.Tensor, target: torch.Tensor) -> float:
        """Return the same as the loss."""
        return self.loss(logits, target).item()

    def scores(self, logits: NDArray[np.float32], target: Target) -> dict[str, float]:
        """Return the negative log-likelihood per token and per molecule, nats."""
        known = self.known(target)
        total, tokens = -float(logits[known].sum(dtype=np.float64)), int((target[known][:, 1:] > 0).sum())
        return {"nll": total / tokens, "nll_per_item": total / int(known.sum())} if tokens else {}

    def decode(self, logits: NDArray[np.float32]) -> pd.DataFrame:
        """Return `surprise`: the negative log-likelihood of a token, NaN where there is no text."""
        said = (logits != 0).sum(1)
        total = -logits.sum(1, dtype=np.float64)
        return pd.DataFrame({"surprise": np.divide(total, said, out=np.full(len(said), np.nan), where=said > 0)})

    def report(self, logits: NDArray[np.float32], target: Target) -> dict[str, Any]:  # Any: JSON values
        """Return the scores and how many molecules and tokens they are over."""
        known = self.known(target)
        return {
            "support": int(known.sum()),
            "tokens": int((target[known][:, 1:] > 0).sum()),
            **self.scores(logits, target),
        }

    def estimate(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return log-probabilities of tokens as they are."""
        return logits.astype(np.float64)

    def to_logits(self, estimate: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return log-probabilities of tokens as they are."""
        return estimate.astype(np.float32)

    def tensor(self, target: Target, device: torch.device) -> torch.Tensor:
        """Return the tokens as they are, int16 [n, L]."""
        return torch.from_numpy(target).to(device)

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the state as JSON values."""
        return {
            "type": self.key,
            "kind": self.kind,
            "target": self.target_name,
            "tokens": list(self.vocabulary.names),
            "bonds": list(self.vocabulary.bonds),
            "length": self.length,
            "state_width": self.state_width,
            "noise": self.noise,
        }


def written(values: NDArray[np.object_]) -> list[str | None]:
    """Return the kekulized SMILES of each cell, None where there is no molecule of at least one token."""
    from engine.data.chem.written import kekulized

    return [kekulized(value) if isinstance(value, str) and value.strip() else None for value in values]
