"""Memory that tables share one after the other, never at the same time."""

import torch

from engine.graph.buffers import Buffers, empty_table, reused_buffers

LIKE = torch.zeros(1)
ROWS = 300_000


def test_memory_returns_when_its_table_is_gone():
    buffers = Buffers()
    first = buffers.empty(1000, 8, torch.float32)
    place = first.data_ptr()
    assert place % 64 == 0
    del first
    assert buffers.empty(1000, 8, torch.float32).data_ptr() == place


def test_memory_stays_taken_while_anything_looks_into_it():
    buffers = Buffers()
    table = buffers.empty(100, 4, torch.float64)
    place = table.data_ptr()
    part = table[50:]
    del table
    assert buffers.empty(100, 4, torch.float64).data_ptr() != place
    part.fill_(1)
    del part
    assert place in {buffers.empty(100, 4, torch.float64).data_ptr() for _ in range(2)}


def test_a_much_smaller_table_does_not_take_a_large_buffer():
    buffers = Buffers()
    place = buffers.empty(1000, 8, torch.float32).data_ptr()
    assert buffers.empty(500, 8, torch.float32).data_ptr() != place
    assert buffers.empty(900, 8, torch.float32).data_ptr() == place


def test_outside_and_for_small_tables_torch_gives_memory_as_ever():
    with reused_buffers():
        table = empty_table(ROWS, 4, LIKE)
        place = table.data_ptr()
        del table
        assert empty_table(ROWS, 4, LIKE).data_ptr() == place
        assert empty_table(3, 4, LIKE).shape == (3, 4)
    assert empty_table(ROWS, 4, LIKE).dtype == torch.float32


def test_a_table_outlives_the_buffers_it_came_from():
    with reused_buffers():
        table = empty_table(ROWS, 2, LIKE).fill_(7)
    assert bool((table == 7).all())
