"""Columns of free text: words hashed into buckets, weighted by how rare they are."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from engine.data.features._base import Block, Coder, LeftOut, RawColumn

_WORD = re.compile(r"\w+")
# Scripts written without spaces: a run of them is cut into pairs of characters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")


@dataclass(frozen=True)
class TextCoder(Coder):
    """TF-IDF over hashed words: log(1 + count) times idf, each row of unit length.

    The hash is CRC-32 of the word in UTF-8, the same on every machine and in every version; no vocabulary is kept.
    idf = log((1 + N) / (1 + n)) + 1 over the N rows with text, n of them with a word of that bucket.

    Source: hashing after Weinberger et al. (2009); idf as Salton and Buckley (1988), smoothed.
    """

    kind: ClassVar[str] = "text"
    idf: tuple[float, ...]

    @classmethod
    def fit(cls, raw: RawColumn, *, width: int) -> TextCoder | LeftOut:
        """Learn how rare each bucket is.

        Args: width: number of buckets.
        """
        counts = _count(raw, width)
        is_text = np.diff(counts.indptr) > 0
        if not is_text.any():
            return LeftOut(raw.name, "feature.empty", "holds no words")
        rows = counts[is_text]
        if rows.shape[0] == counts.shape[0] and (abs(rows - rows[np.zeros(rows.shape[0], dtype=int)])).nnz == 0:
            return LeftOut(raw.name, "feature.constant", "holds the same words everywhere")
        documents = np.bincount(counts.indices, minlength=width)
        idf = np.log((1 + int(is_text.sum())) / (1 + documents)) + 1
        reason = f"Free text: words hashed into {width} buckets, rare words weigh more (TF-IDF)."
        return cls(raw.name, reason, tuple(round(float(value), 6) for value in idf))

    @property
    def names(self) -> list[str]:
        """One name a bucket."""
        return [f"{self.column} words {bucket}" for bucket in range(len(self.idf))]

    def transform(self, raw: RawColumn) -> Block:
        """Return the weighted rows; text without words, and missing text, is a row of zeros."""
        counts = _count(raw, len(self.idf))
        counts.data = np.log1p(counts.data) * np.asarray(self.idf)[counts.indices]
        length = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.maximum(length, 1e-12), np.diff(counts.indptr))
        return counts.astype(np.float32)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; runs of unspaced scripts as overlapping pairs of characters."""
    found: list[str] = []
    for word in _WORD.findall(text.lower()):
        start = 0
        for run in _UNSPACED.finditer(word):
            found += [word[start : run.start()]] if run.start() > start else []
            characters = run.group()
            found += [characters[i : i + 2] for i in range(max(1, len(characters) - 1))]
            start = run.end()
        found += [word[start:]] if start < len(word) else []
    return found


def _count(raw: RawColumn, width: int) -> sp.csr_matrix:
    """Return how often each bucket occurs in each cell, csr [N, width] float64; equal cells are read once."""
    kinds, texts = pd.factorize(raw.cells, use_na_sentinel=True)
    buckets = [np.array([zlib.crc32(word.encode()) % width for word in words(text)], dtype=np.int32) for text in texts]
    buckets.append(np.empty(0, np.int32))
    sizes = np.array([len(one) for one in buckets])
    indptr = np.concatenate([[0], np.cumsum(sizes)])
    everything: npt.NDArray[np.int32] = np.concatenate(buckets)
    table = sp.csr_matrix((np.ones(len(everything)), everything, indptr), shape=(len(buckets), width))
    table.sum_duplicates()
    return table[kinds]
