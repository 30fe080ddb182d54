"""Start the shell commands: python -m engine."""

from __future__ import annotations

import sys


def main() -> None:
    """Run one command and exit with its code: 0 done, 2 bad input, 3 stopped."""
    from engine.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
