"""An Entra target's credential: what an app registration shows for itself, beside its `client-id`.

`client-secret-file` or `client-secret-env`; or `certificate-file` (and `private-key-file`, where the key does not lie
in the same file); or `federated-token-file`. Keys are read once, here; a federated token, again for every request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509

from dtr_rules import credentials, source
from dtr_rules.credentials import CredentialError, Secret
from okta_zones.config.credential_keys import CredentialEntry
from okta_zones.config.reading import NO_SECRET, Reading
from okta_zones.signing_key import SigningKey, read_key


@dataclass(frozen=True, slots=True)
class AppSecret:
    """An app registration with a client secret."""

    client_id: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class AppCertificate:
    """An app registration with a certificate."""

    client_id: str
    key: SigningKey
    certificate: x509.Certificate = field(repr=False)


@dataclass(frozen=True, slots=True)
class FederatedApp:
    """An app registration that trusts another issuer, whose token stands in a file."""

    client_id: str
    token_file: Path


EntraCredential = AppSecret | AppCertificate | FederatedApp

_KINDS: Final = "client-secret-file, client-secret-env, certificate-file, federated-token-file"


def entra_credential(entry: CredentialEntry, reading: Reading, path: source.KeyPath) -> EntraCredential:
    """A secret, a certificate or a federated token, exactly one of them."""
    reading.need(entry, ("client_id",), path)
    client_id = entry.client_id or ""
    secret = entry.written("client_secret_file", "client_secret_env")
    others = entry.written("certificate_file", "federated_token_file")
    if bool(secret) + len(others) != 1:
        words = "several credentials; keep one of" if secret or others else "no credential; write one of"
        reading.add(f"{words} {_KINDS}", *path)
        return AppSecret(client_id, NO_SECRET)
    if entry.private_key_file is not None and entry.certificate_file is None:
        reading.add("'private-key-file' goes with 'certificate-file' only", *path, "private-key-file")
    if entry.certificate_file is not None:
        return _certificate(entry, entry.certificate_file, reading, path)
    if entry.federated_token_file is not None:
        return _federated(client_id, reading.directory / entry.federated_token_file, reading, path)
    found = reading.secret("client-secret", entry.client_secret_file, entry.client_secret_env, path)
    return AppSecret(client_id, found)


def _certificate(entry: CredentialEntry, file: str, reading: Reading, path: source.KeyPath) -> EntraCredential:
    key_name = "private-key-file" if entry.private_key_file else "certificate-file"
    client_id = entry.client_id or ""
    try:
        certificate = _read_certificate(reading.directory / file)
    except CredentialError as error:
        reading.add(str(error), *path, "certificate-file")
        return AppSecret(client_id, NO_SECRET)
    try:
        found = _key_of(certificate, reading.directory / (entry.private_key_file or file), file)
    except CredentialError as error:
        reading.add(str(error), *path, key_name)
        return AppSecret(client_id, NO_SECRET)
    return AppCertificate(client_id, found, certificate)


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise CredentialError(f"cannot read {path}: {error.strerror}") from None
    except ValueError:
        raise CredentialError(f"{path} holds no certificate in PEM form") from None


def _key_of(certificate: x509.Certificate, path: Path, file: str) -> SigningKey:
    found = read_key(credentials.private_bytes(path), str(path))
    if found.algorithm != "RS256":
        raise CredentialError(f"{path} holds no RSA key: Entra takes no other certificates for apps")
    if not found.fits(certificate):
        raise CredentialError(f"{path} does not hold the key of the certificate in {file}")
    return found


def _federated(client_id: str, path: Path, reading: Reading, where: source.KeyPath) -> EntraCredential:
    try:
        credentials.from_file(path)
    except CredentialError as error:
        reading.add(str(error), *where, "federated-token-file")
    return FederatedApp(client_id, path)
