"""Never more requests than configured, and what a device waits for goes first."""

from __future__ import annotations

import asyncio

import pytest

from tunnel_gateway.posture.budget import Budget


class Time:
    """Running seconds that pass only while somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(asyncio, "sleep", self._sleep)

    def __call__(self) -> float:
        return self.now

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("per_minute", [1, 2, 3, 7, 60])
@pytest.mark.parametrize("urgent", [True, False])
def test_no_minute_has_more_requests_than_configured(
    monkeypatch: pytest.MonkeyPatch, per_minute: int, urgent: bool
) -> None:
    async def main() -> None:
        time = Time(monkeypatch)
        budget = Budget(per_minute, time)
        sent = []
        for _ in range(5 * per_minute):
            await budget.take(urgent=urgent)
            sent.append(time.now)
        busiest = max(sum(start <= each < start + 60 for each in sent) for start in sent)
        assert per_minute / 2 <= busiest <= per_minute

    asyncio.run(main())


def test_what_a_device_waits_for_finds_a_token_while_the_rest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        time = Time(monkeypatch)
        budget = Budget(600, time)
        start = time.now
        while time.now == start:
            await budget.take(urgent=False)
        waited = time.now
        await budget.take(urgent=True)
        assert time.now == waited

    asyncio.run(main())


def test_pause_that_the_uem_asks_for_holds_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        time = Time(monkeypatch)
        budget = Budget(600, time)
        budget.pause(30)
        await budget.take(urgent=True)
        assert time.now == pytest.approx(1030)

    asyncio.run(main())
