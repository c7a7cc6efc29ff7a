"""docs/emulators.md names every call that the emulators answer, its scope, every knob, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from lab import entra, okta, uem
from lab.entra.sample_resource import create_sample_resource
from lab.openid.signing import SigningKey
from lab.uem.api_access import VERSIONS

PAGE = (Path(__file__).parents[2] / "docs" / "emulators.md").read_text()
CALL = re.compile(r"^\| `([A-Z]+ /[^`]*)` \| (?:(?:`([\w.]+)`|-) \| )?\S", re.MULTILINE)
SAME_AGAIN = "/api/mdm", "/api/system"
"""The UEM's API under its other spelling."""
VERSIONED = re.compile(r"^\| `([A-Z]+ /API/[^`]*)` \| ([\d, ]+) \| \S", re.MULTILINE)
KNOB = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


@pytest.fixture(scope="module")
def apps() -> dict[str, Starlette]:
    key = SigningKey()
    org = okta.acme_org(password="unused", api_token="unused", signing_key=key)
    tenant = entra.acme_tenant(password="unused", client_secret="unused", signing_key=key)
    return {
        "okta": okta.create_app(org),
        "entra": entra.create_app(tenant),
        "resource": create_sample_resource(tenant),
        "uem": uem.create_app(uem.Tenant()),
    }


def _calls(routes: Iterable[BaseRoute], prefix: str = "") -> dict[str, str]:
    """Every call and the scope that it asks for, empty for none."""
    found: dict[str, str] = {}
    for route in routes:
        if isinstance(route, Mount):
            found |= _calls(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            scope = route.name.partition(": ")[2]
            methods = sorted((route.methods or set()) - {"HEAD"})
            found |= {f"{method} {prefix}{route.path}": scope for method in methods}
    return {call: scope for call, scope in found.items() if not call.partition(" ")[2].startswith(SAME_AGAIN)}


def _versions(app: Starlette) -> dict[str, str]:
    """The calls of the UEM's API, and the versions that each has."""
    (api,) = (route for route in app.routes if isinstance(route, Mount) and route.path == "/API")
    return {
        f"{min(route.methods - {'HEAD'})} /API{route.path}": route.name.partition(VERSIONS)[2]
        for route in api.routes
        if isinstance(route, Route) and route.methods
    }


def test_every_call_is_named_with_its_scope_and_no_other(apps):
    answered = {call: scope for app in apps.values() for call, scope in _calls(app.routes).items()}
    assert dict(CALL.findall(PAGE)) == answered


def test_the_versions_of_the_uem_s_calls_are_named(apps):
    assert dict(VERSIONED.findall(PAGE)) == _versions(apps["uem"])


@pytest.mark.parametrize(
    ("heading", "knobs"),
    [
        ("### Knobs of Okta", okta.Knobs),
        ("### Knobs of Entra", entra.Knobs),
        ("### Knobs of the UEM", uem.Knobs),
    ],
)
def test_every_knob_is_named(heading, knobs):
    section = PAGE.partition(heading)[2].partition("\n#")[0]
    assert set(KNOB.findall(section)) == {field.name for field in fields(knobs)}
