"""`sources`: who says which addresses are in use.

    sources:
      addresses: [203.0.113.10]
      gateways:
        - {admin: "http://127.0.0.1:9400", token-file: admin.token}
        - {admin: "unix:///run/tunnel-gateway/admin.sock", token-file: second.token}
      exec: {command: [terraform, "-chdir=/srv/net", output, -json], timeout: 30s}
      dns: [egress.acme.example]
      okta-log: {target: okta, user: tunnel-test@acme.example, within: 7d}
      confirm-with: ["https://ip.example/", "https://echo.example/ip"]

`gateway: {…}` stands for a single gateway. Without any source, `--addresses` must name one. `confirm-with`
are what-is-my-IP services: they confirm an address or show NAT, and introduce none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, PlainValidator, StringConstraints

from dtr_rules import source
from dtr_rules.credentials import Secret
from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union
from okta_zones.config.names import FileName, Text
from okta_zones.config.reading import Reading
from okta_zones.config.urls import AdminUrl, EchoUrl


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """A gateway to ask."""

    admin: str
    token: Secret


@dataclass(frozen=True, slots=True)
class CommandSettings:
    """A command to run. `timeout` in seconds; `output` names the only output of Terraform that counts."""

    command: tuple[str, ...]
    timeout: float
    output: str | None


@dataclass(frozen=True, slots=True)
class OktaLogSettings:
    """A test user whose sign-ins the log of the org of `target` shows. `within`: how far back, in seconds."""

    target: str
    user: str
    within: float


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """All of `sources`. `addresses` is None where the file lists none."""

    addresses: AddressSet | None
    gateways: tuple[GatewaySettings, ...]
    command: CommandSettings | None
    names: tuple[str, ...]
    okta_log: OktaLogSettings | None
    echo_services: tuple[str, ...]
    """What-is-my-IP services (URLs), asked from each egress address; none where nobody wants that."""


def _addresses(value: object) -> AddressSet:
    try:
        return parse_addresses(value if isinstance(value, str) else "")
    except AddressError:
        raise ValueError("must be an IP address, a CIDR block or a range 'first-last'") from None


HostName = Annotated[str, StringConstraints(max_length=254, pattern=r"^([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9-]{1,63}\.?$")]


class GatewayEntry(source.Model):
    """`sources.gateway`, and an item of `sources.gateways`."""

    admin: AdminUrl
    token_file: FileName | None = None
    token_env: Text | None = None


class CommandEntry(source.Model):
    """`sources.exec`."""

    command: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    timeout: Annotated[source.Duration, Field(gt=0, le=600)] = 30.0
    output: Text | None = None


class OktaLogEntry(source.Model):
    """`sources.okta-log`."""

    target: Text
    user: Text
    within: Annotated[source.Duration, Field(gt=0, le=90 * 86400)] = 7 * 86400.0


class SourcesEntry(source.Model):
    """`sources`."""

    addresses: Annotated[list[Annotated[AddressSet, PlainValidator(_addresses)]], Field(min_length=1)] | None = None
    gateway: GatewayEntry | None = None
    gateways: Annotated[list[GatewayEntry], Field(min_length=1)] | None = None
    exec: CommandEntry | None = None
    dns: Annotated[list[HostName], Field(min_length=1)] | None = None
    okta_log: OktaLogEntry | None = None
    confirm_with: Annotated[list[EchoUrl], Field(min_length=2, max_length=8)] | None = None


def read_sources(entry: SourcesEntry, okta_targets: list[str], reading: Reading) -> SourceSettings:
    """The sources of the file. `okta_targets` are the names of the targets whose log can be asked."""
    if entry.gateway and entry.gateways:
        reading.add("write either 'gateway' or 'gateways'", "sources", "gateways")
    gateways = [
        _gateway(each, reading, ("sources", "gateways", place)) for place, each in enumerate(entry.gateways or ())
    ]
    if entry.gateway:
        gateways.append(_gateway(entry.gateway, reading, ("sources", "gateway")))
    return SourceSettings(
        addresses=union(entry.addresses) if entry.addresses else None,
        gateways=tuple(gateways),
        command=_command(entry.exec) if entry.exec else None,
        names=tuple(entry.dns or ()),
        okta_log=_okta_log(entry.okta_log, okta_targets, reading) if entry.okta_log else None,
        echo_services=tuple(entry.confirm_with or ()),
    )


def _gateway(entry: GatewayEntry, reading: Reading, path: source.KeyPath) -> GatewaySettings:
    return GatewaySettings(entry.admin, reading.secret("token", entry.token_file, entry.token_env, path))


def _command(entry: CommandEntry) -> CommandSettings:
    return CommandSettings(tuple(entry.command), entry.timeout, entry.output)


def _okta_log(entry: OktaLogEntry, okta_targets: list[str], reading: Reading) -> OktaLogSettings:
    if entry.target not in okta_targets:
        near = source.suggestion(entry.target, okta_targets)
        reading.add(f"there is no target '{entry.target}' of kind okta{near}", "sources", "okta-log", "target")
    return OktaLogSettings(entry.target, entry.user, entry.within)
