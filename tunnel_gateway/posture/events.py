"""The UEM's event notifications: what one says, as far as it can be told from one flat JSON object.

Key names, words and their variety: recorded events of current tenants and of old ones. Letters may be of any case,
ids may be missing, the event's time has five to seven decimals, and only the new state is there. What is bad in it
counts at once; what is good counts for nothing, for the device is read again either way.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from tunnel_gateway.posture.alarm import Alarm
from tunnel_gateway.posture.model import Compliance
from tunnel_gateway.posture.record import compliance_of

_UNENROLLED: Final = frozenset({"breakmdmconfirmed"})
_COMPROMISED_CHANGED: Final = "compromisedstatuschanged"
_SOUND: Final = frozenset({"", "false", "0", "no", "notcompromised", "uncompromised", "unknown", "notavailable"})
_COMPROMISED: Final = frozenset({"true", "1", "yes", "compromised"})
MAX_ID: Final = 128


class EventError(ValueError):
    """A body that is no event."""


@dataclass(frozen=True, slots=True)
class Event:
    """One notification. Ids are empty where it has none; `udid` and `uuid` are in lower case, `spelled` is the UDID as
    it stands there."""

    kind: str
    time: str
    udid: str
    uuid: str
    device_id: str
    serial: str
    spelled: str
    alarm: Alarm | None

    @property
    def key(self) -> tuple[str, str, str]:
        """Two events with one key are one event, told twice."""
        return self.uuid or self.udid or self.device_id or self.serial, self.kind, self.time


def read_event(body: bytes, at: float) -> Event:
    """Raises EventError. `at` is when it came, in running seconds."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise EventError("the body is not JSON") from None
    if not isinstance(content, dict):
        raise EventError("the body is not a JSON object")
    fields = {str(name).lower(): value for name, value in content.items()}
    kind = _plain(fields.get("eventtype"))
    return Event(
        kind=kind,
        time=_same_time(_text(fields.get("eventtime"))),
        udid=_text(fields.get("udid")).lower(),
        uuid=_text(fields.get("deviceuuid")).lower(),
        device_id=_text(fields.get("deviceid")),
        serial=_text(fields.get("serialnumber")),
        spelled=_text(fields.get("udid")),
        alarm=_alarm(fields, kind, at),
    )


def _alarm(fields: dict[str, Any], kind: str, at: float) -> Alarm | None:
    compliance = compliance_of(word) if (word := fields.get("compliancestatus")) not in (None, "") else None
    compromised = _plain(fields.get("compromisedstatus"))
    enrolment = _plain(fields.get("enrollmentstatus"))
    alarm = Alarm(
        at,
        compliance=None if compliance is Compliance.COMPLIANT else compliance,
        compromised=compromised in _COMPROMISED or (kind == _COMPROMISED_CHANGED and compromised not in _SOUND),
        unenrolled=kind in _UNENROLLED or enrolment not in ("", "enrolled"),
    )
    return alarm if alarm != Alarm(at) else None


def _same_time(text: str) -> str:
    """The time without the zeros at its end: five decimals or seven, it is the same time."""
    return re.sub(r"(\.\d*?)0+(?=\D|$)", r"\1", text)


def _plain(word: object) -> str:
    return re.sub(r"[\s_]", "", _text(word)).lower()


def _text(value: object) -> str:
    """A word or a number, never longer than a name can be."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:MAX_ID].strip() if isinstance(value, str | int) else ""
