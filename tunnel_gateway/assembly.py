"""Put a gateway together from its configuration file, or say everything that is wrong with it and start nothing."""

from __future__ import annotations

import errno
import os
import ssl
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from OpenSSL import SSL

from dtr_rules import RuleSet, read_rule_set
from dtr_rules.credentials import CredentialError, Secret, from_file
from dtr_rules.source import Mistake, Source, UnusableFileError, read
from tunnel_gateway.config import GatewayFile
from tunnel_gateway.decision_log import DecisionLog
from tunnel_gateway.dialer import Dialer
from tunnel_gateway.egress import EgressPool
from tunnel_gateway.gateway import Gateway, Parts
from tunnel_gateway.identity import CertificateVerifier, DeviceAuthority, UdidPlace
from tunnel_gateway.mitm import Limits, server_context
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.posture.uem import UemAccess, UemClient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Assembled:
    """A gateway that is ready to be given connections, and what its process needs beside it."""

    file: GatewayFile
    gateway: Gateway
    posture: PostureSync
    rules: RuleSet
    tls: SSL.Context
    limits: Limits
    admin_token: Secret | None
    ready_file: Path | None


class _Assembly:
    """One attempt: every step that fails leaves its mistakes here and the next one goes on."""

    def __init__(self, source: Source[GatewayFile], directory: Path) -> None:
        self.source = source
        self.directory = directory
        self.mistakes: list[Mistake] = []

    def path(self, named: Path) -> Path:
        return self.directory / named

    def attempt(self, step: Callable[[], T], *place: str | int) -> T | None:
        """The step's result; None, and a mistake at `place`, where it fails in a way that the operator can mend."""
        try:
            return step()
        except UnusableFileError as error:
            self.mistakes.extend(error.mistakes)
        except OSError as error:
            self.fail(f"cannot use {error.filename}: {error.strerror}", *place)
        except (ValueError, CredentialError) as error:
            self.fail(str(error), *place)
        return None

    def fail(self, message: str, *place: str | int) -> None:
        self.mistakes.append(self.source.mistake(message, *place))


def assemble(config: Path) -> Assembled:
    """Read `config` and everything that it names. Raises UnusableFileError with all mistakes."""
    source = read(config, GatewayFile)
    assembly = _Assembly(source, config.parent)
    file = source.content

    authorities = _authorities(assembly)
    tls = _tls(assembly, [authority.certificate for authority in authorities])
    rules = assembly.attempt(lambda: read_rule_set(assembly.path(file.rules)).rule_set, "rules")
    client = _uem(assembly)
    token = None
    if file.admin is not None:
        token_file = assembly.path(file.admin.token_file)
        token = assembly.attempt(lambda: from_file(token_file), "admin", "token-file")
    if len(set(file.egress)) != len(file.egress):
        assembly.fail("an address stands here twice", "egress")
    if file.posture.sync_every > file.posture.max_age:
        words = "longer than max-age: posture would be too old most of the time"
        assembly.fail(words, "posture", "sync-every")
    ready_file = None if file.ready_file is None else assembly.path(file.ready_file)
    if ready_file is not None:
        assembly.attempt(lambda: _writable(ready_file), "ready-file")
    if assembly.mistakes or tls is None or rules is None or client is None:
        raise UnusableFileError(assembly.mistakes)
    log = assembly.attempt(lambda: DecisionLog(assembly.path(file.decision_log)), "decision-log")
    if log is None:
        raise UnusableFileError(assembly.mistakes)

    limits = Limits(**file.limits.model_dump())
    posture = PostureSync(client, every=file.posture.sync_every, max_age=file.posture.max_age)
    parts = Parts(
        name=file.name,
        verifier=CertificateVerifier(authorities),
        posture=posture,
        rules=rules,
        dialer=Dialer(file.connect_to, file.allowed_addresses, limits.connect),
        egress=EgressPool(file.egress),
        log=log,
        limits=limits,
        explains_refusals=file.refusal == "explain",
    )
    return Assembled(file, Gateway(parts), posture, rules, tls, limits, token, ready_file)


def _writable(path: Path) -> None:
    """Raises OSError where no file could be put at `path`."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        number = errno.EACCES if path.parent.is_dir() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path))


def _authorities(assembly: _Assembly) -> list[DeviceAuthority]:
    found: list[DeviceAuthority] = []
    for index, named in enumerate(assembly.source.content.device_authorities):
        path = assembly.path(named.certificate)
        place = ("device-authorities", index, "certificate")
        certificate = assembly.attempt(lambda path=path: _only_certificate(path), *place)  # type: ignore[misc]
        if certificate is None:
            continue
        if not _is_authority(certificate):
            assembly.fail(f"{path} is no authority's certificate (basic constraints do not say CA)", *place)
        if any(certificate == earlier.certificate for earlier in found):
            assembly.fail(f"{path} stands here twice", *place)
        found.append(DeviceAuthority(certificate, UdidPlace(named.udid.source, named.udid.pattern)))
    return found


def _tls(assembly: _Assembly, authorities: list[x509.Certificate]) -> SSL.Context | None:
    tls = assembly.source.content.tls
    certificate_path, key_path = assembly.path(tls.certificate), assembly.path(tls.key)
    certificate = assembly.attempt(lambda: _certificate(certificate_path), "tls", "certificate")
    key = assembly.attempt(lambda: _private_key(key_path), "tls", "key")
    if certificate is None or key is None:
        return None
    if _public(key.public_key()) != _public(certificate.public_key()):
        assembly.fail(f"{key_path} is not the key of {certificate_path}", "tls", "key")
        return None
    try:
        return server_context(str(certificate_path), str(key_path), authorities)
    except SSL.Error as error:
        words = "; ".join(str(each[-1]) for each in error.args[0]) if error.args else "OpenSSL gives no reason"
        assembly.fail(f"{certificate_path} and {key_path} cannot be used: {words}", "tls")
        return None


def _uem(assembly: _Assembly) -> UemClient | None:
    uem = assembly.source.content.posture.uem
    place = ("posture", "uem")
    ca_file = None if uem.ca_file is None else assembly.path(uem.ca_file)
    secret = assembly.attempt(lambda: from_file(assembly.path(uem.client_secret_file)), *place, "client-secret-file")
    code = assembly.attempt(lambda: from_file(assembly.path(uem.tenant_code_file)), *place, "tenant-code-file")
    tls = assembly.attempt(lambda: _client_tls(ca_file), *place, "ca-file")
    if secret is None or code is None or tls is None:
        return None
    access = UemAccess(uem.url, uem.token_url, uem.client_id, secret.reveal(), code.reveal())
    return UemClient(access, tls)


def _client_tls(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is not None:
        _certificate(ca_file)  # says what is wrong better than the TLS library does
    return ssl.create_default_context(cafile=ca_file)


def _certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except ValueError:
        raise ValueError(f"{path} holds no certificate in PEM form") from None


def _only_certificate(path: Path) -> x509.Certificate:
    certificate = _certificate(path)
    if len(x509.load_pem_x509_certificates(path.read_bytes())) > 1:
        raise ValueError(f"{path} holds several certificates; give each authority a file and an entry of its own")
    return certificate


def _private_key(path: Path) -> PrivateKeyTypes:
    content = path.read_bytes()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"{path} can be read by others; run: chmod 600 {path}")
    try:
        return load_pem_private_key(content, password=None)
    except TypeError:
        raise ValueError(
            f"{path} is encrypted; give the key without a passphrase, readable by its owner alone"
        ) from None
    except ValueError:
        raise ValueError(f"{path} holds no private key in PEM form") from None


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]
