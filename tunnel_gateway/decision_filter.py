"""Which records of the decision log are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.decision_log import DecisionRecord


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Records that fit everything that is given; letters compare without regard to case.

    `host` fits the host itself and, written as `*.example.com`, every host below it.
    """

    device: str | None = None
    host: str | None = None
    reason: str | None = None
    admitted: bool | None = None

    def fits(self, record: DecisionRecord) -> bool:
        udid = None if record.device is None else record.device.udid
        return (
            (self.device is None or (udid or "").lower() == self.device.lower())
            and (self.host is None or _is_host(record.host or "", self.host.lower().rstrip(".")))
            and (self.reason is None or record.reason == self.reason)
            and (self.admitted is None or record.admitted is self.admitted)
        )


def _is_host(host: str, wanted: str) -> bool:
    return host.lower().endswith(wanted[1:]) if wanted.startswith("*.") else host.lower() == wanted
