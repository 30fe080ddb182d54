"""The process that lets RDKit at the user's rows: whatever one of them does to it, the rest is read by the next.

Standard input brings chunks, standard output takes answers. Which row is being read stands in a small mapped file, so
that whoever waits can name it when this process is silent or gone.
"""

from __future__ import annotations

import faulthandler
import json
import mmap
import os
import struct
import sys
from pathlib import Path
from typing import IO, Any

LENGTH = struct.Struct("<I")
PLACE = struct.Struct("<II")  # chunk, row
IDLE = 0xFFFFFFFF


def send(pipe: IO[bytes], head: dict[str, Any], content: bytes = b"") -> None:  # Any: JSON values
    """Write one message: a JSON head, then as many bytes as it says under `bytes`.

    Raises: OSError, ValueError: the other side is gone.
    """
    words = json.dumps({**head, "bytes": len(content)}).encode()
    pipe.write(LENGTH.pack(len(words)) + words + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:  # Any: JSON values
    """Return the next message, None when the other side is gone."""
    length = pipe.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    words = pipe.read(LENGTH.unpack(length)[0])
    try:
        head = json.loads(words)
    except ValueError:
        return None
    content = pipe.read(head["bytes"])
    return (head, content) if len(content) == head["bytes"] else None


def main(place_file: str) -> None:
    """Answer chunks until the input ends.

    Args: place_file: eight bytes that say which row of which chunk is being read.
    """
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not land among the answers
    from engine.data.chem.row_work import Failed, work

    with Path(place_file).open("r+b") as file, mmap.mmap(file.fileno(), PLACE.size) as place:
        chunk = 0

        def started(row: int) -> None:
            PLACE.pack_into(place, 0, chunk, row)

        while (message := receive(requests)) is not None:
            head, _ = message
            chunk = head["chunk"]
            # A row that never ends keeps the interpreter to itself: when nobody is left to end this process, this does.
            faulthandler.dump_traceback_later(head["seconds"] * (len(head["texts"]) + 1), exit=True)
            found = work(head["kind"], head["texts"], head["arguments"], started)
            faulthandler.cancel_dump_traceback_later()
            PLACE.pack_into(place, 0, chunk, IDLE)
            failed = {row: [int(one.outcome), one.reason] for row, one in enumerate(found) if isinstance(one, Failed)}
            contents = [b"" if isinstance(one, Failed) else one for one in found]
            send(answers, {"sizes": [len(one) for one in contents], "failed": failed}, b"".join(contents))


if __name__ == "__main__":
    main(sys.argv[1])
