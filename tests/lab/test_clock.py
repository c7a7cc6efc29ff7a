"""The time of the emulated services goes on, and not beyond what dates can say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lab.clock import FURTHEST, Clock

START = datetime(2026, 11, 26, tzinfo=UTC)


def test_time_that_was_skipped_stays_skipped() -> None:
    clock = Clock(lambda: START)
    clock.advance(timedelta(hours=4))
    clock.advance(timedelta(hours=4))
    assert clock.now() == START + timedelta(hours=8)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        pytest.param(timedelta(0), timedelta(seconds=-1), "does not go back", id="back"),
        pytest.param(timedelta(0), timedelta.max, "36500 days at most", id="too-far"),
        pytest.param(FURTHEST, timedelta(seconds=1), "36500 days at most", id="too-far-in-the-end"),
    ],
)
def test_a_clock_that_cannot_go_there_stays_where_it_is(first: timedelta, second: timedelta, words: str) -> None:
    clock = Clock(lambda: START)
    clock.advance(first)
    with pytest.raises(ValueError, match=words):
        clock.advance(second)
    assert clock.now() == START + first
