"""The filters, the order and the pages of a device search, under the parameter names of each version of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from starlette.requests import Request

from lab.uem.answers import ApiError, number
from lab.uem.inventory import ComplianceStatus, ManagedDevice
from lab.uem.records.version_1 import group_uuid
from lab.uem.records.words import COMPLIANCE, PLATFORMS, ownership

PAGE_SIZE: Final = 500
"""Default and largest page of a search; who asks for more gets this many."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a version of the API calls the parameters. All three call the user `user` and the page `page`."""

    model: str = "model"
    platform: str = "platform"
    last_seen: str = "lastseen"
    group: str = "lgid"
    compliance: str = "compliantstatus"
    seen_since: str = "seensince"
    page_size: str = "pagesize"
    sort_order: str = "sortorder"
    friendly_name: str = ""


VERSION_1: Final = Names()
VERSION_2: Final = Names(compliance="compliance_status", seen_since="seen_since")
VERSION_3: Final = Names(
    model="model_identifier",
    platform="device_type",
    last_seen="last_seen",
    group="organization_group_uuid",
    compliance="compliance_status",
    seen_since="seen_since",
    page_size="page_size",
    sort_order="sort_order",
    friendly_name="friendly_name",
)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, and how many devices there are in all."""

    devices: list[ManagedDevice]
    page: int
    page_size: int
    total: int


def search(request: Request, devices: Iterable[ManagedDevice], names: Names, group: str) -> Found:
    """The page that is asked for, in the order of the devices' numbers. `group` is the tenant's own.

    Raises ApiError for a parameter that cannot be read.
    """
    page = number(request, "page", default=0, least=0)
    size = min(number(request, names.page_size, default=PAGE_SIZE, least=1), PAGE_SIZE)
    tests = _tests(request, names, group)
    found = sorted((each for each in devices if all(test(each) for test in tests)), key=lambda each: each.id)
    if request.query_params.get(names.sort_order, "ASC").upper() == "DESC":
        found.reverse()
    return Found(found[page * size : (page + 1) * size], page, size, len(found))


Test = Callable[[ManagedDevice], bool]


def _tests(request: Request, names: Names, group: str) -> list[Test]:
    """What every device that is found has to pass: one test for each parameter that is given."""
    query = {name: value for name, value in request.query_params.items() if value}
    known: dict[str, Callable[[str], Test]] = {
        "user": _by_user,
        "ownership": _by_ownership,
        names.model: _by_model,
        names.platform: _by_platform,
        names.group: lambda wanted: lambda each: group_uuid(each.group or group) == wanted.lower(),
        names.compliance: _by_compliance,
        names.last_seen: partial(_by_time, names.last_seen),
        names.seen_since: partial(_by_time, names.seen_since),
    }
    if names.friendly_name:
        known[names.friendly_name] = _by_friendly_name
    return [known[name](value) for name, value in query.items() if name in known]


def _by_user(wanted: str) -> Test:
    return lambda each: each.user_name.lower() == wanted.lower()


def _by_ownership(wanted: str) -> Test:
    return lambda each: wanted.upper() in (each.ownership, ownership(each.ownership))


def _by_model(wanted: str) -> Test:
    return lambda each: wanted.lower() in each.model.lower()


def _by_platform(wanted: str) -> Test:
    return lambda each: _plain(wanted) in (_plain(each.platform), _plain(PLATFORMS[each.platform]))


def _by_friendly_name(wanted: str) -> Test:
    return lambda each: each.friendly_name.lower() == wanted.lower()


def _by_compliance(wanted: str) -> Test:
    word = _plain(wanted)
    if word in ("true", "false"):
        return lambda each: (word == "true") is (each.compliance is ComplianceStatus.COMPLIANT)
    return lambda each: word in (_plain(each.compliance), _plain(COMPLIANCE[each.compliance]))


def _by_time(name: str, wanted: str) -> Test:
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        raise ApiError(400, 400, f"{name} must be a date and time") from None
    since = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda each: each.last_seen is not None and each.last_seen >= since


def _plain(word: str) -> str:
    return word.replace("_", "").lower()
