"""Section `revocation`: who may be asked about each authority's certificates, and whether they can be reached."""

from __future__ import annotations

import asyncio
from typing import Final

from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.identity import DeviceAuthority
from tunnel_gateway.identity.revocation.policy import RevocationMode

_WORDS: Final = {
    RevocationMode.HARD: "no answer refuses",
    RevocationMode.SOFT: "no answer admits",
    RevocationMode.OFF: "nobody is asked: a revoked certificate is admitted until it expires",
}
DEFAULT_PORT: Final = 80


async def revocation(subject: Subject) -> list[Finding]:
    found = []
    for authority in subject.draft.authorities:
        found.append(_policy(authority))
        if subject.online:
            policy = authority.revocation
            found += await asyncio.gather(*(_host(host, policy.timeout) for host in sorted(policy.hosts)))
    return found


def _policy(authority: DeviceAuthority) -> Finding:
    mode = authority.revocation.mode
    who = authority.certificate.subject.rfc4514_string()
    hosts = ", ".join(sorted(authority.revocation.hosts))
    level = Level.OK if mode is RevocationMode.HARD else Level.NOTICE
    return Finding(level, str(mode), f"{who}: {_WORDS[mode]}" + (f"; hosts: {hosts}" if hosts else ""))


async def _host(named: str, timeout: float) -> Finding:  # noqa: ASYNC109
    host, port = _split(named)
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Finding(Level.NOT_DONE, named, f"does not answer within {timeout:g} s")
    except OSError as error:
        return Finding(Level.NOT_DONE, named, f"cannot be reached: {error.strerror or error}")
    writer.close()
    return Finding(Level.OK, named, "can be reached")


def _split(named: str) -> tuple[str, int]:
    host, _, port = named.rpartition(":") if named.count(":") == 1 or "]:" in named else (named, "", "")
    return host.strip("[]"), int(port or DEFAULT_PORT)
