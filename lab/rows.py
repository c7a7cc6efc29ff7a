"""One row of the demo: what should come out, what came out, and where the two differ. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lab.device import Path, Refusal
from lab.device.sign_in import Outcome
from lab.evidence import Admission, GatewayView, ProviderView

_UNFINISHED: Final = (Outcome.BROKEN, Outcome.NEVER_REACHED)


class Whose(StrEnum):
    """Whose address an identity provider saw."""

    EGRESS = "egress"
    DEVICE = "device's own"
    UNKNOWN = "unknown"
    """Neither the gateway's nor the device's: something is wrong with the lab's network."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a row should show. `reason` is the gateway's; `whose` None: no provider saw anything."""

    number: int
    device: str
    path: Path
    admission: Admission
    reason: str
    whose: Whose | None
    okta: Outcome
    entra: Outcome
    okta_by: str = ""
    """The rule of Okta's policy that decides, and the zone that it finds the address in."""
    zone: str = ""
    entra_by: str = ""
    """The conditional access policy that blocks; one that lets pass leaves no name behind."""


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """A sign-in at one provider: how it ended for the app, in which words, and what the provider wrote down."""

    outcome: Outcome
    words: str
    view: ProviderView


@dataclass(frozen=True, slots=True)
class Observation:
    """What a row did show."""

    paths: Mapping[str, Path]
    """By host of an identity provider."""
    routing: str
    """Why the device went that way, in words."""
    gateway: GatewayView
    refusal: Refusal | None
    addresses: Mapping[str, Whose]
    """What the providers' logs name, in the order they name it."""
    okta: ProviderResult
    entra: ProviderResult

    @property
    def why(self) -> str:
        """The row's story in a line."""
        if self.refusal is not None:
            return str(self.refusal)
        parts = [] if set(self.paths.values()) == {Path.TUNNEL} else [self.routing]
        if self.okta.view.addresses:
            parts.append("in the zone" if self.okta.view.zone else "outside the zone")
        unfinished = [each for each in (self.okta, self.entra) if each.outcome in _UNFINISHED]
        said = "; ".join(parts)
        return "; ".join(_unique([*parts, *(each.words for each in unfinished if each.words not in said)]))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    expected: Expectation
    observed: Observation

    @property
    def differences(self) -> tuple[str, ...]:
        """Where what came out is not what should have; empty when all is well."""
        expected, observed = self.expected, self.observed
        found = [
            _differs("path", {expected.path}, observed.paths.values()),
            _differs("gateway", {expected.admission}, {observed.gateway.admission}),
            _differs("gateway's reason", {expected.reason} - {""}, observed.gateway.reasons),
            _differs("address", {expected.whose} - {None}, observed.addresses.values()),
            _provider("Okta", expected.okta, observed.okta),
            _differs("Okta's rule", {expected.okta_by} - {""}, {observed.okta.view.by} - {""}),
            _differs("Okta's zone", {expected.zone} - {""}, {observed.okta.view.zone} - {""}),
            _provider("Entra", expected.entra, observed.entra),
            _differs("Entra's policy", {expected.entra_by} - {""}, {observed.entra.view.by} - {""}),
        ]
        return tuple(filter(None, found))


def whose(address: str, *, egress: Collection[str], device: str) -> Whose:
    """Whose address this is."""
    if address in egress:
        return Whose.EGRESS
    return Whose.DEVICE if address == device else Whose.UNKNOWN


def _differs(what: str, expected: Collection[str | None], found: Collection[str]) -> str:
    if set(expected) == set(found):
        return ""
    return f"{what}: expected {_words(expected)}, was {_words(found)}"


def _provider(name: str, expected: Outcome, result: ProviderResult) -> str:
    if result.outcome is not expected:
        words = f" ({result.words})" if result.words else ""
        return f"{name}: expected {expected}, was {result.outcome}{words}"
    if result.view.outcome is not expected:
        return f"{name}: {expected} for the app, but {name}'s own log says {result.view.outcome}"
    return ""


def _words(values: Collection[str | None]) -> str:
    return " and ".join(_unique(str(value) for value in values)) or "none"


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
