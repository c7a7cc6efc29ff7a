"""What a page is told: bounded on both sides, and never twice."""

from __future__ import annotations

import pytest

from lab.console.event_log import BEHIND, KEPT, EventLog

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_is_not_kept_any_more_cannot_be_caught_up_with() -> None:
    log = EventLog()
    old = log.last_id
    for number in range(KEPT + 1):
        log.tell("step", number)
    told = log.follow(old)
    assert await anext(told) == b": here\n\n"
    assert b"event: reset" in await anext(told)
    await told.aclose()


async def test_a_page_that_is_too_far_behind_is_left_and_not_kept_in_memory() -> None:
    log = EventLog()
    told = log.follow(log.last_id)
    assert await anext(told) == b": here\n\n"
    for number in range(BEHIND + 1):
        log.tell("step", number)
    assert log.readers == 0
    assert len([event async for event in told]) == BEHIND
