"""What a child does while nobody waits for it."""

import pytest
from numba.core.registry import CPUDispatcher

from engine.jobs.executors.warming import warm_pictures


@pytest.mark.slow
def test_no_loop_of_layouts_and_projections_is_left_to_be_compiled() -> None:
    from engine.layout import _splines
    from engine.layout.graphs.force import kernels as force
    from engine.layout.projections.tsne import kernels as tsne

    warm_pictures()
    loops = [one for place in (_splines, force, tsne) for one in vars(place).values() if isinstance(one, CPUDispatcher)]
    assert len(loops) > 10
    assert [one.__name__ for one in loops if not one.signatures] == []
