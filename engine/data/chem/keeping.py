"""Answers that took long, kept between starts in the user's cache folder under the fingerprint of the question."""

from __future__ import annotations

import contextlib
import logging
import zipfile
from pathlib import Path

import numpy as np
import platformdirs

from engine.core.atomic import replacing
from engine.data.chem.pool import Answers

_log = logging.getLogger(__name__)
_MOST = 12  # files; 20,000 molecules with all descriptors are 17 MB


def recall(name: str) -> Answers | None:
    """Return what was kept under that name, without reasons; None where nothing was, or it is damaged."""
    path = _folder() / f"{name}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            data, offsets, outcome = kept["data"].tobytes(), kept["offsets"], kept["outcome"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if len(offsets) != len(outcome) + 1 or offsets[-1] != len(data):
        return None
    with contextlib.suppress(OSError):
        path.touch()  # what is used stays
    return Answers(data, offsets, outcome, {})


def keep(name: str, answers: Answers) -> None:
    """Keep answers; the ones that were used longest ago give way. A folder that cannot be written keeps nothing."""
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / f"{name}.npz") as temporary, temporary.open("wb") as file:
            np.savez(
                file,
                data=np.frombuffer(answers.data, np.uint8),
                offsets=answers.offsets,
                outcome=answers.outcome,
            )
        files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime)
        for old in files[:-_MOST]:
            old.unlink(missing_ok=True)
    except OSError as error:
        _log.info("Numbers of molecules are not kept between starts: %s", error)


def _folder() -> Path:
    return Path(platformdirs.user_cache_dir("kith", appauthor=False)) / "molecules"
