"""The thread that owns a lane: it drives the child process and hands everything to the event bridge."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, QThread

from app.bridge.event_bridge import EventBridge, Happened
from app.bridge.told import events

_STACK_BYTES = 16 * 1024 * 1024
_LISTEN_SECONDS = 0.05
Verb = Literal["start", "submit", "stop", "cancel", "kill", "close"]


class Executor(Protocol):
    """What a lane needs of `engine.jobs.executors.process.ProcessExecutor`."""

    @property
    def is_alive(self) -> bool: ...

    def start(self) -> None: ...

    def submit(self, spec: Any) -> None: ...

    def stop(self, job: str) -> None: ...

    def cancel(self, job: str) -> None: ...

    def kill(self) -> None: ...

    def receive(self, timeout: float) -> Any: ...

    def close(self, timeout: float = 3.0) -> None: ...


class RunThread(QThread):
    """One lane. Args: lane: its name. make: makes the executor, in this thread. bridge: gets what happens."""

    def __init__(
        self, lane: str, make: Callable[[], Executor], bridge: EventBridge, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.setStackSize(_STACK_BYTES)
        self.setObjectName(f"lane {lane}")
        self._lane = lane
        self._make = make
        self._bridge = bridge
        self._commands: queue.SimpleQueue[tuple[Verb, Any]] = queue.SimpleQueue()
        self._executor: Executor | None = None
        self._up = False  # there is a child to listen to
        self._working = ""  # the job whose end has not come yet

    def ask(self, verb: Verb, argument: Any = None) -> None:
        """Hand over a command; answers come through the bridge."""
        self._commands.put((verb, argument))
        # A thread that has ended at once by "close" must not begin anew: it would wait for a command for ever.
        if verb != "close" and not self.isRunning():
            self.start()

    def run(self) -> None:
        """Do what is asked and pass on what comes, until "close"."""
        while True:
            verb, argument = self._next_command()
            if verb == "close":
                if self._executor is not None:
                    self._executor.close()
                return
            if verb is not None:
                self._obey(verb, argument)
            elif self._executor is not None:
                self._listen(self._executor)

    def _next_command(self) -> tuple[Verb | None, Any]:  # Any: the command's own argument
        try:
            # With a living child this thread sleeps in `receive`; without one it sleeps here.
            return self._commands.get(block=not self._up)
        except queue.Empty:
            return None, None

    def _obey(self, verb: Verb, argument: Any) -> None:  # Any: the command's own argument
        try:
            if self._executor is None:
                self._executor = self._make()
            if verb in ("start", "submit"):
                self._executor.start()  # does nothing while the child lives
                self._up = True
            if verb == "submit":
                self._working = argument.id
                self._executor.submit(argument)
            elif verb == "stop":
                self._executor.stop(argument)
            elif verb == "cancel":
                self._executor.cancel(argument)
            elif verb == "kill" and argument == self._working:
                # A job that ended after all must not take the next one's process with it.
                self._executor.kill()
        except Exception as error:  # noqa: BLE001 - a boundary: whatever it is, the job must end with words
            job = argument.id if verb == "submit" else ""
            self._bridge.append(Happened(self._lane, job, ended=error))

    def _listen(self, executor: Executor) -> None:
        came = executor.receive(_LISTEN_SECONDS)
        while came is not None:
            event = getattr(came, "event", None)
            if event is None:
                self._up, self._working = False, ""
                self._bridge.append(Happened(self._lane, came.job, ended=came))
                return
            if isinstance(event, events.JobFinished) and event.job == self._working:
                self._working = ""
            self._bridge.append(Happened(self._lane, came.job, event=event))
            came = executor.receive(0.0)
