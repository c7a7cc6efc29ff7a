"""Secrets from a file or the environment, never from an argument; never shown once read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_MAX_BYTES: Final = 64 * 1024
_FIT_FOR_A_HEADER: Final = re.compile(r"[\x21-\x7e]+")


class CredentialError(Exception):
    """A secret that cannot be had, or that must not be used as it lies there. The text never holds it."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A token or client secret, hidden from every repr."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """The secret itself: for the request that needs it, and nothing else."""
        return self._text


def from_file(path: Path) -> Secret:
    """Read a secret from a file that only its owner can read. White space around it is dropped.

    Raises CredentialError.
    """
    return _secret(private_bytes(path).decode("utf-8", "replace"), str(path))


def private_bytes(path: Path) -> bytes:
    """The content of a file that only its owner can read, such as a private key. Raises CredentialError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CredentialError(f"cannot read {path}: {error.strerror}") from None
    try:
        return _read_private(descriptor, path)
    finally:
        os.close(descriptor)


def from_environment(name: str, environment: Mapping[str, str]) -> Secret:
    """Read a secret from the environment variable `name`. Raises CredentialError."""
    if name not in environment:
        raise CredentialError(f"the environment variable {name} is not set")
    return _secret(environment[name], f"the environment variable {name}")


def _read_private(descriptor: int, path: Path) -> bytes:
    status = os.fstat(descriptor)  # of what was opened: the name may lead elsewhere by now
    if not stat.S_ISREG(status.st_mode):
        raise CredentialError(f"{path} is not a regular file")
    if status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise CredentialError(f"{path} can be read by others (mode {mode:04o}); run: chmod 600 {path}")
    return os.read(descriptor, _MAX_BYTES + 1)


def _secret(text: str, origin: str) -> Secret:
    secret = text.strip()
    if not secret:
        raise CredentialError(f"{origin} is empty")
    if len(secret) > _MAX_BYTES or not _FIT_FOR_A_HEADER.fullmatch(secret):
        raise CredentialError(f"{origin} holds more than one secret: spaces, line breaks or unprintable bytes")
    return Secret(secret)
