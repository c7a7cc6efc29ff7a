"""Our own format: a rule set as YAML, with its tests beside the rules.

    version: 1
    name: okta-and-entra-login
    mode: per-app                    # or full-device
    default: bypass                  # what happens where no rule matches; Safari excepted
    rules:
      - name: identity-providers
        platforms: [ios, android]    # all platforms where left out
        apps: all                    # or a list of bundle ids, package names, executable paths; needed in per-app sets
        action: tunnel
        to: ["acme.okta.com", "203.0.113.0/24:443"]

Beside these: `default-proxy`, `profile-apps`, `wildcard-matches-apex`, `tests`, `silence` and `uem` on the set,
`proxy` and `uem` on a rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from dtr_rules import source
from dtr_rules.destinations import Destination, parse_destination
from dtr_rules.expectations import RuleTest
from dtr_rules.formats.consistency import contradictions
from dtr_rules.formats.contradiction import with_contradictions
from dtr_rules.formats.fields import AppList, NonEmpty, Proxy, Title, all_or, from_text
from dtr_rules.formats.test_entries import TestEntry, rule_tests
from dtr_rules.formats.uem_entries import UemRule, UemSet
from dtr_rules.lint.silence import Silence, SilenceEntry, silences
from dtr_rules.model import Action, Mode, Platform, Rule, RuleSet
from dtr_rules.source import FormatVersion, Model


class Format(StrEnum):
    """The formats that a rule set can be read from."""

    YAML = "yaml"
    UEM = "uem"


@dataclass(frozen=True, slots=True)
class RuleSetFile:
    """A rule set file that was read: the rules, their tests, and the place of everything in the file."""

    rule_set: RuleSet
    tests: tuple[RuleTest, ...]
    source: source.Source[SetEntry]
    silences: tuple[Silence, ...] = ()
    text: str = field(default="", repr=False)
    """The whole file as it was read."""
    format: Format = Format.YAML


def read_rule_set(path: Path) -> RuleSetFile:
    """Read the rule set file at `path`. Raises UnusableFileError with every mistake that was found in it."""
    return parse_rule_set(source.read_text(path), str(path))


def parse_rule_set(text: str, file: str) -> RuleSetFile:
    """Read `text` as a rule set file; `file` is the name to show. Raises UnusableFileError."""
    return rule_set_file(source.parse(text, file, SetEntry), text, Format.YAML)


# --- what a file may hold ---------------------------------------------------------------------------------


class RuleEntry(Model):
    """A rule as the file writes it."""

    name: Title
    platforms: Annotated[Annotated[list[Platform], NonEmpty] | None, all_or("platforms")] = Field(
        default=None, validate_default=False
    )
    apps: Annotated[AppList | None, all_or("app ids")] = Field(default=None, validate_default=False)
    action: Action
    proxy: Proxy | None = None
    to: Annotated[list[Annotated[Destination, from_text(parse_destination)]], NonEmpty]
    uem: UemRule | None = None


class SetEntry(Model):
    """A rule set file."""

    version: FormatVersion
    name: Title
    mode: Mode
    default: Action
    default_proxy: Proxy | None = None
    profile_apps: AppList | None = None
    wildcard_matches_apex: Annotated[bool, Field(strict=True)] = False
    rules: list[RuleEntry]
    tests: tuple[TestEntry, ...] = ()
    silence: tuple[SilenceEntry, ...] = ()
    uem: UemSet | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _with_contradictions(cls, data: Any, handler: ModelWrapValidatorHandler[SetEntry]) -> SetEntry:
        return with_contradictions(cls.__name__, data, handler, contradictions(data))


# --- from the file's words to the engine's ----------------------------------------------------------------


def rule_set_file(read: source.Source[SetEntry], text: str, form: Format) -> RuleSetFile:
    """The rule set that the entries of a file mean. `text` is the file's own, in the format `form`."""
    entry = read.content
    rule_set = RuleSet(
        name=entry.name,
        mode=entry.mode,
        default=entry.default,
        rules=tuple(map(_rule, entry.rules)),
        default_proxy=entry.default_proxy,
        profile_apps=None if entry.profile_apps is None else frozenset(entry.profile_apps),
        wildcard_matches_apex=entry.wildcard_matches_apex,
    )
    return RuleSetFile(rule_set, rule_tests(entry.tests), read, silences(entry.silence), text, form)


def _rule(entry: RuleEntry) -> Rule:
    return Rule(
        name=entry.name,
        platforms=frozenset(Platform if entry.platforms is None else entry.platforms),
        apps=None if entry.apps is None else frozenset(entry.apps),
        action=entry.action,
        destinations=tuple(entry.to),
        proxy=entry.proxy,
    )
