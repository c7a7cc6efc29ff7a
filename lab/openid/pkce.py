"""Proof Key for Code Exchange with S256, the only method that the lab's providers accept (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Final

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256, section 4.2
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # section 4.1


def challenge_of(verifier: str) -> str:
    """The S256 challenge that belongs to `verifier` (section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def is_challenge(text: str) -> bool:
    """Whether `text` can be an S256 challenge at all."""
    return _CHALLENGE.fullmatch(text) is not None


def proves(verifier: str, challenge: str) -> bool:
    """Whether `verifier` is the one that `challenge` was made from (section 4.6)."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    return secrets.compare_digest(challenge_of(verifier), challenge)
