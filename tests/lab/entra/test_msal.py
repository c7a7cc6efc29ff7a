"""Microsoft's own library for Python, unmodified: it believes that it speaks with login.microsoftonline.com.

Only its HTTP client is told where that host is, as a name server would.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msal
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests.adapters import HTTPAdapter

from lab.authority import Authority
from lab.device.forms import read_page
from lab.entra import acme_tenant, create_app
from lab.entra.acme import CLIENT_ID, GRAPH_CLIENT_ID, LOGIN, REDIRECT_URI, TENANT_ID
from lab.https_server import HttpsServer

pytestmark = pytest.mark.anyio

AUTHORITY = f"https://login.microsoftonline.com/{TENANT_ID}"
DEFAULT = ["https://graph.microsoft.com/.default"]
SECRET, PASSWORD = "a client secret of the tests", "a password of the tests"


class Resolver(HTTPAdapter):
    """Connects to the emulator, and checks the certificate of the host that was asked for."""

    def __init__(self, address: str, port: int, source: str) -> None:
        self._address, self._port, self._source = address, port, source
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs, source_address=(self._source, 0))

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        host = urlsplit(request.url).hostname
        tls = {"server_hostname": host, "assert_hostname": host, "ca_certs": str(verify)}
        pool = {"cert_reqs": "CERT_REQUIRED", **tls}
        return self.poolmanager.connection_from_host(self._address, self._port, "https", pool_kwargs=pool)


@pytest.fixture
async def entra(signing_key, tmp_path: Path) -> AsyncIterator[tuple]:
    """A tenant in real time, and HTTP clients by the address that they come from."""
    tenant = acme_tenant(password=PASSWORD, client_secret=SECRET, signing_key=signing_key)
    authority = Authority("Test CA")
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(authority.certificate_pem)
    credential = authority.issue_server(["login.microsoftonline.com", "graph.microsoft.com"], ["127.40.8.21"])
    async with HttpsServer(create_app(tenant), address="127.40.8.21", credential=credential) as server:

        def session(source: str) -> requests.Session:
            http = requests.Session()
            http.trust_env = False
            http.verify = str(trusted)
            http.mount("https://", Resolver(server.address, server.port, source))
            opened.append(http)
            return http

        opened: list[requests.Session] = []
        yield tenant, session
        for http in opened:
            http.close()


def _sign_in(http: requests.Session, url: str) -> dict[str, str]:
    """What a web view does: fill the form in, and hand the app what comes back to it."""
    page = http.get(url)
    form = read_page(page.text, url).form
    assert form is not None
    answer = http.post(form.action, data=form.filled(LOGIN, PASSWORD), allow_redirects=False)
    carried = read_page(answer.text, form.action).form
    assert carried is not None, answer.text
    assert carried.action == REDIRECT_URI
    return carried.filled("", "")


async def _in_thread(work, *args, **kwargs):
    return await asyncio.get_running_loop().run_in_executor(None, functools.partial(work, *args, **kwargs))


def _acquire(http, session, app=None):
    app = app or msal.PublicClientApplication(CLIENT_ID, authority=AUTHORITY, http_client=session)
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri=REDIRECT_URI, response_mode="form_post")
    return app, app.acquire_token_by_auth_code_flow(flow, _sign_in(http, flow["auth_uri"]))


async def test_a_public_client_signs_in_and_refreshes_from_inside(entra):
    _, session = entra

    def story():
        http = session("127.42.0.99")
        app, result = _acquire(http, http)
        assert "error" not in result, result
        assert result["id_token_claims"]["preferred_username"] == LOGIN
        [account] = app.get_accounts()
        assert account["username"] == LOGIN
        again = app.acquire_token_silent_with_error(["User.Read"], account, force_refresh=True)
        return result, again

    result, again = await _in_thread(story)
    assert again["access_token"] != result["access_token"]


async def test_a_refresh_from_outside_ends_with_53003(entra):
    _, session = entra

    def story():
        inside, outside = session("127.42.0.99"), session("127.43.8.7")
        app, _ = _acquire(inside, inside)
        cache = app.token_cache
        moved = msal.PublicClientApplication(CLIENT_ID, authority=AUTHORITY, http_client=outside, token_cache=cache)
        return moved.acquire_token_silent_with_error(["User.Read"], moved.get_accounts()[0], force_refresh=True)

    refused = await _in_thread(story)
    assert refused["error"] == "invalid_grant"
    assert refused["error_description"].startswith("AADSTS53003")


def _confidential(credential, http):
    return msal.ConfidentialClientApplication(
        GRAPH_CLIENT_ID, authority=AUTHORITY, client_credential=credential, http_client=http
    ).acquire_token_for_client(DEFAULT)


async def test_a_confidential_client_shows_a_secret_or_a_certificate(entra):
    tenant, session = entra
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = Authority("Acme").issue_device("zones", public_key=private.public_key(), valid_for=timedelta(days=1))
    tenant.services[GRAPH_CLIENT_ID] = replace(tenant.services[GRAPH_CLIENT_ID], certificates=(certificate,))
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    thumbprint = hashlib.sha1(certificate.public_bytes(Encoding.DER)).hexdigest()
    with_certificate = {"private_key": pem, "thumbprint": thumbprint}
    for credential in (SECRET, with_certificate):
        result = await _in_thread(_confidential, credential, session("127.43.8.1"))
        assert "access_token" in result, result
    wrong = await _in_thread(_confidential, "another secret", session("127.43.8.1"))
    assert wrong["error_codes"] == [7000215]


async def test_a_realm_says_who_signs_a_user_in(entra):
    _, session = entra
    http = session("127.43.8.1")
    url = "https://login.microsoftonline.com/common/userrealm/{}?api-version=1.0"
    realm = (await _in_thread(http.get, url.format(LOGIN))).json()
    assert (realm["account_type"], realm["domain_name"]) == ("Managed", "acme.example")
    stranger = (await _in_thread(http.get, url.format("x@elsewhere.example"))).json()
    assert stranger["account_type"] == "Unknown"
