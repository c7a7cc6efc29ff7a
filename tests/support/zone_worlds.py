"""An Okta org of the lab over real HTTPS, and a directory with an okta-zones.yaml for it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp
from typer.testing import CliRunner, Result

from lab.authority import Authority
from lab.https_server import HttpsServer
from lab.okta import acme
from lab.okta.app import create_app
from lab.okta.org import Org
from lab.openid.signing import SigningKey
from okta_zones.cli import app

TOKEN = "okta-secret-token"
ADMIN_TOKEN = "admin-secret-token"
ADDRESS = "127.40.0.10"
THERE = [f"{acme.OLD_ADDRESS}-{acme.OLD_ADDRESS}", acme.FOREIGN_RANGE]
"""What the zone holds before the first run, none of it ours."""


@dataclass
class ZoneWorld:
    """An Okta org that answers at `url`, and a directory with an okta-zones.yaml."""

    org: Org
    url: str
    directory: Path

    def configure(
        self, *, sources: str = "{addresses: [127.42.0.10, 127.42.0.11]}", more: str = "", top: str = "", of: str = ""
    ) -> Path:
        """`more` are further targets, `top` further keys of the file, `of` further keys of the target."""
        path = self.directory / "okta-zones.yaml"
        path.write_text(
            "version: 1\nowned-prefixes: [127.42.0.0/24]\n"
            f"safety: {{accept: [not-public]}}\npropagation: 0s\n{top}"
            f"sources: {sources}\ntargets:\n{self.target('okta', acme.ZONE_NAME, of=of)}{more}"
        )
        return path

    def target(self, name: str, zone: str, url: str | None = None, of: str = "") -> str:
        base = (
            f'name: {name}, kind: okta, org-url: "{url or self.url}", org-id: {acme.ORG_ID}, zone: "{zone}", '
            "token-file: okta.token"
        )
        return f"- {{{base}{of and f', {of}'}}}\n"

    def gateways(self, zone: str = acme.ZONE_NAME) -> list[str]:
        return [entry["value"] for entry in self.org.zones.named(zone).details["gateways"]]

    def zone_events(self) -> list[str]:
        return [event["eventType"] for event in self.org.log.events if event["eventType"].startswith("zone.")]


@functools.cache
def _authority() -> Authority:
    return Authority("Lab CA")


@functools.cache
def _signing_key() -> SigningKey:
    return SigningKey()


@contextmanager
def zone_world(
    directory: Path, monkeypatch: pytest.MonkeyPatch, wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app, **org: Any
) -> Iterator[ZoneWorld]:
    """A world that answers as long as the block lasts; `wrap` may put something before its application."""
    authority = _authority()
    (directory / "ca.pem").write_bytes(authority.certificate_pem)
    for name, secret in (("okta.token", TOKEN), ("admin.token", ADMIN_TOKEN)):
        (directory / name).write_text(secret)
        (directory / name).chmod(0o600)
    monkeypatch.setenv("SSL_CERT_FILE", str(directory / "ca.pem"))
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    acme_org = acme.acme_org(password="a password", api_token=TOKEN, signing_key=_signing_key(), **org)
    credential = authority.issue_server([acme.HOST], [ADDRESS])
    server = HttpsServer(wrap(create_app(acme_org)), address=ADDRESS, credential=credential)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(server):
        yield ZoneWorld(acme_org, server.url, directory)


def run(*arguments: object, given: str = "") -> Result:
    """okta-zones with these arguments, in this process; it never shows a secret."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    for secret in (TOKEN, ADMIN_TOKEN):
        assert secret not in result.output
    return result
