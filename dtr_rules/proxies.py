"""The proxy that a proxy action names: `host:port`, or the same with `http://` or `https://` before it."""

from __future__ import annotations

import re

from dtr_rules.hosts import Address, HostError, parse_host

_FORM = re.compile(r"(?P<scheme>https?://)?(?P<host>\[[^\]]*\]|[^:/?#]*)(:(?P<port>[0-9]*))?", re.ASCII)


def parse_proxy(text: str) -> str:
    """`text` in one form: lower-case scheme and host, port without leading zeros refused, no path.

    Raises ValueError, whose message says how to mend it.
    """
    found = _FORM.fullmatch(text if "://" not in text else text[:8].lower() + text[8:])
    if found is None:
        raise ValueError("write host:port, http://host:port or https://host:port, without path or user name")
    port = found["port"]
    if port is None:
        raise ValueError(f"the proxy's port is missing; write '{text}:8080' with the port it listens on")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise ValueError(f"'{port}' is not a port; a port is a number from 1 to 65535")
    try:
        host = parse_host(found["host"])
    except HostError as error:
        raise ValueError(f"the proxy's host {error}") from error
    name = f"[{host}]" if isinstance(host, Address) and host.ip.version == 6 else str(host)
    return f"{found['scheme'] or ''}{name}:{port}"
