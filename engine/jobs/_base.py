"""One kind of work, and the boundary around it: whatever happens inside, one JobFinished comes last."""

from __future__ import annotations

import difflib
import errno
import importlib
import json
import logging
import pkgutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, Literal

import engine.jobs
from engine.core.cancel import Cancelled, CancelToken
from engine.core.component import Component, Config
from engine.core.errors import DeviceMemoryError, EngineError, UnknownComponentError, WriteError
from engine.core.events import Event, EventSink, JobFinished, JobStarted, JobStatus, SafeSink, to_plain
from engine.jobs.spec import JobContext, JobResult, JobSpec

_log = logging.getLogger(__name__)
_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_DISK_REFUSES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
# The jobs folder holds these beside one file for each kind of job.
_NOT_JOBS = ("spec", "executors")


class Job(Component):
    """Base of all jobs: `Config` states the arguments, `run` does the work.

    `lane` says which queue of the window takes it; `record` names the folder that keeps its story.
    """

    lane: ClassVar[Literal["train", "quick"]] = "quick"

    def run(self, arguments: Any, context: JobContext) -> dict[str, Any]:  # Any: the job's own Config; JSON values
        """Do the work and return small plain data; a result with `stopped` true means: ended early, best kept."""
        raise NotImplementedError

    def record(self, arguments: Any, folder: Path, stack: ExitStack) -> Path | None:  # Any: the job's own Config
        """Return the folder whose events.jsonl and log.txt are to tell this job's story; None keeps none.

        Args: arguments: as `run` gets them. folder: where relative paths start. stack: is closed when the job is over.
        Raises: EngineError: the folder may not be written; nothing is written then.
        """
        return None


def job_kinds() -> list[str]:
    """Return the keys of all jobs, in the order of their file names."""
    names = (info.name for info in pkgutil.iter_modules(engine.jobs.__path__))
    return sorted(name for name in names if not name.startswith("_") and name not in _NOT_JOBS)


def find_job(kind: str) -> type[Job]:
    """Return the job of that key; only its own file is loaded, so that a light job stays light.

    Raises: UnknownComponentError: there is none.
    """
    known = job_kinds()
    if kind not in known:
        close = difflib.get_close_matches(kind, known, n=1)
        hint = f'Did you mean "{close[0]}"?' if close else f"Known: {', '.join(known)}."
        raise UnknownComponentError(f'There is no job "{kind}".', hint=hint, key=kind, kind="job")
    module = importlib.import_module(f"engine.jobs.{kind}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Job) and value.key == kind:
            return value
    raise UnknownComponentError(f'The job "{kind}" could not be loaded.', key=kind, kind="job")


def execute(spec: JobSpec, sink: EventSink, cancel: CancelToken, folder: Path) -> JobResult:
    """Run one job to its end: the job boundary.

    Args:
        spec: what to do.
        sink: gets every event, JobStarted first and JobFinished last.
        cancel: Stop and Cancel arrive here.
        folder: where relative paths in the arguments start.
    Returns: how it ended; never raises for what happens inside the job.
    """
    with ExitStack() as stack:
        listeners = _Listeners(sink)
        listeners(JobStarted(spec.id, spec.kind, time.time()))
        result = _guarded(spec, lambda: _run(spec, listeners, cancel, folder, stack))
        listeners(JobFinished(spec.id, result.status, time.time(), result.result, result.error))
    return result


def _run(
    spec: JobSpec, listeners: _Listeners, cancel: CancelToken, folder: Path, stack: ExitStack
) -> dict[str, Any]:  # Any: JSON values
    job_type = find_job(spec.kind)
    arguments = job_type.parse(spec.arguments, where=spec.kind)
    job = job_type()
    record = job.record(arguments, folder, stack)
    if record is not None:
        stack.enter_context(_log_into(record))
        listeners.add(stack.enter_context(_event_log(record)), JobStarted(spec.id, spec.kind, time.time()))
    return job.run(arguments, JobContext(listeners, cancel, folder))


def _guarded(spec: JobSpec, work: Callable[[], dict[str, Any]]) -> JobResult:  # Any: JSON values
    status: JobStatus
    try:
        result = work()
    except Cancelled:
        return JobResult("cancelled")
    except EngineError as error:
        _log.warning("The job %s failed: %s", spec.kind, error)
        return JobResult("failed", error=error.to_plain())
    except MemoryError as error:
        _log.exception("The job %s ran out of memory.", spec.kind)
        return JobResult("failed", error=_memory_error(error).to_plain())
    except OSError as error:
        if error.errno not in _DISK_REFUSES:
            return _bug(spec, error)
        _log.warning("The job %s failed: %s", spec.kind, error)
        return JobResult("failed", error=WriteError.of(error.filename or "The job's folder", error).to_plain())
    except Exception as error:  # noqa: BLE001 - the job boundary: anything else is a bug, told with its trace in the log
        return _bug(spec, error)
    status = "stopped" if result.get("stopped") else "finished"
    return JobResult(status, result=result)


def _bug(spec: JobSpec, error: Exception) -> JobResult:
    # By name, as torch is not loaded for jobs that need none; inside a stage the loop itself says it better.
    if type(error).__name__ == "OutOfMemoryError":
        _log.warning("The job %s ran out of GPU memory: %s", spec.kind, error)
        hint = 'Choose a smaller encoder.width, or runtime.device = "cpu".'
        return JobResult("failed", error=DeviceMemoryError("The GPU ran out of memory.", hint=hint).to_plain())
    _log.exception("The job %s met a bug.", spec.kind)
    text = f"Something went wrong inside the program: {type(error).__name__}: {error}"
    hint = "The log beside the run has the details."
    return JobResult("failed", error=EngineError(text, code="bug", hint=hint).to_plain())


def _memory_error(error: MemoryError) -> EngineError:
    reason = f" ({error})" if str(error) else ""
    return EngineError(
        f"This machine's memory is not enough for the work{reason}.",
        code="job.memory",
        hint="Choose a smaller width, or close other programs.",
    )


class _Listeners:
    """The sink a job reports to: the caller's, and the event log once there is one; both may fail without harm."""

    def __init__(self, sink: EventSink) -> None:
        self._sinks: list[EventSink] = [sink]
        self._safe = SafeSink(sink)

    def add(self, sink: EventSink, first: Event) -> None:
        """Let one more sink listen from now on; `first` is what it has missed."""
        self._sinks.append(sink)
        self._safe = SafeSink(*self._sinks)
        sink(first)

    def __call__(self, event: Event) -> None:
        self._safe(event)


@contextmanager
def _event_log(folder: Path) -> Iterator[EventSink]:
    """Append events to events.jsonl, one line each, handed to the system at once so that a kill loses none."""
    with (folder / "events.jsonl").open("ab", buffering=0) as file:
        if file.tell() and not _ends_line(folder / "events.jsonl"):
            file.write(b"\n")  # the last line was torn by a crash: the reader skips it
        torn = False

        def write(event: Event) -> None:
            nonlocal torn
            line = b"\n" * torn + json.dumps(to_plain(event), ensure_ascii=False).encode() + b"\n"
            # A disk that fills up takes half a line without a word; what comes later must not be glued to it.
            torn = (file.write(line) or 0) < len(line)

        yield write


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


@contextmanager
def _log_into(folder: Path) -> Iterator[None]:
    """Send the engine's log to log.txt of the folder while the job runs."""
    handler = _LogFile(folder / "log.txt", encoding="utf-8")
    handler.setFormatter(logging.Formatter(_LOG_FORMAT))
    logger = logging.getLogger("engine")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(min(level, logging.INFO) if level else logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        with suppress(OSError):
            handler.close()


class _LogFile(logging.FileHandler):
    """A log that may fail without a word: a full disk is told once, by what failed on it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Let the record go."""


def inputs(**arguments: Any) -> Mapping[str, Any]:  # Any: JSON values
    """Return the arguments that are not None: what a JobSpec carries."""
    return {name: value for name, value in arguments.items() if value is not None}


__all__ = ["Config", "Job", "JobContext", "execute", "find_job", "inputs", "job_kinds"]
