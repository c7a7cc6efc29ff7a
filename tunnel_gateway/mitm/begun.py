"""Questions that are mostly answered from memory: a task only for one that really has to wait."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Begun(Generic[T]):
    """A coroutine that has begun without a task, and has come to its end or to the first thing that it waits for.

    Whoever finds it not `is_over` awaits it in a task, where it goes on; a task that is cancelled before its first step
    would leave it where it stands, with all that it holds. Until that first wait there is no current
    task: code that needs one, like `asyncio.timeout`, must have a task of its own. What the coroutine raises before it,
    the constructor raises.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine
        self.is_over = False
        try:
            self._waits_for = coroutine.send(None)
        except StopIteration as end:
            self.is_over = True
            self.answer: T = end.value

    def __await__(self) -> Generator[Any, Any, T]:
        waits_for = self._waits_for
        while True:
            try:
                try:
                    yield waits_for
                except BaseException as error:  # noqa: BLE001  cancelled, or what it waited for failed: its own to hear
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(None)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # StopIteration has no type for it
