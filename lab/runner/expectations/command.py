"""How a program of the project ended, and what it said."""

from __future__ import annotations

from collections.abc import Iterable

from lab.runner.expectations.finding import NOTHING, Expectation, Finding, same
from lab.runner.stage import Evidence


class AtCommand(Expectation):
    """`exit` is the exit code; `says` are texts that must stand in what it printed, `silent-on` such that must not."""

    exit: int | None = None
    says: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        result = evidence.done.command
        printed = f"{result.out}{result.err}" if result else ""
        words = " ".join(printed.split())
        if self.exit is not None:
            yield same("exit", str(self.exit), str(result.code) if result else NOTHING)
        for number, text in enumerate(self.says):
            met = " ".join(text.split()) in words
            yield Finding(("says", number), "says", text, text if met else "something else", met)
        for number, text in enumerate(self.silent_on):
            met = " ".join(text.split()) not in words
            yield Finding(("silent-on", number), "silent-on", f"not {text}", "something else" if met else text, met)
