"""`targets`: the zones and locations to keep, each with a credential of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from dtr_rules import source
from okta_zones.addresses import AddressSet, parse_addresses
from okta_zones.config.credential_keys import ENTRA_KEYS, OKTA_KEYS, CredentialEntry
from okta_zones.config.entra_credential import EntraCredential, entra_credential
from okta_zones.config.names import Text
from okta_zones.config.okta_credential import OktaCredential, okta_credential
from okta_zones.config.reading import Reading, key
from okta_zones.config.urls import Https, OrgUrl
from okta_zones.config.verification import Address, VerificationEntry, VerificationSettings
from okta_zones.ownership import Ownership

PUBLIC_LOGIN: Final = "https://login.microsoftonline.com"
PUBLIC_GRAPH: Final = "https://graph.microsoft.com"


@dataclass(frozen=True, slots=True)
class OktaSettings:
    """A network zone to keep, found by its name, or by its id where that is pinned."""

    name: str
    org_url: str
    org_id: str
    zone: str | None
    zone_id: str | None
    credential: OktaCredential
    ownership: Ownership = Ownership.ENTRIES
    own_address: AddressSet | None = None
    verification: VerificationSettings | None = None


@dataclass(frozen=True, slots=True)
class EntraSettings:
    """A named location to keep: by its display name, by its id, or by both, which must then agree."""

    name: str
    tenant: str
    location: str | None
    location_id: str | None
    credential: EntraCredential
    login_url: str
    graph_url: str
    graph_scope: str
    ownership: Ownership = Ownership.ENTRIES


TargetSettings = OktaSettings | EntraSettings

_GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def _tenant(value: str) -> str:
    if not _GUID.fullmatch(value):
        raise ValueError(
            "must be the tenant's id (a GUID), which pins the tenant as a domain does not; "
            "the Entra admin center shows it on its overview page"
        )
    return value.lower()


OktaId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An id of Okta: `00o…`, `nzo…`, `0oa…`."""


class TargetEntry(CredentialEntry):
    """One of `targets`: the keys of both kinds; which of them a kind wants is checked afterwards."""

    name: Text
    kind: Literal["okta", "entra"]
    ownership: Ownership = Ownership.ENTRIES
    org_url: OrgUrl | None = None
    org_id: OktaId | None = None
    zone: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    zone_id: OktaId | None = None
    own_address: Address | None = None
    verify: VerificationEntry | None = None
    tenant: Annotated[str, AfterValidator(_tenant)] | None = None
    location: Text | None = None
    location_id: Text | None = None
    login_url: Https | None = None
    graph_url: Https | None = None
    graph_scope: Https | None = None


_COMMON: Final = ("name", "kind", "ownership")
_OKTA: Final = ("org_url", "org_id", "zone", "zone_id", "own_address", "verify", *OKTA_KEYS)
_ENTRA: Final = ("tenant", "location", "location_id", *ENTRA_KEYS, "login_url", "graph_url", "graph_scope")


def read_targets(entries: Sequence[TargetEntry], reading: Reading) -> tuple[TargetSettings, ...]:
    """The targets in the order of the file; their names must differ."""
    _check_names(entries, reading)
    return tuple(_target(entry, reading, ("targets", index)) for index, entry in enumerate(entries))


def _target(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> TargetSettings:
    _check_keys(entry, reading, path)
    return _okta(entry, reading, path) if entry.kind == "okta" else _entra(entry, reading, path)


def _okta(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> OktaSettings:
    reading.need(entry, ("org_url",), path)
    if entry.org_url is not None and entry.org_id is None:
        shown = f"{entry.org_url}/.well-known/okta-organization"
        reading.add(f"'org-id' is missing: pin the org by the id that {shown} shows", *path)
    if entry.zone is None and entry.zone_id is None:
        reading.add("'zone' is missing (or pin one with zone-id)", *path)
    return OktaSettings(
        name=entry.name,
        org_url=entry.org_url or "",
        org_id=entry.org_id or "",
        zone=entry.zone,
        zone_id=entry.zone_id,
        credential=okta_credential(entry, reading, path),
        ownership=entry.ownership,
        own_address=parse_addresses(entry.own_address) if entry.own_address else None,
        verification=entry.verify.settings() if entry.verify else None,
    )


def _entra(entry: TargetEntry, reading: Reading, path: source.KeyPath) -> EntraSettings:
    reading.need(entry, ("tenant",), path)
    if entry.location is None and entry.location_id is None:
        reading.add("'location' is missing (or pin one with location-id)", *path)
    return EntraSettings(
        name=entry.name,
        tenant=entry.tenant or "",
        location=entry.location,
        location_id=entry.location_id,
        credential=entra_credential(entry, reading, path),
        login_url=entry.login_url or PUBLIC_LOGIN,
        graph_url=entry.graph_url or PUBLIC_GRAPH,
        graph_scope=f"{entry.graph_scope or PUBLIC_GRAPH}/.default",
        ownership=entry.ownership,
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
