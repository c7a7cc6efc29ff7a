"""The demo: one phone through four states of the world, then an impostor; what every party saw of each sign-in.

What should come out is data (`EXPECTED`). What came out is taken from the servers' own logs, and from the
device only where the device alone can know: which way it went, and what it was told.
"""

from __future__ import annotations

import contextlib
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, Protocol

from lab import entra, okta
from lab.administrator import now
from lab.device import Device, Path, PinnedGateway
from lab.device.management import ManagementAgent
from lab.device.self_signed import self_signed
from lab.device.sign_in import Outcome, SignIn, sign_in
from lab.device.transport import Attempt
from lab.evidence import Admission, ProviderView, entra_view, gateway_view, okta_view
from lab.network import EGRESS_ADDRESSES, ENTRA_HOST, OKTA_HOST
from lab.okta.policy.rule import CATCH_ALL
from lab.rows import Expectation, Observation, ProviderResult, Row, Whose, whose
from lab.uem.tenant import PROFILE_ID
from lab.world import OUTLOOK, PHONE_UDID, World, read_rules, running_world
from lab.zones import ZoneChange, okta_zones

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


async def run_demo(rules: FilePath, teller: Teller) -> Demo:
    """Play the whole demo with the rule set in the file `rules`.

    Raises dtr_rules.UnusableFileError before anything is started, then as `running_world` does, and httpx.HTTPError.
    """
    started = time.monotonic()
    text = read_rules(rules)
    async with contextlib.AsyncExitStack() as stack:
        with teller.step("start Okta, Entra and the UEM; start tunnel-gateway"):
            world = await stack.enter_async_context(running_world(text))
        with teller.step("okta-zones plan: what would change at Okta and Entra"):
            planned = await okta_zones("plan", world.directory, world.environment)
        with teller.step("okta-zones apply: write the gateway's egress addresses, and read them back"):
            applied = await okta_zones("apply", world.directory, world.environment)
        teller.zones(applied)
        rows = await _Play(world, teller).rows()
    return Demo(planned, applied, rows, time.monotonic() - started)


class _Play:
    """The five rows, one after the other."""

    def __init__(self, world: World, teller: Teller) -> None:
        self._world = world
        self._teller = teller
        self._agent: ManagementAgent | None = None

    async def rows(self) -> tuple[Row, ...]:
        prepare = (self._enrol, self._break_policy, self._escalate, self._mend, self._impersonate)
        found = []
        for expected, step in zip(EXPECTED, prepare, strict=True):
            device = await step()
            with self._teller.step("the app signs in at Okta and at Entra"):
                row = Row(expected, await _observe(self._world, device))
            self._teller.row(row)
            found.append(row)
        return tuple(found)

    async def _enrol(self) -> Device:
        world = self._world
        with self._teller.step("the phone enrols: inventory, device certificate, VPN profile"):
            token = await world.administrator.enrol(
                PHONE_UDID,
                friendly_name="Anna's iPhone",
                user_name="anna",
                user_email=world.person.user,
            )
            self._agent = ManagementAgent(world.phone, token)
            return await self._check_in(passcode_present=True)

    async def _break_policy(self) -> Device:
        with self._teller.step("the passcode is switched off; the UEM marks the phone as not compliant"):
            return await self._check_in(passcode_present=False)

    async def _escalate(self) -> Device:
        with self._teller.step("hours later: the compliance action removes the VPN profile"):
            await self._world.administrator.escalate(PHONE_UDID)
            return await self._check_in(passcode_present=False)

    async def _mend(self) -> Device:
        with self._teller.step("the passcode is back; the UEM installs the profile with a new certificate"):
            return await self._check_in(passcode_present=True)

    async def _impersonate(self) -> Device:
        """The laptop has everything of the phone that can be copied; it says that it is the phone."""
        world = self._world
        with self._teller.step("a laptop copies the profile and signs a certificate itself"):
            world.laptop.install_profile(
                PROFILE_ID,
                1,
                rules=world.rules,
                gateway=PinnedGateway(world.gateway.address, world.gateway.port, world.gateway_certificate),
                client=self_signed(world.person.user, san_uri=f"urn:uem:device:{PHONE_UDID}"),
            )
            return world.laptop

    async def _check_in(self, *, passcode_present: bool) -> Device:
        """The phone reports, does what it is told, and the gateway has read the inventory since."""
        assert self._agent is not None
        await self._agent.check_in(passcode_present=passcode_present)
        await self._world.administrator.wait_for_posture(now())
        return self._world.phone


async def _observe(world: World, device: Device) -> Observation:
    """A fresh start of the app signs in at both providers; then the logs are read."""
    mark = await world.administrator.mark()
    first = len(device.journal)
    async with device.open_app(OUTLOOK) as app:
        okta_sign_in = await sign_in(app, world.okta, world.person)
        entra_sign_in = await sign_in(app, world.entra, world.person)
    attempts = [each for each in device.journal[first:] if each.host in (OKTA_HOST, ENTRA_HOST)]
    tunnelled = sum(each.route.path is Path.TUNNEL for each in attempts)
    gateway = gateway_view(await world.administrator.decisions_since(mark, expected=tunnelled))
    at_okta = okta_view(await world.administrator.okta_events(mark))
    at_entra = entra_view(await world.administrator.entra_sign_ins_since(mark))
    return Observation(
        paths={each.host: each.route.path for each in attempts},
        routing=_routing(attempts),
        gateway=gateway,
        refusal=okta_sign_in.refusal or entra_sign_in.refusal,
        addresses={
            address: whose(address, egress=EGRESS_ADDRESSES, device=device.address)
            for address in (*at_okta.addresses, *at_entra.addresses)
        },
        okta=_result(okta_sign_in, at_okta),
        entra=_result(entra_sign_in, at_entra),
    )


def _result(done: SignIn, view: ProviderView) -> ProviderResult:
    return ProviderResult(done.outcome, done.words, view)


def _routing(attempts: list[Attempt]) -> str:
    return "; ".join(dict.fromkeys(each.route.why for each in attempts))
