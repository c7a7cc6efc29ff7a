"""All sources asked at once, and what their answers allow.

Absence is never removal: a source that fails, or that no longer reports an address of ours which it has reported
before, freezes every removal. What any source reports is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from okta_zones.addresses import NOTHING, AddressSet, parse_addresses, union
from okta_zones.errors import FarEndError, Refusal, RefusedError
from okta_zones.journal import Journal
from okta_zones.sources.report import Report, Source


@dataclass(frozen=True, slots=True)
class Silence:
    """A source that gave no answer, and why."""

    source: str
    error: FarEndError

    def __str__(self) -> str:
        return f"{self.source} gives no answer ({self.error})"


@dataclass(frozen=True, slots=True)
class Missing:
    """Addresses of ours that a source has reported before and does not report now; `last`: when it last did."""

    source: str
    addresses: AddressSet
    last: datetime

    def __str__(self) -> str:
        return f"{self.source} no longer reports {self.addresses}, as it did until {self.last:%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Survey:
    """What all sources said."""

    reports: tuple[Report, ...]
    silent: tuple[Silence, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def reported(self) -> AddressSet:
        """Every address that any source reports."""
        return union(report.addresses for report in self.reports)

    def frozen(self, named: AddressSet = NOTHING) -> tuple[str, ...]:
        """Why nothing may be removed now, a sentence each. `named`: what somebody ordered to be removed."""
        less = [each for each in self.missing if each.addresses - named]
        return (*map(str, self.silent), *map(str, less))


def ask(sources: Sequence[Source], journal: Journal, tell: Callable[[str], None]) -> Survey:
    """The reports of all sources, compared with what they said before.

    Raises FarEndError when none of them answers.
    """
    ours = journal.all_owned()
    reports: list[Report] = []
    silent: list[Silence] = []
    missing: list[Missing] = []
    for source in sources:
        tell(f"asking {source.title}")
        try:
            report = source.report()
        except FarEndError as error:
            silent.append(Silence(source.title, error))
            continue
        reports.append(report)
        missing += _missing(report, source.key, ours, journal)
        journal.note_report(source.key, report.addresses, ours)
    if silent and not reports:
        raise silent[0].error
    return Survey(tuple(reports), tuple(silent), tuple(missing))


def owned_reports(survey: Survey, owned_prefixes: AddressSet) -> AddressSet:
    """All reported addresses. Raises RefusedError for one that is not ours, and when none is reported at all."""
    for report in survey.reports:
        if strangers := report.addresses - owned_prefixes:
            message = f"{report.source} reported {strangers}, outside owned-prefixes ({owned_prefixes})"
            raise RefusedError(Refusal.ADDRESS_NOT_OWNED, message)
    if not survey.reported:
        raise RefusedError(Refusal.SOURCE_EMPTY, "no source reports any address; that never empties a zone")
    return survey.reported


def _missing(report: Report, key: str, ours: AddressSet, journal: Journal) -> Iterator[Missing]:
    """What the source has reported before and is still ours, by the time of its last report."""
    by_time: dict[datetime, list[AddressSet]] = {}
    for text, last in journal.reported(key).items():
        if gone := (parse_addresses(text) & ours) - report.addresses:
            by_time.setdefault(last, []).append(gone)
    for last, sets in by_time.items():
        yield Missing(report.source, union(sets), last)
