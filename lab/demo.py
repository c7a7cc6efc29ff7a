"""The demo: one phone through four states of the world, then an impostor; what every party saw of each sign-in.

What should come out is data (`EXPECTED`). What came out is taken from the servers' own logs, and from the
device only where the device alone can know: which way it went, and what it was told.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, Protocol

from dtr_rules import Platform
from lab import entra, okta
from lab.device import Path
from lab.device.apps import App, Surface
from lab.device.sign_in import Outcome
from lab.evidence import Admission, entra_view, gateway_view, okta_view
from lab.network import ENTRA_HOST, LOOPBACK, OKTA_HOST, Addresses, Network
from lab.okta.policy.rule import CATCH_ALL
from lab.operations import Operations
from lab.operations.zone_control import ZoneChange
from lab.plan import DevicePlan, WorldPlan
from lab.record import At, Login, Provider
from lab.rows import Expectation, Observation, ProviderResult, Row, Whose, whose
from lab.world import OUTLOOK, World, read_rules, running_world

PHONE: Final = "iPhone"
PHONE_UDID: Final = "00008101-000A1C2E3F40001E"
LAPTOP: Final = "laptop"
SAMPLE_APP: Final = App("outlook-sample", "Outlook sample", Platform.IOS, OUTLOOK, Surface.OWN_WEB_VIEW)
"""It shows its login page itself, so that there is one app to follow."""

_IN, _NEVER, _OUT = Outcome.ALLOWED, Outcome.NEVER_REACHED, Outcome.DENIED

_IN_ZONE: Final = {"okta_by": okta.acme.ZONE_RULE, "zone": okta.acme.ZONE_NAME}

EXPECTED: Final = (
    Expectation(
        1, "iPhone, compliant, Outlook", Path.TUNNEL, Admission.ADMITTED, "rule", Whose.EGRESS, _IN, _IN, **_IN_ZONE
    ),
    Expectation(
        2,
        "same phone, now non-compliant, VPN profile still installed",
        Path.TUNNEL,
        Admission.REFUSED,
        "device-not-compliant",
        None,
        _NEVER,
        _NEVER,
    ),
    Expectation(
        3,
        "same phone, VPN profile removed by the compliance action (new session, no cookie)",
        Path.DIRECT,
        Admission.NOT_ASKED,
        "",
        Whose.DEVICE,
        _OUT,
        _OUT,
        okta_by=CATCH_ALL,
        entra_by=entra.acme.POLICY_NAME,
    ),
    Expectation(
        4,
        "same phone, compliant again, profile back",
        Path.TUNNEL,
        Admission.ADMITTED,
        "rule",
        Whose.EGRESS,
        _IN,
        _IN,
        **_IN_ZONE,
    ),
    Expectation(
        5,
        "unmanaged laptop, self-signed certificate that names the phone's UDID",
        Path.TUNNEL,
        Admission.REFUSED,
        "client-certificate-untrusted",
        None,
        _NEVER,
        _NEVER,
    ),
)


class Teller(Protocol):
    """Who tells a person what is going on."""

    def step(self, words: str) -> AbstractContextManager[None]:
        """Something that takes a moment and is done at the end of the block."""

    def zones(self, changes: tuple[ZoneChange, ...]) -> None:
        """What okta-zones wrote."""

    def row(self, row: Row) -> None:
        """A row is there."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Everything that came out. `seconds` is how long it took, all of it."""

    planned: tuple[ZoneChange, ...]
    applied: tuple[ZoneChange, ...]
    rows: tuple[Row, ...]
    seconds: float

    @property
    def as_expected(self) -> bool:
        return not any(row.differences for row in self.rows)


def demo_world(rules: str, addresses: Addresses = LOOPBACK) -> WorldPlan:
    """A phone, and a laptop that says that it is the phone."""
    phone = DevicePlan(name=PHONE, udid=PHONE_UDID)
    laptop = DevicePlan(name=LAPTOP, udid=PHONE_UDID, address=addresses.at_home(66))
    return WorldPlan(rules=rules, devices=(phone, laptop))


async def run_demo(rules: FilePath, teller: Teller, network: Network | None = None) -> Demo:
    """Play the whole demo with the rule set in the file `rules`; without a `network`, on loopback addresses.

    Raises dtr_rules.UnusableFileError before anything is started, then as `running_world` does, and httpx.HTTPError.
    """
    started = time.monotonic()
    text, network = read_rules(rules), network or Network()
    async with contextlib.AsyncExitStack() as stack:
        with teller.step("start Okta, Entra and the UEM; start tunnel-gateway"):
            world = await stack.enter_async_context(running_world(demo_world(text, network.addresses), network))
        operations = Operations(world)
        with teller.step("okta-zones plan: what would change at Okta and Entra"):
            planned = await operations.zones.changes("plan")
        with teller.step("okta-zones apply: write the gateway's egress addresses, and read them back"):
            applied = await operations.zones.changes("apply")
        teller.zones(applied)
        rows = await _Play(operations, teller).rows()
    return Demo(planned, applied, rows, time.monotonic() - started)


class _Play:
    """The five rows, one after the other."""

    def __init__(self, operations: Operations, teller: Teller) -> None:
        self._operations = operations
        self._teller = teller

    async def rows(self) -> tuple[Row, ...]:
        prepare = (self._enrol, self._break_policy, self._escalate, self._mend, self._impersonate)
        found = []
        for expected, step in zip(EXPECTED, prepare, strict=True):
            device = await step()
            with self._teller.step("the app signs in at Okta and at Entra"):
                logins = [await self._operations.logins.sign_in(device, SAMPLE_APP, at) for at in (At.OKTA, At.ENTRA)]
            row = Row(expected, _observation(logins, self._operations.world, device))
            self._teller.row(row)
            found.append(row)
        return tuple(found)

    async def _enrol(self) -> str:
        with self._teller.step("the phone enrols: inventory, device certificate, VPN profile"):
            await self._operations.fleet.enrol(PHONE)
        return PHONE

    async def _break_policy(self) -> str:
        with self._teller.step("the passcode is switched off; the UEM marks the phone as not compliant"):
            await self._operations.fleet.set_passcode(PHONE, present=False)
        return PHONE

    async def _escalate(self) -> str:
        with self._teller.step("hours later: the compliance action removes the VPN profile"):
            await self._operations.fleet.escalate(PHONE)
        return PHONE

    async def _mend(self) -> str:
        with self._teller.step("the passcode is back; the UEM installs the profile with a new certificate"):
            await self._operations.fleet.set_passcode(PHONE, present=True)
        return PHONE

    async def _impersonate(self) -> str:
        """The laptop has everything of the phone that can be copied."""
        with self._teller.step("a laptop copies the profile and signs a certificate itself"):
            self._operations.fleet.forge_certificate(LAPTOP, PHONE)
        return LAPTOP


def _observation(logins: Sequence[Login], world: World, device: str) -> Observation:
    """What two logins of one device show, the first at Okta, the second at Entra."""
    at_okta, at_entra = logins
    asked = [each for login in logins for each in login.connections if each.host in (OKTA_HOST, ENTRA_HOST)]
    okta_seen = okta_view(at_okta.seen_by(Provider.OKTA))
    entra_seen = entra_view(at_entra.seen_by(Provider.ENTRA))
    return Observation(
        paths={each.host: each.path for each in asked},
        routing="; ".join(dict.fromkeys(each.why for each in asked)),
        gateway=gateway_view(decision for login in logins for decision in login.decisions),
        refusal=at_okta.refusal or at_entra.refusal,
        addresses={
            address: whose(address, egress=world.network.addresses.egress, device=world.devices[device].address)
            for address in (*okta_seen.addresses, *entra_seen.addresses)
        },
        okta=ProviderResult(at_okta.outcome, at_okta.words, okta_seen),
        entra=ProviderResult(at_entra.outcome, at_entra.words, entra_seen),
    )
