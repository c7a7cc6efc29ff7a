"""Name patterns taken apart: each is one text that stands somewhere in `^host$`.

`^` is the start of the host and `$` its end, so `^acme.okta.com$` is an exact host, `.okta.com$` a suffix, `^login.`
a prefix and `okta` stands anywhere. Containment of patterns is then containment of texts.
"""

from __future__ import annotations

from typing import NamedTuple

from dtr_rules.destinations import NamePattern


class Atom(NamedTuple):
    """The hosts that hold `literal`, at their start and at their end where so marked."""

    literal: str
    at_start: bool = False
    at_end: bool = False

    @property
    def anchored(self) -> str:
        """The text that stands in `^host$`."""
        return f"{'^' if self.at_start else ''}{self.literal}{'$' if self.at_end else ''}"

    @property
    def is_exact(self) -> bool:
        return self.at_start and self.at_end

    def holds(self, name: str) -> bool:
        """Whether the host `name` is one of them."""
        if self.at_start:
            return name == self.literal if self.at_end else name.startswith(self.literal)
        return name.endswith(self.literal) if self.at_end else self.literal in name

    def may_meet(self, other: Atom) -> bool:
        """False where no host is in both, as far as their ends alone can tell."""
        if self.is_exact:
            return other.holds(self.literal)
        if other.is_exact:
            return self.holds(other.literal)
        if self.at_start and other.at_start:
            return self.literal.startswith(other.literal) or other.literal.startswith(self.literal)
        if self.at_end and other.at_end:
            return self.literal.endswith(other.literal) or other.literal.endswith(self.literal)
        return True


LOOPBACK = (Atom("localhost", at_start=True, at_end=True), Atom(".localhost", at_end=True))
"""Names that never reach a rule: `dtr_rules.hosts.is_loopback`."""


def atoms(pattern: NamePattern, *, wildcard_matches_apex: bool) -> tuple[Atom, ...]:
    """The atoms whose hosts together are those of `pattern`, which is not `*`."""
    itself = Atom(pattern.literal, not pattern.open_start, not pattern.open_end)
    if not (wildcard_matches_apex and pattern.open_start and pattern.literal.startswith(".")):
        return (itself,)
    if pattern.literal == "." and pattern.open_end:
        return (Atom(""),)  # `*.*` where `*.` may stand for nothing: every name
    return itself, Atom(pattern.literal[1:], at_start=True, at_end=not pattern.open_end)
