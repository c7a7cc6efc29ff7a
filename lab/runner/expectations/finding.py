"""One expectation against what was recorded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from dtr_rules.source import KeyPath, Model
from lab.record import Observer
from lab.runner.stage import Evidence

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of the expectation at `path`, which counts from the observer's mapping in the file."""

    path: KeyPath
    what: str
    expected: str
    was: str
    met: bool


class Expectation(Model):
    """What one observer must have recorded."""

    @abstractmethod
    def findings(self, evidence: Evidence) -> Iterable[Finding]:
        """One finding for each thing that the file asks for."""


Expectations = Iterable[tuple[str, Observer, Expectation]]


def same(key: str, expected: str, was: str, *, what: str = "") -> Finding:
    """Equal texts."""
    return Finding((key,), what or key, expected, was or NOTHING, (was or NOTHING) == expected)


def same_set(key: str, expected: Collection[str], was: Collection[str], *, what: str = "") -> Finding:
    """The same texts in any order, however often."""
    return Finding((key,), what or key, listed(expected), listed(was), set(expected) == set(was))


def includes(key: str, expected: Iterable[str], was: Collection[str], *, what: str = "") -> Finding:
    """All of `expected`, and whatever else."""
    wanted = list(expected)
    return Finding((key,), what or key, listed(wanted), listed(was), set(wanted) <= set(was))


def excludes(key: str, unwanted: Iterable[str], was: Collection[str], *, what: str = "") -> Finding:
    """None of `unwanted`."""
    names = list(unwanted)
    return Finding((key,), what or key, f"not {listed(names)}", listed(was), not set(names) & set(was))


def every(key: str, expected: str, was: Collection[str], fits: Callable[[str], bool], *, what: str = "") -> Finding:
    """At least one, and all of them such that it `fits`."""
    return Finding((key,), what or key, expected, listed(was), bool(was) and all(map(fits, was)))


def listed(values: Iterable[str]) -> str:
    """`a, b`, or `nothing`."""
    return ", ".join(dict.fromkeys(values)) or NOTHING
