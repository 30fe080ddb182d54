"""The machine a run uses: device, threads, seeds, and what to say when its memory runs out."""

from __future__ import annotations

import hashlib
import os
import platform
import random
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.core.errors import DeviceMemoryError, OptionError
from engine.core.events import EventSink, Notice, silent
from engine.learn.options import RuntimeOptions


@dataclass(frozen=True, slots=True)
class Device:
    """A device that can be picked: key as a recipe names it, name for people, memory in bytes (0 where unknown)."""

    key: str
    label: str
    free_bytes: int
    total_bytes: int


def list_devices() -> list[Device]:
    """Return the CPU and every CUDA device, with the memory that is free now."""
    devices = [_cpu()]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            devices.append(Device(f"cuda:{index}", torch.cuda.get_device_name(index), free, total))
    return devices


def resolve_device(options: RuntimeOptions, sink: EventSink = silent) -> torch.device:
    """Return the device a run uses and say so when `auto` ends on the CPU of a machine with a GPU.

    Raises: OptionError: the device that was asked for is not there; nothing falls back silently.
    """
    wanted = options.device.strip().lower()
    if wanted == "cpu":
        return torch.device("cpu")
    if wanted == "auto":
        return _automatic(sink)
    if not re.fullmatch(r"cuda(:\d+)?", wanted):
        raise OptionError(
            f'"runtime.device" is "{options.device}".',
            hint="Use auto, cpu, or cuda:0 and so on.",
            path="runtime.device",
        )
    index = int(wanted.partition(":")[2] or 0)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if index >= count:
        there = f"This machine offers {count} CUDA devices" if count else "This machine offers no CUDA device"
        raise OptionError(
            f'"runtime.device" is "{options.device}", which is not there. {there} to this torch.',
            hint='Set it to "auto" or "cpu", or install the CUDA build of torch and an NVIDIA driver.',
            path="runtime.device",
        )
    return torch.device("cuda", index)


def thread_count(options: RuntimeOptions) -> int:
    """Return the threads for one operation: as asked, else one less than the cores this process may use."""
    return options.threads or max(1, _cores() - 1)


def apply_runtime(options: RuntimeOptions, device: torch.device) -> None:
    """Set threads and determinism of torch for this process.

    Non-deterministic operations are confined to CUDA (atomic scatter additions, cuBLAS with several streams);
    `deterministic` makes torch refuse or replace them.
    """
    torch.set_num_threads(thread_count(options))
    if device.type == "cuda" and options.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    wanted = options.deterministic and device.type == "cuda"
    # Even switching it off loads torch's compiler, which takes seconds.
    if wanted != torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(wanted, warn_only=True)


def seed_everything(seed: int) -> None:
    """Seed torch on every device, numpy's and Python's global generators.

    Our own code draws from torch alone; the other two are for libraries that draw from them unasked.
    """
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def derived_seed(seed: int, *words: str) -> int:
    """Return a seed for one part of a run, so that parts draw apart from each other and resume on their own."""
    digest = hashlib.sha256("/".join([str(seed), *words]).encode()).digest()
    return int.from_bytes(digest[:6], "little")


def environment(device: torch.device) -> dict[str, Any]:  # Any: JSON values
    """Return what a number depends on beside recipe and data: versions, device, threads, dtype."""
    names = ("kith", "torch", "numpy", "scipy", "pandas", "scikit-learn", "numba")
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {name: _version(name) for name in names},
        "device": str(device),
        "device_name": _device_name(device),
        "threads": torch.get_num_threads(),
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
    }


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of torch or numpy says that memory ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "DefaultCPUAllocator" in text)


def out_of_memory(error: BaseException, stage: str, smaller: str) -> DeviceMemoryError:
    """Return the one message for it.

    Args: error: what was raised. stage: where. smaller: a setting to try, such as "encoder.width = 64".
    """
    on_gpu = isinstance(error, torch.OutOfMemoryError) or "CUDA" in str(error)
    place = "The GPU" if on_gpu else "This machine"
    proposals = [f"Try {smaller}" if smaller else "Try a smaller width or fewer layers"]
    if on_gpu:
        proposals.append('or runtime.device = "cpu"')
    details: dict[str, Any] = {"stage": stage, "proposal": smaller}  # Any: JSON values
    if on_gpu and torch.cuda.is_available():
        details["free_bytes"], details["total_bytes"] = torch.cuda.mem_get_info()
    return DeviceMemoryError(f'{place} ran out of memory in "{stage}".', hint=", ".join(proposals) + ".", **details)


def _automatic(sink: EventSink) -> torch.device:
    if torch.cuda.is_available():
        free = [torch.cuda.mem_get_info(index)[0] for index in range(torch.cuda.device_count())]
        return torch.device("cuda", int(np.argmax(free)))
    if torch.version.cuda is not None:
        sink(
            Notice(
                "warning",
                "device.cpu_fallback",
                "No usable GPU was found, so the CPU is used although this torch was built for CUDA.",
            )
        )
    elif Path("/proc/driver/nvidia/version").exists():
        sink(
            Notice(
                "warning",
                "device.cpu_build",
                "This machine has an NVIDIA GPU, but the installed torch is the CPU build, so the CPU is used.",
            )
        )
    return torch.device("cpu")


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # what this process may use; Linux alone can say it
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu() -> Device:
    cores = _cores()
    # In kB, with the page cache counted as free; other systems do not say it this way.
    free, total = (1024 * int(_proc("meminfo", name).split()[0]) for name in ("MemAvailable", "MemTotal"))
    return Device("cpu", f"CPU, {cores} core{'s' if cores != 1 else ''}", free, total)


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _proc("cpuinfo", "model name", platform.processor() or platform.machine())


def _proc(file: str, name: str, default: str = "0") -> str:
    """Return a value of Linux's /proc, the default where there is none."""
    try:
        text = Path("/proc", file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return default
    found = re.search(rf"^{name}\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else default


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
