"""Both ways that products over a graph are computed on the CPU."""

import pytest

from engine.graph import products
from engine.nn import attention, segments


@pytest.fixture(params=["compiled", "torch"])
def either_path(request, monkeypatch):
    """Run a test twice: with the compiled kernels, and as if they could not be loaded."""
    if request.param == "torch":
        monkeypatch.setattr(products, "_kernels", lambda: None)
        for module in (attention, segments):
            monkeypatch.setattr(module, "attention_kernels", lambda: None)
    else:
        assert products._kernels() is not None
        assert attention.attention_kernels() is not None
