"""Does the project survive? Kills a working window 40 times with -9, during imports, saves and runs.

`python tests/bench/kill_window.py [--kills 40] [--seed 0] [--acts import,edits,run] [--keep FOLDER]`. After each kill
the project is opened again as the program does it and compared with what lies on the disk; at the end every run that
was cut off is resumed, and its numbers are those of a run that nobody interrupted.

Prints one JSON line. Linux only: it looks for orphans in /proc.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.killing import Killer, numbers  # noqa: E402 - the checkout has to be found first

_ORDER = "import,edits,run,run,edits"


def main() -> int:
    """Kill, compare, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--acts", default=_ORDER, help="what the window does when it is killed, in turn")
    parser.add_argument("--keep", type=Path, help="an empty folder that is left as it is at the end")
    arguments = parser.parse_args()
    begun, acts = time.monotonic(), arguments.acts.split(",")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        killer = Killer(folder, arguments.seed)
        for number in range(arguments.kills):
            act = acts[number % len(acts)]
            killer.kill_once(act)
            print(f"kill {number + 1} of {arguments.kills}, {act}: whole", file=sys.stderr, flush=True)
        reference = killer.reference(folder)
        for run in killer.finish():
            assert numbers(run) == numbers(reference), run
            assert (run / "predictions.csv").read_bytes() == (reference / "predictions.csv").read_bytes(), run
    print(json.dumps({**killer.told.plain(), "seconds": round(time.monotonic() - begun)}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
