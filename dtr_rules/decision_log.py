"""The decision log's record, version 1, and its reader.

One JSON object a line: `connect` for every CONNECT, `end` when its tunnel ends, `refused-before-connect` for a
connection that ended before its CONNECT. The gateway writes it; replaying rules against past traffic reads it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import pydantic

from dtr_rules.source import Mistake, Place, UnusableFileError

VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The device as far as it was known. `claimed_app` is what the client said: a claim, no proof."""

    udid: str | None = None
    platform: str | None = None
    claimed_app: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One line of the log. Fields that had not come to be when the line was written are None.

    `time` is UTC, ISO 8601 with milliseconds; `posture_age` and `duration` are seconds; `bytes_up` is from the device
    to the server, `bytes_down` the other way. `would` names what report-only rules would have decided.
    """

    event: Literal["connect", "end", "refused-before-connect"]
    decision_id: str
    time: str
    gateway: str
    source: str
    stage: str
    reason: str
    admitted: bool
    detail: str | None = None
    device: Device | None = None
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
    bytes_up: int | None = None
    bytes_down: int | None = None
    duration: float | None = None
    suppressed: int | None = None
    """How many lines like this one the log left out before it, because one source caused too many."""
    would: tuple[str, ...] = ()
    v: Literal[1] = 1

    def line(self) -> str:
        """The record as one line of JSON, with its line feed. Control characters are escaped, so it stays one line."""
        # dataclasses.asdict copies every value deeply, which made it a quarter of what a CONNECT costs.
        fields = {name: getattr(self, name) for name in _FIELDS}
        if self.device is not None:
            fields["device"] = {name: getattr(self.device, name) for name in _DEVICE_FIELDS}
        return _encode(fields) + "\n"


_FIELDS: Final = ("v", *(field.name for field in dataclasses.fields(DecisionRecord) if field.name != "v"))
_DEVICE_FIELDS: Final = tuple(field.name for field in dataclasses.fields(Device))
_encode: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_record = pydantic.TypeAdapter(DecisionRecord)


def read_records(lines: Iterable[str], file: str, first: int = 1) -> Iterator[DecisionRecord]:
    """The records of a log; `first` is the number of its first line.

    Raises UnusableFileError at the first line that is no record of version 1.
    """
    for number, line in enumerate(lines, start=first):
        if not line.strip():
            continue
        try:
            yield _record.validate_json(line)
        except pydantic.ValidationError as error:
            found = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, found["loc"])) or "line"
            place = Place(file, number, 1)
            raise UnusableFileError([Mistake(place, f"not a decision record: {where}: {found['msg']}")]) from None
