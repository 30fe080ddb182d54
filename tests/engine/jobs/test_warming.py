"""What a child does while nobody waits for it."""

import subprocess
import sys

import pytest

# In a process of its own: another test may have called the loops already. A loop that only compiled loops call needs no
# code of its own, so what counts is whether work that comes later finds anything left to compile or to load.
_LATER_WORK = """
import numpy as np
from numba.core.registry import CPUDispatcher

from engine.graph.graph import Graph
from engine.jobs.executors.warming import warm_pictures
from engine.layout import _splines
from engine.layout._base import Given
from engine.layout.graphs.force import kernels as force_loops
from engine.layout.projections.tsne import kernels as tsne_loops
from engine.project.kinds import registry

places = (_splines, force_loops, tsne_loops)
loops = {
    f"{place.__name__}.{name}": one
    for place in places
    for name, one in vars(place).items()
    if isinstance(one, CPUDispatcher)
}
assert len(loops) > 10
warm_pictures()
before = {name: len(one.signatures) for name, one in loops.items()}
force, tsne = registry("layout").get("force"), registry("projection").get("tsne")
rng = np.random.default_rng(0)
for count in (30, 150, 2000):
    graph = Graph.from_edges(rng.integers(0, count, 3 * count), rng.integers(0, count, 3 * count), count)
    layout = force(force.parse({"steps": 3}))
    layout.place(graph, given=Given(start=layout.place(graph)))
    tsne(tsne.parse({"steps": 60})).project(rng.normal(size=(count, 8)).astype(np.float32))
print(*(name for name, one in loops.items() if len(one.signatures) != before[name]))
"""


@pytest.mark.slow
def test_no_loop_of_layouts_and_projections_is_left_to_be_compiled() -> None:
    done = subprocess.run([sys.executable, "-c", _LATER_WORK], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
