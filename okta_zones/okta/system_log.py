"""Okta's System Log: who changed a zone, who signed in from an address (Okta API docs, "System Log").

Requests are bounded (`until`): without an end the log is a stream whose next page always exists. Times are Okta's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.needs import LOGS_READ
from okta_zones.okta.transport import SERVICE, list_all
from okta_zones.unreadable import Unreadable, or_unreadable

PATH: Final = "/api/v1/logs"
ZONE_EVENTS: Final = (
    "zone.create",
    "zone.update",
    "zone.delete",
    "zone.activate",
    "zone.deactivate",
    "zone.make_blacklist",
    "zone.remove_blacklist",
    "network_zone.rule.disabled",
)
SIGN_IN_EVENTS: Final = ("user.session.start", "policy.evaluate_sign_on", "user.authentication.sso")
AHEAD: Final = timedelta(minutes=1)
"""How far behind now a request ends: events of this moment belong to it."""


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """A change of a zone that the log tells of."""

    event_id: str
    event_type: str
    at: str
    """As Okta writes it: `2026-04-16T05:17:29.353Z`."""
    actor_id: str
    actor: str
    user_agent: str
    zone_id: str | None
    """None where the event does not say which zone it is about."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in, allowed or not, that the log tells of."""

    at: str
    user: str
    address: str
    event_type: str
    result: str


def zone_changes(exchange: Exchange, zone_id: str, since: datetime) -> tuple[ZoneChange, ...] | Unreadable:
    """What was done to the zone since then, oldest first, by everybody; `since` by Okta's clock.

    The shape of a zone in an event is not documented: an event that names no zone at all is told, too.
    """

    def look() -> tuple[ZoneChange, ...]:
        changes = map(_zone_change, _events(exchange, _any_of(ZONE_EVENTS), since, order="ASCENDING"))
        return tuple(change for change in changes if change.zone_id in (zone_id, None))

    return or_unreadable("the System Log", LOGS_READ, look)


def last_sign_in_from(exchange: Exchange, address: str, since: datetime) -> SignIn | Unreadable | None:
    """The newest sign-in from the address since then, allowed or not; None where there is none."""
    return or_unreadable(
        "the System Log",
        LOGS_READ,
        lambda: _newest(exchange, f'client.ipAddress eq "{_quotable(address)}"', since),
    )


def last_sign_in_of(exchange: Exchange, login: str, since: datetime) -> SignIn | Unreadable | None:
    """The newest sign-in of a person since then, by login, that succeeded: from which address Okta saw it.

    Anybody in the world can type somebody's login, so that a failed attempt says nothing of where that person is.
    """
    condition = f'actor.alternateId eq "{_quotable(login)}" and outcome.result eq "SUCCESS"'
    return or_unreadable("the System Log", LOGS_READ, lambda: _newest(exchange, condition, since))


def _newest(exchange: Exchange, condition: str, since: datetime) -> SignIn | None:
    wanted = f"({_any_of(SIGN_IN_EVENTS)}) and {condition}"
    found = next(_events(exchange, wanted, since, order="DESCENDING", limit=1), None)
    return None if found is None else _sign_in(found)


def _events(
    exchange: Exchange, wanted: str, since: datetime, *, order: str, limit: int = 1000
) -> Iterator[dict[str, Any]]:
    until = datetime.fromtimestamp(exchange.far_time(), UTC) + AHEAD
    query = {
        "since": _moment(since),
        "until": _moment(until),
        "filter": wanted,
        "sortOrder": order,
        "limit": str(limit),
    }
    return list_all(exchange, f"{PATH}?{urlencode(query)}")


def _any_of(event_types: Iterable[str]) -> str:
    return " or ".join(f'eventType eq "{each}"' for each in event_types)


def _quotable(text: str) -> str:
    """A text that may stand in a filter: nothing here needs a quote or a backslash, and none is sent."""
    if '"' in text or "\\" in text or not text.isprintable():
        raise StrangeAnswerError(SERVICE, f"cannot ask the System Log about {text!r}")
    return text


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _zone_change(event: Mapping[str, Any]) -> ZoneChange:
    actor, client = _mapping(event.get("actor")), _mapping(event.get("client"))
    targets = event.get("target")
    ids = [str(each.get("id")) for each in targets if isinstance(each, dict)] if isinstance(targets, list) else []
    return ZoneChange(
        event_id=str(event.get("uuid")),
        event_type=str(event.get("eventType")),
        at=str(event.get("published")),
        actor_id=str(actor.get("id")),
        actor=str(actor.get("alternateId") or actor.get("displayName")),
        user_agent=str(_mapping(client.get("userAgent")).get("rawUserAgent") or ""),
        zone_id=next((each for each in ids if each.startswith("nzo")), None),
    )


def _sign_in(event: Mapping[str, Any]) -> SignIn:
    return SignIn(
        at=str(event.get("published")),
        user=str(_mapping(event.get("actor")).get("alternateId")),
        address=str(_mapping(event.get("client")).get("ipAddress")),
        event_type=str(event.get("eventType")),
        result=str(_mapping(event.get("outcome")).get("result")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
