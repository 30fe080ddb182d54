"""`python -m app [FILES…]`: open the window."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Open the window, with files to import when some are named. Returns: the exit code."""
    # Nothing that is made on the way to the first paint is garbage, and looking for some takes a twentieth of it.
    gc.disable()
    from app.bootstrap import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
