"""Which policy rules name a zone: `GET /api/v1/policies?type=…` and the rules of each (Okta API docs, "Policies").

Okta has no search by zone, so that every policy of every type is read. It is asked to embed the rules; where it does
not, they are fetched policy by policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from okta_zones.errors import RejectedError
from okta_zones.exchange import Exchange
from okta_zones.needs import POLICIES_READ
from okta_zones.okta.transport import list_all
from okta_zones.okta.zone_use import ZoneUse, how_named
from okta_zones.unreadable import Unreadable, Why, or_unreadable

PATH: Final = "/api/v1/policies"
TYPES: Final = (
    "OKTA_SIGN_ON",
    "ACCESS_POLICY",
    "MFA_ENROLL",
    "PASSWORD",
    "IDP_DISCOVERY",
    "PROFILE_ENROLLMENT",
    "POST_AUTH_SESSION",
    "ENTITY_RISK",
)
"""Global session policies first, then app sign-in policies; the rest are the side doors."""
_ALWAYS_THERE: Final = "OKTA_SIGN_ON"


def rules_naming_zone(exchange: Exchange, zone_id: str) -> tuple[tuple[ZoneUse, ...], tuple[Unreadable, ...]]:
    """Every rule that names the zone, and what could not be looked at. Raises FarEndError.

    A type of policy that the org does not have is no gap: its engine or its licence knows none.
    """
    uses: list[ZoneUse] = []
    for kind in TYPES:
        found = or_unreadable("the policies", POLICIES_READ, partial(_of_kind, exchange, kind))
        if isinstance(found, Unreadable):
            if found.why is Why.NOT_PERMITTED:
                return tuple(uses), (found,)
            continue
        uses += [use for policy, rule in found if (use := _use(kind, policy, rule, zone_id)) is not None]
    return tuple(uses), ()


def access_of(rule: Mapping[str, Any]) -> str | None:
    """`ALLOW` or `DENY`, as a rule of an app sign-in policy or a global session policy says it."""
    actions = rule.get("actions")
    for name in ("appSignOn", "signon"):
        action = actions.get(name) if isinstance(actions, dict) else None
        if isinstance(action, dict) and isinstance(action.get("access"), str):
            return str(action["access"])
    return None


def rule_path(policy_id: str, rule_id: str) -> str:
    """Where one rule is read."""
    return f"{PATH}/{quote(policy_id, safe='')}/rules/{quote(rule_id, safe='')}"


def _of_kind(exchange: Exchange, kind: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    try:
        policies = list(list_all(exchange, f"{PATH}?type={kind}&expand=rules"))
    except RejectedError as rejected:
        if rejected.status == 400 and kind != _ALWAYS_THERE:
            return []  # a type that this engine does not know
        raise
    return [(policy, rule) for policy in policies for rule in _rules(exchange, policy)]


def _rules(exchange: Exchange, policy: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    embedded = policy.get("_embedded")
    rules = embedded.get("rules") if isinstance(embedded, dict) else None
    if isinstance(rules, list):
        return (rule for rule in rules if isinstance(rule, dict))
    return list_all(exchange, f"{PATH}/{quote(str(policy.get('id')), safe='')}/rules")


def _use(kind: str, policy: Mapping[str, Any], rule: Mapping[str, Any], zone_id: str) -> ZoneUse | None:
    how = how_named(rule.get("conditions"), zone_id)
    if how is None:
        return None
    return ZoneUse(
        kind=kind,
        id=str(policy.get("id")),
        name=str(policy.get("name")),
        how=how,
        active=policy.get("status") != "INACTIVE" and rule.get("status") != "INACTIVE",
        rule_id=str(rule.get("id")),
        rule=str(rule.get("name")),
        access=access_of(rule),
    )
