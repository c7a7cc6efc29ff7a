"""Asking Okta whether an address is let in: what the rule that matches does, and when nobody may ask."""

from __future__ import annotations

from typing import Any

import pytest

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.okta.simulate import Access, Simulation, Verdict
from okta_zones.unreadable import Unreadable, Why

SIMULATE = "POST /api/v1/policies/simulate"


def evaluation(kind: object, rule: str, status: str = "MATCH") -> dict[str, Any]:
    """As the spec's example shows it."""
    matching = {"id": f"rul{rule}", "name": rule, "status": status, "conditions": []}
    found = {"id": "rst1", "name": "Login", "status": "MATCH", "conditions": [], "rules": [matching]}
    return {
        "status": None,
        "policyType": kind,
        "result": {"policies": [found]},
        "undefined": {"policies": []},
        "evaluated": {"policies": []},
    }


@pytest.fixture(autouse=True)
def _rules(org: Any) -> None:
    for name, actions in (
        ("tunnel", {"appSignOn": {"access": "ALLOW"}}),
        ("rest", {"appSignOn": {"access": "DENY"}}),
        ("session", {"signon": {"access": "ALLOW"}}),
        ("odd", {"somethingToCome": {}}),
    ):
        org.answers[f"GET /api/v1/policies/rst1/rules/rul{name}"] = {"id": f"rul{name}", "actions": actions}


def ask(exchange: Exchange) -> Verdict | Unreadable:
    return Simulation(exchange, app_id="0oaapp", user_id="00uanna").ask("203.0.113.10")


VERDICTS = {
    "all let it in": ([("OKTA_SIGN_ON", "session"), ("ACCESS_POLICY", "tunnel")], Access.ALLOWED),
    "the app's policy denies": ([("OKTA_SIGN_ON", "session"), ("ACCESS_POLICY", "rest")], Access.DENIED),
    "the type is a list, as the schema has it": ([(["ACCESS_POLICY"], "tunnel")], Access.ALLOWED),
    "a rule nobody can read": ([("ACCESS_POLICY", "odd")], Access.UNDECIDED),
    "no policy at all": ([], Access.UNDECIDED),
}


@pytest.mark.parametrize(("rules", "access"), VERDICTS.values(), ids=VERDICTS.keys())
def test_verdicts(org: Any, exchange: Exchange, rules: list[tuple[object, str]], access: Access) -> None:
    org.answers[SIMULATE] = {"evaluation": [evaluation(*each) for each in rules]}
    verdict = ask(exchange)
    assert isinstance(verdict, Verdict)
    assert verdict.access is access
    assert [match.rule for match in verdict.matches] == [rule for _, rule in rules]


def test_a_rule_that_does_not_match_decides_nothing(org: Any, exchange: Exchange) -> None:
    org.answers[SIMULATE] = [evaluation("ACCESS_POLICY", "tunnel", "NOT_MATCH")]
    verdict = ask(exchange)
    assert isinstance(verdict, Verdict)
    assert verdict.access is Access.UNDECIDED


def test_the_question_names_the_person_the_app_and_the_address_and_a_rule_is_read_once(
    org: Any, exchange: Exchange
) -> None:
    org.answers[SIMULATE] = [evaluation("ACCESS_POLICY", "tunnel")]
    simulation = Simulation(exchange, app_id="0oaapp", user_id="00uanna")
    for address in ("203.0.113.10", "203.0.113.11"):
        simulation.ask(address)
    assert org.sent("/api/v1/policies/simulate") == {
        "appInstance": "0oaapp",
        "policyTypes": ["OKTA_SIGN_ON", "ACCESS_POLICY"],
        "policyContext": {"user": {"id": "00uanna"}, "ip": "203.0.113.11"},
    }
    assert org.asked == [SIMULATE, "GET /api/v1/policies/rst1/rules/rultunnel", SIMULATE]


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (403, "E0000006", Why.NOT_PERMITTED),
        (401, "E0000015", Why.NOT_AVAILABLE),
        (404, "E0000022", Why.NOT_AVAILABLE),
    ],
)
def test_that_nobody_may_ask_is_an_answer(org: Any, exchange: Exchange, status: int, code: str, why: Why) -> None:
    org.answers[SIMULATE] = org.error(status, code)
    verdict = ask(exchange)
    assert isinstance(verdict, Unreadable)
    assert verdict.why is why


def test_a_strange_answer_is_a_failure(org: Any, exchange: Exchange) -> None:
    org.answers[SIMULATE] = {"evaluation": "none"}
    with pytest.raises(StrangeAnswerError):
        ask(exchange)
