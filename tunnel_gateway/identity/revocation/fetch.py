"""Fetch an answer over HTTP: bounded in size and time, with no redirect, no proxy and no compression."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol

import httpx

from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError

CONNECTIONS: Final = 16
"""How many questions may be on their way at the same time; others wait for their turn."""
SILENT_FOR: Final = 5.0
"""Seconds for which a URL is not asked again that cannot be reached, by whomever."""
MAX_SILENT: Final = 256


class Fetch(Protocol):
    """Ask a URL, by POST where there is a body."""

    async def __call__(self, url: str, *, body: bytes | None, within: float, max_bytes: int) -> bytes:
        """The body of the answer. Raises RevocationUnknownError."""


class HttpFetch:
    """Fetch with httpx. Nothing is opened before the first question."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client: httpx.AsyncClient | None = None
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self._monotonic = monotonic
        self._silent: Remembered[str, tuple[float, str]] = Remembered(MAX_SILENT)

    async def __call__(self, url: str, *, body: bytes | None, within: float, max_bytes: int) -> bytes:
        async with self._turns:
            self._judge_silence(url)
            try:
                async with asyncio.timeout(within):
                    return await self._answer(url, body, max_bytes)
            except TimeoutError:
                words = f"{url} did not answer within {within:g} s"
            except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
                words = f"{url} cannot be asked: {str(error) or type(error).__name__}"
            self._silent.put(url, (self._monotonic() + SILENT_FOR, words))
            raise RevocationUnknownError(words)

    def _judge_silence(self, url: str) -> None:
        silent = self._silent.get(url)
        if silent is not None and self._monotonic() < silent[0]:
            raise RevocationUnknownError(silent[1])

    async def _answer(self, url: str, body: bytes | None, max_bytes: int) -> bytes:
        client = self._open()
        headers = {"Content-Type": "application/ocsp-request"} if body is not None else {}
        async with client.stream("GET" if body is None else "POST", url, content=body, headers=headers) as response:
            if response.status_code != httpx.codes.OK:
                raise RevocationUnknownError(f"{url} answered {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise RevocationUnknownError(f"{url} answered with a compressed body, unasked")
            content = bytearray()
            async for part in response.aiter_raw():
                content += part
                if len(content) > max_bytes:
                    raise RevocationUnknownError(f"{url} answered with more than {max_bytes} bytes")
            return bytes(content)

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=5.0)
            headers = {"Accept-Encoding": "identity", "User-Agent": "tunnel-gateway"}
            # The time limit is asyncio's: httpx has none for a request as a whole.
            self._client = httpx.AsyncClient(trust_env=False, limits=limits, headers=headers, timeout=None)  # noqa: S113
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
