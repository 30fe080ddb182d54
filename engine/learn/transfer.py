"""An encoder that knows one table of features, made to read another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd
from torch import Tensor

from engine.core.errors import MismatchError
from engine.nn.encoders._base import Encoder

# Two widths to compare an encoder's weights at.
_SMALL, _OTHER = 3, 4


@dataclass(frozen=True, slots=True)
class Directions:
    """The strongest directions of a table of features.

    Args: columns: one direction each, orthonormal, shape [F, k]. sizes: root mean square of the rows along each,
        shape [k], falling.
    """

    columns: NDArray[np.float64]
    sizes: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InputMap:
    """A linear map from features that are there [N, F] to features that an encoder knows [N, G], as a product.

    Args: left: shape [F, k]. right: shape [k, G].
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]

    def through(self, weight: Tensor) -> Tensor:
        """Return the map times a weight [G, H]: what the encoder's first product becomes, [F, H]."""
        right = torch.from_numpy(self.right).to(weight.dtype) @ weight
        return torch.from_numpy(self.left).to(weight.dtype) @ right


def principal_directions(x: Any, count: int) -> Directions:  # Any: numpy array or scipy CSR matrix
    """Return the strongest directions of a table about zero; each points where the rows' third moment is positive.

    Args: x: shape [N, F]. count: at most that many; fewer where the table has fewer.
    Source: Halko, Martinsson and Tropp (2011), randomised; the sign by the third moment is our own.
    """
    count = min(count, *x.shape)
    rows, values, directions = randomized_svd(x, count, n_iter=7, random_state=0)
    signs = np.where((rows**3).sum(axis=0) < 0, -1.0, 1.0)
    there = values > 1e-9 * max(values[0], 1e-300)
    columns = (directions * signs[:, None]).T[:, there]
    return Directions(columns.astype(np.float64), values[there].astype(np.float64) / x.shape[0] ** 0.5)


def principal_map(here: Directions, known: Directions) -> InputMap:
    """Set the directions of two tables against each other by their rank, and bring them to the known sizes.

    Source: bringing tables of different widths together by their singular directions is how Zhao et al. (2024), "All
        in one and one for all: a simple yet effective method towards cross-domain graph pretraining", section 3.1, do
        it; here the encoder keeps its own width and the map is folded into its first weights.
    """
    count = min(len(here.sizes), len(known.sizes))
    scale = known.sizes[:count] / here.sizes[:count]
    return InputMap(here.columns[:, :count] * scale, known.columns[:, :count].T)


def column_map(here: Sequence[str], known: Sequence[str]) -> InputMap:
    """Join columns of the same name; what the encoder does not know is not read.

    Raises: MismatchError: no name is in both.
    """
    place = {name: number for number, name in enumerate(known)}
    pairs = [(number, place[name]) for number, name in enumerate(here) if name in place]
    if not pairs:
        raise MismatchError(
            "The two tables of features have no column name in common.",
            hint='Set transfer.map to "principal".',
            path="transfer.map",
        )
    left, right = np.zeros((len(here), len(pairs))), np.zeros((len(pairs), len(known)))
    for k, (mine, theirs) in enumerate(pairs):
        left[mine, k] = right[k, theirs] = 1.0
    return InputMap(left, right)


def folded(
    build: Callable[[int], Encoder], state: Mapping[str, Tensor], known_width: int, inputs: InputMap
) -> dict[str, Tensor]:
    """Return the weights of an encoder that reads other features, as if the map stood before it.

    The map goes into the weights that multiply the features; all others stay as they are.

    Args: build: width of features to an encoder that reads them. state: weights of an encoder of `known_width`.
        inputs: from the other features to those.
    Raises: MismatchError: the encoder does more with its features than multiply them by weights.
    """
    encoder = build(_SMALL)
    small, other = encoder.state_dict(), build(_OTHER).state_dict()
    found: dict[str, Tensor] = {}
    reading = 0
    for name, weight in state.items():
        shapes = small[name].shape, other[name].shape
        if shapes[0] == shapes[1]:
            found[name] = weight
            continue
        reading += 1
        if weight.dim() == 2 and shapes[0][0] == _SMALL and weight.shape[0] == known_width:
            found[name] = inputs.through(weight)
        elif weight.dim() == 2 and shapes[0][1] == _SMALL and weight.shape[1] == known_width:
            found[name] = inputs.through(weight.T).T.contiguous()
        else:
            raise _not_one_product(encoder)
    if not reading:
        raise _not_one_product(encoder)
    return found


def _not_one_product(encoder: Encoder) -> MismatchError:
    return MismatchError(
        f"{encoder.label} with these options cannot be carried over to other features: its first step does not "
        "multiply them by weights, and nothing else.",
        hint="Choose another encoder for the run that pretrains.",
        path="encoder",
    )
