"""The body of a rule, and the defaults that the service fills in (recorded traffic)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from lab.okta.errors import validation_failed
from lab.okta.policy.policy import ACCESS_POLICY

_EITHER: Final = "You should either include or exclude network zones when you use zones in the policy rule."
_FILLED_IN: Final[Mapping[str, Mapping[str, Any]]] = {
    "ACCESS_POLICY": {"riskScore": {"level": "ANY"}, "userType": {"include": [], "exclude": []}},
    "SIGN_ON": {
        "authContext": {"authType": "ANY"},
        "risk": {"behaviors": []},
        "riskScore": {"level": "ANY"},
        "identityProvider": {"provider": "ANY"},
    },
}
_SESSION: Final = {"usePersistentCookie": False, "maxSessionIdleMinutes": 120, "maxSessionLifetimeMinutes": 0}


def read_conditions(body: Mapping[str, Any], rule_type: str, zone_ids: Collection[str]) -> dict[str, Any]:
    """The conditions of a rule, completed; `zone_ids` are the zones that exist. Raises OktaError (400)."""
    conditions = body.get("conditions") or {}
    if not isinstance(conditions, dict):
        raise validation_failed("conditions", "The field must be an object")
    network = conditions.get("network") or {"connection": "ANYWHERE"}
    _check_network(network, zone_ids)
    _check_device(conditions.get("device"))
    completed = {"people": {"users": {"exclude": []}}, **conditions, "network": network}
    for name, default in _FILLED_IN[rule_type].items():
        completed[name] = completed.get(name) or default
    return completed


def read_actions(body: Mapping[str, Any], policy_type: str) -> dict[str, Any]:
    """The actions of a rule, completed. Raises OktaError (400)."""
    return _app_sign_on(body) if policy_type == ACCESS_POLICY else _sign_on(body)


def _app_sign_on(body: Mapping[str, Any]) -> dict[str, Any]:
    actions, sign_on = _action(body, "appSignOn")
    method = sign_on.get("verificationMethod") or {}
    if not isinstance(method, dict):
        raise validation_failed("actions.appSignOn.verificationMethod", "The field must be an object")
    completed = {"factorMode": "2FA", "type": "ASSURANCE", "reauthenticateIn": "PT12H", **method}
    return {**actions, "appSignOn": {**sign_on, "verificationMethod": completed}}


def _sign_on(body: Mapping[str, Any]) -> dict[str, Any]:
    actions, sign_on = _action(body, "signon")
    session = sign_on.get("session") or {}
    if not isinstance(session, dict):
        raise validation_failed("actions.signon.session", "The field must be an object")
    defaults = {"requireFactor": False, "primaryFactor": "PASSWORD_IDP_ANY_FACTOR", "rememberDeviceByDefault": False}
    return {**actions, "signon": {**defaults, **sign_on, "session": {**_SESSION, **session}}}


def _action(body: Mapping[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    actions = body.get("actions")
    action = actions.get(name) if isinstance(actions, dict) else None
    if not isinstance(actions, dict) or not isinstance(action, dict) or action.get("access") not in ("ALLOW", "DENY"):
        raise validation_failed(f"actions.{name}.access", "The field must be ALLOW or DENY")
    return actions, action


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


def _check_device(device: object) -> None:
    if isinstance(device, dict) and device.get("managed") is not None and device.get("registered") is not True:
        raise validation_failed("conditions.device", "A condition on managed devices needs registered devices")
