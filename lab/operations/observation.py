"""A login as a value, from what the parties wrote down while it lasted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from lab.device import Device, Path
from lab.device.sign_in import SignIn
from lab.device.transport import Attempt
from lab.evidence import decision, entra_entry, okta_entry
from lab.logbooks import Pages
from lab.record import Connection, Decision, Login, LoginKind


def login_of(
    pages: Pages,
    *,
    number: int,
    step: int,
    kind: LoginKind,
    device: Device,
    app: str,
    at: str,
    user: str,
    time: datetime,
    done: SignIn,
) -> Login:
    """The login that `pages` were written about; nothing else may have gone on meanwhile."""
    decisions = tuple(decision(record) for record in pages.decisions)
    entries = [okta_entry(event) for event in pages.okta_events]
    entries += [entra_entry(sign_in) for sign_in in pages.entra_sign_ins]
    return Login(
        number=number,
        step=step,
        kind=kind,
        device=device.name,
        platform=device.platform.value,
        app=app,
        app_name=app,
        surface="own web view",
        at=at,
        user=user,
        time=time,
        connections=connections(pages.attempts, decisions, device.address),
        decisions=decisions,
        entries=tuple(entries),
        outcome=done.outcome,
        words=done.words,
        refusal=done.refusal,
    )


def connections(
    attempts: Iterable[Attempt], decisions: Sequence[Decision], device_address: str
) -> tuple[Connection, ...]:
    """The device's journal with the gateway's records beside it.

    A refusal names its record; the others belong to the first record of the same host that nothing belongs to yet.
    """
    left = list(decisions)
    found = []
    for attempt in attempts:
        record = _take_record(attempt, left)
        found.append(
            Connection(
                opened_by=attempt.app,
                host=attempt.host,
                port=443,
                path=attempt.route.path,
                why=attempt.route.why,
                source=_source(attempt, record, device_address),
                decision_id=record.decision_id if record else None,
                refusal=attempt.refusal,
            )
        )
    return tuple(found)


def _take_record(attempt: Attempt, left: list[Decision]) -> Decision | None:
    if attempt.route.path is not Path.TUNNEL:
        return None
    named = attempt.refusal.decision_id if attempt.refusal else ""
    for record in left:
        if record.decision_id == named if named else record.host == attempt.host:
            left.remove(record)
            return record
    return None


def _source(attempt: Attempt, record: Decision | None, device_address: str) -> str | None:
    if attempt.route.path is Path.DIRECT:
        return device_address
    return record.egress if record is not None and record.admitted else None
