"""What is known of certificates and outlives a reload: answers about revocation, the newest ones, intermediates."""

from __future__ import annotations

from dataclasses import dataclass, field

from tunnel_gateway.identity.newest import NewestCertificates, StateStore
from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.fetch import HttpFetch
from tunnel_gateway.identity.verifier import REMEMBERED_CHAINS, Intermediates
from tunnel_gateway.state import State


@dataclass(frozen=True, slots=True)
class IdentityMemory:
    """One for as long as the gateway runs; each reload builds its `Identification` on it."""

    fetch: HttpFetch
    revocation: RevocationChecker
    newest: NewestCertificates
    intermediates: Intermediates = field(default_factory=lambda: Remembered(REMEMBERED_CHAINS))

    @classmethod
    def open(cls, state: State) -> IdentityMemory:
        """Raises StateError."""
        fetch = HttpFetch()
        return cls(fetch, RevocationChecker(fetch), NewestCertificates(StateStore(state)))

    async def close(self) -> None:
        await self.revocation.close()
        await self.fetch.close()
