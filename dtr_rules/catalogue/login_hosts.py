"""The dated catalogue of login hosts: which hosts a sign-in touches, and whether the address seen there counts."""

from __future__ import annotations

import functools
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from dtr_rules import source
from dtr_rules.catalogue.entry import HERE, Entry, Sure
from dtr_rules.destinations import AddressRange, parse_destination
from dtr_rules.formats.fields import from_text
from dtr_rules.model import Platform
from dtr_rules.source import FormatVersion, Model

BUILT_IN: Final = HERE / "login-hosts.yaml"


class ProviderKind(StrEnum):
    """A kind of identity provider that the catalogue knows."""

    OKTA = "okta"
    OKTA_CUSTOM = "okta-custom"
    ENTRA = "entra"


class PathClass(StrEnum):
    """Whether the path that traffic to a host takes matters for a sign-in."""

    JUDGED = "judged"
    """The provider judges the address that it sees here."""
    STRICT_CAE = "strict-cae"
    """Has to take the same path only where Entra's strict location enforcement is on."""
    NEVER = "never"
    """Nothing is decided by the address seen here."""


class Endpoint(StrEnum):
    """What a host does in a sign-in."""

    SIGN_IN = "sign-in"
    TOKEN = "token"  # noqa: S105  an endpoint's name, no secret
    DEVICE = "device"
    RESOURCE = "resource"
    ADMIN = "admin"
    STATIC = "static"


class LoginHost(Entry):
    """A host of the catalogue. `host` may hold `{org}`, `{tenant}`, `{suffix}`, `{domain}` or start with `*.`."""

    host: str
    provider: ProviderKind
    endpoints: tuple[Endpoint, ...]
    path: PathClass
    note: str | None = None
    platforms: tuple[Platform, ...] = tuple(Platform)


def _addresses(text: str) -> AddressRange:
    target = parse_destination(text).target
    if not isinstance(target, AddressRange):
        raise ValueError("is not a network")  # noqa: TRY004  pydantic turns a ValueError into a mistake
    return target


class LoginNetwork(Entry):
    """Addresses that a provider's login hosts answer on."""

    network: Annotated[AddressRange, from_text(_addresses)]
    provider: ProviderKind


class LoginHosts(Model):
    """A catalogue of login hosts; `date` is the day on which somebody last went through it."""

    version: FormatVersion
    date: date
    hosts: tuple[LoginHost, ...]
    networks: tuple[LoginNetwork, ...] = ()


def read_login_hosts(path: Path) -> LoginHosts:
    """The catalogue in the file at `path`. Raises UnusableFileError."""
    return source.read(path, LoginHosts).content


@functools.cache
def built_in_login_hosts() -> LoginHosts:
    """The catalogue that comes with the program."""
    return read_login_hosts(BUILT_IN)


__all__ = [
    "BUILT_IN",
    "Endpoint",
    "LoginHost",
    "LoginHosts",
    "LoginNetwork",
    "PathClass",
    "ProviderKind",
    "Sure",
    "built_in_login_hosts",
    "read_login_hosts",
]
