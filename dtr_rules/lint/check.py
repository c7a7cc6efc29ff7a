"""What a check is, and what it looks at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

from dtr_rules.analysis import Covered, NotDecided, Overlap, Regions, never_deciding, overlapping, prepare
from dtr_rules.catalogue.login_hosts import LoginHosts, PathClass, built_in_login_hosts
from dtr_rules.catalogue.providers import IdentityProvider, NamedHost, hosts_of
from dtr_rules.formats.yaml import RuleSetFile
from dtr_rules.index import Index
from dtr_rules.lint.finding import Example, Finding, Severity, Undecided
from dtr_rules.lint.universe import Universe
from dtr_rules.model import Decision, Flow, RuleSet

MANY_RULES: Final = 100
"""Above this, pairs of patterns that only cross (`login*` and `*.example.com`) are too many to be read, or found."""


@dataclass(frozen=True)
class Subject:
    """A rule set file and everything it is held against. `today` is the day on which silences are judged."""

    file: RuleSetFile
    today: dt.date
    providers: tuple[IdentityProvider, ...] = ()
    login_hosts: LoginHosts = field(default_factory=built_in_login_hosts)
    paths: frozenset[PathClass] = frozenset({PathClass.JUDGED})
    """The classes of login hosts that have to go through the tunnel."""

    @property
    def rule_set(self) -> RuleSet:
        """The rules."""
        return self.file.rule_set

    @cached_property
    def universe(self) -> Universe:
        """The platforms and apps that the set is for."""
        return Universe(self.rule_set, self.decide)

    @cached_property
    def index(self) -> Index:
        """The engine that checks ask: they ask often. `run` holds what is found against `evaluate`."""
        return Index(self.rule_set)

    def decide(self, flow: Flow) -> Decision:
        """What the set decides for `flow`."""
        return self.index.decide(flow)

    def example(self, flow: Flow) -> Example:
        """`flow` with what the set decides for it."""
        return Example(flow, self.decide(flow))

    @cached_property
    def regions(self) -> Regions:
        """The rule set prepared for the analysis, once for all checks."""
        return prepare(self.rule_set)

    @cached_property
    def never_deciding(self) -> tuple[tuple[int, int | None, Covered | NotDecided], ...]:
        """What can never decide: rules (no destination index), and destinations of rules that can."""
        return tuple(never_deciding(self.regions))

    @cached_property
    def overlapping(self) -> tuple[Overlap | NotDecided, ...]:
        """Pairs of rules that do different things with the same flows."""
        return tuple(overlapping(self.regions, crossing=len(self.rule_set.rules) <= MANY_RULES))

    @cached_property
    def named_hosts(self) -> tuple[NamedHost, ...]:
        """Every host of the catalogue that the named providers have."""
        return tuple(host for each in self.providers for host in hosts_of(each, self.login_hosts))


Found: TypeAlias = Iterator[Finding | Undecided]


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `what`, `why` and `fix` are its entry in the catalogue of findings, in full sentences."""

    id: str
    name: str
    severities: tuple[Severity, ...]
    what: str
    why: str
    fix: str
    find: Callable[[Subject], Found]
    needs_provider: bool = False
    """Whether it can say nothing unless an identity provider is named."""
