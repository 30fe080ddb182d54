"""Take the window's picture in six states: `python -m tests.support.make_states [--out FOLDER] [--only WORDS…]`.

Every state in light and dark and in each language, in three arrangements: screens of 1280×720 and of 2560×1440 at
100 %, and one of 2560×1440 at 200 %; 72 pictures in all. 1280×720 at 200 % is left out: it leaves 640×360 logical
pixels, less than the window's smallest size, and nobody has such a screen. 2560×1440 at 200 % has the layout of
1280×720 at 100 %, and shows whether icons, curves and canvases are drawn as sharp as the screen is.

`--only dark zh_CN inspect 1280x720` takes fewer of them: of each kind of word (state, theme, language, logical size,
scale in percent) those that are named, all where none is. Two short trainings are made once and kept in FOLDER/project.
Beside the pictures lies `index.html`; what a machine can see to be wrong is printed, and the exit code is 1 then.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATES = ("welcome", "import", "explore", "inspect", "comparison", "training")
THEMES = ("light", "dark")
LANGUAGES = ("en", "zh_CN")
# Logical sizes by scale in percent.
SIZES = {100: ("1280x720", "2560x1440"), 200: ("1280x720",)}
_KINDS = (STATES, THEMES, LANGUAGES, SIZES[100], tuple(map(str, SIZES)))
_PREPARE = "prepare"


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures. Returns: 0 when a machine sees nothing wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "artefacts" / "states")
    parser.add_argument("--only", nargs="*", default=[], choices=[word for kind in _KINDS for word in kind], metavar="")
    parser.add_argument("--do", choices=(_PREPARE, *map(str, SIZES)), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    out: Path = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    if given.do == _PREPARE:
        _prepare(out)
        return 0
    if given.do is not None:
        _take(int(given.do), out, given.only)
        return 0
    if _project(out) is None:
        _child(_PREPARE, out, given.only)
    # A scale belongs to a process.
    scales = [str(scale) for scale in SIZES if _keeps(given.only, str(scale))]
    for scale in scales:
        _child(scale, out, given.only)
    taken = [shot for scale in scales for shot in json.loads(_listing(out, scale).read_text(encoding="utf-8"))]
    (out / "index.html").write_text(_page(taken), encoding="utf-8")
    for shot in taken:
        for line in shot["wrong"]:
            sys.stdout.write(f"{shot['words']}: {line}\n")
    wrong = sum(bool(shot["wrong"]) for shot in taken)
    sys.stdout.write(f"{len(taken)} pictures, {wrong} with something wrong; see {out / 'index.html'}\n")
    return int(wrong > 0)


def _child(what: str, out: Path, only: Sequence[str]) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    if what != _PREPARE:
        environment["QT_SCALE_FACTOR"] = str(int(what) / 100)
    command = [sys.executable, "-m", "tests.support.make_states", "--do", what, "--out", str(out), "--only", *only]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def _prepare(out: Path) -> None:
    from app import bootstrap
    from tests.support.six_states import copied, prepare

    with tempfile.TemporaryDirectory() as home:
        made = prepare(bootstrap.make_application(["kith"]), Path(home), out / "company")
        copied(made, out / "project")


def _take(scale: int, out: Path, only: Sequence[str]) -> None:
    """Take the pictures of one scale, and list them with what is wrong in them."""
    from app import bootstrap
    from tests.support.six_states import Showing, copied

    application = bootstrap.make_application(["kith"])
    project = _project(out)
    assert project is not None
    taken: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        for language in (one for one in LANGUAGES if _keeps(only, one)):
            home = Path(name) / language
            own = copied(project, home / "projects")
            showing = Showing(application, home, language, project=own, tables=out / "company")
            for state in (one for one in STATES if _keeps(only, one)):
                showing.go_to(state)
                wanted = [(theme, size) for theme in THEMES for size in SIZES[scale]]
                for theme, size in wanted:
                    if _keeps(only, theme) and _keeps(only, size):
                        wide, high = map(int, size.split("x"))
                        showing.arrange(state, wide, high)
                        real = "x".join(str(side * scale // 100) for side in (wide, high))
                        file = f"{state}-{language}-{theme}-{real}-{scale}.png"
                        wrong = showing.take(theme, out / file)
                        words = f"{state}, {language}, {theme}, {real} at {scale} %"
                        taken.append({"file": file, "words": words, "wrong": wrong})
            showing.close()
    _listing(out, str(scale)).write_text(json.dumps(taken), encoding="utf-8")


def _keeps(only: Sequence[str], word: str) -> bool:
    """Whether a word is wanted: none of its kind is named, or it is."""
    return all(word in only or not set(kind) & set(only) for kind in _KINDS if word in kind)


def _project(out: Path) -> Path | None:
    return next(iter(sorted(path.parent for path in (out / "project").glob("*/project.json"))), None)


def _listing(out: Path, scale: str) -> Path:
    return out / f"found-{scale}.json"


def _page(taken: Sequence[dict[str, Any]]) -> str:
    """Return a page that shows the pictures small, each a link to the whole, with what is wrong below."""
    parts = []
    for shot in taken:
        file, words = html.escape(shot["file"]), html.escape(shot["words"])
        wrong = "".join(f"<li>{html.escape(line)}</li>" for line in shot["wrong"])
        picture = f'<a href="{file}"><img src="{file}" alt="{words}" loading="lazy"></a>'
        parts.append(f"<figure>{picture}<figcaption>{words}<ul>{wrong}</ul></figcaption></figure>")
    look = (
        "body{font:14px sans-serif;background:#777;color:#fff;display:flex;flex-wrap:wrap;gap:16px}"
        "figure{margin:0;width:620px}img{width:100%}a{color:#fff}"
    )
    head = f'<meta charset="utf-8"><title>Six states</title><style>{look}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


if __name__ == "__main__":
    sys.exit(main())
