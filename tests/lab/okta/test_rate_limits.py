"""Rate limits of the Management API: per bucket, per principal, and for calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from lab.okta.acme import OLD_ADDRESS
from lab.okta.knobs import Knobs

pytestmark = pytest.mark.anyio

LIMITS = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")


class TestFewRequestsPerMinute:
    @pytest.fixture
    def knobs(self):
        return Knobs(requests_per_minute=3, principal_share=1)

    async def test_the_headers_count_down_to_429_and_a_minute_heals(self, world):
        api = world.api()
        answers = [await api.get("/api/v1/zones") for _ in range(5)]
        assert [answer.headers["x-rate-limit-remaining"] for answer in answers] == ["2", "1", "0", "0", "0"]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        assert answers[3].json()["errorCode"] == "E0000047"
        assert "retry-after" not in answers[3].headers
        assert len(world.org.log.of_type("system.org.rate_limit.violation")) == 1
        assert (await api.get("/api/v1/logs")).status_code == 200
        reset = int(answers[3].headers["x-rate-limit-reset"])
        assert 0 < reset - world.clock().timestamp() <= 61
        world.clock.move(seconds=60)
        assert (await api.get("/api/v1/zones")).status_code == 200

    async def test_zones_policies_and_api_tokens_share_a_bucket(self, world):
        paths = ("/api/v1/zones", "/api/v1/policies?type=ACCESS_POLICY", "/api/v1/api-tokens", "/api/v1/zones")
        assert [(await world.api().get(path)).status_code for path in paths] == [200, 200, 200, 429]

    async def test_a_refusal_has_the_headers_too(self, world):
        for token in ("wrong", None):
            answer = await (world.api(token) if token else world.client("127.43.8.1")).get("/api/v1/zones")
            assert (answer.status_code, answer.headers["x-rate-limit-limit"]) == (401, "3")


class TestHalfABucket:
    @pytest.fixture
    def knobs(self):
        return Knobs(bucket_sizes={"/api/v1/logs": 4})

    async def test_one_token_uses_half_of_a_bucket_and_another_the_other_half(self, world):
        world.org.api_tokens.create("siem", world.org.api_tokens.all()[0].owner, "second-secret")
        first, second = world.api(), world.api("second-secret")
        answers = [await first.get("/api/v1/logs") for _ in range(3)]
        assert [answer.headers["x-rate-limit-limit"] for answer in answers] == ["2", "2", "2"]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        again = await second.get("/api/v1/logs")
        assert (again.status_code, again.headers["x-rate-limit-remaining"]) == (200, "0")


class TestOneCallAtOnce:
    @pytest.fixture
    def knobs(self):
        return Knobs(concurrent_requests=1)

    async def test_a_call_beside_a_slow_one_gets_429_with_a_limit_of_zero(self, world):
        sent, may_end = asyncio.Event(), asyncio.Event()

        async def slow_body() -> AsyncIterator[bytes]:
            yield b"{"
            sent.set()
            await may_end.wait()

        slow = asyncio.ensure_future(world.api().post("/api/v1/zones", content=slow_body()))
        await sent.wait()
        async with asyncio.timeout(5):
            while (answer := await world.api().get("/api/v1/zones")).status_code == 200:
                pass  # the slow one's head may still be on its way
        assert answer.status_code == 429
        assert [answer.headers[name] for name in LIMITS[:2]] == ["0", "0"]
        assert answer.json()["errorCode"] == "E0000047"
        may_end.set()
        assert (await slow).status_code == 400
        assert (await world.api().get("/api/v1/zones")).status_code == 200


class TestFewSignInsPerMinute:
    @pytest.fixture
    def knobs(self):
        return Knobs(client_requests_per_minute=2)

    async def test_browsers_without_a_device_cookie_share_the_count_of_their_address(self, world):
        """Behind one egress address one impatient program locks all new browsers out, for a minute."""
        for _ in range(2):
            assert (await world.browser(OLD_ADDRESS).authorize()).status_code == 200
        known = world.browser(OLD_ADDRESS)
        known.http.cookies.set("DT", "an-older-visit", domain="127.40.8.10", path="/")
        assert (await world.browser(OLD_ADDRESS).authorize()).status_code == 429
        assert (await world.browser(OLD_ADDRESS).authorize()).status_code == 429
        assert (await known.authorize()).status_code == 200
        assert (await world.browser("127.44.0.8").authorize()).status_code == 200
        assert len(world.org.log.of_type("system.client.rate_limit.violation")) == 1
        world.clock.move(minutes=1)
        assert (await world.browser(OLD_ADDRESS).authorize()).status_code == 200

    async def test_the_first_page_brings_the_cookie(self, world):
        browser = world.browser(OLD_ADDRESS)
        answers = [await browser.authorize() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert "DT" in browser.http.cookies
