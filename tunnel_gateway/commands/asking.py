"""Ask the gateway that runs with a configuration, over its admin endpoint."""

from __future__ import annotations

import json
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from dtr_rules.credentials import from_file
from dtr_rules.source import UnusableFileError, read
from tunnel_gateway.config import GatewayFile


def ask(config: Path, path: str) -> dict[str, Any]:
    source = read(config, GatewayFile)
    file, directory = source.content, config.parent
    if file.admin is None:
        raise UnusableFileError([source.mistake("'admin' is missing; without it a running gateway cannot be asked")])
    if file.ready_file is not None:
        url = str(json.loads((directory / file.ready_file).read_text(encoding="utf-8"))["admin"])
    else:
        url = "http://{}:{}".format(*file.admin.listen)
    if not ip_address(urlsplit(url).hostname or "").is_loopback:
        raise ValueError(f"{file.ready_file} names {url}, which is not on this machine")
    headers = {"Authorization": f"Bearer {from_file(directory / file.admin.token_file).reveal()}"}
    with httpx.Client(trust_env=False, timeout=5.0, headers=headers) as client:
        response = client.get(url + path)
        response.raise_for_status()
        return dict(response.json())
