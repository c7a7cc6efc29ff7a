"""Everything that stands between a presented certificate and an identity, in its order.

A value: a reload makes another one, and whoever is judged after the swap is judged by that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tunnel_gateway.identity.allow_list import AllowList
from tunnel_gateway.identity.device import Identity
from tunnel_gateway.identity.newest import NewestCertificates
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.verifier import CertificateVerifier, Verified

AT_A_TIME: Final = 20
"""How many identities are judged again at the same time."""


@dataclass(frozen=True, slots=True)
class Identification:
    """The chain, the allow-list where there is one, the newest certificate where that counts, and revocation."""

    verifier: CertificateVerifier
    revocation: RevocationChecker
    allow_list: AllowList | None = None
    newest: NewestCertificates | None = None

    async def identify(self, leaf: bytes | None, intermediates: Sequence[bytes], now: datetime) -> Identity:
        """The device that the chain (DER) names, judged at `now` (aware). Raises RefusalError."""
        verified = self.verifier.verify(leaf, intermediates, now)
        await self._judge(verified)
        if self.newest is not None:
            await self.newest.learn(verified.identity)
        return verified.identity

    async def judge_again(self, identity: Identity, now: datetime) -> None:
        """Whether an identity that was accepted still would be; learns nothing. Raises RefusalError."""
        leaf, *intermediates = identity.chain
        await self._judge(self.verifier.verify(leaf, intermediates, now))

    async def fallen(self, identities: Iterable[Identity], now: datetime) -> list[tuple[Identity, Exception]]:
        """Those that would no longer be accepted at `now` (aware), and why: expired, revoked, superseded, or no longer
        of a configured authority. One that cannot be judged has fallen as well, with what went wrong.

        Several are judged at the same time, since their authority may have to be asked.
        """
        waiting, found = list(identities), []
        for start in range(0, len(waiting), AT_A_TIME):
            some = waiting[start : start + AT_A_TIME]
            ends = await asyncio.gather(*(self.judge_again(each, now) for each in some), return_exceptions=True)
            found += [(each, end) for each, end in zip(some, ends, strict=True) if isinstance(end, Exception)]
        return found

    async def _judge(self, verified: Verified) -> None:
        """What is known here first: nobody is asked about a certificate that does not count anyway."""
        if self.allow_list is not None:
            self.allow_list.judge(verified.identity)
        if self.newest is not None:
            self.newest.judge(verified.identity)
        await self.revocation.judge(verified.links, verified.trust)
