"""The credentials of targets: which keys go together, and which files are taken."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc.jwk import ECKey, RSAKey

from dtr_rules.source import UnusableFileError
from okta_zones.config import EntraSettings, OktaSettings, TargetSettings, load
from okta_zones.config.entra_credential import AppCertificate, AppSecret, FederatedApp
from okta_zones.config.okta_credential import ApiToken, ServiceApp

RSA_KEY, OTHER_KEY = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
OKTA = "kind: okta, org-url: 'https://acme.okta.com', org-id: 00oacme, zone: Z"
ENTRA = "kind: entra, tenant: 5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa, location: L, client-id: app"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Key, password: bytes | None = None) -> bytes:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "okta-zones")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + dt.timedelta(days=800))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


FILES: dict[str, bytes] = {
    "rsa.pem": pem(RSA_KEY),
    "ec.pem": pem(EC_KEY),
    "p521.pem": pem(ec.generate_private_key(ec.SECP521R1())),
    "rsa.jwk": json.dumps(RSAKey(RSA_KEY, RSA_KEY, {"kid": "own", "use": "sig"}).as_dict(private=True)).encode(),
    "ec.jwk": json.dumps(ECKey(EC_KEY, EC_KEY).as_dict(private=True)).encode(),
    "public.jwk": json.dumps(ECKey(EC_KEY, EC_KEY).as_dict(private=False)).encode(),
    "small.pem": pem(rsa.generate_private_key(65537, 1024)),
    "locked.pem": pem(RSA_KEY, b"passphrase"),
    "ed25519.pem": pem(ed25519.Ed25519PrivateKey.generate()),
    "koblitz.pem": pem(ec.generate_private_key(ec.SECP256K1())),
    "no.pem": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "no.jwk": b'{"kty": "RSA", "n": 1}',
    "both.pem": pem(RSA_KEY) + certificate(RSA_KEY),
    "cert.pem": certificate(RSA_KEY),
    "ec-cert.pem": pem(EC_KEY) + certificate(EC_KEY),
    "token": b"okta-token\n",
    "federated": b"eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n",
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], TargetSettings]:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    (tmp_path / "open.pem").write_bytes(FILES["rsa.pem"])
    (tmp_path / "open.pem").chmod(0o644)

    def reads(target: str) -> TargetSettings:
        path = tmp_path / "okta-zones.yaml"
        path.write_text(
            "version: 1\nowned-prefixes: [203.0.113.0/28]\nsources: {addresses: [203.0.113.10]}\n"
            f"targets:\n- {{name: t, {target}}}\n"
        )
        (settings,) = load(path, {"KEY": FILES["ec.pem"].decode()}).targets
        return settings

    return reads


APPS = {
    "a PEM file with an RSA key": ("private-key-file: rsa.pem, key-id: k", "RS256", "k"),
    "a PEM file with a key on P-256": ("private-key-file: ec.pem, key-id: k", "ES256", "k"),
    "a key on P-521": ("private-key-file: p521.pem, key-id: k", "ES512", "k"),
    "a JWK with its own id": ("private-key-file: rsa.jwk", "RS256", "own"),
    "a JWK, its id in the file": ("private-key-file: ec.jwk, key-id: k", "ES256", "k"),
    "a PEM text in the environment": ("private-key-env: KEY, key-id: k", "ES256", "k"),
}


@pytest.mark.parametrize(("keys", "algorithm", "key_id"), APPS.values(), ids=APPS.keys())
def test_a_service_app(read: Callable[[str], TargetSettings], keys: str, algorithm: str, key_id: str) -> None:
    settings = read(f"{OKTA}, client-id: 0oaapp, {keys}")
    assert isinstance(settings, OktaSettings)
    assert isinstance(settings.credential, ServiceApp)
    assert (settings.credential.key.algorithm, settings.credential.key.id) == (algorithm, key_id)
    assert "_key" not in repr(settings)


def test_an_api_token_with_its_id(read: Callable[[str], TargetSettings]) -> None:
    settings = read(f"{OKTA}, token-file: token, token-id: 00T1")
    assert isinstance(settings, OktaSettings)
    assert isinstance(settings.credential, ApiToken)
    assert (settings.credential.token.reveal(), settings.credential.id) == ("okta-token", "00T1")


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ("certificate-file: both.pem", AppCertificate),
        ("certificate-file: cert.pem, private-key-file: rsa.pem", AppCertificate),
        ("federated-token-file: federated", FederatedApp),
        ("client-secret-file: token", AppSecret),
    ],
)
def test_entra_credentials(read: Callable[[str], TargetSettings], keys: str, kind: type) -> None:
    settings = read(f"{ENTRA}, {keys}")
    assert isinstance(settings, EntraSettings)
    assert isinstance(settings.credential, kind)
    assert settings.credential.client_id == "app"


APP = f"{OKTA}, client-id: 0oaapp"
WRONG = {
    "a token and an app": (f"{APP}, private-key-file: ec.pem, key-id: k, token-file: token", "two credentials"),
    "a key without an app": (f"{OKTA}, private-key-file: ec.pem, key-id: k", "'client-id' is missing"),
    "an app without a key": (APP, "write either 'private-key-file' or 'private-key-env'"),
    "a key without an id": (f"{APP}, private-key-file: ec.pem", "'key-id' is missing"),
    "a key that others can read": (f"{APP}, private-key-file: open.pem, key-id: k", "can be read by others (mode 0644"),
    "a short RSA key": (f"{APP}, private-key-file: small.pem, key-id: k", "of 1024 bits; at least 2048"),
    "a locked key": (f"{APP}, private-key-file: locked.pem, key-id: k", "is protected by a passphrase"),
    "a key of another kind": (
        f"{APP}, private-key-file: ed25519.pem, key-id: k",
        "neither RSA nor on an elliptic curve",
    ),
    "a curve that no JWT uses": (f"{APP}, private-key-file: koblitz.pem, key-id: k", "use one on P-256, P-384, P-521"),
    "no key": (f"{APP}, private-key-file: no.pem, key-id: k", "holds no private key in PEM or JWK form"),
    "half a JWK": (f"{APP}, private-key-file: no.jwk, key-id: k", "holds no RSA or EC key in JWK form"),
    "a public key": (f"{APP}, private-key-file: public.jwk, key-id: k", "the public half of a key"),
    "a missing file": (f"{APP}, private-key-file: none.pem, key-id: k", "No such file or directory"),
    "an unset variable": (f"{APP}, private-key-env: NONE, key-id: k", "the environment variable NONE is not set"),
    "nothing at Entra": (ENTRA, "no credential; write one of client-secret-file"),
    "two at Entra": (f"{ENTRA}, client-secret-file: token, certificate-file: both.pem", "several credentials"),
    "a certificate without its key": (f"{ENTRA}, certificate-file: cert.pem", "holds no private key"),
    "another certificate's key": (
        f"{ENTRA}, certificate-file: cert.pem, private-key-file: other.pem",
        "does not hold the key of the certificate in cert.pem",
    ),
    "a certificate Entra does not take": (f"{ENTRA}, certificate-file: ec-cert.pem", "holds no RSA key"),
    "no certificate": (f"{ENTRA}, certificate-file: rsa.pem", "holds no certificate in PEM form"),
    "a key beside a secret": (
        f"{ENTRA}, client-secret-file: token, private-key-file: rsa.pem",
        "'private-key-file' goes with 'certificate-file' only",
    ),
    "no federated token": (f"{ENTRA}, federated-token-file: none", "No such file or directory"),
}


@pytest.mark.parametrize(("target", "words"), WRONG.values(), ids=WRONG.keys())
def test_mistakes(read: Callable[[str], TargetSettings], tmp_path: Path, target: str, words: str) -> None:
    (tmp_path / "other.pem").write_bytes(pem(OTHER_KEY))
    (tmp_path / "other.pem").chmod(0o600)
    with pytest.raises(UnusableFileError) as unusable:
        read(target)
    (found,) = unusable.value.mistakes
    assert found.place.line == 5
    assert words in found.message
    assert "PRIVATE KEY" not in found.message
