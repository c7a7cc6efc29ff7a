"""The kinds of values that the gateway's file is made of, each with the words for what it must be."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator

from dtr_rules.hosts import HostError, parse_host
from dtr_rules.source import Duration
from tunnel_gateway.addresses import Address, Network

_HOST_PORT: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s\[\]:]+):(\d{1,5})")


def _host_port(value: object) -> tuple[str, int]:
    found = _HOST_PORT.fullmatch(value) if isinstance(value, str) else None
    if found is None or int(found[2]) > 65535:
        raise ValueError("must be HOST:PORT with a port up to 65535, an IPv6 address in brackets")
    return found[1].strip("[]"), int(found[2])


def _endpoint(value: object) -> tuple[str, int]:
    try:
        host, port = _host_port(value)
        return str(ip_address(host)), port
    except ValueError:
        raise ValueError("must be ADDRESS:PORT: a literal IP address (IPv6 in brackets), a port up to 65535") from None


def _address(value: object) -> Address:
    try:
        return ip_address(value) if isinstance(value, str) else ip_address("")
    except ValueError:
        raise ValueError("must be an IP address") from None


def _egress(value: object) -> Address:
    address = _address(value)
    mapped = address.version == 6 and address.ipv4_mapped is not None
    if address.is_unspecified or address.is_multicast or mapped or getattr(address, "scope_id", None):
        raise ValueError("must be one address of this machine, in its plain form")
    return address


def _host_name(value: object) -> str:
    try:
        return str(parse_host(value)) if isinstance(value, str) else str(parse_host(""))
    except HostError as error:
        raise ValueError(f"the host {error}") from None


def _destination(value: object) -> tuple[str, int]:
    host, port = _host_port(value)
    try:
        return str(parse_host(host)), _port(port)
    except HostError as error:
        raise ValueError(f"the host {error}") from None


def _target(value: object) -> tuple[str, int]:
    host, port = _endpoint(value)
    return host, _port(port)


def _name_server(value: object) -> tuple[str, int]:
    """ADDRESS or ADDRESS:PORT; without a port, that of DNS."""
    try:
        return str(ip_address(value if isinstance(value, str) else "")), 53
    except ValueError:
        return _target(value)


def _port(port: int) -> int:
    if port == 0:
        raise ValueError("must have a port from 1 to 65535")
    return port


def _network(value: object) -> Network:
    try:
        return ip_network(value) if isinstance(value, str) else ip_network("")
    except ValueError as error:
        raise ValueError(f"must be a network such as 10.0.0.0/8 ({error})") from None


def _https(value: str) -> str:
    parts = urlsplit(value)
    try:
        usable = parts.scheme == "https" and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be an https:// URL without user name, query or fragment")
    return value.rstrip("/")


def _token(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,62}", value):
        raise ValueError("must be letters, digits and hyphens, a letter first, at most 63 of them")
    return value


def _pattern(value: str) -> str:
    if value.count("{udid}") != 1:
        raise ValueError("must hold {udid} exactly once")
    return value


def _host(value: str) -> str:
    """`host` or `host:port`, the host in lower case."""
    host, port = _host_port(value) if _HOST_PORT.fullmatch(value) else (value.strip("[]"), None)
    try:
        parsed = str(parse_host(host))
    except HostError as error:
        raise ValueError(f"the host {error}") from None
    shown = f"[{parsed}]" if ":" in parsed else parsed
    return shown if port is None else f"{shown}:{_port(port)}"


def _oid(value: str) -> str:
    if not re.fullmatch(r"[0-2](\.(0|[1-9][0-9]*))+", value):
        raise ValueError("must be an object identifier such as 1.3.6.1.5.5.7.3.2")
    return value


def _loopback(value: tuple[str, int]) -> tuple[str, int]:
    if not ip_address(value[0]).is_loopback:
        raise ValueError("must be a loopback address: the admin endpoint is for this machine alone")
    return value


_SIZES: Final = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def _size(value: object) -> int:
    found = re.fullmatch(r"(\d{1,6}) ?(KB|MB|GB)", value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError("must be a size such as 500KB, 100MB or 1GB")
    return int(found[1]) * _SIZES[found[2]]


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


def _path(value: object) -> Path:
    if isinstance(value, Path):
        return value  # a default
    if not isinstance(value, str) or not value:
        raise ValueError("must be the path of a file")
    return Path(value)


File = Annotated[Path, PlainValidator(_path)]
Url = Annotated[str, AfterValidator(_https)]
Destination = Annotated[tuple[str, int], PlainValidator(_destination)]
HostName = Annotated[str, PlainValidator(_host_name)]
Target = Annotated[tuple[str, int], PlainValidator(_target)]
Endpoint = Annotated[tuple[str, int], PlainValidator(_endpoint)]
NameServer = Annotated[tuple[str, int], PlainValidator(_name_server)]
EgressAddress = Annotated[IPv4Address | IPv6Address, PlainValidator(_egress)]
IpNetwork = Annotated[Any, PlainValidator(_network)]
Time = Annotated[Duration, AfterValidator(_positive)]
Size = Annotated[int, PlainValidator(_size)]
"""Bytes in code, `100MB` in a file."""
Count = Annotated[int, Field(strict=True, ge=1)]
Token = Annotated[str, AfterValidator(_token)]
Host = Annotated[str, AfterValidator(_host)]
Oid = Annotated[str, AfterValidator(_oid)]
Pattern = Annotated[str, AfterValidator(_pattern)]
LoopbackEndpoint = Annotated[Endpoint, AfterValidator(_loopback)]
