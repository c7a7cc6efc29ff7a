"""Who may in: a link that works once, and the session that it opens."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from time import monotonic
from typing import Final

from tunnel_gateway.strangers import StrangerLimit


class TooManyKeysError(Exception):
    """Somebody guesses."""


class Door:
    """`port` is part of the cookie's name: browsers keep the cookies of all ports of a host together.

    The right key always opens, also while others guess; what keeps guesses out is its length. `renewed` hears the key
    that takes the place of a used one.
    """

    def __init__(self, port: int, renewed: Callable[[str], None]) -> None:
        self.cookie: Final = f"tunnel-lab-{port}"
        self.key = secrets.token_urlsafe(32)
        self._session: Final = secrets.token_urlsafe(32)
        self._renewed = renewed
        self._wrong = StrangerLimit()

    def open(self, key: str) -> str | None:
        """The session for a key, which has then been used; None for a wrong one. Raises TooManyKeysError."""
        if hmac.compare_digest(key.encode(), self.key.encode()):
            self.key = secrets.token_urlsafe(32)
            self._renewed(self.key)
            return self._session
        if self._wrong.admit("", monotonic()) is None:
            raise TooManyKeysError
        return None

    def knows(self, session: str) -> bool:
        """Whether this is the session."""
        return hmac.compare_digest(session.encode(), self._session.encode())
