"""The lab's Entra and Graph over real HTTPS, with an app registration whose credential a test chooses."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from anyio.from_thread import start_blocking_portal
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from okta_world import SIGNING_KEY, Heard
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from lab.authority import Authority
from lab.entra import acme
from lab.entra.app import create_app
from lab.entra.knobs import Knobs
from lab.entra.tenant import Tenant
from lab.https_server import HttpsServer
from okta_zones.config.entra_credential import EntraCredential
from okta_zones.config.requests import RequestSettings
from okta_zones.config.targets import EntraSettings
from okta_zones.exchange.limits import Limits
from okta_zones.far_ends import EntraTenant, FarEnds
from okta_zones.needs import Verb

CLIENT_SECRET = "entra-client-secret"
ADDRESS = "127.40.0.20"
PRIVATE_KEY = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey = PRIVATE_KEY) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(days: float = 300) -> x509.Certificate:
    """A self-signed one of PRIVATE_KEY that ends in so many days."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "okta-zones")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, PRIVATE_KEY.public_key(), 7, now - timedelta(days=400), now + timedelta(days=days)
    )
    return made.sign(PRIVATE_KEY, hashes.SHA256())


def certificate_pem(days: float = 300) -> bytes:
    return certificate(days).public_bytes(serialization.Encoding.PEM)


@dataclass
class EntraWorld:
    """A tenant that answers at `url`."""

    tenant: Tenant
    heard: Heard
    url: str
    directory: Path
    stack: ExitStack

    def register(self, **changes: Any) -> None:
        """Change the app registration of okta-zones."""
        service = self.tenant.services[acme.GRAPH_CLIENT_ID]
        self.tenant.services[acme.GRAPH_CLIENT_ID] = replace(service, **changes)

    def answer_also(self, path: str, body: Any) -> None:
        """Answer a path that the lab does not have."""
        lab = self.heard.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            wanted = scope["type"] == "http" and scope["path"] == path
            await (JSONResponse(body) if wanted else lab)(scope, receive, send)

        self.heard.app = app

    def open(
        self,
        credential: EntraCredential,
        *,
        tenant: str = acme.TENANT_ID,
        graph_interval: float = 0,
        clock: Callable[[], float] = time.time,
    ) -> EntraTenant:
        settings = EntraSettings(
            "entra",
            tenant,
            acme.LOCATION_NAME,
            None,
            credential,
            self.url,
            self.url,
            "https://graph.microsoft.com/.default",
        )
        far_ends = FarEnds(Verb.APPLY, RequestSettings(Limits(), graph_interval), clock=clock)
        return self.stack.enter_context(far_ends).entra(settings)


@contextmanager
def running_entra(directory: Path, knobs: Knobs | None = None) -> Iterator[EntraWorld]:
    """A tenant at a free port of its own address; the environment trusts it and knows no proxy."""
    authority = Authority("Lab CA")
    (directory / "ca.pem").write_bytes(authority.certificate_pem)
    tenant = acme.acme_tenant(password="a password", client_secret=CLIENT_SECRET, knobs=knobs, signing_key=SIGNING_KEY)
    heard = Heard(create_app(tenant))
    server = HttpsServer(heard, address=ADDRESS, credential=authority.issue_server([acme.HOST], [ADDRESS]))
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(directory / "ca.pem")}))
        for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            os.environ.pop(variable, None)
        portal = stack.enter_context(start_blocking_portal())
        stack.enter_context(portal.wrap_async_context_manager(server))
        yield EntraWorld(tenant, heard, server.url, directory, stack.enter_context(ExitStack()))
