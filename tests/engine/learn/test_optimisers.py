"""Parameter groups and the shape of the learning rate."""

import pytest
import torch
from torch import nn

from engine.learn.optimisers import Schedule, grouped, make_optimiser
from engine.learn.options import OptimiserOptions, ScheduleOptions


def _factors(kind: str, epochs: int, warmup: int = 0) -> list[float]:
    schedule = Schedule(ScheduleOptions(type=kind, warmup=warmup), epochs)
    return [schedule.factor(epoch, 1) for epoch in range(1, epochs + 1)]


def test_warm_up_rises_in_equal_steps_to_the_full_rate() -> None:
    assert _factors("constant", 5, warmup=3) == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])


def test_cosine_starts_full_is_half_in_the_middle_and_ends_low() -> None:
    # (1 + cos(pi t / 4)) / 2 at t = 0, 1, 2, 3
    assert _factors("cosine", 4) == pytest.approx([1.0, 0.853553, 0.5, 0.146447], abs=1e-6)


def test_linear_falls_in_equal_steps() -> None:
    assert _factors("linear", 4) == pytest.approx([1.0, 0.75, 0.5, 0.25])


def test_plateau_halves_the_rate_after_a_tenth_of_the_epochs_without_a_new_best() -> None:
    # 200 epochs: it waits 20. The best is epoch 1, so epochs 2 to 21 are without a new one, and 22 to 41 again.
    factors = _factors("plateau", 200)
    assert [factors[21 - 1], factors[22 - 1], factors[41 - 1], factors[42 - 1]] == [1.0, 0.5, 0.5, 0.25]


def test_plateau_does_not_count_from_before_a_new_best() -> None:
    schedule = Schedule(ScheduleOptions(type="plateau"), 100)
    assert all(schedule.factor(epoch, epoch - 1) == 1.0 for epoch in range(1, 101))


def test_weights_decay_in_the_first_layer_only_when_asked() -> None:
    blocks = [nn.Linear(2, 3), nn.Linear(3, 4), nn.Linear(4, 1)]
    options = OptimiserOptions(rate=0.1, weight_decay=5e-4, decay_on="first_layer")
    assert [group.weight_decay for group in grouped(blocks, options)] == [5e-4, 0.0, 0.0]
    everywhere = grouped(blocks, OptimiserOptions(weight_decay=5e-4))
    assert [group.weight_decay for group in everywhere] == [5e-4] * 3


def test_a_weight_shared_by_two_blocks_is_in_one_group() -> None:
    shared = nn.Linear(2, 2)
    groups = grouped([shared, nn.Sequential(shared, nn.Linear(2, 1))], OptimiserOptions())
    assert [len(group.parameters) for group in groups] == [2, 2]


def test_frozen_weights_are_in_no_group() -> None:
    frozen = nn.Linear(2, 2).requires_grad_(False)
    assert len(grouped([frozen, nn.Linear(2, 1)], OptimiserOptions())) == 1


@pytest.mark.parametrize(
    ("type", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)]
)
def test_each_option_gives_its_optimiser_with_its_rate_and_decay(type: str, kind: type) -> None:
    options = OptimiserOptions(type=type, rate=0.3, weight_decay=0.2, momentum=0.5)
    optimiser = make_optimiser(grouped([nn.Linear(1, 1)], options, [0.1]), options)
    assert isinstance(optimiser, kind)
    assert optimiser.param_groups[0]["lr"] == pytest.approx(0.03)
    assert optimiser.param_groups[0]["weight_decay"] == 0.2
    assert optimiser.param_groups[0].get("momentum", 0.5) == 0.5


def test_the_schedule_multiplies_each_groups_own_rate() -> None:
    options = OptimiserOptions(rate=1.0)
    optimiser = make_optimiser(grouped([nn.Linear(1, 1), nn.Linear(1, 1)], options, [0.1, 1.0]), options)
    Schedule(ScheduleOptions(type="linear"), 4).apply(optimiser, 3, 0)
    assert [group["lr"] for group in optimiser.param_groups] == pytest.approx([0.05, 0.5])


def test_neighbours_that_move_alike_are_one_group_in_the_same_order() -> None:
    options = OptimiserOptions(rate=0.1, weight_decay=5e-4, decay_on="first_layer")
    blocks = [nn.Linear(1, 1), nn.Linear(1, 1), nn.Linear(1, 1)]
    optimiser = make_optimiser(grouped(blocks, options), options)
    assert [len(group["params"]) for group in optimiser.param_groups] == [2, 4]
    ours = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    assert all(a is b for a, b in zip(ours, (p for block in blocks for p in block.parameters()), strict=True))
