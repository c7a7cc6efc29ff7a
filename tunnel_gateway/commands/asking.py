"""Ask the gateway that runs with a configuration, over its admin endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from dtr_rules.credentials import CredentialError, from_file
from dtr_rules.source import Source, UnusableFileError, read
from tunnel_gateway.commands.speaking import NOT_DONE, UNUSABLE, fail
from tunnel_gateway.config import GatewayFile

_OURS = (400, 422)
"""Statuses that say that what was asked, or the configuration, cannot be used."""


def ask(
    config: Path,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    query: Mapping[str, str] | None = None,
    within: float = 5.0,
) -> dict[str, Any]:
    """What the gateway answers, in so many seconds, to a GET, or to a POST where there is a `body`.

    Raises UnusableFileError, CredentialError, ValueError, OSError and httpx's errors; `answering` puts them in words.
    """
    source = read(config, GatewayFile)
    with _client(source, config.parent, within) as client:
        response = client.get(path, params=dict(query or {})) if body is None else client.post(path, json=dict(body))
        response.raise_for_status()
        return dict(response.json())


@contextmanager
def answering(config: Path) -> Iterator[None]:
    """Ends the program with one line on stderr where the gateway of `config` cannot be asked."""
    try:
        yield
    except UnusableFileError as error:
        fail(str(error), UNUSABLE)
    except CredentialError as error:
        fail(f"{config}:1:1: {error}", UNUSABLE)
    except httpx.HTTPStatusError as error:
        fail(_refused(error.response), UNUSABLE if error.response.status_code in _OURS else NOT_DONE)
    except FileNotFoundError as error:
        fail(f"no gateway runs with this configuration: {error.filename} is not there", NOT_DONE)
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError) as error:
        fail(f"the gateway cannot be asked: {str(error) or type(error).__name__}", NOT_DONE)


def _refused(response: httpx.Response) -> str:
    words = {401: "it does not accept this admin token", 429: "it does not accept this admin token"}
    if response.status_code in words:
        return words[response.status_code]
    try:
        return str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"it answered {response.status_code}"


def _client(source: Source[GatewayFile], directory: Path, within: float) -> httpx.Client:
    file = source.content
    if file.admin is None:
        raise UnusableFileError([source.mistake("'admin' is missing; without it a running gateway cannot be asked")])
    token_file = file.admin.token_file
    headers = {} if token_file is None else {"Authorization": f"Bearer {from_file(directory / token_file).reveal()}"}
    if file.admin.socket is not None:
        path = directory / file.admin.socket
        path.stat()  # its own error names the file
        transport = httpx.HTTPTransport(uds=str(path))
        return httpx.Client(transport=transport, base_url="http://admin", timeout=within, headers=headers)
    if file.ready_file is not None:
        url = str(json.loads((directory / file.ready_file).read_text(encoding="utf-8"))["admin"])
    else:
        host, port = file.admin.listen or ("", 0)
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    if not ip_address(urlsplit(url).hostname or "").is_loopback:
        raise ValueError(f"{file.ready_file} names {url}, which is not on this machine")
    return httpx.Client(trust_env=False, base_url=url, timeout=within, headers=headers)
