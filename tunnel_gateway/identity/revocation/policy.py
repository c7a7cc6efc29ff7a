"""What an operator says about the revocation of one authority's certificates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509


class RevocationMode(StrEnum):
    """What no answer means: a refusal, admission all the same, or that nobody is asked."""

    HARD = "hard"
    SOFT = "soft"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class RevocationPolicy:
    """Who may be asked, and how. `hosts` are `host` or `host:port` in lower case; times are in seconds.

    `timeout` is for one question as a whole, and a device waits for at most two of them; `max_bytes` is the limit of
    one answer. An answer is asked for anew once it is older than `refresh`; the old one counts until its `nextUpdate`.
    """

    mode: RevocationMode = RevocationMode.OFF
    hosts: frozenset[str] = frozenset()
    timeout: float = 5.0
    max_bytes: int = 16 * 1024 * 1024
    refresh: float = 3600.0


@dataclass(frozen=True, slots=True)
class Trust:
    """How an authority's chains are asked about. `authorities` are all that are configured: one that has renewed its
    key stands there twice."""

    policy: RevocationPolicy
    authorities: tuple[x509.Certificate, ...]
