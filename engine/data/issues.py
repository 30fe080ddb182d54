"""What is wrong with single places of the user's data, collected while reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.core.events import EventSink, IssueFound, silent, to_plain


class IssueLog:
    """Collect issues, hand each to a sink, and count those past the cap instead of keeping them.

    Args:
        sink: told of every issue that is kept.
        cap: most issues of one code that are kept; `counts` goes on counting.
    """

    def __init__(self, sink: EventSink = silent, cap: int = 1000) -> None:
        self.counts: Counter[str] = Counter()
        self._kept: Counter[str] = Counter()
        self.issues: list[IssueFound] = []
        self._sink = sink
        self._cap = cap

    def add(
        self,
        code: str,
        text: str,
        *,
        file: str = "",
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
        count: int = 1,
    ) -> None:
        """Note one issue.

        Args:
            code: stable identifier ("data.row"), the unit of counting.
            text: one sentence for people.
            file, line, column, value: the place, as far as there is one; lines count from 1.
            count: for how many places it stands; the one given is the first of them.
        """
        self.counts[code] += count
        self._kept[code] += 1
        if self._kept[code] > self._cap:
            return
        issue = IssueFound(code=code, text=text, file=file, line=line, column=column, value=value)
        self.issues.append(issue)
        self._sink(issue)

    def replay(self, issues: Sequence[IssueFound], counts: Mapping[str, int]) -> None:
        """Take over what another log collected: its issues, and how many places each code stands for."""
        for issue in issues:
            self._kept[issue.code] += 1
            if self._kept[issue.code] <= self._cap:
                self.issues.append(issue)
                self._sink(issue)
        self.counts.update(counts)

    def listed(self, code: str, rows: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
        """Return the first rows, as many as are kept of one code, and count the others at once."""
        if len(rows) > self._cap:
            self.counts[code] += len(rows) - self._cap
        return rows[: self._cap]

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return `{issues: [...], issue_counts: {code: n}}`."""
        return {"issues": [to_plain(issue) for issue in self.issues], "issue_counts": dict(self.counts)}
