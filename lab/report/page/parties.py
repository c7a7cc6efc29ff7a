"""Who has which address and which host name, by the parties of a run."""

from __future__ import annotations

from dataclasses import dataclass

from lab.device import Path
from lab.record import Login, Party, PartyKind, Provider, Run

TITLES = {Provider.OKTA: "Okta", Provider.ENTRA: "Entra"}
_KINDS = {Provider.OKTA: PartyKind.OKTA, Provider.ENTRA: PartyKind.ENTRA}


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of one run."""

    all: tuple[Party, ...]

    @classmethod
    def of(cls, run: Run) -> Parties:
        return cls(run.parties)

    def device(self, name: str) -> Party:
        """A device; one without addresses where the record does not list it."""
        nobody = Party(kind=PartyKind.DEVICE, name=name, addresses=())
        return next((each for each in self.all if each.kind is PartyKind.DEVICE and each.name == name), nobody)

    def gateway(self) -> Party:
        """The gateway."""
        nobody = Party(kind=PartyKind.GATEWAY, name="gateway", addresses=())
        return next((each for each in self.all if each.kind is PartyKind.GATEWAY), nobody)

    def provider(self, provider: Provider) -> Party:
        """An identity provider."""
        kind = _KINDS[provider]
        nobody = Party(kind=kind, name=TITLES[provider], addresses=())
        return next((each for each in self.all if each.kind is kind), nobody)

    def provider_at(self, host: str) -> Provider | None:
        """The identity provider that answers at `host`; None where another party does."""
        for provider in Provider:
            party = self.provider(provider)
            if host == party.name or host in party.hosts:
                return provider
        return None

    def whose(self, address: str, login: Login) -> str:
        """Whose address it is, in words; empty where nobody of this run is known to have it."""
        if any(address in party.addresses for party in self.all if party.kind is PartyKind.EGRESS):
            return "an egress address"
        own = {each.source for each in login.connections if each.path is Path.DIRECT}
        if address in own or address in self.device(login.device).addresses:
            return "the device's own address"
        return ""

    def named(self, address: str, login: Login) -> str:
        """The address, and whose it is."""
        return ", ".join(filter(None, (address, self.whose(address, login))))
