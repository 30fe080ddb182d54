"""Let a sequence head write: SMILES from graph vectors, one token at a time, within the grammar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.core.cancel import CancelToken
from engine.data.chem.grammar import SPECIAL, Vocabulary, Writing
from engine.nn.sequence import SequenceHead

_AT_ONCE = 256
_BEGIN, _END = SPECIAL.index("<begin>"), SPECIAL.index("<end>")


def write(
    head: SequenceHead,
    vectors: Tensor,
    vocabulary: Vocabulary,
    *,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    within_grammar: bool = True,
    cancel: CancelToken | None = None,
) -> list[str]:
    """Return one SMILES for each vector; empty where the end did not come within the length the head was made for.

    Within the grammar the end comes, but for a rare ring whose two ends can no longer meet: branches and rings are
    closed while there is room.

    Args:
        head: trained, in evaluation mode. vectors: graph vectors [B, H] as the readout gives them.
        vocabulary: of the head's tokens.
        temperature: what logits are divided by before drawing; 0 takes the likeliest token each time.
        generator: what is drawn from; needed for temperatures above 0.
        within_grammar: leave out tokens after which no molecule can come (see `Writing`); False leaves nothing out.
        cancel: checked at every token.
    """
    token = cancel or CancelToken()
    found: list[str] = []
    with torch.no_grad():
        for part in head.vectors(vectors).split(_AT_ONCE):
            found += _written(head, part, vocabulary, temperature, generator, within_grammar, token)
    return found


def between(first: Tensor, last: Tensor, steps: int) -> Tensor:
    """Return vectors on the way from one to another, both ends included, [steps, H]; along the sphere they lie on.

    Source: Shoemake (1985), "Animating rotation with quaternion curves", spherical linear interpolation; of vectors
    in nearly one direction the straight line.
    """
    share = torch.linspace(0, 1, steps)[:, None]
    cosine = torch.dot(first, last) / (first.norm() * last.norm()).clamp_min(1e-12)
    angle = torch.acos(cosine.clamp(-1, 1))
    if float(torch.sin(angle)) < 1e-3:
        return first + share * (last - first)
    return (torch.sin((1 - share) * angle) * first + torch.sin(share * angle) * last) / torch.sin(angle)


def _written(
    head: SequenceHead,
    vectors: Tensor,
    vocabulary: Vocabulary,
    temperature: float,
    generator: torch.Generator | None,
    within_grammar: bool,
    cancel: CancelToken,
) -> list[str]:
    count = len(vectors)
    state, token = head.begin(vectors), torch.full((count,), _BEGIN)
    texts: list[list[int]] = [[] for _ in range(count)]
    papers = [Writing(vocabulary) for _ in range(count)] if within_grammar else None
    going = np.ones(count, dtype=bool)
    for place in range(1, head.length):
        cancel.check()
        logits, state = head.step(vectors, state, token)
        logits[:, :_END] = -torch.inf  # padding and begin are never said
        token = _drawn(logits, temperature, generator)
        if papers is not None:
            # Where the head wants to end and must not, it has nothing more to say: what is open is closed then.
            wants_to_end = (token == _END).numpy()
            mask = _allowed(papers, going, wants_to_end, len(vocabulary), head.length - place)
            logits[torch.from_numpy(~mask)] = -torch.inf
            token = _drawn(logits, temperature, generator)
        for row in np.flatnonzero(going).tolist():
            number = int(token[row])
            if number == _END:
                going[row] = False
                continue
            texts[row].append(number)
            if papers is not None:
                papers[row].push(number)
        if not going.any():
            break
    return ["" if going[row] else vocabulary.decode(texts[row]) for row in range(count)]


def _allowed(
    papers: Sequence[Writing], going: np.ndarray, wants_to_end: np.ndarray, width: int, room: int
) -> np.ndarray:
    found = np.ones((len(papers), width), dtype=bool)
    for row in np.flatnonzero(going).tolist():
        found[row] = papers[row].closing() if wants_to_end[row] else papers[row].allowed(room)
    return found


def _drawn(logits: Tensor, temperature: float, generator: torch.Generator | None) -> Tensor:
    if temperature == 0:
        return logits.argmax(1)
    return torch.multinomial(torch.softmax(logits / temperature, 1), 1, generator=generator)[:, 0]
