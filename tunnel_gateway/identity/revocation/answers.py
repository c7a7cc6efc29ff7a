"""Answers, kept for as long as they count: one question at a time for each, and none too soon after a failure."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError

RETRY_AFTER: Final = 30.0
"""Seconds for which a failure counts as the answer."""


class Dated(Protocol):
    """An answer that counts up to a moment."""

    @property
    def this_update(self) -> datetime: ...

    @property
    def next_update(self) -> datetime: ...


logger = logging.getLogger(__name__)

K = TypeVar("K")
A = TypeVar("A", bound=Dated)


@dataclass(slots=True)
class _Entry(Generic[A]):
    answer: A | None = None
    failure: str | None = None
    ask_again: float = 0.0
    wanted: float = 0.0
    question: asyncio.Task[A] | None = None

    def keep(self, answer: A, now: datetime) -> A:
        """Of two answers that count the later one: whoever carries them could hand out an old one once more."""
        if self.answer is None or now >= self.answer.next_update or answer.this_update >= self.answer.this_update:
            self.answer = answer
        return self.answer


class Answers(Generic[K, A]):
    """At most `most` answers. `clock` gives the time, aware; `monotonic` seconds that no change of it can move."""

    def __init__(
        self, most: int, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._entries: Remembered[K, _Entry[A]] = Remembered(most)
        self._questions: set[asyncio.Task[A]] = set()

    def known(self, key: K) -> A | None:
        """The answer where it counts and need not be asked for anew yet."""
        entry = self._entries.get(key)
        if entry is None or entry.answer is None:
            return None
        entry.wanted = self._monotonic()
        if entry.wanted >= entry.ask_again:
            return None
        return entry.answer if self._clock() < entry.answer.next_update else None

    def last(self, key: K) -> A | None:
        """The last answer that there was, though it may count no longer."""
        entry = self._entries.get(key)
        return None if entry is None else entry.answer

    def wanted(self, within: float) -> Iterator[tuple[K, A]]:
        """The last answers that there were to what was wanted in the last `within` seconds."""
        since = self._monotonic() - within
        for key, entry in self._entries:
            if entry.answer is not None and entry.wanted >= since:
                yield key, entry.answer

    async def get(self, key: K, ask: Callable[[], Awaitable[A]], refresh: float) -> A:
        """The answer under `key`, which `ask` gets where there is none that counts.

        One that is older than `refresh` seconds is given once more while a newer one is asked for. Raises
        RevocationUnknownError.
        """
        entry = self._entries.get(key)
        if entry is None:
            entry = _Entry()
            self._entries.put(key, entry)
        entry.wanted = self._monotonic()
        due = entry.wanted >= entry.ask_again
        if entry.answer is not None and self._clock() < entry.answer.next_update:
            if due:
                self._ask(entry, ask, refresh)
            return entry.answer
        if entry.failure is not None and not due:
            raise RevocationUnknownError(entry.failure)
        return await asyncio.shield(self._ask(entry, ask, refresh))

    def _ask(self, entry: _Entry[A], ask: Callable[[], Awaitable[A]], refresh: float) -> asyncio.Task[A]:
        if entry.question is None:
            entry.question = asyncio.ensure_future(self._answer(entry, ask, refresh))
            self._questions.add(entry.question)
            entry.question.add_done_callback(self._done)
        return entry.question

    async def _answer(self, entry: _Entry[A], ask: Callable[[], Awaitable[A]], refresh: float) -> A:
        try:
            answer = await ask()
        except RevocationUnknownError as failure:
            entry.failure, entry.ask_again = str(failure), self._monotonic() + RETRY_AFTER
            raise
        except Exception as error:
            # Nobody may be waiting for it, and whoever comes next must not ask at once.
            logger.exception("an answer about revocation could not be read")
            entry.failure, entry.ask_again = "internal error", self._monotonic() + RETRY_AFTER
            raise RevocationUnknownError("internal error") from error
        else:
            entry.failure, entry.ask_again = None, self._monotonic() + refresh
            return entry.keep(answer, self._clock())
        finally:
            entry.question = None

    def _done(self, question: asyncio.Task[A]) -> None:
        self._questions.discard(question)
        if not question.cancelled():
            question.exception()  # seen: it is kept in the entry, and nobody may be waiting for it

    async def close(self) -> None:
        """Give up every question."""
        for question in list(self._questions):
            question.cancel()
        await asyncio.gather(*self._questions, return_exceptions=True)
