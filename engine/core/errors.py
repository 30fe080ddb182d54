"""The error tree: every failure a user can meet has a code, a sentence, and a way out."""

from __future__ import annotations

import errno
from typing import Any


class EngineError(Exception):
    """A failure that can be explained to the user.

    Args:
        message: what happened and where, one sentence in plain words.
        code: stable identifier that the window translates by; the class's own code when None.
        hint: what to do about it, one sentence, or an empty string.
        details: plain data (file, line, column, value …) for machines and for the log.
    """

    code = "engine"

    def __init__(
        self, message: str, *, code: str | None = None, hint: str = "", **details: Any
    ) -> None:  # Any: plain JSON data
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def to_plain(self) -> dict[str, Any]:  # Any: JSON values
        """Return the error as plain data, the form in which it travels in a JobFinished event."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "details": self.details}

    @staticmethod
    def from_plain(plain: dict[str, Any]) -> EngineError:  # Any: JSON values
        """Rebuild an error from `to_plain`; the class is lost, the code is not."""
        return EngineError(plain["message"], code=plain["code"], hint=plain.get("hint", ""), **plain.get("details", {}))


class DataError(EngineError):
    """Something about the user's data."""

    code = "data"


class ReadError(DataError):
    """A file cannot be read as what it should be."""

    code = "data.read"


class RoleError(DataError):
    """Columns do not have the roles that the work needs."""

    code = "data.role"


class BuildError(DataError):
    """Tables were read but do not make a graph."""

    code = "data.build"


class RecipeError(EngineError):
    """Something about the recipe."""

    code = "recipe"


class UnknownComponentError(RecipeError):
    """A recipe names a component that no registry holds."""

    code = "recipe.component"


class OptionError(RecipeError):
    """An option is unknown, of the wrong type or out of range."""

    code = "recipe.option"


class MismatchError(RecipeError):
    """Two parts do not fit together: a checkpoint and other features, an encoder and a task."""

    code = "recipe.mismatch"


class TrainError(EngineError):
    """Training failed."""

    code = "train"


class DivergedError(TrainError):
    """The loss is no longer a finite number."""

    code = "train.diverged"


class DeviceMemoryError(TrainError):
    """The device ran out of memory."""

    code = "train.memory"


class ProjectError(EngineError):
    """Something about a project or run folder."""

    code = "project"


class LockedError(ProjectError):
    """Another process has the project open."""

    code = "project.locked"


class VersionError(ProjectError):
    """The folder was written by a newer program."""

    code = "project.version"


class CorruptError(ProjectError):
    """A stored file is damaged or incomplete."""

    code = "project.corrupt"


class ExportError(EngineError):
    """Results cannot be written as asked."""

    code = "export"


class WriteError(EngineError):
    """A file or folder cannot be written; what was there before is still there."""

    code = "write"

    @classmethod
    def of(cls, path: object, error: OSError) -> WriteError:
        """Return the error in words. Args: path: what was to be written. error: what the system said."""
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            hint = "Allow writing there, or choose another place."
        else:
            hint = "Make room on the disk, or choose another place."
        # Libraries that count bytes themselves tell of a full disk without the system's number for it.
        reason = error.strerror or f"the disk may be full ({error})"
        return cls(f"{path} cannot be written: {reason}.", hint=hint, file=str(path))


class WorkerError(EngineError):
    """The process that does the work ended without an answer."""

    code = "job.worker"
