"""Many texts in two arrays: their bytes one behind the other, and where each begins. A tenth of Python's objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts as UTF-8.

    Args: data: uint8, the bytes of all texts, then PADDING more. offsets: int64 [M+1], where each begins.
    """

    data: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    PADDING: ClassVar[int] = 64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, place: int) -> str:
        return self.data[self.offsets[place] : self.offsets[place + 1]].tobytes().decode("utf-8", "surrogatepass")

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Return these texts."""
        data = "".join(texts).encode("utf-8", "surrogatepass")
        offsets = np.zeros(len(texts) + 1, np.int64)
        if len(data) == sum(map(len, texts)):
            lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        else:
            lengths = np.fromiter((len(text.encode("utf-8", "surrogatepass")) for text in texts), np.int64, len(texts))
        np.cumsum(lengths, out=offsets[1:])
        return cls(np.concatenate([np.frombuffer(data, np.uint8), np.zeros(cls.PADDING, np.uint8)]), offsets)

    def to_list(self, first: int | None = None) -> list[str]:
        """Return the texts, or the first ones, as Python's."""
        size = len(self) if first is None else min(first, len(self))
        data = self.data[: self.offsets[size]].tobytes()
        if data.isascii():
            # One decoding for all, then slices: half the time of one decoding each.
            text = data.decode("ascii")
            bounds = self.offsets[: size + 1].tolist()
            return [text[begin:end] for begin, end in zip(bounds, bounds[1:], strict=False)]
        bounds = self.offsets[: size + 1].tolist()
        pairs = zip(bounds, bounds[1:], strict=False)
        return [data[begin:end].decode("utf-8", "surrogatepass") for begin, end in pairs]

    def objects(self) -> npt.NDArray[np.object_]:
        """Return the texts as an array of Python's: [M] object."""
        out = np.empty(len(self), dtype=object)
        out[:] = self.to_list()
        return out

    def halves(self) -> tuple[Texts, Texts]:
        """Return the first half of the texts and the others, over the same bytes."""
        middle = len(self) // 2
        return Texts(self.data, self.offsets[: middle + 1]), Texts(self.data, self.offsets[middle:])

    def lengths(self) -> npt.NDArray[np.int64]:
        """Return the number of bytes of each text, int64 [M]."""
        return np.diff(self.offsets)

    def take(self, places: npt.NDArray[np.integer]) -> Texts:
        """Return the texts at these places."""
        lengths = self.lengths()[places]
        offsets = np.zeros(len(places) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        data = np.zeros(int(offsets[-1]) + self.PADDING, np.uint8)
        data[: offsets[-1]] = self.data[_spread(self.offsets[:-1][places], lengths, offsets)]
        return Texts(data, offsets)

    @classmethod
    def join(cls, parts: Sequence[Texts]) -> Texts:
        """Return the texts of several lists, one list behind the other."""
        if len(parts) == 1:
            return parts[0]
        sizes = np.cumsum([0, *(int(part.offsets[-1]) for part in parts)])
        offsets = [part.offsets[:-1] + before for part, before in zip(parts, sizes[:-1], strict=True)]
        data = [part.data[: part.offsets[-1]] for part in parts]
        return cls(np.concatenate([*data, np.zeros(cls.PADDING, np.uint8)]), np.concatenate([*offsets, sizes[-1:]]))


def _spread(
    begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return begin, begin + 1 … for each text, one behind the other."""
    return np.arange(offsets[-1], dtype=np.int64) + np.repeat(begins - offsets[:-1], lengths)
