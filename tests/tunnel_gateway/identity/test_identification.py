"""All judges of a certificate together: what is known here first, and then those who have to be asked."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from issuing import DAY, HOUR, NOW, Pair, distribution_point, leaf, make, make_crl, uri

from tunnel_gateway.identity import (
    AllowList,
    CertificateVerifier,
    DeviceAuthority,
    Identification,
    Identity,
    NewestCertificates,
    UdidFrom,
    UdidPlace,
)
from tunnel_gateway.identity.newest import StateStore
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.policy import RevocationMode, RevocationPolicy
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import State

ROOT = make(cn="Device Root", ca=True, start=-90 * DAY, end=90 * DAY)
POINT = distribution_point("http://crl.acme.example/crl")
OLD, NEW, REVOKED = (leaf(ROOT, start=start, extra=[POINT]) for start in (-3 * HOUR, -2 * HOUR, -HOUR))


class Authority:
    """Answers for its CRL, and counts."""

    asked = 0

    async def __call__(self, url: str, **_: Any) -> bytes:
        self.asked += 1
        return make_crl(ROOT, REVOKED)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State(tmp_path / "state.sqlite")) as state:
        yield state


def identification(state: State, authority: Authority, *allowed: Pair) -> Identification:
    policy = RevocationPolicy(RevocationMode.HARD, frozenset({"crl.acme.example"}))
    place = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
    return Identification(
        CertificateVerifier([DeviceAuthority(ROOT.certificate, place, revocation=policy)]),
        RevocationChecker(authority, clock=lambda: NOW),
        AllowList(frozenset(hashlib.sha256(each.der).hexdigest() for each in allowed)) if allowed else None,
        NewestCertificates(StateStore(state)),
    )


async def reason(judges: Identification, pair: Pair) -> Reason | None:
    try:
        await judges.identify(pair.der, [], NOW)
    except RefusalError as refusal:
        return refusal.reason
    return None


def test_each_judge_has_its_say(state: State) -> None:
    async def main() -> None:
        judges = identification(state, Authority(), OLD, NEW, REVOKED)
        assert await reason(judges, leaf(ROOT, extra=[POINT])) is Reason.CLIENT_CERTIFICATE_UNTRUSTED
        assert await reason(judges, REVOKED) is Reason.CLIENT_CERTIFICATE_REVOKED
        assert [await reason(judges, each) for each in (OLD, NEW, OLD)] == [
            None,
            None,
            Reason.CLIENT_CERTIFICATE_SUPERSEDED,
        ]

    asyncio.run(main())


def test_certificate_that_is_refused_supersedes_nothing(state: State) -> None:
    """Neither a revoked one nor one that is not on the list is the newest of its device."""

    async def main() -> None:
        judges = identification(state, Authority(), OLD, REVOKED)
        assert await reason(judges, REVOKED) is Reason.CLIENT_CERTIFICATE_REVOKED
        assert await reason(judges, NEW) is Reason.CLIENT_CERTIFICATE_UNTRUSTED
        assert await reason(judges, OLD) is None

    asyncio.run(main())


def test_nobody_is_asked_about_a_certificate_that_does_not_count_anyway(state: State) -> None:
    async def main() -> None:
        authority = Authority()
        assert await reason(identification(state, authority, OLD), NEW) is Reason.CLIENT_CERTIFICATE_UNTRUSTED
        assert authority.asked == 0

    asyncio.run(main())


def test_live_identity_falls_with_the_list_and_with_a_newer_certificate(state: State) -> None:
    async def main() -> None:
        judges = identification(state, Authority())
        live = await judges.identify(OLD.der, [], NOW)
        assert await judges.fallen([live], NOW) == []
        reloaded = identification(state, Authority(), NEW)
        ((fallen, refusal),) = await reloaded.fallen([live], NOW)
        assert isinstance(refusal, RefusalError)
        assert (fallen, refusal.reason) == (live, Reason.CLIENT_CERTIFICATE_UNTRUSTED)
        await judges.identify(NEW.der, [], NOW)
        ((fallen, refusal),) = await judges.fallen([live], NOW)
        assert isinstance(refusal, RefusalError)
        assert (fallen, refusal.reason) == (live, Reason.CLIENT_CERTIFICATE_SUPERSEDED)

    asyncio.run(main())


def test_identity_that_cannot_be_judged_again_falls_and_holds_nobody_up(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        judges = identification(state, Authority())
        assert judges.newest is not None
        sound = await judges.identify(OLD.der, [], NOW)
        other = await judges.identify(leaf(ROOT, san=[uri("1" * 40)], extra=[POINT]).der, [], NOW)
        judge = judges.newest.judge

        def fails_for_one(identity: Identity) -> None:
            if identity == other:
                raise sqlite3.OperationalError("disk I/O error")
            judge(identity)

        monkeypatch.setattr(judges.newest, "judge", fails_for_one)
        ((fallen, error),) = await judges.fallen([other, sound], NOW)
        assert fallen == other
        assert isinstance(error, sqlite3.OperationalError)
        assert [each for each, _ in await judges.fallen([other, sound], NOW + 365 * DAY)] == [other, sound]

    asyncio.run(main())
