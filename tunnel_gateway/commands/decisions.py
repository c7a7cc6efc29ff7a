"""`tunnel-gateway decisions`."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from dtr_rules.characters import printable
from dtr_rules.decision_log import DecisionRecord, read_records
from dtr_rules.source import UnusableFileError, read
from dtr_rules.terminal import console
from tunnel_gateway.commands.speaking import NOT_DONE, UNUSABLE, ConfigOption, DeviceOption, HostOption, fail, size
from tunnel_gateway.commands.speaking import duration as lasted
from tunnel_gateway.config import GatewayFile
from tunnel_gateway.decision_filter import DecisionFilter
from tunnel_gateway.log_reading import Line, LogReader

LOOK_EVERY = 0.25
"""Seconds between two looks of `--follow`."""

Show = Callable[[DecisionRecord], None]


def decisions(
    config: ConfigOption,
    *,
    device: DeviceOption = None,
    host: HostOption = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Those with this reason (docs/reasons.md).")] = None,
    admitted: Annotated[bool | None, typer.Option("--admitted/--refused", help="Only those, or only these.")] = None,
    last: Annotated[int, typer.Option("--last", min=0, help="The last so many that fit; 0 for all.")] = 100,
    following: Annotated[bool, typer.Option("--follow", help="And those to come, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines on stdout, as they stand in the log.")] = False,
) -> None:
    """What the decision log says, rotated files included, oldest first. The gateway need not run.

    --host takes a host, or `*.example.com` for every host below it.

    Exit codes: 0 fine, 2 unusable configuration, log or usage, 3 the log cannot be read, 130 ended by Ctrl-C.
    """
    wanted = DecisionFilter(device, host, reason, admitted)
    show = _json if as_json else _for_people(console(no_color=False))
    try:
        path = config.parent / read(config, GatewayFile).content.decision_log.file
        with closing(LogReader(path)) as log:
            for record in deque(_fitting(log.so_far(), wanted), last or None):
                show(record)
            while following:
                for record in _fitting(log.since(), wanted):
                    show(record)
                time.sleep(LOOK_EVERY)
    except UnusableFileError as error:
        fail(str(error), UNUSABLE)
    except OSError as error:
        fail(f"cannot read {error.filename}: {error.strerror}", NOT_DONE)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _fitting(lines: Iterable[Line], wanted: DecisionFilter) -> Iterator[DecisionRecord]:
    for line in lines:
        for record in read_records([line.text], line.file, first=line.number):
            if wanted.fits(record):
                yield record


def _json(record: DecisionRecord) -> None:
    typer.echo(record.line(), nl=False)


def _for_people(screen: Console) -> Show:
    def show(record: DecisionRecord) -> None:
        word, style = _outcome(record)
        text = Text.assemble(record.time, "  ", (f"{word:<8}", style), f"  {record.reason:<28}  ", _story(record))
        screen.print(text, soft_wrap=True)

    return show


def _outcome(record: DecisionRecord) -> tuple[str, str]:
    if record.event == "end":
        return "ended", "dim"
    return ("admitted", "green") if record.admitted else ("refused", "red")


def _story(record: DecisionRecord) -> str:
    device = record.device
    who = [record.source] if device is None else [device.udid, device.platform, device.claimed_app]
    where = None if record.host is None else f"{record.host}:{record.port}"
    by = None if record.rule is None else f"rule {record.rule}"
    egress = None if record.egress is None else f"from {record.egress}"
    parts = [" ".join(filter(None, who)), where, by, egress, record.detail, *record.would]
    if record.event == "end":
        parts.append(
            f"{lasted(record.duration or 0)}, {size(record.bytes_up or 0)} up, {size(record.bytes_down or 0)} down"
        )
    if record.suppressed:
        parts.append(f"{record.suppressed} more like it left out")
    return printable("  ".join(filter(None, [*parts, record.decision_id])))
