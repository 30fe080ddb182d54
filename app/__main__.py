"""`python -m app [FILES…]`: open the window."""

from __future__ import annotations

import sys


def main() -> int:
    """Open the window, with files to import when some are named. Returns: the exit code."""
    from app.bootstrap import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
