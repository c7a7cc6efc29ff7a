"""Slowing down before the far end says that it was too much, and an answer that never ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.errors import LostAnswerError, RejectedError, StrangeAnswerError, UnreachableError
from okta_zones.exchange import Exchange, FixedToken, Limits
from okta_zones.exchange import body as bodies
from okta_zones.exchange.throttle import Spacing
from okta_zones.okta.problem import read_problem
from okta_zones.okta.rate_limit import RateLimits, bucket_of
from okta_zones.okta.transport import connect

NOW = 1_800_000_000


def headers(limit: int, remaining: int, reset_in: float, clock: float = NOW) -> dict[str, str]:
    return {
        "X-Rate-Limit-Limit": str(limit),
        "X-Rate-Limit-Remaining": str(remaining),
        "X-Rate-Limit-Reset": str(int(clock + reset_in)),
        "Date": formatdate(clock, usegmt=True),
    }


WAITS = {
    "much is left": (headers(600, 300, 30), 0),
    "a tenth is left": (headers(600, 60, 30), 31),
    "nothing is left": (headers(600, 0, 30), 31),
    "the org's clock is ten minutes off": (headers(600, 0, 30, NOW + 600), 31),
    "a small limit": (headers(3, 1, 30), 31),
    "concurrency, whose limit is 0": (headers(0, 0, 30), 0),
    "no headers": ({}, 0),
    "half of them": ({"X-Rate-Limit-Limit": "600", "X-Rate-Limit-Remaining": "0"}, 0),
    "nonsense": (headers(600, 0, 30) | {"X-Rate-Limit-Reset": "inf"}, 0),
}


@pytest.mark.parametrize(("said", "wait"), WAITS.values(), ids=WAITS.keys())
def test_how_long_to_wait(said: dict[str, str], wait: float) -> None:
    limits = RateLimits()
    limits.learn("/api/v1/zones", httpx.Headers(said), 1000.0)
    assert limits.wait("/api/v1/policies", 1000.0) == wait
    assert limits.wait("/api/v1/policies", 1000.0 + wait) == 0
    assert limits.wait("/api/v1/logs", 1000.0) == 0


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/v1/zones/nzo1", "/api/v1"),
        ("/api/v1/policies/simulate", "/api/v1"),
        ("/api/v1/logs", "/api/v1/logs"),
        ("/api/v1/logsmith", "/api/v1"),
        ("/oauth2/v1/token", "/oauth2"),
    ],
)
def test_buckets(path: str, bucket: str) -> None:
    assert bucket_of(path) == bucket


def test_the_request_after_a_scarce_answer_waits_and_says_why() -> None:
    waited: list[tuple[float, str]] = []
    said = [headers(600, 10, 20, time.time()), headers(600, 599, 60, time.time())]

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[], headers=said.pop(0))

    org = connect(
        "https://acme.okta.com",
        FixedToken("SSWS", Secret("token")),
        throttle=RateLimits(),
        transport=httpx.MockTransport(answer),
        hold=lambda seconds, why: waited.append((seconds, why)),
    )
    org.read("/api/v1/zones")
    assert waited == []
    org.read("/api/v1/zones")
    ((seconds, why),) = waited
    assert 19 < seconds < 22.1
    assert why == "Okta: its rate limit is nearly used up"


def test_a_reset_that_is_too_far_away_is_not_waited_for() -> None:
    waited: list[float] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[], headers=headers(600, 0, 3600, time.time()))

    org = connect(
        "https://acme.okta.com",
        None,
        throttle=RateLimits(),
        limits=Limits(longest_wait=30),
        transport=httpx.MockTransport(answer),
        hold=lambda seconds, _why: waited.append(seconds),
    )
    org.read("/api/v1/zones")
    org.read("/api/v1/zones")
    assert waited == []


def test_a_429_that_asks_for_too_much_says_so() -> None:
    said = headers(600, 0, 3600, time.time())
    org = connect(
        "https://acme.okta.com",
        None,
        limits=Limits(longest_wait=30),
        transport=httpx.MockTransport(lambda _request: httpx.Response(429, headers=said)),
    )
    with pytest.raises(RejectedError, match=r"it asks to wait 36\d\d s, longer than requests.longest-wait of 30 s"):
        org.read("/api/v1/zones")


def test_requests_to_one_tenant_are_spaced_whoever_sends_them() -> None:
    spacing = Spacing(1.0)
    assert spacing.wait("/x", 100.0) == 0
    spacing.learn("/x", {}, 100.25)
    assert spacing.wait("/y", 100.5) == pytest.approx(0.75)
    assert spacing.wait("/y", 102.0) == 0


# --- answers that never end ----------------------------------------------------------------------------------------


@contextmanager
def dripping(pieces: Iterator[bytes], pause: float) -> Iterator[str]:
    """A server on loopback that answers every connection with these pieces, slowly."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def serve() -> None:
            with accepted(listening) as connection:
                if connection is None:
                    return
                connection.recv(65536)
                for piece in pieces:
                    if stop.wait(pause):
                        return
                    try:
                        connection.sendall(piece)
                    except OSError:
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        stop.set()
        thread.join()


@contextmanager
def accepted(listening: socket.socket) -> Iterator[socket.socket | None]:
    listening.settimeout(5)
    try:
        connection, _ = listening.accept()
    except OSError:
        yield None
        return
    with connection:
        yield connection


def drip() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n["
    while True:
        yield b" "


def impatient(url: str) -> Exchange:
    limits = Limits(silence=5, answer=0.2, attempts=1)
    return Exchange(url, service="Okta", read_problem=read_problem, limits=limits, use_environment=False)


def test_a_body_that_trickles_in_is_given_up() -> None:
    with dripping(drip(), 0.02) as url, impatient(url) as exchange:
        started = time.monotonic()
        with pytest.raises(UnreachableError, match=r"its body was not complete after 0\.2 s"):
            exchange.read("/x")
        assert time.monotonic() - started < 5


def test_a_write_whose_answer_trickles_in_may_have_been_done() -> None:
    with dripping(drip(), 0.02) as url, impatient(url) as exchange, pytest.raises(LostAnswerError):
        exchange.write("PUT", "/x", {})


def test_half_an_answer_is_no_answer() -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": "nz'
    with dripping(iter([half]), 0) as url, impatient(url) as exchange, pytest.raises(UnreachableError):
        exchange.read("/x")


def test_an_answer_without_end_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MOST_BYTES", 1024 * 1024)
    endless = httpx.MockTransport(lambda _request: httpx.Response(200, content=b"[" + b" " * 2 * 1024 * 1024))
    with (
        connect("https://acme.okta.com", None, transport=endless) as exchange,
        pytest.raises(StrangeAnswerError, match="answered with more than 1 MiB"),
    ):
        exchange.read("/x")
