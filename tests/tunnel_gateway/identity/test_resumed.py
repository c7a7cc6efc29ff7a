"""A resumed session proves nothing: what counts at each CONNECT is what is known then."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from answering import WebServer, web_server
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from inner_gateway import HEAD, HOST, UDID, Inner, inner_gateway
from issuing import CLIENT, DAY, Pair, distribution_point, leaf, make, make_crl, uri
from running_gateway import ask

from lab.authority import Credential
from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, Identification, UdidFrom, UdidPlace
from tunnel_gateway.identity.revocation.checker import RevocationChecker
from tunnel_gateway.identity.revocation.fetch import HttpFetch
from tunnel_gateway.identity.revocation.policy import RevocationMode, RevocationPolicy

URI = UdidPlace(UdidFrom.SAN_URI, "urn:uem:device:{udid}")
NOW = datetime.now(UTC)


def authority(cn: str) -> Pair:
    return make(cn=cn, ca=True, now=NOW, start=-DAY, end=30 * DAY)


OLD_CA, NEW_CA = authority("Devices"), authority("Devices")


@dataclass
class Device:
    """A device that keeps its TLS session, on blocking sockets: asyncio's streams cannot resume."""

    inner: Inner
    context: ssl.SSLContext
    session: ssl.SSLSession | None = None
    resumed: bool = False

    async def reason(self) -> str | None:
        """Connect, with the session of the last time; why the CONNECT was refused, None where it was not."""
        return await asyncio.to_thread(self._ask)

    def _ask(self) -> str | None:
        with (
            socket.create_connection(self.inner.listener.address, timeout=10) as raw,
            self.context.wrap_socket(raw, session=self.session) as connection,
        ):
            answer = ask(connection, f"{HOST}:443")
            self.session, self.resumed = connection.session, connection.session_reused
            return answer.reason


def device(inner: Inner, pair: Pair, version: ssl.TLSVersion) -> Device:
    inner.credential = Credential(pair.pem, pair.key_pem)
    context = inner.context()
    context.minimum_version = context.maximum_version = version
    return Device(inner, context)


def phone(issuer: Pair, **options: object) -> Pair:
    return leaf(issuer, now=NOW, san=[uri(UDID)], **options)


def authorities(*certificates: Pair, policy: RevocationPolicy | None = None) -> list[DeviceAuthority]:
    return [DeviceAuthority(each.certificate, URI, revocation=policy or RevocationPolicy()) for each in certificates]


@dataclass
class World:
    inner: Inner
    web: WebServer
    checker: RevocationChecker

    def reload(self, *certificates: Pair, policy: RevocationPolicy | None = None) -> None:
        old = self.inner.gateway.identification
        verifier = CertificateVerifier(authorities(*certificates, policy=policy), old.verifier.intermediates)
        self.inner.gateway.identification = Identification(verifier, self.checker)

    @property
    def hard(self) -> RevocationPolicy:
        return RevocationPolicy(RevocationMode.HARD, frozenset({self.web.host}), refresh=0.001)


def run(tmp_path: Path, test: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        async with web_server() as web, inner_gateway(tmp_path) as inner, asyncio.timeout(20):
            fetch = HttpFetch()
            world = World(inner, web, RevocationChecker(fetch))
            try:
                await test(world)
            finally:
                await world.checker.close()
                await fetch.close()

    asyncio.run(main())


versions = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])


@versions
def test_self_signed_certificate_that_claims_a_device_is_refused_each_time(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    async def test(world: World) -> None:
        forged = make(now=NOW, cn="Devices", san=[uri(UDID)], eku=[CLIENT])
        stranger = device(world.inner, forged, version)
        assert await stranger.reason() == "client-certificate-untrusted"
        assert await stranger.reason() == "client-certificate-untrusted"
        assert stranger.resumed
        assert world.inner.destination.came == 0

    run(tmp_path, test)


@versions
def test_certificate_without_its_key_is_no_identity(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """A key file whose public half is the phone's and whose private half is not: OpenSSL signs with it, and in vain."""

    async def test(world: World) -> None:
        stolen, own = phone(OLD_CA), ec.generate_private_key(ec.SECP256R1())
        world.reload(OLD_CA)
        thief = device(world.inner, stolen, version)
        file = tmp_path / "thief.pem"
        file.write_bytes(stolen.pem + _with_public_half_of(stolen.key, own))
        thief.context.load_cert_chain(file)
        with pytest.raises((OSError, AssertionError)):
            await thief.reason()
        while not (records := world.inner.records()):
            await asyncio.sleep(0.01)
        assert [record["reason"] for record in records] == ["handshake-failed"]
        assert world.inner.destination.came == 0

    run(tmp_path, test)


def _with_public_half_of(other: ec.EllipticCurvePrivateKey, own: ec.EllipticCurvePrivateKey) -> bytes:
    der = own.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    mine, theirs = (
        key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) for key in (own, other)
    )
    assert mine in der
    body = base64.encodebytes(der.replace(mine, theirs))
    return b"-----BEGIN EC PRIVATE KEY-----\n" + body + b"-----END EC PRIVATE KEY-----\n"


@versions
def test_resumed_session_ends_with_its_authority(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """Rotation: the old key, the old and the new one side by side, the new one alone."""

    async def test(world: World) -> None:
        issuing = make(OLD_CA, cn="Issuing", ca=True, now=NOW)
        pair = phone(issuing)
        old = device(world.inner, Pair(pair.certificate, pair.key), version)
        chain = tmp_path / "chain.pem"
        chain.write_bytes(pair.pem + issuing.pem + pair.key_pem)
        old.context.load_cert_chain(chain)
        new = device(world.inner, phone(NEW_CA), version)
        world.reload(OLD_CA)
        assert [await old.reason(), await old.reason()] == [None, None]
        assert old.resumed
        world.reload(OLD_CA, NEW_CA)
        assert [await old.reason(), await new.reason()] == [None, None]
        assert old.resumed
        world.reload(NEW_CA)
        assert [await old.reason(), await new.reason()] == ["client-certificate-untrusted", None]
        assert old.resumed
        assert new.resumed

    run(tmp_path, test)


@versions
def test_resumed_session_of_a_revoked_certificate_is_refused(tmp_path: Path, version: ssl.TLSVersion) -> None:
    async def test(world: World) -> None:
        pair = phone(OLD_CA, extra=[distribution_point(world.web.url("crl"))])
        world.web.answers["crl"] = make_crl(OLD_CA, now=NOW)
        world.reload(OLD_CA, policy=world.hard)
        mine = device(world.inner, pair, version)
        assert await mine.reason() is None
        world.web.answers["crl"] = make_crl(OLD_CA, pair, now=NOW)
        while (reason := await mine.reason()) is None:  # the list of before counts while the new one is fetched
            assert mine.resumed
        assert reason == "client-certificate-revoked"
        assert mine.resumed

    run(tmp_path, test)


@versions
@pytest.mark.parametrize(
    ("intermediates", "junk", "reason"),
    [
        pytest.param(12, 0, "client-certificate-untrusted", id="endless-chain"),
        pytest.param(1, 20_000, "client-certificate-untrusted", id="oversized-certificate"),
        pytest.param(1, 120_000, "handshake-failed", id="more-than-a-handshake-holds"),
    ],
)
def test_more_than_a_device_ever_presents(
    tmp_path: Path, version: ssl.TLSVersion, intermediates: int, junk: int, reason: str
) -> None:
    async def test(world: World) -> None:
        filler = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(junk))
        issuing = make(OLD_CA, cn="Issuing", ca=True, now=NOW, extra=[(filler, False)])
        pair = phone(issuing)
        big = device(world.inner, pair, version)
        chain = tmp_path / "chain.pem"
        chain.write_bytes(pair.pem + issuing.pem * intermediates + pair.key_pem)
        big.context.load_cert_chain(chain)
        world.reload(OLD_CA)
        with suppress(OSError, AssertionError):  # where the handshake fails there is no answer
            await big.reason()
        while not (records := world.inner.records()):
            await asyncio.sleep(0.01)
        assert (records[-1]["reason"], records[-1]["admitted"]) == (reason, False)
        assert world.inner.destination.came == 0

    run(tmp_path, test)


def test_tunnel_is_cut_when_its_certificate_falls(tmp_path: Path) -> None:
    async def test(world: World) -> None:
        short = phone(OLD_CA, extra=[distribution_point(world.web.url("crl"))])
        world.web.answers["crl"] = make_crl(OLD_CA, now=NOW)
        world.reload(OLD_CA, policy=world.hard)
        world.inner.credential = Credential(short.pem, short.key_pem)
        reader, writer = await world.inner.open()
        writer.write(HEAD)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        await world.inner.gateway.certificates_changed()
        assert len(world.inner.gateway.tunnels) == 1
        world.reload(NEW_CA)
        await world.inner.gateway.certificates_changed()
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        while (last := world.inner.records()[-1])["event"] != "end":
            await asyncio.sleep(0.01)
        assert last["reason"] == "cut-by-certificate"

    run(tmp_path, test)
