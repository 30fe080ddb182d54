"""Device, threads, seeds and what the environment says."""

import json

import numpy as np
import pytest
import torch

from engine.core.errors import OptionError
from engine.core.events import Event
from engine.learn.options import RuntimeOptions
from engine.learn.runtime import (
    apply_runtime,
    derived_seed,
    environment,
    is_out_of_memory,
    list_devices,
    out_of_memory,
    resolve_device,
    seed_everything,
    thread_count,
)

without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")


def test_the_cpu_is_always_there_and_first() -> None:
    devices = list_devices()
    assert devices[0].key == "cpu"
    assert devices[0].total_bytes >= devices[0].free_bytes


def test_cpu_is_used_when_asked_for() -> None:
    assert resolve_device(RuntimeOptions(device="cpu")) == torch.device("cpu")


@without_gpu
def test_a_gpu_that_is_not_there_is_an_error_and_no_silent_fallback() -> None:
    with pytest.raises(OptionError, match="cuda:0") as caught:
        resolve_device(RuntimeOptions(device="cuda:0"))
    assert "cpu" in caught.value.hint


@without_gpu
def test_auto_without_a_gpu_is_the_cpu() -> None:
    events: list[Event] = []
    assert resolve_device(RuntimeOptions(), events.append) == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "tpu:0", ""])
def test_a_name_that_is_no_device_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match="runtime.device"):
        resolve_device(RuntimeOptions(device=name))


def test_threads_are_as_asked_and_at_least_one() -> None:
    assert thread_count(RuntimeOptions(threads=3)) == 3
    assert thread_count(RuntimeOptions()) >= 1


def test_seeding_repeats_the_draws_of_torch_and_numpy() -> None:
    drawn = []
    for _ in range(2):
        seed_everything(2**40 + 3)
        drawn.append((torch.rand(3).tolist(), np.random.rand(3).tolist()))
    assert drawn[0] == drawn[1]


def test_parts_of_a_run_draw_apart_from_each_other() -> None:
    seeds = {derived_seed(seed, word) for seed in range(5) for word in ("pretrain", "finetune", "probe")}
    assert len(seeds) == 15
    assert derived_seed(1, "pretrain") == derived_seed(1, "pretrain")


def test_the_environment_is_json_and_names_versions_device_and_threads() -> None:
    apply_runtime(RuntimeOptions(threads=1), torch.device("cpu"))
    plain = json.loads(json.dumps(environment(torch.device("cpu"))))
    assert plain["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert (plain["device"], plain["threads"], plain["dtype"]) == ("cpu", 1, "float32")


def test_memory_errors_are_told_apart_from_others() -> None:
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"))
    assert not is_out_of_memory(RuntimeError("size mismatch"))


def test_out_of_memory_on_the_cpu_does_not_send_people_to_the_cpu() -> None:
    error = out_of_memory(MemoryError(), "pretrain", "")
    assert "This machine" in error.message
    assert "cpu" not in error.hint


def test_out_of_memory_on_a_gpu_offers_a_smaller_setting_and_the_cpu() -> None:
    error = out_of_memory(torch.OutOfMemoryError("CUDA out of memory"), "finetune", "encoder.width = 32")
    assert error.message.startswith("The GPU ran out of memory")
    assert error.hint == 'Try encoder.width = 32, or runtime.device = "cpu".'
    assert error.details["proposal"] == "encoder.width = 32"
