"""A step that a page asks for: a scenario's words as JSON, checked against the world before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import pydantic

from dtr_rules.source import Model, suggestion
from lab.device import AppUnknownError, Device
from lab.plan import PEOPLE
from lab.runner.format import Step
from lab.runner.reading import marked_names
from lab.runner.steps import named

VERBS: Final = frozenset(
    {
        "advance",
        "allow-at-gateway",
        "another-writer",
        "block-at-gateway",
        "catch-all",
        "check-in",
        "discard-profile",
        "forge-certificate",
        "move",
        "okta-zones",
        "open",
        "passcode",
        "profile",
        "refresh",
        "revoke-sessions",
        "sign-in",
        "steal-certificate",
        "strict-location",
        "switch-egress",
    }
)
"""What pages may ask for. Steps that name files of this machine are not among them."""
ZONE_COMMANDS: Final = frozenset({"plan", "apply", "show"})

M = TypeVar("M", bound=Model)


class WishError(ValueError):
    """It cannot be done, whatever the world is like."""


class ProxyWish(Model):
    """A local proxy for an app of a device."""

    device: str
    app: str


def read_proxy_wish(body: bytes, devices: Mapping[str, Device]) -> ProxyWish:
    """Raises WishError."""
    wish = _parsed(ProxyWish, body)
    if wish.device not in devices:
        raise WishError(f"unknown device '{wish.device}'{suggestion(wish.device, list(devices))}")
    _check_app(wish, devices)
    return wish


def read_wish(body: bytes, devices: Mapping[str, Device]) -> Step:
    """The step in `body`, `{"sign-in": {"device": …}}`. Raises WishError."""
    step = _parsed(Step, body)
    if len(step.verbs) != 1 or "expect" in step.model_fields_set:
        raise WishError("a step does one thing, named by one verb")
    (verb,) = step.verbs
    if verb not in VERBS:
        raise WishError(f"'{verb}' is not for the console; there are {', '.join(sorted(VERBS))}")
    _check_names(step, devices)
    _check_app(step.action, devices)
    if step.okta_zones is not None and step.okta_zones.run not in ZONE_COMMANDS:
        raise WishError(f"okta-zones is run with one of {', '.join(sorted(ZONE_COMMANDS))} alone")
    return step


def _parsed(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, found["loc"])) or "the body"
        raise WishError(f"{where}: {found['msg']}") from None


def _check_names(step: Step, devices: Mapping[str, Device]) -> None:
    known = {named.DEVICE: list(devices), named.PERSON: list(PEOPLE)}
    for _, kind, name in marked_names(step, ()):
        if name not in known.get(kind, []):
            raise WishError(f"unknown {kind} '{name}'{suggestion(name, known.get(kind, []))}")


def _check_app(wish: object, devices: Mapping[str, Device]) -> None:
    device, app = getattr(wish, "device", None), getattr(wish, "app", None)
    if not isinstance(device, str) or not isinstance(app, str):
        return
    try:
        devices[device].app(app)
    except AppUnknownError as error:
        raise WishError(str(error)) from None
