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

Beside these: `default-proxy`, `profile-apps`, `wildcard-matches-apex` and `tests` on the set, `proxy` on a
rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    ValidationError,
    WrapValidator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticKnownError

from dtr_rules import source
from dtr_rules.destinations import Destination, parse_destination
from dtr_rules.expectations import Expectation, RuleTest
from dtr_rules.formats.consistency import Contradiction, contradictions
from dtr_rules.hosts import Address, Host, parse_address, parse_host
from dtr_rules.model import Action, Flow, Mode, Platform, Rule, RuleSet
from dtr_rules.proxies import parse_proxy
from dtr_rules.reasons import DecisionReason
from dtr_rules.source import FormatVersion, Model, Port

MAX_TITLE = 100


@dataclass(frozen=True, slots=True)
class RuleSetFile:
    """A rule set file that was read: the rules, their tests, and the place of everything in the file."""

    rule_set: RuleSet
    tests: tuple[RuleTest, ...]
    source: source.Source[SetEntry]


def read_rule_set(path: Path) -> RuleSetFile:
    """Read the rule set file at `path`. Raises UnusableFileError with every mistake that was found in it."""
    return _rule_set_file(source.read(path, SetEntry))


def parse_rule_set(text: str, file: str) -> RuleSetFile:
    """Read `text` as a rule set file; `file` is the name to show. Raises UnusableFileError."""
    return _rule_set_file(source.parse(text, file, SetEntry))


# --- what a file may hold ---------------------------------------------------------------------------------


def _title(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; give it a name")
    if text != text.strip() or not text.isprintable():
        raise ValueError("has a space at an end, or a character that cannot be shown; remove it")
    if len(text) > MAX_TITLE:
        raise ValueError(f"is longer than {MAX_TITLE} characters")
    return text


def _app(text: str) -> str:
    if text == "all":
        raise ValueError("for every app write 'apps: all', without a list")
    if "*" in text:
        raise ValueError("an app is named in full, without '*'; for every app write 'apps: all'")
    return _title(text)


def _from_text(parse: Callable[[str], object]) -> PlainValidator:
    def read(value: object) -> object:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return parse(value)

    return PlainValidator(read)


def _all_or(items: str) -> WrapValidator:
    """`all` becomes None; anything else must be a list."""

    def read(value: object, handler: Callable[[object], object]) -> object:
        if value == "all":
            return None
        if isinstance(value, list):
            return handler(value)
        raise ValueError(f"must be all or a list of {items}")

    return WrapValidator(read)


def _not_empty(value: list[object]) -> list[object]:
    if not value:
        raise ValueError("the list is empty; name at least one")
    return value


Title = Annotated[str, AfterValidator(_title)]
AppId = Annotated[str, AfterValidator(_app)]
NonEmpty = AfterValidator(_not_empty)
AppList = Annotated[list[AppId], NonEmpty]
Proxy = Annotated[str, AfterValidator(parse_proxy)]


class RuleEntry(Model):
    """A rule as the file writes it."""

    name: Title
    platforms: Annotated[Annotated[list[Platform], NonEmpty] | None, _all_or("platforms")] = Field(
        default=None, validate_default=False
    )
    apps: Annotated[AppList | None, _all_or("app ids")] = Field(default=None, validate_default=False)
    action: Action
    proxy: Proxy | None = None
    to: Annotated[list[Annotated[Destination, _from_text(parse_destination)]], NonEmpty]


class FlowEntry(Model):
    """The flow of a test."""

    platform: Platform
    app: AppId | None = None
    host: Annotated[Host, _from_text(parse_host)]
    port: Port = 443
    address: Annotated[Address, _from_text(parse_address)] | None = None
    network: Literal["trusted", "other"] = "other"


class ExpectEntry(Model):
    """What a test expects."""

    action: Action | None = None
    rule: Title | None = None
    reason: DecisionReason | None = None


class TestEntry(Model):
    """A test as the file writes it."""

    name: Title
    flow: FlowEntry
    expect: ExpectEntry


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

    @model_validator(mode="wrap")
    @classmethod
    def _with_contradictions(cls, data: Any, handler: ModelWrapValidatorHandler[SetEntry]) -> SetEntry:
        """Show what is wrong between entries together with what is wrong in one, not after it has been
        mended."""
        found: list[InitErrorDetails] = [_detail(each) for each in contradictions(data)]
        try:
            entry = handler(data)
        except ValidationError as error:
            found = [*_again(error), *found]
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return entry


def _detail(found: Contradiction) -> InitErrorDetails:
    error = ValueError(found.message)
    return {"type": "value_error", "loc": found.path, "input": found.value, "ctx": {"error": error}}


def _again(error: ValidationError) -> list[InitErrorDetails]:
    return [
        {"type": each["type"], "loc": each["loc"], "input": each["input"], "ctx": each.get("ctx", {})}
        for each in error.errors(include_url=False)
    ]


# --- from the file's words to the engine's ----------------------------------------------------------------


def _rule_set_file(read: source.Source[SetEntry]) -> RuleSetFile:
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
    return RuleSetFile(rule_set, tuple(map(_test, entry.tests)), read)


def _rule(entry: RuleEntry) -> Rule:
    return Rule(
        name=entry.name,
        platforms=frozenset(Platform if entry.platforms is None else entry.platforms),
        apps=None if entry.apps is None else frozenset(entry.apps),
        action=entry.action,
        destinations=tuple(entry.to),
        proxy=entry.proxy,
    )


def _test(entry: TestEntry) -> RuleTest:
    flow = Flow(
        platform=entry.flow.platform,
        host=entry.flow.host,
        port=entry.flow.port,
        app=entry.flow.app,
        address=entry.flow.address,
        on_trusted_network=entry.flow.network == "trusted",
    )
    expect = Expectation(entry.expect.action, entry.expect.rule, entry.expect.reason)
    return RuleTest(entry.name, flow, expect)
