"""Which rules a device gets, and what the reported ones say beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dtr_rules import Action, Flow, Name, Platform, RuleSet, parse_rule_set
from tunnel_gateway.admission import Admission
from tunnel_gateway.posture.model import Ownership
from tunnel_gateway.rule_book import Group, RuleBook, device_rules

PHONE = Admission("0a", Platform.IOS, "Sales", "6d0d", Ownership.EMPLOYEE)
LOGIN = Flow(Platform.IOS, Name("acme.okta.com"))


def rule_set(name: str, *rules: str, default: str = "block") -> RuleSet:
    entries = "".join(f"  - {rule}\n" for rule in rules)
    text = f"version: 1\nname: {name}\nmode: full-device\ndefault: {default}\nrules:\n{entries or '  []'}\n"
    return parse_rule_set(text, "rules.yaml").rule_set


TUNNEL = '{name: idp, apps: all, action: tunnel, to: ["acme.okta.com"]}'
BLOCK = '{name: no-idp, apps: all, action: block, to: ["acme.okta.com"]}'
EVERYBODY, SOME, CARE = (device_rules(rule_set(name)) for name in ("everybody", "some", "care"))


@pytest.mark.parametrize(
    ("group", "holds"),
    [
        pytest.param(Group(platforms=frozenset({Platform.IOS})), True, id="platform"),
        pytest.param(Group(platforms=frozenset({Platform.MACOS})), False, id="another-platform"),
        pytest.param(Group(organization_groups=frozenset({"sales"})), True, id="group-by-name"),
        pytest.param(Group(organization_groups=frozenset({"6d0d"})), True, id="group-by-uuid"),
        pytest.param(Group(organization_groups=frozenset({"sale"})), False, id="another-group"),
        pytest.param(Group(ownerships=frozenset({Ownership.EMPLOYEE})), True, id="ownership"),
        pytest.param(Group(ownerships=frozenset({Ownership.UNDEFINED})), False, id="another-ownership"),
        pytest.param(Group(udids=frozenset({"0a", "0b"})), True, id="udid"),
        pytest.param(Group(udids=frozenset({"0A"})), False, id="another-udid"),
        pytest.param(
            Group(platforms=frozenset({Platform.IOS}), ownerships=frozenset({Ownership.UNDEFINED})),
            False,
            id="one-condition-of-two",
        ),
    ],
)
def test_group_holds_devices_by_what_the_uem_reports(group: Group, holds: bool) -> None:
    book = RuleBook(EVERYBODY, ((group, SOME),))
    assert book.rules_for(PHONE) is (SOME if holds else EVERYBODY)


def test_first_group_that_holds_a_device_counts() -> None:
    ios = Group(platforms=frozenset({Platform.IOS}))
    assert RuleBook(EVERYBODY, ((ios, SOME), (ios, CARE))).rules_for(PHONE) is SOME


def test_group_without_a_name_at_the_uem_is_in_no_group_named_in_the_file() -> None:
    nobody = replace(PHONE, group="", group_uuid="")
    book = RuleBook(EVERYBODY, ((Group(organization_groups=frozenset({"sales"})), SOME),))
    assert book.rules_for(nobody) is EVERYBODY


def test_restricted_device_gets_the_compliance_set_whatever_its_group() -> None:
    restricted = replace(PHONE, restricted=True)
    ios = Group(platforms=frozenset({Platform.IOS}))
    assert RuleBook(EVERYBODY, ((ios, SOME),), CARE).rules_for(restricted) is CARE
    assert RuleBook(EVERYBODY, ((ios, SOME),)).rules_for(restricted) is None


def test_reported_rule_does_not_decide_and_says_what_it_would_do() -> None:
    whole = rule_set("whole", BLOCK, TUNNEL)
    rules = device_rules(whole, ["no-idp"])
    decision = rules.active.decide(LOGIN)
    assert (decision.action, decision.rule) == (Action.TUNNEL, "idp")
    assert rules.would(LOGIN, decision) == (f"block by rule 'no-idp' of whole ({whole.digest[:12]})",)


def test_reported_set_is_silent_where_it_would_do_the_same() -> None:
    rules = device_rules(rule_set("now", TUNNEL), (), [rule_set("next", TUNNEL), rule_set("later")])
    decision = rules.active.decide(LOGIN)
    (words,) = rules.would(LOGIN, decision)
    assert words.startswith("block by default-action of later (")
