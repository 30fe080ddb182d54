"""Stop and Cancel as the work sees them."""

import pytest

from engine.core.cancel import Cancelled, CancelToken


def test_stop_lets_go_on_what_cancel_ends() -> None:
    token = CancelToken()
    token.check()
    token.stop()
    token.check()
    assert token.is_stopping
    assert not token.is_cancelled
    token.cancel()
    with pytest.raises(Cancelled):
        token.check()


@pytest.mark.parametrize("ask", ["stop", "cancel"])
def test_work_of_which_a_part_is_worth_nothing_ends_either_way(ask: str) -> None:
    token = CancelToken()
    hurried = token.hurried()
    hurried.check()
    getattr(token, ask)()
    assert hurried.is_stopping
    assert hurried.is_cancelled
    with pytest.raises(Cancelled):
        hurried.check()
    assert token.is_cancelled == (ask == "cancel")
