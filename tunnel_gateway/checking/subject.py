"""What is checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509

from tunnel_gateway.assembly.whole import Draft


@dataclass(frozen=True, slots=True)
class Subject:
    """A configuration that reads, at `now` (aware). `online` says whether far ends may be asked.

    `chain` is a client's certificate with its intermediates, empty where none is to be checked.
    """

    draft: Draft
    now: datetime
    online: bool = False
    chain: tuple[x509.Certificate, ...] = ()

    def path(self, named: Path) -> Path:
        return self.draft.assembly.path(named)
