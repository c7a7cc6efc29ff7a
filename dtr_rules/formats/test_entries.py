"""Tests as a file writes them, beside the rules or in a `*.test.yaml` of their own.

    - name: everybody signs in through the tunnel
      flow: {platform: [ios, android], app: [com.example.mail, com.example.chat], host: acme.okta.com}
      expect: {action: tunnel, rule: identity-providers, not-rule: legacy-mail}

Every part of a flow but its address may be a list: the test then is a table, one case for each combination.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dtr_rules.expectations import Expectation, RuleTest
from dtr_rules.flow_words import endpoint
from dtr_rules.formats.fields import AppId, NonEmpty, Title, from_text
from dtr_rules.hosts import Address, Host, parse_address, parse_host
from dtr_rules.model import Action, Flow, Platform
from dtr_rules.reasons import DecisionReason
from dtr_rules.source import Model, Port


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _all_platforms(value: object) -> object:
    return list(Platform) if value == "all" else value


def _no_repetition(values: list[Any]) -> list[Any]:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise ValueError(f"'{value}' stands in the list twice")
    return values


OneOrMore = (BeforeValidator(_as_list), NonEmpty, AfterValidator(_no_repetition))


class FlowEntry(Model):
    """The flow of a test, or the table of its flows."""

    platform: Annotated[list[Platform], *OneOrMore, BeforeValidator(_all_platforms)]
    app: Annotated[list[AppId | None], *OneOrMore] = Field(default=[None])
    """None is an app that is not known."""
    host: Annotated[list[Annotated[Host, from_text(parse_host)]], *OneOrMore]
    port: Annotated[list[Port], *OneOrMore] = Field(default=[443])
    address: Annotated[Address, from_text(parse_address)] | None = None
    network: Annotated[list[Literal["trusted", "other"]], *OneOrMore] = Field(default=["other"])
    vpn_profile: Annotated[list[Literal["yes", "no"]], *OneOrMore] | None = None
    """Whether the app carries the VPN profile; the set's `profile-apps` answers where left out."""

    @model_validator(mode="after")
    def _one_address_each(self) -> FlowEntry:
        for host in self.host:
            if isinstance(host, Address) and self.address not in (None, host):
                raise ValueError(f"the address '{self.address}' is not the host '{host}'; leave one of them away")
        return self


class ExpectEntry(Model):
    """What a test expects."""

    action: Action | None = None
    rule: Title | None = None
    not_rule: Annotated[list[Title], *OneOrMore] | None = None
    reason: DecisionReason | None = None


class TestEntry(Model):
    """A test as the file writes it."""

    name: Title
    flow: FlowEntry
    expect: ExpectEntry


def rule_tests(entries: tuple[TestEntry, ...]) -> tuple[RuleTest, ...]:
    """The cases of all `entries`, tables expanded."""
    return tuple(case for index, entry in enumerate(entries) for case in _cases(index, entry))


def _cases(index: int, entry: TestEntry) -> Iterator[RuleTest]:
    expected = entry.expect
    expect = Expectation(expected.action, expected.rule, expected.reason, tuple(expected.not_rule or ()))
    for flow in _flows(entry.flow):
        yield RuleTest(f"{entry.name}{_difference(entry.flow, flow)}", flow, expect, index)


def _flows(entry: FlowEntry) -> Iterator[Flow]:
    profiles = [None] if entry.vpn_profile is None else [each == "yes" for each in entry.vpn_profile]
    table = itertools.product(entry.platform, entry.app, entry.host, entry.port, profiles, entry.network)
    for platform, app, host, port, in_vpn_profile, network in table:
        yield Flow(
            platform=platform,
            host=host,
            port=port,
            app=app,
            address=entry.address,
            in_vpn_profile=in_vpn_profile,
            on_trusted_network=network == "trusted",
        )


def _difference(entry: FlowEntry, flow: Flow) -> str:
    """What tells this flow from the others of its table: ` [ios, com.example.mail, acme.okta.com]`."""
    where = endpoint(flow) if len(entry.port) > 1 else str(flow.host)
    parts = (
        (entry.platform, flow.platform.value),
        (entry.app, flow.app or "unknown app"),
        (entry.host if len(entry.host) > 1 else entry.port, where),
        (entry.vpn_profile or (), "in VPN profile" if flow.in_vpn_profile else "not in VPN profile"),
        (entry.network, "trusted network" if flow.on_trusted_network else "other network"),
    )
    words = [word for values, word in parts if len(values) > 1]
    return f" [{', '.join(words)}]" if words else ""
