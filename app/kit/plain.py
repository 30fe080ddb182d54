"""Text of the user's data in places where Qt would look for markup."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """Return a tooltip that shows the text as it is, whatever it looks like: Qt guesses at markup otherwise."""
    return f'<p style="white-space: pre-wrap; margin: 0">{escape(text)}</p>' if text else ""
