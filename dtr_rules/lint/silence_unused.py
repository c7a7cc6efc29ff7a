"""DTR902: a silence that silences nothing. It looks at what the other checks found, so it is no check like them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dtr_rules.lint.finding import Finding, Severity
from dtr_rules.lint.silence import Silence

ID: Final = "DTR902"
NAME: Final = "silence-unused"
SEVERITIES: Final = (Severity.NOTE, Severity.WARNING)
WHAT: Final = "A silence that silences nothing."
WHY: Final = (
    "What it was for has been mended, or was never found: a rule was renamed, a destination rewritten, or no finding "
    "has this id, which is a warning. Silences of checks that did not run, since no identity provider was named, are "
    "left alone."
)
FIX: Final = "Remove it, or write the finding, rule and destination as `dtr lint` shows them."


def unused(silences: tuple[Silence, ...], known: frozenset[str]) -> Iterator[Finding]:
    """A finding for each of `silences`, which silenced nothing. `known` are the ids that there are."""
    for silence in silences:
        there_is = silence.finding in known
        what = "silences nothing" if there_is else "names a finding that does not exist"
        yield Finding(
            severity=Severity.NOTE if there_is else Severity.WARNING,
            message=f"the silence of {silence.finding} {what}",
            fix=FIX,
            path=("silence", silence.index),
            about=silence.finding,
        )
