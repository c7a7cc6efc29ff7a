"""The tenant: its devices, and all that happens to them: enrolment, check-in, compliance, profiles, certificates."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509

from lab.authority import Authority, utc_now
from lab.uem.automation import Automations
from lab.uem.compliance.engine import Engine
from lab.uem.compliance.policy import CompliancePolicy, passcode_policy
from lab.uem.delivery import Delivery
from lab.uem.errors import DeviceUnknownError, NotAllowedError
from lab.uem.event_desk import EventDesk
from lab.uem.events import Box, EventType
from lab.uem.inventory import (
    Command,
    CommandType,
    ComplianceStatus,
    DevicePlatform,
    EnrollmentStatus,
    ManagedDevice,
    Sample,
    thumbprint,
)
from lab.uem.knobs import Knobs
from lab.uem.lagging import LaggingInventory
from lab.uem.measures import Measures
from lab.uem.profile import TunnelProfile
from lab.uem.rule_sets import SavedRuleSet
from lab.uem.token_revocation import Revoke, TokenRevocations

PROFILE_ID: Final = 1001
"""The Tunnel profile of the lab's Apple devices."""
AUTHORITY_NAME: Final = "ACME Device Root"
TOKEN_LIFETIME: Final = timedelta(hours=1)  # `expires_in` is 3600 in recorded answers


@dataclass(frozen=True, slots=True)
class TenantSecrets:
    """What callers must show: REST clients the first three, the lab's operator the last."""

    client_id: str = "gateway"
    client_secret: str = field(default_factory=secrets.token_urlsafe, repr=False)
    tenant_code: str = field(default_factory=secrets.token_urlsafe, repr=False)
    operator: str = field(default_factory=secrets.token_urlsafe, repr=False)


class Tenant:
    """One UEM tenant. `now` is its clock (UTC): delays and escalations run on it, carried out by `run_due`.

    `revoke_tokens` is its integration with Entra; without one the action of that name fails, and says so.
    """

    def __init__(
        self,
        *,
        group: str = "ACME",
        tenant_secrets: TenantSecrets | None = None,
        knobs: Knobs | None = None,
        now: Callable[[], datetime] = utc_now,
        authority: Authority | None = None,
        policies: Iterable[CompliancePolicy] | None = None,
        revoke_tokens: Revoke | None = None,
    ) -> None:
        self.group: Final = group
        self.secrets: Final = tenant_secrets or TenantSecrets()
        self.now: Final = now
        self.authority: Final = authority or Authority(AUTHORITY_NAME, now=now)
        self.devices: Final[dict[str, ManagedDevice]] = {}
        self.delivery: Final = Delivery(now)
        self.measures: Final = Measures(self.delivery, now)
        in_force = [passcode_policy()] if policies is None else list(policies)
        self.compliance: Final = Engine(in_force, self.measures, now)
        self.automations: Final = Automations(self.delivery)
        self.events: Final = EventDesk(now, lambda: self.knobs, group)
        self.revocations: Final = TokenRevocations(now, revoke_tokens)
        self.knobs = Knobs()
        self._lagging: LaggingInventory | None = None
        self._tokens: Final[dict[str, datetime]] = {}
        self._turn = asyncio.Lock()
        self._numbers = 0
        self._set_knobs(knobs or Knobs())

    # --- knobs and REST clients -------------------------------------------------------------------

    def turn(self, **changes: Any) -> Knobs:
        """Turn knobs, by their names in Knobs; they count at once. Raises TypeError for a name that is none."""
        self._set_knobs(dataclasses.replace(self.knobs, **changes))
        return self.knobs

    def _set_knobs(self, knobs: Knobs) -> None:
        self.knobs = knobs
        if not knobs.inventory_lag:
            self._lagging = None
        elif self._lagging is None:
            self._lagging = LaggingInventory(self.devices.values(), self.now())

    def shown(self) -> Collection[ManagedDevice]:
        """The devices as the REST API shows them now."""
        if self._lagging is None:
            return self.devices.values()
        return self._lagging.as_of(self.now() - self.knobs.inventory_lag)

    def issue_token(self) -> str:
        """A new access token for a REST client, good for TOKEN_LIFETIME."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self.now() + TOKEN_LIFETIME
        return token

    def token_is_good(self, token: str) -> bool:
        expires = self._tokens.get(token)
        return expires is not None and self.now() < expires

    def revoke_api_tokens(self) -> None:
        """Make every REST client ask for a new token."""
        self._tokens.clear()

    # --- inventory --------------------------------------------------------------------------------

    def enrol(
        self,
        udid: str,
        platform: DevicePlatform,
        *,
        friendly_name: str,
        user_name: str,
        user_email: str,
        serial_number: str = "",
        model: str = "",
        operating_system: str = "",
        ownership: str = "C",
        group: str = "",
    ) -> ManagedDevice:
        """Bring a device under management: an entry in the inventory, apps and profiles in its queue.

        A device that was wiped or unenrolled can enrol again and gets its number back. Raises NotAllowedError when the
        UDID is enrolled already.
        """
        known = self.devices.get(udid)
        if known is not None and known.managed:
            raise NotAllowedError("a device with this UDID is enrolled already")
        if known is None:
            self._numbers += 1
        device = ManagedDevice(
            id=self._numbers if known is None else known.id,
            udid=udid,
            platform=platform,
            friendly_name=friendly_name,
            user_name=user_name,
            user_email=user_email,
            channel_token=secrets.token_urlsafe(32),
            enrolled_at=self.now(),
            serial_number=serial_number,
            model=model,
            operating_system=operating_system,
            ownership=ownership,
            group=group,
            thumbprints=[] if known is None else known.thumbprints,
        )
        self.devices[udid] = device
        self.delivery.assign(device)
        self.events.tell(device, EventType.ENROLLED)
        self._note(device)
        return device

    def edit(
        self,
        device: ManagedDevice,
        *,
        friendly_name: str | None = None,
        ownership: str | None = None,
        group: str | None = None,
        user_name: str | None = None,
        user_email: str | None = None,
    ) -> None:
        """Change what administrators may change of a device; None leaves things as they are."""
        moved = group is not None and group != device.group
        device.friendly_name = device.friendly_name if friendly_name is None else friendly_name
        device.ownership = device.ownership if ownership is None else ownership
        device.group = device.group if group is None else group
        device.user_name = device.user_name if user_name is None else user_name
        device.user_email = device.user_email if user_email is None else user_email
        if moved:
            self.events.tell(device, EventType.GROUP)
        self._note(device)

    def order_wipe(self, device: ManagedDevice, kind: CommandType = CommandType.ENTERPRISE_WIPE) -> None:
        """Have the device wiped, or what is the company's on it: pending until the device has done it."""
        whole = kind is CommandType.DEVICE_WIPE
        device.enrollment = EnrollmentStatus.DEVICE_WIPE_PENDING if whole else EnrollmentStatus.ENTERPRISE_WIPE_PENDING
        device.commands[:] = [Command(secrets.token_hex(8), kind)]
        self._note(device)

    def unenrol(self, device: ManagedDevice) -> None:
        """The device has left management: the tenant has nothing on it any more."""
        self._leave(device)
        self.events.tell(device, EventType.UNENROLLED)
        self._note(device)

    def delete(self, device: ManagedDevice) -> None:
        """Remove a device from the inventory."""
        self._leave(device)
        self.events.tell_as(device, self.knobs.deleted_event_type, Box.DELETE)
        del self.devices[device.udid]
        if self._lagging is not None:
            self._lagging.note(device.udid, None, self.now())

    def by_udid(self, udid: str) -> ManagedDevice:
        """Raises DeviceUnknownError."""
        try:
            return self.devices[udid]
        except KeyError:
            raise DeviceUnknownError(udid) from None

    def by_channel_token(self, token: str) -> ManagedDevice:
        """The device whose MDM channel this is. Raises DeviceUnknownError."""
        for device in self.devices.values():
            if secrets.compare_digest(device.channel_token.encode(), token.encode()):
                return device
        raise DeviceUnknownError

    def set_state(
        self,
        device: ManagedDevice,
        *,
        enrollment: EnrollmentStatus | None = None,
        compliance: ComplianceStatus | None = None,
    ) -> None:
        """Put a device into a state by hand, as an operator does; the next check-in judges it anew."""
        before = device.compliance
        device.enrollment = enrollment or device.enrollment
        device.compliance = compliance or device.compliance
        self._follow(device, before)

    def block(self, device: ManagedDevice, reason: str) -> None:
        """An administrator blocks the device in the tunnel service."""
        device.blocked_for = reason

    def allow(self, device: ManagedDevice) -> None:
        """The block is lifted."""
        device.blocked_for = None

    # --- compliance -------------------------------------------------------------------------------

    def check_in(self, device: ManagedDevice, sample: Sample) -> tuple[Command, ...]:
        """A device reports and takes its queue; the policies judge the report first, unless a wipe is pending.

        Raises NotAllowedError for a device that has left management.
        """
        if device.enrollment is EnrollmentStatus.UNENROLLED:
            raise NotAllowedError("the device is not enrolled")
        device.last_seen = self.now()
        if device.managed:
            self._judge(device, sample)
        return tuple(device.commands)

    def _judge(self, device: ManagedDevice, sample: Sample) -> None:
        before, was_compromised = device.compliance, device.sample is not None and device.sample.compromised
        device.sample = sample
        if sample.apps is not None:
            device.apps = sample.apps
        self._take_version(device, sample.os_version)
        self.compliance.judge(device)
        self.automations.notice(device, self.now())
        self.automations.run_due(device, self.now())
        if sample.compromised is not was_compromised:
            self.events.tell(device, EventType.COMPROMISED)
        self._follow(device, before)

    def escalate(self, device: ManagedDevice) -> bool:
        """The time until the next step of every broken policy has passed; False where no step is left."""
        before = device.compliance
        found = self.compliance.escalate(device)
        self._follow(device, before)
        return found

    async def run_due(self) -> None:
        """Carry out whatever is due by the tenant's clock: steps, automations, revocations, events, in this order."""
        async with self._turn:
            for device in [each for each in self.devices.values() if each.managed]:
                before = device.compliance
                self.compliance.revisit(device)
                self.automations.run_due(device, self.now())
                if device.compliance is not before:
                    self._follow(device, before)
            await self.revocations.carry_out(self.measures.orders, self.knobs.revocation_action_type)
            await self.events.send_due()

    # --- profiles and certificates ----------------------------------------------------------------

    def save(self, rule_set: str, text: str) -> SavedRuleSet:
        """The console's Save: see Delivery.save."""
        return self.delivery.save(rule_set, text)

    def publish(self, rule_set: str, text: str) -> tuple[TunnelProfile, ...]:
        """The console's Save and Publish: see Delivery.publish."""
        everywhere = self.knobs.publish_unchanged_platforms
        return self.delivery.publish(rule_set, text, self.devices.values(), unchanged_platforms=everywhere)

    def acknowledge(self, device: ManagedDevice, command_id: str) -> None:
        """The device has done a command: see Delivery.acknowledge. After a wipe it is unenrolled."""
        done = self.delivery.acknowledge(device, command_id)
        if done is CommandType.DEVICE_WIPE:
            self._leave(device)
            self.events.tell_as(device, self.knobs.wiped_event_type, Box.WIPE)
        elif done is CommandType.ENTERPRISE_WIPE:
            self.unenrol(device)
        self._note(device)

    def issue_certificate(self, device: ManagedDevice, request: x509.CertificateSigningRequest) -> x509.Certificate:
        """The built-in CA's answer to a device that installs its VPN profile: a new one each time.

        The name of the device goes in by the tenant's hand: what the request says of subject and SAN is not
        read. Raises NotAllowedError: not managed, no installation due, or the request is not signed with
        its own key.
        """
        if not device.managed:
            raise NotAllowedError("the device is not enrolled")
        if not any(command.type is CommandType.INSTALL_PROFILE for command in device.commands):
            raise NotAllowedError("no profile installation is due")
        if not request.is_signature_valid:
            raise NotAllowedError("the request is not signed with the key it names")
        device.certificate = self.authority.issue_device(
            device.user_email,
            san_uris=[f"urn:uem:device:{device.udid}"],
            public_key=request.public_key(),
        )
        device.thumbprints.append(thumbprint(device.certificate))
        return device.certificate

    def revoke_certificate(self, device: ManagedDevice) -> None:
        """An administrator revokes the device's certificate in the tunnel service, which then knows none of it.

        The built-in CA publishes no revocation list: a gateway that knows no more than the REST API learns nothing.
        """
        device.certificate = None

    # --- what follows from a change ---------------------------------------------------------------

    def _take_version(self, device: ManagedDevice, version: str) -> None:
        changed = bool(version and device.operating_system) and version != device.operating_system
        device.operating_system = version or device.operating_system
        if changed:
            self.events.tell(device, EventType.OPERATING_SYSTEM)

    def _leave(self, device: ManagedDevice) -> None:
        device.enrollment = EnrollmentStatus.UNENROLLED
        device.compliance = ComplianceStatus.NOT_AVAILABLE
        device.commands.clear()
        device.installed.clear()
        device.violations.clear()
        device.certificate = None

    def _follow(self, device: ManagedDevice, before: ComplianceStatus) -> None:
        if device.compliance is not before:
            self.events.tell(device, EventType.COMPLIANCE)
        self._note(device)

    def _note(self, device: ManagedDevice) -> None:
        if self._lagging is not None:
            self._lagging.note(device.udid, device, self.now())
