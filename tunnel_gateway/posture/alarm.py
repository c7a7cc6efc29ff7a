"""Bad news about a device that did not come from the UEM's API: it counts until the device has been read again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tunnel_gateway.posture.model import Compliance, DevicePosture


@dataclass(frozen=True, slots=True)
class Alarm:
    """What an event said, as far as it is bad; `at` is when it came, in running seconds."""

    at: float
    compliance: Compliance | None = None
    compromised: bool = False
    unenrolled: bool = False

    def darken(self, posture: DevicePosture) -> DevicePosture:
        """The device as the event would have it. It is judged beside the record, never in its place."""
        return replace(
            posture,
            compliance=self.compliance or posture.compliance,
            compliance_word=self.compliance or posture.compliance_word,
            compromised=self.compromised or posture.compromised,
            enrolled=posture.enrolled and not self.unenrolled,
        )

    def and_also(self, later: Alarm) -> Alarm:
        """Both: a later event takes nothing back, and of two words on compliance neither is the better one."""
        words = {self.compliance, later.compliance} - {None}
        return Alarm(
            later.at,
            Compliance.UNRECOGNISED if len(words) > 1 else self.compliance or later.compliance,
            self.compromised or later.compromised,
            self.unenrolled or later.unenrolled,
        )
