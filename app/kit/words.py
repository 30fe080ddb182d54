"""Numbers in words: durations, sizes, scores."""

from __future__ import annotations

from app.kit.translate import tr


def duration(seconds: float) -> str:
    """Return a duration as people say it: "8 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{seconds} s", seconds=whole)
    if whole < 3600:
        return tr("{minutes} min {seconds} s", minutes=whole // 60, seconds=whole % 60)
    return tr("{hours} h {minutes} min", hours=whole // 3600, minutes=whole % 3600 // 60)


def size(amount: float) -> str:
    """Return a number of bytes: "812 bytes", "3.2 MB"."""
    if amount < 1000:
        return tr("{count} bytes", count=round(amount))
    for unit in ("kB", "MB", "GB", "TB"):
        amount /= 1000
        if amount < 1000 or unit == "TB":
            return f"{amount:.1f} {unit}"
    raise AssertionError  # the loop always returns
