"""What becomes known of one connection on its way, and the records of it that go into the decision log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final, Literal

from dtr_rules import Address, Flow
from dtr_rules.decision_log import DecisionRecord, Device
from tunnel_gateway.admission import Admission
from tunnel_gateway.identity import Identity
from tunnel_gateway.reasons import Reason, Stage

Event = Literal["connect", "end", "refused-before-connect"]


INSPECTED: Final = "inspected: the gateway decrypts this tunnel"


@dataclass(slots=True, kw_only=True)
class Trail:
    """Filled in step by step; a field that is None had not come to be known. `source` is the client's address.

    `identity`, `device` and `flow` are what a live tunnel is judged by again: whose certificate it is, what the device
    was admitted as, and what the rules were asked about.
    """

    decision_id: str
    gateway: str
    source: str
    identity: Identity | None = None
    device: Admission | None = None
    flow: Flow | None = None
    udid: str | None = None
    platform: str | None = None
    claimed_app: str | None = None
    host: str | None = None
    port: int | None = None
    address: str | None = None
    action: str | None = None
    rule: str | None = None
    rule_index: int | None = None
    rule_set: str | None = None
    posture_revision: int | None = None
    posture_age: float | None = None
    egress: str | None = None
    would: tuple[str, ...] = ()
    inspected: bool = False
    bytes_up: int = 0
    bytes_down: int = 0

    def connected(self, address: str, egress: str) -> None:
        """The connection stands: of the addresses that were judged, this is the one that answered first."""
        self.address, self.egress = address, egress
        if self.flow is not None and self.flow.address is not None:
            self.flow = replace(self.flow, address=Address(ip_address(address)))

    def refused(self, event: Event, reason: Reason, detail: str, suppressed: int = 0) -> DecisionRecord:
        """The record of a connection that was refused, or ended before its CONNECT."""
        return self._record(
            event, reason, stage=reason.meaning.stage, admitted=False, detail=detail, suppressed=suppressed or None
        )

    def admitted(self, reason: Reason) -> DecisionRecord:
        """The record of a CONNECT whose tunnel is open; `reason` is what the rules gave."""
        return self._record("connect", reason, stage=Stage.DECISION, admitted=True)

    def ended(self, reason: Reason, duration: float, detail: str | None = None) -> DecisionRecord:
        """The record of a tunnel's end, after `duration` seconds; `detail` says what a cut was for."""
        return self._record(
            "end",
            reason,
            stage=Stage.END,
            admitted=True,
            detail=detail,
            duration=round(duration, 3),
            bytes_up=self.bytes_up,
            bytes_down=self.bytes_down,
        )

    def _record(
        self,
        event: Event,
        reason: Reason,
        *,
        stage: Stage,
        admitted: bool,
        detail: str | None = None,
        suppressed: int | None = None,
        duration: float | None = None,
        bytes_up: int | None = None,
        bytes_down: int | None = None,
    ) -> DecisionRecord:
        if self.inspected:
            detail = INSPECTED if detail is None else f"{INSPECTED}; {detail}"
        known = any((self.udid, self.platform, self.claimed_app))
        return DecisionRecord(
            event=event,
            decision_id=self.decision_id,
            time=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            gateway=self.gateway,
            source=self.source,
            stage=stage,
            reason=reason,
            admitted=admitted,
            detail=detail,
            device=Device(udid=self.udid, platform=self.platform, claimed_app=self.claimed_app) if known else None,
            host=self.host,
            port=self.port,
            address=self.address,
            action=self.action,
            rule=self.rule,
            rule_index=self.rule_index,
            rule_set=self.rule_set,
            posture_revision=self.posture_revision,
            posture_age=None if self.posture_age is None else round(self.posture_age, 3),
            egress=self.egress,
            bytes_up=bytes_up,
            bytes_down=bytes_down,
            duration=duration,
            suppressed=suppressed,
            would=self.would,
        )
