"""Okta's side of the gate: the network zone, and the app sign-in policy that admits nobody from elsewhere."""

from __future__ import annotations

from typing import Any, Final

from dtr_rules.catalogue.entry import Sure
from lab.kit.configuration import Configuration
from lab.kit.egress import ZoneSettings
from lab.kit.paste_text import json_text
from lab.kit.piece import Field, Piece
from lab.kit.placeholders import ZONE_ID
from okta_zones.addresses import AddressSet, render_gateways

OKTA: Final = "Okta Admin Console"
_TUTORIAL: Final = "tutorial, Set Up Okta Authentication Policies"
FROM_THE_TUNNEL: Final = "From the tunnel"
BREAK_GLASS: Final = "Break glass"
CATCH_ALL: Final = "Catch-all Rule"
_SESSIONS: Final = "support.okta.com, IP behavior in Okta sessions"
_BORN_OPEN: Final = "recorded: the rule that a new policy comes with"
_NO_PROXY: Final = (
    "As a trusted proxy the gateway would be walked past, and anybody behind it could name an address of his own."
)
_A_MINUTE: Final = (
    "Okta takes about 60 seconds to believe a change everywhere. okta-zones keeps the zone equal to the addresses."
)
_SET_LAST: Final = (
    "A new policy is born with a catch-all rule that ALLOWS two factors from anywhere. Until that rule denies, this is "
    "no gate. Set it last, when a sign-in through the tunnel has worked."
)
_OUTLIVES: Final = (
    "A session outlives the tunnel: within the time of rule 1 nobody is judged anew. No sign-in policy of Okta is "
    "asked at /token; the network setting of an app's OAuth client is."
)
_SIDE_DOORS: Final = (
    "Legacy authentication and Autopilot cannot come through the tunnel: they need rules of their own, on purpose."
)
_NO_EMERGENCY: Final = (
    "No emergency account: when the gateway is down nobody gets in. Name a group as break-glass: okta-group."
)


def zone_piece(zone: ZoneSettings, addresses: AddressSet) -> Piece:
    """The network zone. The text is what `POST /api/v1/zones` takes."""
    entries = tuple(Field("Gateway IPs", text, _TUTORIAL) for text in addresses.texts())
    body = {
        "type": "IP",
        "name": zone.label,
        "status": "ACTIVE",
        "usage": "POLICY",
        "gateways": render_gateways(addresses),
    }
    return Piece(
        id="okta-zone",
        title="Network zone with the gateway's egress addresses",
        console=OKTA,
        menu="Security > Networks > Add zone > IP Zone",
        fields=(
            Field("Zone name", zone.label, _TUTORIAL),
            *entries,
            Field("Trusted proxy IPs", "(leave empty)", "Okta help, About IP zones"),
            Field("Block access from IPs matching conditions listed in this zone", "off", "Okta help", Sure.INFERRED),
        ),
        text=json_text(body),
        file="okta-zone.json",
        remarks=(_NO_PROXY, _A_MINUTE),
    )


def policy_piece(configuration: Configuration, zone: ZoneSettings) -> Piece:
    """The rules of the app's policy, in order. The text is a list of what `POST /policies/{id}/rules` takes."""
    has_group = configuration.break_glass.okta_group is not None
    fields = [
        Field("1 THEN Access is", "Allowed after successful authentication", _TUTORIAL),
        Field("1 IF User's IP", f"In any of the following zones: {zone.label}", _TUTORIAL),
        Field("1 Prompt for authentication after", duration(configuration.reauthenticate_in), _SESSIONS, Sure.INFERRED),
        Field("catch-all THEN Access is", "Denied", _BORN_OPEN),
    ]
    if has_group:
        group = configuration.break_glass.okta_group or ""
        fields.insert(0, Field(f"0 {BREAK_GLASS}: IF User's group", group, "support.okta.com", Sure.INFERRED))
    remarks = (_SET_LAST, _OUTLIVES, _SIDE_DOORS)
    return Piece(
        id="okta-policy",
        title=f"App sign-in policy for {configuration.app}",
        console=OKTA,
        menu="Security > Authentication Policies > (the app's policy) > Add rule",
        fields=tuple(fields),
        text=json_text(rules(configuration, zone)),
        file="okta-policy-rules.json",
        remarks=remarks if has_group else (*remarks, _NO_EMERGENCY),
    )


def rules(configuration: Configuration, zone: ZoneSettings) -> list[dict[str, Any]]:
    """The rules of the policy, as the API takes them, the system's own rule at last."""
    found = []
    group = configuration.break_glass.okta_group
    if group is not None:
        people = {"groups": {"include": [group]}}
        found.append(_rule(BREAK_GLASS, 0, {"people": people, "network": {"connection": "ANYWHERE"}}, 0.0))
    network = {"connection": "ZONE", "include": [zone.id or ZONE_ID]}
    found.append(_rule(FROM_THE_TUNNEL, len(found), {"network": network}, configuration.reauthenticate_in))
    method = {"factorMode": "2FA", "type": "ASSURANCE"}
    denied = {"appSignOn": {"access": "DENY", "verificationMethod": method}}
    last = {"type": "ACCESS_POLICY", "name": CATCH_ALL, "priority": 99, "system": True, "conditions": None}
    return [*found, last | {"actions": denied}]


def duration(seconds: float) -> str:
    """A time for people: `2 hours`."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        count, rest = divmod(seconds, size)
        if count and not rest:
            return f"{count:.0f} {unit}{'' if count == 1 else 's'}"
    return "every sign-in attempt" if seconds == 0 else f"{seconds:g} seconds"


def _iso(seconds: float) -> str:
    """A time as the API has it (ISO 8601): `PT2H`."""
    for unit, size in (("H", 3600), ("M", 60)):
        count, rest = divmod(seconds, size)
        if count and not rest:
            return f"PT{count:.0f}{unit}"
    return f"PT{seconds:.0f}S"


def _rule(name: str, priority: int, conditions: dict[str, Any], reauthenticate_in: float) -> dict[str, Any]:
    method = {"factorMode": "2FA", "type": "ASSURANCE", "reauthenticateIn": _iso(reauthenticate_in)}
    return {
        "type": "ACCESS_POLICY",
        "name": name,
        "priority": priority,
        "conditions": conditions,
        "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": method}},
    }
