"""The order in which the pieces are pasted: nobody is locked out before the way in has been seen to work."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from lab.kit.app_configuration import UEM
from lab.kit.configuration import Configuration
from lab.kit.entra_gate import ENTRA
from lab.kit.okta_gate import OKTA

_ADD_PLATFORMS: Final = (
    "Security > Device Integrations > Endpoint management > Add platform: iOS and Android. Copy the secret key; Okta "
    "shows it once. It is the management hint."
)
_AUTHORITY: Final = (
    "Security > Device Integrations > Certificate authority: upload the UEM's issuer certificate (.cer renamed to "
    ".pem); then Endpoint management > Add platform: Desktop, Use my own certificate authority."
)
_PUBLISH: Final = "The device traffic rules, then Save and Publish: with Save alone, devices keep the old ones."


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where, what, and the pieces that it needs."""

    console: str
    what: str
    pieces: tuple[str, ...] = ()


def steps(configuration: Configuration, pieces: Collection[str]) -> tuple[Step, ...]:
    """The steps for the pieces that there are."""
    return tuple(_steps(configuration, list(pieces)))


def _steps(configuration: Configuration, pieces: list[str]) -> Iterator[Step]:
    yield from _devices(pieces)
    yield from _gate(configuration, pieces)


def _devices(pieces: list[str]) -> Iterator[Step]:
    mobile = _of(pieces, "okta-verify-ios", "okta-verify-android")
    desktop = _of(pieces, "okta-verify-macos", "okta-verify-windows")
    extension = _of(pieces, "sso-extension-ios", "sso-extension-macos")
    rules = tuple(each for each in pieces if each.startswith("traffic-rules-"))
    if mobile:
        yield Step(OKTA, _ADD_PLATFORMS)
        yield Step(UEM, "Okta Verify with its application configuration; assign, save and publish.", mobile)
    if extension:
        yield Step(UEM, "The SSO extension profile.", extension)
    if desktop:
        yield Step(OKTA, _AUTHORITY)
        yield Step(UEM, "Okta Verify on desktops, and a SCEP certificate profile.", desktop)
    if rules:
        yield Step(UEM, _PUBLISH, rules)


def _gate(configuration: Configuration, pieces: list[str]) -> Iterator[Step]:
    has_entra = "entra-policy" in pieces
    if "okta-policy" not in pieces:
        return
    yield Step(OKTA, "The network zone. Wait about 60 seconds.", ("okta-zone",))
    if has_entra:
        yield Step(ENTRA, "The named location.", ("entra-location",))
    yield Step(OKTA, f"The rule that admits the zone, above all others of {configuration.app}.", ("okta-policy",))
    if has_entra:
        yield Step(ENTRA, "The policy, report-only.", ("entra-policy",))
    yield Step("a managed device", "Sign in. Okta's System Log has to show an egress address and the zone's name.")
    yield Step(OKTA, "Now the catch-all rule: Denied.", ("okta-policy",))
    if has_entra:
        yield Step(ENTRA, "When the report shows nobody unexpected: the policy on.", ("entra-policy",))
    yield Step("a device outside", "Sign in from an unmanaged device: it has to be denied.")


def _of(pieces: list[str], *wanted: str) -> tuple[str, ...]:
    return tuple(each for each in wanted if each in pieces)
