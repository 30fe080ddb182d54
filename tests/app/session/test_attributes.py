import hashlib

import numpy as np

from app.session import frames


def test_the_key_of_ids_does_not_depend_on_the_pieces(monkeypatch) -> None:
    ids = np.array(["a", "", "b\0", "é", "d"], dtype=object)
    whole = hashlib.sha256("\0".join(ids).encode()).hexdigest()[:16]
    for piece in (1, 2, 100):
        monkeypatch.setattr(frames, "PIECE", piece)
        assert frames._key_of(ids) == whole
