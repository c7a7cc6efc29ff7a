"""Reading an answer within a total time and size, and its JSON without surprises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import httpx

MOST_BYTES: Final = 64 * 1024 * 1024
"""The largest answer that is read: a page of a thousand log events is far below."""
_TITLE: Final = re.compile(rb"<title[^>]*>\s*([^<]{1,80})", re.IGNORECASE)


class TooSlowError(httpx.ReadTimeout):
    """The answer trickled in for too long."""


class UnusableBodyError(Exception):
    """A body that is no JSON, or too much of it; the text says what it is instead."""


def read_whole(response: httpx.Response, within: float, clock: Callable[[], float]) -> bytes:
    """The decoded body of a streamed response.

    `within`: seconds for all of it. Raises httpx.HTTPError, TooSlowError among them, and UnusableBodyError.
    """
    end, pieces, size = clock() + within, [], 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise UnusableBodyError(f"answered with more than {MOST_BYTES // 1024 // 1024} MiB")
        if clock() > end:
            raise TooSlowError(f"its body was not complete after {within:g} s")
    return b"".join(pieces)


def parse(body: bytes) -> Any:
    """The JSON of a body; None for an empty one. Raises UnusableBodyError."""
    if not body:
        return None
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise UnusableBodyError(_what(body)) from None


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _what(body: bytes) -> str:
    start = body[:4096].lstrip()
    if start.startswith(b"<"):
        found = _TITLE.search(start)
        title = f' titled "{found[1].decode("utf-8", "replace").strip()}"' if found else ""
        return f"answered with a page{title} instead of JSON; is there a proxy or a sign-in page on the way?"
    if start[:1] in (b"{", b"["):
        return f"did not answer with JSON: it breaks off or is damaged ({len(body)} bytes)"
    return f"did not answer with JSON ({len(body)} bytes of something else)"
