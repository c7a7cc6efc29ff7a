"""What a verified certificate says: which device, and until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """The device that a verified certificate names, its UDID as spelled there. Times are aware, in UTC.

    `thumbprint` is SHA-1, as the UEM shows it. `not_before` is the certificate's own; `not_after` is when the first of
    its chain ends. `chain` is DER, the certificate first and no anchor: enough to judge it again.
    """

    udid: str
    thumbprint: str
    thumbprint_sha256: str
    subject: str
    authority: str
    not_before: datetime
    not_after: datetime
    chain: tuple[bytes, ...] = field(repr=False)
