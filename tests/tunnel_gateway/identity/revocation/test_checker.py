"""Revocation over the network: who is asked, how often, for how long, and what no answer means."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from answering import WebServer, web_server
from cryptography import x509
from cryptography.x509 import ocsp
from issuing import DAY, HOUR, NOW, UDID, Pair, distribution_point, leaf, make, make_crl, make_ocsp, responder_at

from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, Identification, UdidFrom, UdidPlace
from tunnel_gateway.identity.revocation.answers import RETRY_AFTER, Answers
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.fetch import HttpFetch
from tunnel_gateway.identity.revocation.policy import RevocationMode, RevocationPolicy
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError
from tunnel_gateway.reasons import Reason, RefusalError

REVOKED, UNKNOWN = Reason.CLIENT_CERTIFICATE_REVOKED, Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN
ROOT = make(cn="Device Root", ca=True, start=-90 * DAY, end=90 * DAY)
FILLER = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(60_000)), False)
URI = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")


@dataclass
class World:
    """An authority with a web server, and a gateway's way to judge its certificates."""

    web: WebServer
    fetch: HttpFetch
    checker: RevocationChecker
    now: datetime = NOW
    policy: RevocationPolicy = field(default_factory=RevocationPolicy)

    def phone(self, *, issuer: Pair = ROOT, crl: bool = True, ocsp: bool = False) -> Pair:
        extra = [distribution_point("ldap:///CN=Devices", self.web.url("crl"))] if crl else []
        return leaf(issuer, extra=extra + ([responder_at(self.web.url("ocsp"))] if ocsp else []))

    def identification(self, **policy: Any) -> Identification:
        self.policy = replace(self.policy, **policy)
        authority = DeviceAuthority(ROOT.certificate, URI, revocation=self.policy)
        return Identification(CertificateVerifier([authority]), self.checker)

    async def reason(self, pair: Pair, *chain: Pair, **policy: Any) -> Reason | None:
        """Why the certificate is refused; None where it is not."""
        try:
            identity = await self.identification(**policy).identify(pair.der, [each.der for each in chain], self.now)
        except RefusalError as refusal:
            return refusal.reason
        assert identity.udid == UDID
        return None


def run(test: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        async with web_server() as web, asyncio.timeout(20):
            fetch = HttpFetch(monotonic=lambda: 0.0)
            world = World(web, fetch, RevocationChecker(fetch, clock=lambda: world.now))
            world.policy = RevocationPolicy(RevocationMode.HARD, frozenset({web.host}), timeout=15)
            try:
                await test(world)
            finally:
                await world.checker.close()
                await fetch.close()

    asyncio.run(main())


def test_end_of_lists_is_told_by_host_while_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(world: World) -> None:
        host = world.web.host
        assert world.checker.next_updates([host], 3600) == {}
        world.web.answers["crl"] = make_crl(ROOT)
        assert await world.reason(world.phone()) is None
        assert world.checker.next_updates([host, "crl.example"], 3600) == {host: NOW + DAY}
        monotonic = time.monotonic()
        monkeypatch.setattr(world.checker._lists, "_monotonic", lambda: monotonic + 3601)
        assert world.checker.next_updates([host], 3600) == {}
        await world.reason(world.phone())
        assert world.checker.next_updates([host], 3600) == {host: NOW + DAY}

    run(test)


def test_crl_is_fetched_once_and_counts_until_its_next_update() -> None:
    async def test(world: World) -> None:
        good, bad = world.phone(), world.phone()
        world.web.answers["crl"] = make_crl(ROOT, bad)
        reasons = await asyncio.gather(*(world.reason(each) for each in [good, bad] * 5))
        assert reasons == [None, REVOKED] * 5
        assert world.web.asked == {"crl": 1}
        world.now = NOW + DAY - HOUR
        world.web.answers["crl"] = b"junk"
        assert await world.reason(world.phone()) is None
        world.now = NOW + DAY
        later = leaf(ROOT, end=9 * DAY, extra=[distribution_point(world.web.url("crl"))])
        assert await world.reason(later) is UNKNOWN

    run(test)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ocsp.OCSPCertStatus.GOOD, None),
        (ocsp.OCSPCertStatus.REVOKED, REVOKED),
        (ocsp.OCSPCertStatus.UNKNOWN, UNKNOWN),
    ],
    ids=str,
)
def test_responder_is_asked_about_each_certificate_once(status: ocsp.OCSPCertStatus, expected: Reason | None) -> None:
    async def test(world: World) -> None:
        phone = world.phone(crl=False, ocsp=True)

        def answer(question: bytes) -> bytes:
            nonce = ocsp.load_der_ocsp_request(question).extensions[0].value.nonce
            return make_ocsp(phone, ROOT, status=status, nonce=nonce)

        world.web.answers["ocsp"] = answer
        assert [await world.reason(phone) for _ in range(3)] == [expected] * 3
        assert world.web.asked == {"ocsp": 1}

    run(test)


def test_crl_speaks_where_the_responder_does_not() -> None:
    async def test(world: World) -> None:
        bad = world.phone(ocsp=True)
        world.web.answers |= {"ocsp": b"junk", "crl": make_crl(ROOT, bad)}
        assert await world.reason(bad) is REVOKED

    run(test)


def test_intermediate_can_be_revoked_too() -> None:
    async def test(world: World) -> None:
        point = [distribution_point(world.web.url("root-crl"))]
        issuing = make(ROOT, cn="Issuing", ca=True, extra=point)
        phone = world.phone(issuer=issuing)
        world.web.answers |= {"root-crl": make_crl(ROOT), "crl": make_crl(issuing)}
        assert await world.reason(phone, issuing) is None
        world.checker = RevocationChecker(world.fetch, clock=lambda: world.now)
        world.web.answers["root-crl"] = make_crl(ROOT, issuing)
        assert await world.reason(phone, issuing) is REVOKED

    run(test)


@pytest.mark.parametrize(
    ("mode", "expected"), [(RevocationMode.HARD, UNKNOWN), (RevocationMode.SOFT, None), (RevocationMode.OFF, None)]
)
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda web: setattr(web, "status", "404 Not Found"), id="404"),
        pytest.param(lambda web: setattr(web, "status", "302 Found"), id="redirect"),
        pytest.param(lambda web: setattr(web, "fields", "Content-Encoding: gzip\r\n"), id="compressed"),
        pytest.param(lambda web: web.answers.update(crl=make_crl(ROOT, extra=[FILLER])), id="too-large"),
        pytest.param(lambda web: web.answers.update(crl=b"junk"), id="junk"),
        pytest.param(
            lambda web: web.answers.update(crl=make_crl(ROOT, this_update=-3 * DAY, next_update=-DAY)), id="stale"
        ),
    ],
)
def test_no_answer(spoil: Callable[[WebServer], object], mode: RevocationMode, expected: Reason | None) -> None:
    async def test(world: World) -> None:
        world.web.answers["crl"] = make_crl(ROOT)
        spoil(world.web)
        assert await world.reason(world.phone(), mode=mode, max_bytes=50_000) is expected
        assert (mode is RevocationMode.OFF) == (not world.web.asked)

    run(test)


PLACES: dict[str, Callable[[str], Any]] = {"crl": distribution_point, "ocsp": responder_at}


@pytest.mark.parametrize("kind", PLACES)
def test_revoked_certificate_stays_so_where_nobody_can_be_asked_any_more(kind: str) -> None:
    """Soft admits who was never said to be revoked; whoever was cannot wait until the answer runs out."""

    async def test(world: World) -> None:
        bad = leaf(ROOT, end=9 * DAY, extra=[PLACES[kind](world.web.url(kind))])
        world.web.answers |= {
            "crl": make_crl(ROOT, bad),
            "ocsp": lambda _: make_ocsp(bad, ROOT, status=ocsp.OCSPCertStatus.REVOKED),
        }
        assert await world.reason(bad, mode=RevocationMode.SOFT) is REVOKED
        world.now = NOW + 2 * DAY
        world.web.answers |= {"crl": b"junk", "ocsp": b"junk"}
        assert await world.reason(bad, mode=RevocationMode.SOFT) is REVOKED
        good = leaf(ROOT, end=9 * DAY, extra=[PLACES[kind](world.web.url(kind))])
        assert await world.reason(good, mode=RevocationMode.SOFT) is None

    run(test)


@pytest.mark.parametrize(
    "make_phone",
    [
        pytest.param(lambda w: leaf(ROOT), id="names-nobody"),
        pytest.param(lambda w: leaf(ROOT, extra=[distribution_point("ldap://127.40.0.50/CN=x")]), id="ldap"),
        pytest.param(lambda w: leaf(ROOT, extra=[distribution_point(f"http://localhost:{w.web.port}/crl")]), id="host"),
        pytest.param(lambda w: leaf(ROOT, extra=[distribution_point("http://127.40.0.50/crl")]), id="port"),
        pytest.param(lambda w: leaf(ROOT, extra=[distribution_point(f"http://a@{w.web.host}/crl")]), id="user-name"),
        pytest.param(lambda w: leaf(ROOT, extra=[distribution_point("http://[/crl")]), id="no-url"),
    ],
)
def test_nobody_is_asked_but_configured_hosts(make_phone: Callable[[World], Pair]) -> None:
    async def test(world: World) -> None:
        world.web.answers["crl"] = make_crl(ROOT)
        assert await world.reason(make_phone(world)) is UNKNOWN
        assert not world.web.asked

    run(test)


def test_nobody_is_asked_about_a_strangers_certificate() -> None:
    async def test(world: World) -> None:
        stranger = make(cn="Device Root", ca=True)
        world.web.answers["crl"] = make_crl(ROOT)
        assert await world.reason(world.phone(issuer=stranger)) is Reason.CLIENT_CERTIFICATE_UNTRUSTED
        assert not world.web.asked

    run(test)


def test_silent_host_holds_a_device_up_for_a_bounded_time_and_others_not_at_all() -> None:
    async def test(world: World) -> None:
        world.web.hold.clear()
        first, second = world.phone(crl=False, ocsp=True), world.phone(crl=False, ocsp=True)
        assert await world.reason(first, mode=RevocationMode.SOFT, timeout=0.3) is None
        world.web.asked.clear()
        assert await world.reason(second, mode=RevocationMode.HARD, timeout=0.3) is UNKNOWN
        assert not world.web.asked

    run(test)


def test_live_identities_fall_when_they_are_revoked_or_end() -> None:
    async def test(world: World) -> None:
        good, bad = world.phone(), world.phone()
        short = leaf(ROOT, end=HOUR, extra=[distribution_point(world.web.url("crl"))])
        world.web.answers["crl"] = make_crl(ROOT, next_update=2 * HOUR)
        identification = world.identification()
        live = [await identification.identify(each.der, [], NOW) for each in (good, bad, short)]
        assert await identification.fallen(live, NOW) == []
        world.now = NOW + 2 * HOUR
        world.web.answers["crl"] = make_crl(ROOT, bad, now=world.now)
        fallen = {
            identity.thumbprint: getattr(end, "reason", end)
            for identity, end in await identification.fallen(live, world.now)
        }
        assert fallen == {
            live[1].thumbprint: REVOKED,
            live[2].thumbprint: Reason.CLIENT_CERTIFICATE_EXPIRED,
        }

    run(test)


@dataclass(frozen=True)
class Note:
    """An answer with a number on it."""

    number: int
    this_update: datetime = NOW
    next_update: datetime = NOW + DAY


@dataclass
class Asked:
    """The far end of a question: what it answers next, and how often it was asked."""

    answer: Note | None = None
    times: int = 0

    async def __call__(self) -> Note:
        self.times += 1
        if self.answer is None:
            raise RevocationUnknownError("no answer")
        return self.answer


def test_old_answer_serves_while_a_newer_one_is_fetched() -> None:
    async def main() -> None:
        seconds = 0.0
        answers: Answers[str, Note] = Answers(2, lambda: NOW, lambda: seconds)
        asked = Asked(Note(1))
        assert (await answers.get("a", asked, 60)).number == 1
        asked.answer, seconds = Note(2), 61.0
        assert (await answers.get("a", asked, 60)).number == 1
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (await answers.get("a", asked, 60)).number == 2
        asked.answer, seconds = None, 200.0
        for _ in range(3):
            assert (await answers.get("a", asked, 60)).number == 2
            await asyncio.sleep(0)
        assert asked.times == 3
        await answers.close()

    asyncio.run(main())


def test_failure_is_the_answer_for_a_short_while() -> None:
    async def main() -> None:
        seconds = 0.0
        answers: Answers[str, Note] = Answers(2, lambda: NOW, lambda: seconds)
        asked = Asked()
        for _ in range(3):
            with pytest.raises(RevocationUnknownError):
                await answers.get("a", asked, 60)
        assert asked.times == 1
        seconds, asked.answer = RETRY_AFTER, Note(1)
        assert (await answers.get("a", asked, 60)).number == 1

    asyncio.run(main())


def test_failure_of_ours_is_told_and_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        answers: Answers[str, Note] = Answers(2, lambda: NOW, lambda: 0.0)
        asked = 0

        async def broken() -> Note:
            nonlocal asked
            asked += 1
            raise KeyError("a field that is not there")

        for _ in range(3):
            with pytest.raises(RevocationUnknownError, match="internal error"):
                await answers.get("a", broken, 60)
        assert asked == 1

    asyncio.run(main())
    assert [record.message for record in caplog.records] == ["an answer about revocation could not be read"]


def test_older_answer_does_not_take_the_place_of_a_newer_one() -> None:
    """Who stands between could hand out yesterday's list, which does not have today's revocation."""

    async def main() -> None:
        seconds = 0.0
        answers: Answers[str, Note] = Answers(2, lambda: NOW, lambda: seconds)
        asked = Asked(Note(2))
        await answers.get("a", asked, 60)
        asked.answer, seconds = Note(1, this_update=NOW - HOUR), 61.0
        for _ in range(3):
            assert (await answers.get("a", asked, 60)).number == 2
            await asyncio.sleep(0)
        assert asked.times == 2

    asyncio.run(main())


def test_answers_are_bounded() -> None:
    async def main() -> None:
        answers: Answers[int, Note] = Answers(2, lambda: NOW)
        asked = Asked(Note(1))
        for key in (1, 2, 3, 2, 3):
            await answers.get(key, asked, 60)
        assert asked.times == 3
        await answers.get(1, asked, 60)
        assert asked.times == 4

    asyncio.run(main())


def test_who_gives_up_waiting_does_not_stop_the_question() -> None:
    async def main() -> None:
        answers: Answers[int, Note] = Answers(2, lambda: NOW)
        go_on = asyncio.Event()

        async def slow() -> Note:
            await go_on.wait()
            return Note(1)

        waiting = asyncio.ensure_future(answers.get(1, slow, 60))
        other = asyncio.ensure_future(answers.get(1, slow, 60))
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        go_on.set()
        assert (await other).number == 1

    asyncio.run(main())
