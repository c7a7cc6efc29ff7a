"""Section `client-certificate`: every check of a device's certificate, and what a CONNECT would be told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.identity import CertificateVerifier
from tunnel_gateway.identity.checks import Check, Known, Outcome, check_chain
from tunnel_gateway.identity.newest import Newest, newest_on_disk
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.fetch import HttpFetch

_LEVELS: Final = {
    Outcome.PASSED: Level.OK,
    Outcome.REFUSED: Level.PROBLEM,
    Outcome.SKIPPED: Level.SKIPPED,
    Outcome.UNKNOWN: Level.NOT_DONE,
}


async def client_certificate(subject: Subject) -> list[Finding]:
    if not subject.chain:
        return []
    fetch = HttpFetch()
    checker = RevocationChecker(fetch)
    try:
        known = Known(
            allow_list=subject.draft.allowed,
            newest=_newest(subject),
            revocation=checker if subject.online else None,
        )
        verifier = CertificateVerifier(subject.draft.authorities)
        return [_finding(check) for check in await check_chain(subject.chain, verifier, known, subject.now)]
    finally:
        await checker.close()
        await fetch.close()


def _newest(subject: Subject) -> Callable[[str], Newest | None] | None:
    """What the gateway remembers, read without touching it; nothing where it has not run yet."""
    file = subject.draft.file
    if not file.device_certificates.newest_only:
        return None
    path = subject.path(file.state)

    def look_up(udid: str) -> Newest | None:
        try:
            return newest_on_disk(path, udid) if path.exists() else None
        except sqlite3.Error:  # section `files` says what is wrong with it
            return None

    return look_up


def _finding(check: Check) -> Finding:
    level = Level.NOTICE if check.outcome is Outcome.UNKNOWN and check.reason is None else _LEVELS[check.outcome]
    return Finding(level, check.name, check.words, check.reason)
