"""A login as a value, from what the parties wrote down while it lasted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lab.device import Path
from lab.device.running_app import RunningApp, Use
from lab.device.sign_in import SignIn
from lab.device.transport import Attempt
from lab.evidence import decision, entra_entry, okta_entry
from lab.logbooks import Pages
from lab.record import Connection, Decision, Login, LoginKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Which app wanted what, and when by the services' clock."""

    number: int
    step: int
    kind: LoginKind
    running: RunningApp
    at: str
    user: str
    time: datetime


def login_of(errand: Errand, done: SignIn | Use, pages: Pages) -> Login:
    """The login that `pages` were written about; nothing else may have gone on meanwhile."""
    decisions = tuple(decision(record) for record in pages.decisions)
    entries = [okta_entry(event) for event in pages.okta_events]
    entries += [entra_entry(sign_in) for sign_in in pages.entra_sign_ins]
    app = errand.running.app
    return Login(
        number=errand.number,
        step=errand.step,
        kind=errand.kind,
        device=errand.running.device.name,
        platform=app.platform.value,
        app=app.id,
        app_name=app.name,
        surface=app.surface.value,
        at=errand.at,
        user=errand.user,
        time=errand.time,
        connections=connections(pages.attempts, decisions),
        decisions=decisions,
        entries=tuple(entries),
        outcome=done.outcome,
        words=done.words,
        asked=done.asked if isinstance(done, SignIn) else (),
        challenged=isinstance(done, Use) and done.challenged,
        refusal=done.refusal,
    )


def connections(attempts: Iterable[Attempt], decisions: Sequence[Decision]) -> tuple[Connection, ...]:
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
                port=attempt.port,
                path=attempt.route.path,
                why=attempt.route.why,
                source=_source(attempt, record),
                decision_id=record.decision_id if record else None,
                refusal=attempt.refusal,
                failure=attempt.failure,
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


def _source(attempt: Attempt, record: Decision | None) -> str | None:
    if attempt.route.path is Path.DIRECT:
        return attempt.source
    return record.egress if record is not None and record.admitted else None
