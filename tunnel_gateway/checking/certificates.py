"""Section `certificates`: the gateway's own, its event listener's, those of device authorities, and when they end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from tunnel_gateway.assembly.files import certificate_in
from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject

SOON: Final = timedelta(days=30)


async def certificates(subject: Subject) -> list[Finding]:
    file = subject.draft.file
    named = [("gateway", certificate_in(subject.path(file.tls.certificate)))]
    events = file.posture.events
    if events is not None and events.tls is not None:
        named.append(("event listener", certificate_in(subject.path(events.tls.certificate))))
    named += [("device authority", each.certificate) for each in subject.draft.authorities]
    return [_finding(role, certificate, subject.now) for role, certificate in named]


def _finding(role: str, certificate: x509.Certificate, now: datetime) -> Finding:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    who = certificate.subject.rfc4514_string()
    if end <= now:
        return Finding(Level.PROBLEM, role, f"{who} has expired on {end:%Y-%m-%d}")
    if start > now:
        return Finding(Level.PROBLEM, role, f"{who} is not valid before {start:%Y-%m-%d %H:%M} UTC")
    return Finding(Level.NOTICE if end - now < SOON else Level.OK, role, f"{who} is valid until {end:%Y-%m-%d}")
