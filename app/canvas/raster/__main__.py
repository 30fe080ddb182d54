"""The renderer's process: reads a question from its input, answers it, and ends when the input does."""

from __future__ import annotations

import os
import sys

from app.bridge.wire import Message, receive, send


def main() -> int:
    """Answer until nobody asks. Returns: the exit code."""
    asked = sys.stdin.buffer
    # What a library prints must not end up between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from app.canvas.raster.drawing import Drawing

    drawing = Drawing()
    while (question := receive(asked)) is not None:
        try:
            answer = drawing.answer(question)
        except Exception as error:  # noqa: BLE001 - a boundary between processes: the window draws by itself then
            answer = Message({"error": f"{type(error).__name__}: {error}"})
        try:
            send(answers, answer)
        except OSError:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
