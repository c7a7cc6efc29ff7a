"""Questions that begin without a task and go on in one: what they come to is what they would have come to."""

from __future__ import annotations

import asyncio

import pytest

from tunnel_gateway.mitm import Begun


async def _at_once(answer: str) -> str:
    return answer


def test_what_needs_no_waiting_needs_no_event_loop() -> None:
    begun = Begun(_at_once("yes"))
    assert begun.is_over
    assert begun.answer == "yes"


def test_failure_before_the_first_wait_is_raised_at_once() -> None:
    async def fails() -> None:
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        Begun(fails())


@pytest.mark.parametrize("waits", [1, 2, 7])
def test_what_waits_goes_on_in_a_task(waits: int) -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in range(waits)]

        async def adds_up() -> int:
            return sum([await future for future in futures])

        begun = Begun(adds_up())
        assert not begun.is_over

        async def goes_on() -> int:
            return await begun

        task = loop.create_task(goes_on())
        for number, future in enumerate(futures):
            await asyncio.sleep(0)
            assert not task.done()
            future.set_result(number)
        assert await task == sum(range(waits))

    asyncio.run(test())


def test_failure_of_what_it_waits_for_is_its_own_to_mend() -> None:
    async def test() -> None:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def mends() -> str:
            try:
                return await future
            except OSError as error:
                return f"mended: {error}"

        begun = Begun(mends())
        future.set_exception(OSError("gone"))
        assert await begun == "mended: gone"

    asyncio.run(test())


def test_whoever_awaits_it_and_is_cancelled_cancels_it() -> None:
    async def test() -> None:
        loop = asyncio.get_running_loop()
        never: asyncio.Future[None] = loop.create_future()
        ended: list[str] = []

        async def waits() -> None:
            try:
                await never
            finally:
                ended.append("tidied up")

        begun = Begun(waits())

        async def goes_on() -> None:
            await begun

        task = loop.create_task(goes_on())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended == ["tidied up"]
        assert never.cancelled()

    asyncio.run(test())
