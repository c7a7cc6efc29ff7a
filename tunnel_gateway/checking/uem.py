"""Section `uem`: whether the UEM can be asked with these credentials."""

from __future__ import annotations

from typing import Final

from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject
from tunnel_gateway.posture.uem import UemError

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""A UDID that no device has: the look-up shows that the UEM answers, and costs it nothing."""


async def uem(subject: Subject) -> list[Finding]:
    url = subject.draft.file.posture.uem.url
    client = subject.draft.client
    try:
        if not subject.online:
            return [Finding(Level.SKIPPED, "UEM", f"{url} was not asked; --online asks")]
        await client.device(NOBODY)
    except UemError as error:
        return [Finding(Level.NOT_DONE, "UEM", f"{url}: {error}")]
    finally:
        await client.close()
    return [Finding(Level.OK, "UEM", f"{url} answers and accepts the credentials")]
