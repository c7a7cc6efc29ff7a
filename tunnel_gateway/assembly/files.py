"""Read certificates, keys and secrets that a configuration names. Raises ValueError and OSError in words for people."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dtr_rules.credentials import Secret, from_file


def certificate_in(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except ValueError:
        raise ValueError(f"{path} holds no certificate in PEM form") from None


def only_certificate(path: Path) -> x509.Certificate:
    certificate = certificate_in(path)
    if len(x509.load_pem_x509_certificates(path.read_bytes())) > 1:
        raise ValueError(f"{path} holds several certificates; give each authority a file and an entry of its own")
    return certificate


def private_key_in(path: Path) -> PrivateKeyTypes:
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


def long_secret_in(path: Path, at_least: int) -> Secret:
    """A secret that is asked for at a door of the gateway: so long, in characters, that nobody can guess it."""
    secret = from_file(path)
    if len(secret.reveal()) < at_least:
        words = f"{path} holds a secret of fewer than {at_least} characters, which could be guessed"
        raise ValueError(f"{words}; make one: openssl rand -hex 32 > {path}")
    return secret


def check_writable(path: Path) -> None:
    """Raises OSError where no file could be put at `path`."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        number = errno.EACCES if path.parent.is_dir() else errno.ENOENT
        raise OSError(number, os.strerror(number), str(path))
