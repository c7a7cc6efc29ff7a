"""The tenant's state, and all that changes it: enrolment, check-in, compliance, profiles, certificates."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from lab.authority import Authority, utc_now
from lab.uem.compliance import CompliancePolicy, judge, passcode_policy
from lab.uem.inventory import (
    Command,
    CommandType,
    ComplianceStatus,
    DevicePlatform,
    EnrollmentStatus,
    ManagedDevice,
    Sample,
)
from lab.uem.profile import VpnProfile

PROFILE_ID: Final = 1001
AUTHORITY_NAME: Final = "ACME Device Root"
TOKEN_LIFETIME: Final = timedelta(hours=1)  # `expires_in` is 3600 in recorded answers


class DeviceUnknownError(Exception):
    """No device of this tenant answers to that."""


class NotAllowedError(Exception):
    """The tenant does not do this for this device; the text says why."""


@dataclass(frozen=True, slots=True)
class TenantSecrets:
    """What callers must show: REST clients the first three, the lab's operator the last."""

    client_id: str = "gateway"
    client_secret: str = field(default_factory=secrets.token_urlsafe, repr=False)
    tenant_code: str = field(default_factory=secrets.token_urlsafe, repr=False)
    operator: str = field(default_factory=secrets.token_urlsafe, repr=False)


class Tenant:
    """One UEM tenant with one compliance policy and one Tunnel profile. `now` is its clock (UTC)."""

    def __init__(
        self,
        *,
        group: str = "ACME",
        tenant_secrets: TenantSecrets | None = None,
        rate_limit: int = 1000,
        now: Callable[[], datetime] = utc_now,
        authority: Authority | None = None,
    ) -> None:
        self.group: Final = group
        self.secrets: Final = tenant_secrets or TenantSecrets()
        self.rate_limit = rate_limit
        """REST requests in a minute; the documented default of the product."""
        self.now: Final = now
        self.authority: Final = authority or Authority(AUTHORITY_NAME, now=now)
        self.policy: CompliancePolicy = passcode_policy(PROFILE_ID)
        self.profile: VpnProfile | None = None
        self.devices: Final[dict[str, ManagedDevice]] = {}
        self._tokens: Final[dict[str, datetime]] = {}

    # --- REST clients -----------------------------------------------------------------------------

    def issue_token(self) -> str:
        """A new access token for a REST client, good for TOKEN_LIFETIME."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = self.now() + TOKEN_LIFETIME
        return token

    def token_is_good(self, token: str) -> bool:
        expires = self._tokens.get(token)
        return expires is not None and self.now() < expires

    def revoke_tokens(self) -> None:
        """Make every REST client ask for a new token."""
        self._tokens.clear()

    # --- inventory --------------------------------------------------------------------------------

    def enrol(
        self, udid: str, platform: DevicePlatform, *, friendly_name: str, user_name: str, user_email: str
    ) -> ManagedDevice:
        """Bring a device under management: an entry in the inventory and the VPN profile in its queue.

        Raises NotAllowedError when the UDID is enrolled already.
        """
        if udid in self.devices:
            raise NotAllowedError("a device with this UDID is enrolled already")
        device = ManagedDevice(
            id=len(self.devices) + 1,
            udid=udid,
            platform=platform,
            friendly_name=friendly_name,
            user_name=user_name,
            user_email=user_email,
            channel_token=secrets.token_urlsafe(32),
            enrolled_at=self.now(),
        )
        self.devices[udid] = device
        self.queue(device, CommandType.INSTALL_PROFILE, PROFILE_ID)
        return device

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
        device.enrollment = enrollment or device.enrollment
        device.compliance = compliance or device.compliance

    # --- compliance -------------------------------------------------------------------------------

    def check_in(self, device: ManagedDevice, sample: Sample) -> tuple[Command, ...]:
        """A device reports and takes its queue; the policy judges the report first."""
        device.last_seen = device.last_compliance_check = self.now()
        device.sample = sample
        device.compliance = judge(self.policy, sample)
        if device.compliance is ComplianceStatus.COMPLIANT:
            self._give_back(device)
        return tuple(device.commands)

    def escalate(self, device: ManagedDevice) -> bool:
        """The policy's grace time has passed: take the profile from a device that still breaks the policy.

        False where there is nothing to do: the device keeps the policy, or the profile is gone already.
        """
        profile_id = self.policy.profile_id
        if device.compliance is not ComplianceStatus.NON_COMPLIANT or profile_id not in device.installed:
            return False
        device.actions_taken.append(self.policy.escalation.value)
        device.withheld.add(profile_id)
        self.queue(device, CommandType.REMOVE_PROFILE, profile_id)
        return True

    def _give_back(self, device: ManagedDevice) -> None:
        device.actions_taken.clear()
        for profile_id in sorted(device.withheld):
            self.queue(device, CommandType.INSTALL_PROFILE, profile_id)
        device.withheld.clear()

    # --- profiles and certificates ----------------------------------------------------------------

    def save(self, profile: VpnProfile) -> None:
        """The console's Save: devices keep the profile they have; new installations get this."""
        version = self.profile.version + 1 if self.profile else 1
        self.profile = dataclasses.replace(profile, version=version)

    def queue(self, device: ManagedDevice, kind: CommandType, profile_id: int) -> Command:
        """Put a command at the end of the device's queue, in the place of older ones for the same profile."""
        device.commands[:] = [command for command in device.commands if command.profile_id != profile_id]
        command = Command(secrets.token_hex(8), kind, profile_id)
        device.commands.append(command)
        return command

    def acknowledge(self, device: ManagedDevice, command_id: str) -> None:
        """The device has done a command, and the record follows.

        Raises NotAllowedError for a command that is not in its queue.
        """
        done = next((command for command in device.commands if command.id == command_id), None)
        if done is None:
            raise NotAllowedError("this command is not in the device's queue")
        device.commands.remove(done)
        if done.type is CommandType.INSTALL_PROFILE:
            device.installed.add(done.profile_id)
            return
        device.installed.discard(done.profile_id)
        device.certificate = None

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
        return device.certificate
