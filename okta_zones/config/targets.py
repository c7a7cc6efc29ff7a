"""`targets`: the zones and locations to keep, each with a credential of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from dtr_rules import source
from dtr_rules.credentials import Secret
from okta_zones.config.names import FileName, Text
from okta_zones.config.reading import Reading, key
from okta_zones.config.urls import Https, OrgUrl

PUBLIC_LOGIN: Final = "https://login.microsoftonline.com"
PUBLIC_GRAPH: Final = "https://graph.microsoft.com"


@dataclass(frozen=True, slots=True)
class OktaSettings:
    """A network zone to keep."""

    name: str
    org_url: str
    zone: str
    token: Secret


@dataclass(frozen=True, slots=True)
class EntraSettings:
    """A named location to keep: by its display name, by its id, or by both, which must then agree."""

    name: str
    tenant: str
    location: str | None
    location_id: str | None
    client_id: str
    client_secret: Secret
    login_url: str
    graph_url: str
    graph_scope: str


TargetSettings = OktaSettings | EntraSettings

TenantName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]


class TargetEntry(source.Model):
    """One of `targets`: the keys of both kinds; which of them a kind wants is checked afterwards."""

    name: Text
    kind: Literal["okta", "entra"]
    org_url: OrgUrl | None = None
    zone: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    token_file: FileName | None = None
    token_env: Text | None = None
    tenant: TenantName | None = None
    location: Text | None = None
    location_id: Text | None = None
    client_id: Text | None = None
    client_secret_file: FileName | None = None
    client_secret_env: Text | None = None
    login_url: Https | None = None
    graph_url: Https | None = None
    graph_scope: Https | None = None


_COMMON: Final = ("name", "kind")
_OKTA: Final = ("org_url", "zone", "token_file", "token_env")
_ENTRA: Final = (
    "tenant",
    "location",
    "location_id",
    "client_id",
    "client_secret_file",
    "client_secret_env",
    "login_url",
    "graph_url",
    "graph_scope",
)


def read_targets(entries: Sequence[TargetEntry], reading: Reading) -> tuple[TargetSettings, ...]:
    """The targets in the order of the file; their names must differ."""
    _check_names(entries, reading)
    return tuple(_target(entry, reading, ("targets", index)) for index, entry in enumerate(entries))


def _target(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> TargetSettings:
    _check_keys(entry, reading, path)
    return _okta(entry, reading, path) if entry.kind == "okta" else _entra(entry, reading, path)


def _okta(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> OktaSettings:
    reading.need(entry, ("org_url", "zone"), path)
    return OktaSettings(
        name=entry.name,
        org_url=entry.org_url or "",
        zone=entry.zone or "",
        token=reading.secret("token", entry.token_file, entry.token_env, path),
    )


def _entra(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> EntraSettings:
    reading.need(entry, ("tenant", "client_id"), path)
    if entry.location is None and entry.location_id is None:
        reading.add("'location' is missing (or pin one with location-id)", *path)
    if entry.tenant in ("common", "organizations", "consumers"):
        reading.add(f"tenant '{entry.tenant}' is no tenant; write its id or its domain", *path, "tenant")
    return EntraSettings(
        name=entry.name,
        tenant=entry.tenant or "",
        location=entry.location,
        location_id=entry.location_id,
        client_id=entry.client_id or "",
        client_secret=reading.secret("client-secret", entry.client_secret_file, entry.client_secret_env, path),
        login_url=entry.login_url or PUBLIC_LOGIN,
        graph_url=entry.graph_url or PUBLIC_GRAPH,
        graph_scope=f"{entry.graph_scope or PUBLIC_GRAPH}/.default",
    )


def _check_names(targets: Sequence[TargetEntry], reading: Reading) -> None:
    seen: set[str] = set()
    for index, entry in enumerate(targets):
        if entry.name in seen:
            reading.add(f"a second target is called '{entry.name}'", "targets", index, "name")
        seen.add(entry.name)


def _check_keys(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> None:
    allowed = (*_COMMON, *(_OKTA if entry.kind == "okta" else _ENTRA))
    for name in sorted(entry.model_fields_set - set(allowed)):
        words = ", ".join(map(key, allowed))
        reading.add(f"'{key(name)}' has no meaning for kind '{entry.kind}'; allowed: {words}", *path, key(name))
