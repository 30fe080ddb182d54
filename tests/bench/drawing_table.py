"""Write drawing.md of the help, in every language, from the JSON lines: `python -m tests.bench.drawing_table`.

Each benchmark of drawing and layout brings its own bars; of several lines of one case and variant the last one counts.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench import canvas
from tests.bench.bars import HEAD, Bar, Lines, machine
from tests.bench.pairs import RESULTS

# Heading and bars of each table, in the order of the page.
TABLES: tuple[tuple[str, tuple[Bar, ...]], ...] = (("Drawing", canvas.BARS),)


def page(folder: Path = RESULTS) -> str:
    """Return the page as Markdown."""
    lines = Lines.read(folder)
    benches = {bar.bench for _, bars in TABLES for bar in bars}
    parts = [
        "# Drawing, measured",
        "",
        "Made by `python -m tests.bench.drawing_table` from the JSON lines that the commands write: medians of rounds "
        "in which every variant runs in a process of its own, in turns; ratios are taken round by round. Graphs, views "
        "and every other definition stand in the docstring of each command. " + machine(lines, benches),
    ]
    for heading, bars in TABLES:
        parts += ["", f"## {heading}", "", *HEAD, *(bar.row(lines) for bar in bars)]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    # Here alone: the translation is the window's, and the pages are tested without it.
    from tests.support import help_pages

    help_pages.write("drawing.md", page())
