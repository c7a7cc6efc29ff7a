"""Entra's side of the gate: the named location, and the policy that blocks everywhere else."""

from __future__ import annotations

from typing import Any, Final

from dtr_rules.catalogue.entry import Sure
from lab.kit.configuration import Configuration
from lab.kit.egress import LocationSettings
from lab.kit.paste_text import json_text
from lab.kit.piece import Field, Piece
from lab.kit.placeholders import BREAK_GLASS_GROUP, LOCATION_ID
from okta_zones.addresses import AddressSet, render_ip_ranges

ENTRA: Final = "Microsoft Entra admin center"
_GRAPH: Final = "Microsoft Graph reference, ipNamedLocation"
_POLICY: Final = "Microsoft Graph reference, conditionalAccessPolicy"
_EMERGENCY: Final = "Microsoft documentation, exclude emergency access accounts"

_CIDR_ONLY: Final = (
    "CIDR only: a single address is /32. A trusted location can open exemptions from other policies (AllTrusted)."
)
_REPORT_FIRST: Final = "Look at the sign-in log for a day in report-only before you switch it on: state enabled."
_TOKENS: Final = (
    "Entra judges the location at sign-in and at every refresh of a token, so that the token endpoint has to be "
    "tunnelled. Strict location enforcement (CAE) breaks a tunnel that carries logins alone."
)
_UNTRUSTED: Final = "a policy that excludes a location needs no trust on it"


def location_piece(location: LocationSettings, addresses: AddressSet) -> Piece:
    """The named location. The text is what `POST /identity/conditionalAccess/namedLocations` takes."""
    ranges = tuple(Field("IP ranges", text, _GRAPH) for text, _, _ in addresses.blocks())
    body = {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "displayName": location.label,
        "isTrusted": False,
        "ipRanges": render_ip_ranges(addresses),
    }
    return Piece(
        id="entra-location",
        title="Named location with the gateway's egress addresses",
        console=ENTRA,
        menu="Protection > Conditional Access > Named locations > IP ranges location (from memory of the admin center)",
        fields=(
            Field("Name", location.label, _GRAPH),
            Field("Mark as trusted location", "off", _UNTRUSTED, Sure.INFERRED),
            *ranges,
        ),
        text=json_text(body),
        file="entra-location.json",
        remarks=(_CIDR_ONLY,),
    )


def conditional_access_piece(configuration: Configuration, location: LocationSettings) -> Piece:
    """The policy. The text is what `POST /identity/conditionalAccess/policies` takes; report-only to begin with."""
    group = configuration.break_glass.entra_group
    return Piece(
        id="entra-policy",
        title="Conditional access: block outside the tunnel",
        console=ENTRA,
        menu="Protection > Conditional Access > Policies > New policy (from memory of the admin center)",
        fields=(
            Field("Users: include", "All users", _POLICY),
            Field("Users: exclude", group or "(the group of your emergency accounts)", _EMERGENCY),
            Field("Target resources", "All resources", _POLICY),
            Field("Network: include", "Any network or location", _POLICY),
            Field("Network: exclude", location.label, _POLICY),
            Field("Grant", "Block access", _POLICY),
            Field("Enable policy", "Report-only, then On", _POLICY),
        ),
        text=json_text(_body(group, location)),
        file="entra-policy.json",
        remarks=(_REPORT_FIRST, _TOKENS),
    )


def _body(group: str | None, location: LocationSettings) -> dict[str, Any]:
    return {
        "displayName": "Block outside the tunnel",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"]},
            "users": {"includeUsers": ["All"], "excludeGroups": [group or BREAK_GLASS_GROUP]},
            "locations": {"includeLocations": ["All"], "excludeLocations": [location.id or LOCATION_ID]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }
