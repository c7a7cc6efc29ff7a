"""What stands in the lists that admit egress addresses: Okta's network zone, Entra's named location."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from lab.operations.admitted import AdmittedList
from lab.runner.expectations.finding import Expectation, Finding, excludes, includes
from lab.runner.stage import Evidence


class _AtList(Expectation):
    """`holds` and `lacks` are about what the API shows, `in-force` about what sign-ins are judged by.

    Entries are written as the service writes them. `admits` and `keeps-out` are single addresses, of what is in force.
    """

    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    admits: tuple[str, ...] = ()
    keeps_out: tuple[str, ...] = ()
    entries: int | None = None

    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        found = self.read(evidence)
        if self.holds:
            yield includes("holds", self.holds, found.entries)
        if self.lacks:
            yield excludes("lacks", self.lacks, found.entries)
        for number, address in enumerate(self.admits):
            yield _in_force(("admits", number), address, found, wanted=True)
        for number, address in enumerate(self.keeps_out):
            yield _in_force(("keeps-out", number), address, found, wanted=False)
        if self.entries is not None:
            was = len(found.entries)
            yield Finding(("entries",), "number of entries", str(self.entries), str(was), was == self.entries)

    @abstractmethod
    def read(self, evidence: Evidence) -> AdmittedList: ...


class AtZone(_AtList):
    """Okta's network zone."""

    def read(self, evidence: Evidence) -> AdmittedList:
        return evidence.operations.okta.zone()


class AtLocation(_AtList):
    """Entra's named location."""

    def read(self, evidence: Evidence) -> AdmittedList:
        return evidence.operations.entra.location()


def _in_force(path: tuple[str, int], address: str, found: AdmittedList, *, wanted: bool) -> Finding:
    admitted = found.admits(address)
    words = {True: f"{address} admitted", False: f"{address} kept out"}
    return Finding(path, path[0], words[wanted], words[admitted], admitted is wanted)
