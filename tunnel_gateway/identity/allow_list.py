"""A file of thumbprints: where there is one, only certificates that stand in it count.

One thumbprint a line, SHA-1 as the UEM shows it or SHA-256, with or without colons or spaces; `#` begins a comment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dtr_rules.source import Mistake, Place, UnusableFileError, read_text
from tunnel_gateway.identity.device import Identity
from tunnel_gateway.reasons import Reason, RefusalError

_DIGITS: Final = {40: "SHA-1", 64: "SHA-256"}
_BETWEEN: Final = re.compile(r"[\s:\u200e\u200f\ufeff]")
"""Windows' certificate dialog puts an unseen mark before the thumbprint that is copied from it."""
MAX_MISTAKES: Final = 50


@dataclass(frozen=True, slots=True)
class AllowList:
    """Thumbprints, SHA-1 and SHA-256, in lower-case hex digits."""

    thumbprints: frozenset[str]

    def judge(self, identity: Identity) -> None:
        """Raises RefusalError where neither thumbprint stands in the list."""
        if self.thumbprints.isdisjoint((identity.thumbprint, identity.thumbprint_sha256)):
            raise RefusalError(Reason.CLIENT_CERTIFICATE_UNTRUSTED, "the certificate is not on the allow-list")


def read_allow_list(path: Path) -> AllowList:
    """Read the file. Raises UnusableFileError with every mistake in it; an empty list is one."""
    found: set[str] = set()
    mistakes: list[Mistake] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = line.partition("#")[0]
        digits = _BETWEEN.sub("", text).lower()
        if not digits:
            continue
        if len(digits) in _DIGITS and re.fullmatch("[0-9a-f]+", digits):
            found.add(digits)
        elif len(mistakes) < MAX_MISTAKES:
            column = len(text) - len(text.lstrip()) + 1
            mistakes.append(Mistake(Place(str(path), number, column), _words(digits)))
    if not found and not mistakes:
        words = "no thumbprint stands here, so nobody would be admitted; leave out allow-list to admit without one"
        mistakes.append(Mistake(Place(str(path), 1, 1), words))
    if mistakes:
        raise UnusableFileError(mistakes)
    return AllowList(frozenset(found))


def _words(digits: str) -> str:
    wanted = "a thumbprint has 40 hex digits (SHA-1) or 64 (SHA-256)"
    wrong = re.search("[^0-9a-f]", digits)
    return f"{wanted}; found {wrong[0]!r} in it" if wrong else f"{wanted}; found {len(digits)}"
