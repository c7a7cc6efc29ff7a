"""okta-zones.yaml: whose addresses these are, who reports them, and where they go.

    version: 1
    owned-prefixes: [203.0.113.0/28]
    sources:
      addresses: [203.0.113.10]
      gateway: {admin: "http://127.0.0.1:9400", token-file: admin.token}
    targets:
      - {name: okta, kind: okta, org-url: "https://acme.okta.com", zone: Tunnel egress, token-file: okta.token}
      - name: entra
        kind: entra
        tenant: 5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa
        location: Tunnel egress
        client-id: 1c9d6f3e-0d0e-4b43-8a55-5d0a2f6f8f10
        client-secret-file: entra.secret

Every secret may stand in a file (`token-file`, `client-secret-file`) or in the environment (`token-env`,
`client-secret-env`). Paths are relative to the file.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator

from dtr_rules import credentials, source
from dtr_rules.credentials import CredentialError, Secret
from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union

PUBLIC_LOGIN: Final = "https://login.microsoftonline.com"
PUBLIC_GRAPH: Final = "https://graph.microsoft.com"
WIDEST_OWNED: Final = {4: 8, 6: 16}
"""The shortest prefix length that `owned-prefixes` takes: `0.0.0.0/0` would protect nothing."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """A gateway to ask."""

    admin: str
    token: Secret


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


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole okta-zones.yaml, secrets read. `addresses` is None where the file lists none."""

    owned: AddressSet
    addresses: AddressSet | None
    gateway: GatewaySettings | None
    targets: tuple[TargetSettings, ...]


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read the file and every secret that it names.

    Raises source.UnusableFileError with every mistake, secrets that cannot be used among them.
    """
    file = source.read(path, File)
    reader = _Reader(file, path.parent, environment)
    settings = reader.settings()
    if reader.mistakes:
        raise source.UnusableFileError(reader.mistakes)
    return settings


# --- what the file may hold ----------------------------------------------------------------------------------------


def _addresses(value: object) -> AddressSet:
    try:
        return parse_addresses(value if isinstance(value, str) else "")
    except AddressError:
        raise ValueError("must be an IP address, a CIDR block or a range 'first-last'") from None


def _owned(value: object) -> AddressSet:
    try:
        network = ipaddress.ip_network(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ValueError(f"must be an address or a CIDR block ({error})") from None
    if network.prefixlen < WIDEST_OWNED[network.version]:
        raise ValueError(f"too wide to be owned; at least /{WIDEST_OWNED[network.version]}")
    return parse_addresses(str(network))


def _origin(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"not a URL ({error})") from None
    if not parts.hostname or port == 0 or parts.path not in ("", "/") or "@" in parts.netloc:
        raise ValueError("must be a plain origin such as https://acme.okta.com")
    if parts.query or parts.fragment:
        raise ValueError("must end with the host or the port")
    return f"{parts.scheme}://{parts.netloc}"


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError("must start with https://")
    return _origin(value)


def _org(value: str) -> str:
    origin = _https(value)
    first, dot, rest = (urlsplit(origin).hostname or "").partition(".")
    if first.endswith("-admin"):
        raise ValueError(f"this is the admin console's host; the org is at https://{first[:-6]}{dot}{rest}")
    return origin


def _https_or_loopback(value: str) -> str:
    if value.startswith("https://"):
        return _origin(value)
    if not value.startswith("http://") or not _is_loopback(urlsplit(value).hostname or ""):
        raise ValueError("must start with https:// (http:// only for a loopback address)")
    return _origin(value)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Text = Annotated[str, Field(min_length=1, max_length=256)]
TenantName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]
FileName = Annotated[str, Field(min_length=1)]
Https = Annotated[str, AfterValidator(_https)]


class GatewayEntry(source.Model):
    """`sources.gateway`."""

    admin: Annotated[str, AfterValidator(_https_or_loopback)]
    token_file: FileName | None = None
    token_env: Text | None = None


class SourcesEntry(source.Model):
    """`sources`."""

    addresses: Annotated[list[Annotated[AddressSet, PlainValidator(_addresses)]], Field(min_length=1)] | None = None
    gateway: GatewayEntry | None = None


class TargetEntry(source.Model):
    """One of `targets`: the keys of both kinds; which of them a kind wants is checked afterwards."""

    name: Text
    kind: Literal["okta", "entra"]
    org_url: Annotated[str, AfterValidator(_org)] | None = None
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


class File(source.Model):
    """okta-zones.yaml."""

    version: source.FormatVersion
    owned_prefixes: Annotated[list[Annotated[AddressSet, PlainValidator(_owned)]], Field(min_length=1)]
    sources: SourcesEntry
    targets: Annotated[list[TargetEntry], Field(min_length=1)]


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


# --- from the file to the settings ---------------------------------------------------------------------------------

_NO_SECRET: Final = Secret("")


@dataclass(slots=True)
class _Reader:
    """One reading of a file. Goes on after a mistake, so that all of them are found."""

    file: source.Source[File]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    mistakes: list[source.Mistake] = field(default_factory=list)

    def settings(self) -> Settings:
        content = self.file.content
        self._check_names(content.targets)
        listed, gateway = content.sources.addresses, content.sources.gateway
        if listed is None and gateway is None:
            self._add("name at least one source: addresses or gateway", "sources")
        return Settings(
            owned=union(content.owned_prefixes),
            addresses=union(listed) if listed else None,
            gateway=self._gateway(gateway) if gateway else None,
            targets=tuple(self._target(entry, index) for index, entry in enumerate(content.targets)),
        )

    def _gateway(self, entry: GatewayEntry) -> GatewaySettings:
        path = ("sources", "gateway")
        return GatewaySettings(entry.admin, self._secret("token", entry.token_file, entry.token_env, path))

    def _target(self, entry: TargetEntry, index: int) -> TargetSettings:
        path = ("targets", index)
        self._check_keys(entry, path)
        return self._okta(entry, path) if entry.kind == "okta" else self._entra(entry, path)

    def _okta(self, entry: TargetEntry, path: source.KeyPath) -> OktaSettings:
        self._need(entry, ("org_url", "zone"), path)
        return OktaSettings(
            name=entry.name,
            org_url=entry.org_url or "",
            zone=entry.zone or "",
            token=self._secret("token", entry.token_file, entry.token_env, path),
        )

    def _entra(self, entry: TargetEntry, path: source.KeyPath) -> EntraSettings:
        self._need(entry, ("tenant", "client_id"), path)
        if entry.location is None and entry.location_id is None:
            self._add("'location' is missing (or pin one with location-id)", *path)
        if entry.tenant in ("common", "organizations", "consumers"):
            self._add(f"tenant '{entry.tenant}' is no tenant; write its id or its domain", *path, "tenant")
        return EntraSettings(
            name=entry.name,
            tenant=entry.tenant or "",
            location=entry.location,
            location_id=entry.location_id,
            client_id=entry.client_id or "",
            client_secret=self._secret("client-secret", entry.client_secret_file, entry.client_secret_env, path),
            login_url=entry.login_url or PUBLIC_LOGIN,
            graph_url=entry.graph_url or PUBLIC_GRAPH,
            graph_scope=f"{entry.graph_scope or PUBLIC_GRAPH}/.default",
        )

    def _secret(self, key: str, file: str | None, variable: str | None, path: source.KeyPath) -> Secret:
        if (file is None) == (variable is None):
            self._add(f"write either '{key}-file' or '{key}-env'", *path)
            return _NO_SECRET
        try:
            if file is not None:
                return credentials.from_file(self.directory / file)
            return credentials.from_environment(variable or "", self.environment)
        except CredentialError as error:
            self._add(str(error), *path, f"{key}-{'env' if file is None else 'file'}")
            return _NO_SECRET

    def _check_names(self, targets: Sequence[TargetEntry]) -> None:
        seen: set[str] = set()
        for index, entry in enumerate(targets):
            if entry.name in seen:
                self._add(f"a second target is called '{entry.name}'", "targets", index, "name")
            seen.add(entry.name)

    def _check_keys(self, entry: TargetEntry, path: source.KeyPath) -> None:
        allowed = (*_COMMON, *(_OKTA if entry.kind == "okta" else _ENTRA))
        for name in sorted(entry.model_fields_set - set(allowed)):
            words = ", ".join(map(_key, allowed))
            self._add(f"'{_key(name)}' has no meaning for kind '{entry.kind}'; allowed: {words}", *path, _key(name))

    def _need(self, entry: TargetEntry, names: Sequence[str], path: source.KeyPath) -> None:
        for name in names:
            if getattr(entry, name) is None:
                self._add(f"'{_key(name)}' is missing", *path)

    def _add(self, message: str, *path: str | int) -> None:
        self.mistakes.append(self.file.mistake(message, *path))


def _key(name: str) -> str:
    return name.replace("_", "-")
