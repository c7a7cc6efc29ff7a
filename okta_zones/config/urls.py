"""Origins as the file writes them: `https://host[:port]` and nothing behind it."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


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


def _admin(value: str) -> str:
    if not value.startswith("unix://"):
        return _https_or_loopback(value)
    parts = urlsplit(value)
    if parts.netloc or not parts.path.startswith("/") or parts.path.endswith("/") or parts.query or parts.fragment:
        raise ValueError("must be a socket's path such as unix:///run/tunnel-gateway/admin.sock")
    return value


def _echo(value: str) -> str:
    parts = urlsplit(value)
    clear = parts.scheme == "http" and _is_loopback(parts.hostname or "")
    if not parts.hostname or not (parts.scheme == "https" or clear) or "@" in parts.netloc or parts.fragment:
        raise ValueError("must start with https:// (http:// only for a loopback address)")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


Https = Annotated[str, AfterValidator(_https)]
OrgUrl = Annotated[str, AfterValidator(_org)]
AdminUrl = Annotated[str, AfterValidator(_admin)]
EchoUrl = Annotated[str, AfterValidator(_echo)]
