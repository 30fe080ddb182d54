"""A process that answers about arrays: what crosses the pipe, and how it may end."""

import io
import threading

import numpy as np
import pytest

from app.bridge.array_process import ArrayProcess, ProcessGoneError
from app.bridge.wire import Message, receive, send


def test_arrays_cross_the_pipe_as_they_are() -> None:
    sent = {
        "xy": np.array([[1.5, -2.0], [np.nan, 0.0]], np.float32),
        "none": np.zeros((0, 2), np.int32),
        "turned": np.arange(6, dtype=np.uint16).reshape(2, 3).T,
    }
    pipe = io.BytesIO()
    send(pipe, Message({"do": "draw", "view": [0.5]}, sent))
    pipe.seek(0)
    came = receive(io.BufferedReader(pipe))  # type: ignore[arg-type]
    assert came is not None
    assert came.header == {"do": "draw", "view": [0.5]}
    for name, array in sent.items():
        assert came.arrays[name].dtype == array.dtype
        assert np.array_equal(came.arrays[name], array, equal_nan=array.dtype.kind == "f")


def test_a_message_cut_off_is_none_and_a_stray_print_is_refused() -> None:
    pipe = io.BytesIO()
    send(pipe, Message({}, {"a": np.arange(100)}))
    assert receive(io.BufferedReader(io.BytesIO(pipe.getvalue()[:-1]))) is None  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a header of"):
        receive(io.BytesIO(b"hello, world"))


def test_a_process_that_is_gone_is_told_and_can_be_started_anew() -> None:
    process = ArrayProcess("app.canvas.raster")
    try:
        process.warm()
        first = process.generation
        process._child.kill()
        process._child.wait()
        with pytest.raises(ProcessGoneError):
            process.ask(Message({"do": "forget", "canvas": 0}), first)
        assert not process.is_ready
        process.warm()
        assert process.generation == first + 1
        with pytest.raises(ProcessGoneError):
            process.ask(Message({"do": "forget", "canvas": 0}), first)  # the new one knows nothing of the old one's
        assert process.ask(Message({"do": "forget", "canvas": 0}), process.generation).header == {}
        with pytest.raises(ProcessGoneError, match="KeyError"):
            process.ask(Message({"do": "draw", "canvas": 0}), process.generation)
        assert process.is_ready  # a question that it cannot answer does not end it
    finally:
        process.close()


def test_closing_does_not_wait_for_an_answer() -> None:
    process = ArrayProcess("app.canvas.raster")
    raised: list[Exception] = []

    def warm() -> None:
        try:
            process.warm()
        except ProcessGoneError as error:
            raised.append(error)

    thread = threading.Thread(target=warm)
    thread.start()
    process.close()
    thread.join(20)
    assert not thread.is_alive()
    process.close()
    with pytest.raises(ProcessGoneError, match="closed"):
        process.warm()
