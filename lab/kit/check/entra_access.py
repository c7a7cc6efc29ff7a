"""A named location and a conditional access policy of Entra, as Graph shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dtr_rules.lint.finding import Severity
from dtr_rules.source import KeyPath
from lab.kit.check.content import Content
from lab.kit.check.expected import Expected
from lab.kit.check.finding import Finding
from lab.kit.check.okta_zone import against_egress, is_address, judge_addresses
from lab.kit.check.values import placeholder
from okta_zones.addresses import AddressError, AddressSet, parse_ip_range, union

_LOCATION: Final = "Microsoft Graph reference, ipNamedLocation"
_POLICY: Final = "Microsoft Graph reference, conditionalAccessPolicy"
_EMERGENCY: Final = "Microsoft documentation, exclude emergency access accounts"


def is_location(value: Any) -> bool:
    """Whether `value` is a named location of addresses."""
    return isinstance(value, dict) and "ipRanges" in value


def is_policy(value: Any) -> bool:
    """Whether `value` is a conditional access policy."""
    return isinstance(value, dict) and "grantControls" in value and "conditions" in value


def check_location(
    content: Content, path: KeyPath, location: Mapping[str, Any], expected: Expected
) -> Iterator[Finding]:
    """The named location that is to hold the gateway's egress addresses."""
    if location.get("@odata.type") != "#microsoft.graph.ipNamedLocation":
        fix = 'write "@odata.type": "#microsoft.graph.ipNamedLocation"'
        yield content.value(path, "without its @odata.type Graph refuses it", fix, source=_LOCATION)
    if location.get("isTrusted") is True:
        words = "trusted: other policies that exclude AllTrusted let people in from here without their checks"
        yield content.value((*path, "isTrusted"), words, "write false", severity=Severity.WARNING)
    found: list[AddressSet] = []
    ranges = location["ipRanges"] if isinstance(location["ipRanges"], list) else []
    for number, entry in enumerate(ranges):
        here = (*path, "ipRanges", number)
        address = entry.get("cidrAddress") if isinstance(entry, dict) else None
        if isinstance(address, str) and is_address(address):
            fix = f"write {address}/{128 if ':' in address else 32}"
            yield content.value(
                (*here, "cidrAddress"), f"'{address}' has no prefix length; Graph refuses it", fix, source=_LOCATION
            )
            continue
        try:
            addresses = parse_ip_range(entry if isinstance(entry, dict) else {})
        except AddressError as error:
            yield content.value(here, str(error), 'write "@odata.type" and "cidrAddress"', source=_LOCATION)
            continue
        found.append(addresses)
        yield from judge_addresses(content, here, addresses)
    yield from against_egress(content, (*path, "ipRanges"), union(found), expected)


def check_policy(content: Content, path: KeyPath, policy: Mapping[str, Any], expected: Expected) -> Iterator[Finding]:
    """The policy that is to block everywhere but in the location."""
    state = policy.get("state")
    if state == "disabled":
        yield content.value((*path, "state"), "the policy is off", "write enabled", source=_POLICY)
    elif state == "enabledForReportingButNotEnforced":
        words = "report-only: nobody is blocked yet"
        yield content.value(
            (*path, "state"), words, "write enabled once the report is as you want it", severity=Severity.NOTE
        )
    grant = policy["grantControls"]
    if not isinstance(grant, dict) or "block" not in (grant.get("builtInControls") or ()):
        words = "the policy does not block"
        yield content.value((*path, "grantControls"), words, 'write "builtInControls": ["block"]', source=_POLICY)
    conditions = policy["conditions"] if isinstance(policy["conditions"], dict) else {}
    yield from _locations(content, (*path, "conditions", "locations"), conditions.get("locations"), expected)
    yield from _users(content, (*path, "conditions", "users"), conditions.get("users"))
    if conditions.get("clientAppTypes", ["all"]) != ["all"]:
        words = "some kinds of clients are left out: they get in from anywhere"
        yield content.value((*path, "conditions", "clientAppTypes"), words, 'write ["all"]', severity=Severity.WARNING)


def _locations(content: Content, path: KeyPath, locations: object, expected: Expected) -> Iterator[Finding]:
    found = locations if isinstance(locations, dict) else {}
    included, excluded = found.get("includeLocations") or [], found.get("excludeLocations") or []
    if included != ["All"]:
        words = "the policy does not look at every location"
        yield content.value((*path, "includeLocations"), words, 'write ["All"]', source=_POLICY)
    if not excluded:
        words = "no location is excluded: everybody is blocked, through the tunnel too"
        yield content.value(path, words, "exclude the named location with the egress addresses", source=_POLICY)
    for number, each in enumerate(excluded):
        here = (*path, "excludeLocations", number)
        wrong = placeholder(str(each))
        if wrong is not None:
            yield content.value(here, wrong.message, wrong.fix)
        elif each == "AllTrusted":
            words = "every trusted location is let in, whoever marks one"
            yield content.value(here, words, "exclude the one location by its id", severity=Severity.WARNING)
        elif expected.location_id is not None and each != expected.location_id:
            words = f"'{each}' is not the location that okta-zones keeps"
            yield content.value(here, words, f"write {expected.location_id}", severity=Severity.WARNING)


def _users(content: Content, path: KeyPath, users: object) -> Iterator[Finding]:
    found = users if isinstance(users, dict) else {}
    kept_out = [
        *(found.get("excludeGroups") or ()),
        *(found.get("excludeUsers") or ()),
        *(found.get("excludeRoles") or ()),
    ]
    if not kept_out:
        words = "no emergency account is excluded: when the gateway is down, nobody can mend it"
        yield content.value(path, words, "exclude a group of emergency accounts", source=_EMERGENCY)
    for number, each in enumerate(found.get("excludeGroups") or ()):
        wrong = placeholder(str(each))
        if wrong is not None:
            yield content.value((*path, "excludeGroups", number), wrong.message, wrong.fix)
