"""CONNECTs out of the gateway's decision log, with what was decided then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

from dtr_rules.decision_log import DecisionRecord, read_records
from dtr_rules.hosts import Address, HostError, parse_address, parse_host
from dtr_rules.model import Action, Platform
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.visit import NamedBy, Recorded, Transport, Visit
from dtr_rules.source import UnusableFileError

MAX_LINE: Final = 1 << 20
MAX_NAME: Final = 300
"""Characters of an app or rule that are kept; rule sets allow fewer."""


def visits(stream: IO[bytes], reading: Reading) -> Iterator[Visit]:
    """The CONNECTs of a log; the line that a tunnel leaves at its end adds its bytes. Damaged lines are passed over."""
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        record = _record(line, number, reading)
        if record is None:
            continue
        reading.counts["records"] += 1
        visit = _visit(record, reading)
        if visit is not None:
            yield visit


def _record(line: bytes, number: int, reading: Reading) -> DecisionRecord | None:
    """The record of a line; None for an empty or a damaged one."""
    try:
        return next(read_records([line.decode("utf-8")], reading.file), None)
    except UnicodeDecodeError:
        reading.problem(f"line {number:,}: not UTF-8 text")
    except UnusableFileError as error:
        reading.problem(f"line {number:,}: {error.mistakes[0].message}")
    return None


def _visit(record: DecisionRecord, reading: Reading) -> Visit | None:
    if record.event == "refused-before-connect":
        reading.leave_out(LeftOut.BEFORE_CONNECT)
        return None
    if record.host is None or record.port is None or not 1 <= record.port <= 65535:
        reading.leave_out(LeftOut.NO_HOST)
        return None
    try:
        host = parse_host(record.host)
    except HostError:
        reading.leave_out(LeftOut.BAD_NAMES)
        return None
    device = record.device
    return Visit(
        host=host,
        port=record.port,
        transport=Transport.TCP,
        named_by=NamedBy.CONNECT,
        address=_address(record.address),
        client=_address(record.source.rpartition(":")[0] or record.source),
        platform=_platform(device.platform if device else None),
        app=(device.claimed_app or "")[:MAX_NAME] or None if device else None,
        count=1 if record.event == "connect" else 0,
        bytes_up=max(0, record.bytes_up or 0),
        bytes_down=max(0, record.bytes_down or 0),
        recorded=_recorded(record),
    )


def _recorded(record: DecisionRecord) -> Recorded | None:
    rule = None if record.rule is None else record.rule[:MAX_NAME]
    try:
        return None if record.action is None else Recorded(Action(record.action), rule)
    except ValueError:
        return None


def _platform(text: str | None) -> Platform | None:
    try:
        return None if text is None else Platform(text)
    except ValueError:
        return None


def _address(text: str | None) -> Address | None:
    try:
        return None if text is None else parse_address(text)
    except HostError:
        return None
