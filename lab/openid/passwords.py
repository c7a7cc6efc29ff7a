"""Passwords and other shared secrets, kept as digests and compared in constant time."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

_COST: Final = 2**12  # a lab's cost: a sign-in stays quick, and the passwords are made anew at every start


@dataclass(frozen=True, slots=True)
class PasswordDigest:
    """A salted scrypt digest (RFC 7914) of a password."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, password: str) -> PasswordDigest:
        salt = secrets.token_bytes(16)
        return cls(salt, _scrypt(password, salt))

    def matches(self, password: str) -> bool:
        return secrets.compare_digest(_scrypt(password, self.salt), self.digest)


@dataclass(frozen=True, slots=True)
class SecretDigest:
    """The SHA-256 of a secret that is random itself: an API token or a client secret."""

    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str) -> SecretDigest:
        return cls(hashlib.sha256(secret.encode()).digest())

    def matches(self, secret: str) -> bool:
        return secrets.compare_digest(hashlib.sha256(secret.encode()).digest(), self.digest)


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=8, p=1, dklen=32)


NOBODY: Final = PasswordDigest.of(secrets.token_urlsafe(32))
"""Checked when there is no such user, so that the answer takes as long as for one that exists."""
