"""The body of an app sign-in rule, and the defaults that the service fills in (recorded traffic)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from lab.okta.errors import validation_failed

_EITHER: Final = "You should either include or exclude network zones when you use zones in the policy rule."


def read_conditions(body: Mapping[str, Any], zone_ids: Collection[str]) -> dict[str, Any]:
    """The conditions of a rule, completed; `zone_ids` are the zones that exist. Raises OktaError (400)."""
    conditions = body.get("conditions") or {}
    if not isinstance(conditions, dict):
        raise validation_failed("conditions", "The field must be an object")
    network = conditions.get("network") or {"connection": "ANYWHERE"}
    _check_network(network, zone_ids)
    return {
        "people": {"users": {"exclude": []}},
        **conditions,
        "network": network,
        "riskScore": conditions.get("riskScore") or {"level": "ANY"},
        "userType": conditions.get("userType") or {"include": [], "exclude": []},
    }


def read_actions(body: Mapping[str, Any]) -> dict[str, Any]:
    """The actions of a rule, completed. Raises OktaError (400)."""
    actions = body.get("actions")
    sign_on = actions.get("appSignOn") if isinstance(actions, dict) else None
    if not isinstance(sign_on, dict) or sign_on.get("access") not in ("ALLOW", "DENY"):
        raise validation_failed("actions.appSignOn.access", "The field must be ALLOW or DENY")
    method = sign_on.get("verificationMethod") or {}
    if not isinstance(method, dict):
        raise validation_failed("actions.appSignOn.verificationMethod", "The field must be an object")
    completed = {"factorMode": "2FA", "type": "ASSURANCE", "reauthenticateIn": "PT12H", **method}
    return {**actions, "appSignOn": {**sign_on, "verificationMethod": completed}} if actions else {}


def _check_network(network: object, zone_ids: Collection[str]) -> None:
    if not isinstance(network, dict) or network.get("connection") not in ("ANYWHERE", "ZONE"):
        raise validation_failed("conditions.network.connection", "The field must be ANYWHERE or ZONE")
    if network["connection"] == "ANYWHERE":
        return
    include, exclude = network.get("include") or [], network.get("exclude") or []
    if bool(include) == bool(exclude):
        raise validation_failed("conditions.network", _EITHER)
    for zone_id in (*include, *exclude):
        if zone_id not in zone_ids:
            raise validation_failed("conditions.network", f"There is no zone {zone_id}")
