"""The lab's certificates: what they carry, and that real TLS accepts and refuses them as it should."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.authority import Authority
from lab.https_server import HttpsServer, server_context

ADDRESS = "127.40.9.1"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("Lab authority")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _show(request: Request) -> Response:
    assert request.client is not None
    return JSONResponse({"peer": request.client.host, "scheme": request.url.scheme})


def _app() -> Starlette:
    return Starlette(routes=[Route("/", _show)])


def _trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.certificate_pem.decode())


def test_a_server_certificate_carries_every_name_and_address(authority):
    credential = authority.issue_server(["acme.okta.com", "acme-admin.okta.com"], [ADDRESS])
    names = credential.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["acme.okta.com", "acme-admin.okta.com"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address(ADDRESS)]
    usage = credential.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]


def test_a_server_certificate_without_any_name_is_refused(authority):
    with pytest.raises(ValueError, match="a name or an address"):
        authority.issue_server([], [])


def test_a_device_certificate_carries_its_udid_and_client_usage(authority):
    credential = authority.issue_device("iPhone", san_uris=["urn:uem:device:00008030-0018"], san_dns=["d.acme.example"])
    credential.certificate.verify_directly_issued_by(authority.certificate)
    names = credential.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["urn:uem:device:00008030-0018"]
    assert names.get_values_for_type(x509.DNSName) == ["d.acme.example"]
    usage = credential.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_device_that_made_its_own_key_gets_a_certificate_for_that_key(authority):
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.issue_device("iPhone", public_key=key.public_key())
    assert certificate.public_key() == key.public_key()


def test_validity_begins_in_the_past_and_ends_when_asked():
    now = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    authority = Authority("Clock", now=lambda: now)
    certificate = authority.issue_device("iPhone", valid_for=timedelta(minutes=5)).certificate
    assert certificate.not_valid_before_utc < now
    assert certificate.not_valid_after_utc == now + timedelta(minutes=5)


def test_written_credentials_are_private_even_over_an_open_file(authority, tmp_path):
    (tmp_path / "gateway.key").touch(mode=0o644)
    credential = authority.issue_server(["gateway"], [])
    certificate, key = credential.write(tmp_path, "gateway")
    assert [path.name for path in (certificate, key)] == ["gateway.pem", "gateway.key"]
    assert [path.stat().st_mode & 0o777 for path in (certificate, key)] == [0o600, 0o600]
    assert key.read_bytes() == credential.key_pem
    assert credential.key_pem.decode() not in repr(credential)


@pytest.mark.anyio
async def test_a_server_sees_the_socket_s_peer_and_no_header(authority):
    credential = authority.issue_server(["acme.okta.com"], [ADDRESS])
    async with HttpsServer(_app(), address=ADDRESS, credential=credential) as server:
        transport = httpx.AsyncHTTPTransport(verify=_trusting(authority), local_address="127.43.9.7")
        async with httpx.AsyncClient(transport=transport) as client:
            answer = await client.get(f"{server.url}/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.json() == {"peer": "127.43.9.7", "scheme": "https"}


@pytest.mark.anyio
async def test_a_server_of_another_authority_is_not_believed(authority):
    stranger = Authority("Stranger").issue_server(["acme.okta.com"], [ADDRESS])
    async with (
        HttpsServer(_app(), address=ADDRESS, credential=stranger) as server,
        httpx.AsyncClient(verify=_trusting(authority)) as client,
    ):
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(f"{server.url}/")


@pytest.mark.anyio
async def test_a_server_ends_at_once_though_a_client_stays_connected(authority):
    credential = authority.issue_server([], [ADDRESS])
    async with httpx.AsyncClient(verify=_trusting(authority)) as client:
        async with HttpsServer(_app(), address=ADDRESS, credential=credential) as server:
            await client.get(f"{server.url}/")
            ending = datetime.now(UTC)
        assert datetime.now(UTC) - ending < timedelta(seconds=1)
        with pytest.raises(httpx.TransportError):
            await client.get(f"{server.url}/")


@pytest.mark.anyio
async def test_a_server_ends_at_once_though_a_stranger_never_finishes_its_handshake(authority):
    credential = authority.issue_server([], [ADDRESS])
    async with HttpsServer(_app(), address=ADDRESS, credential=credential) as server:
        _, silent = await asyncio.open_connection(ADDRESS, server.port)
        async with httpx.AsyncClient(verify=_trusting(authority)) as client:
            await client.get(f"{server.url}/")
        ending = datetime.now(UTC)
    assert datetime.now(UTC) - ending < timedelta(seconds=1)
    silent.close()
    await silent.wait_closed()


@pytest.mark.anyio
async def test_a_port_in_use_is_told_before_anything_runs(authority):
    credential = authority.issue_server([], [ADDRESS])
    async with HttpsServer(_app(), address=ADDRESS, credential=credential) as server:
        with pytest.raises(OSError, match="in use"):
            await HttpsServer(_app(), address=ADDRESS, credential=credential, port=server.port).__aenter__()


def test_a_key_that_does_not_fit_its_certificate_is_refused(authority):
    one, other = authority.issue_server(["a"], []), authority.issue_server(["b"], [])
    with pytest.raises(ssl.SSLError):
        server_context(type(one)(one.certificate_pem, other.key_pem))
