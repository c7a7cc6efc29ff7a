"""The lab's Okta over real HTTPS, with what it heard, and keys for service apps."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from anyio.from_thread import start_blocking_portal
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.authority import Authority
from lab.https_server import HttpsServer
from lab.okta import acme
from lab.okta.app import create_app
from lab.okta.knobs import Knobs
from lab.okta.org import Org
from lab.okta.service_apps import new_service_app
from lab.openid.signing import SigningKey
from okta_zones import signing_key
from okta_zones.config.okta_credential import OktaCredential, ServiceApp
from okta_zones.config.requests import RequestSettings
from okta_zones.config.targets import OktaSettings
from okta_zones.exchange.limits import Limits
from okta_zones.far_ends import FarEnds, OktaOrg
from okta_zones.needs import OKTA, Verb

API_TOKEN = "okta-secret-token"
ADDRESS = "127.40.0.10"
ALL_SCOPES = frozenset(scope for needs in OKTA.values() for scope in (*needs.required, *needs.useful))
SIGNING_KEY = SigningKey()
PRIVATE_KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def signing(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = PRIVATE_KEY) -> signing_key.SigningKey:
    return signing_key.read_key(pem(key), "the key", "key-1")


@dataclass
class Heard:
    """An application that remembers the requests it saw and what it answered."""

    app: ASGIApp
    requests: list[tuple[str, dict[str, str], int]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                self.requests.append((f"{scope['method']} {scope['path']}", headers, message["status"]))
            await send(message)

        await self.app(scope, receive, watch)

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.requests]


@dataclass
class OktaWorld:
    """An org that answers at `url`."""

    org: Org
    heard: Heard
    url: str
    directory: Path
    stack: ExitStack

    def app(self, key: signing_key.SigningKey, scopes: frozenset[str] = ALL_SCOPES, **more: Any) -> ServiceApp:
        """A service app that the org knows by this key."""
        made = new_service_app("controller", [key.public() | {"kid": "key-1"}], scopes, **more)
        self.org.service_apps[made.id] = made
        return ServiceApp(made.id, key)

    def open(
        self,
        credential: OktaCredential,
        verb: Verb = Verb.APPLY,
        *,
        org_id: str = acme.ORG_ID,
        clock: Callable[[], float] = time.time,
    ) -> OktaOrg:
        settings = OktaSettings("okta", self.url, org_id, acme.ZONE_NAME, None, credential)
        far_ends = FarEnds(verb, RequestSettings(Limits(), 0), clock=clock)
        return self.stack.enter_context(far_ends).okta(settings)


@contextmanager
def running_okta(directory: Path, knobs: Knobs | None = None) -> Iterator[OktaWorld]:
    """An org at a free port of its own address; the environment trusts it and knows no proxy."""
    authority = Authority("Lab CA")
    (directory / "ca.pem").write_bytes(authority.certificate_pem)
    org = acme.acme_org(password="a password", api_token=API_TOKEN, knobs=knobs, signing_key=SIGNING_KEY)
    heard = Heard(create_app(org))
    server = HttpsServer(heard, address=ADDRESS, credential=authority.issue_server([acme.HOST], [ADDRESS]))
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(directory / "ca.pem")}))
        for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            os.environ.pop(variable, None)
        portal = stack.enter_context(start_blocking_portal())
        stack.enter_context(portal.wrap_async_context_manager(server))
        yield OktaWorld(org, heard, server.url, directory, stack.enter_context(ExitStack()))
