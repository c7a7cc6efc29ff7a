"""Would Okta let this person in from this address? `POST /api/v1/policies/simulate` (Okta API docs, "Policies").

The answer names the rule that matches, not what the rule does: that is read from the rule itself, once. The endpoint
is in limited release and needs the Identity Engine: that it is not there is an answer, not a failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from okta_zones.errors import StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.needs import POLICIES_READ
from okta_zones.okta.policies import PATH as POLICIES
from okta_zones.okta.policies import access_of, rule_path
from okta_zones.okta.transport import SERVICE
from okta_zones.unreadable import Unreadable, or_unreadable

PATH: Final = f"{POLICIES}/simulate"
_TYPES: Final = ("OKTA_SIGN_ON", "ACCESS_POLICY")


class Access(StrEnum):
    """What the policies say together."""

    ALLOWED = "allowed"
    """Every policy lets the sign-in go on; factors may still be asked for."""
    DENIED = "denied"
    UNDECIDED = "undecided"
    """No rule matched, or one that does not say ALLOW or DENY."""


@dataclass(frozen=True, slots=True)
class Match:
    """The rule that one policy decided by. `access` is `ALLOW`, `DENY` or None."""

    policy_type: str
    policy: str
    rule: str
    access: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Okta said of one address."""

    access: Access
    matches: tuple[Match, ...]


class Simulation:
    """Questions about one person and one app; every rule is read once."""

    def __init__(self, exchange: Exchange, *, app_id: str, user_id: str) -> None:
        self._exchange = exchange
        self._app_id = app_id
        self._user_id = user_id
        self._rules: dict[str, str | None] = {}

    def ask(self, address: str) -> Verdict | Unreadable:
        """What the policies say of a sign-in from `address`. Raises FarEndError."""
        return or_unreadable("whether policies admit an address (simulate)", POLICIES_READ, lambda: self._ask(address))

    def _ask(self, address: str) -> Verdict:
        question = {
            "appInstance": self._app_id,
            "policyTypes": list(_TYPES),
            "policyContext": {"user": {"id": self._user_id}, "ip": address},
        }
        matches = tuple(self._matches(self._exchange.query(PATH, question).json))
        return Verdict(_together(matches), matches)

    def _matches(self, answer: object) -> Iterator[Match]:
        for evaluation in _evaluations(answer):
            result = evaluation.get("result")
            for policy in _matching(result.get("policies") if isinstance(result, dict) else None):
                for rule in _matching(policy.get("rules")):
                    access = self._access(str(policy.get("id")), str(rule.get("id")))
                    yield Match(_type_of(evaluation), str(policy.get("name")), str(rule.get("name")), access)

    def _access(self, policy_id: str, rule_id: str) -> str | None:
        path = rule_path(policy_id, rule_id)
        if path not in self._rules:
            rule = self._exchange.read(path).json
            self._rules[path] = access_of(rule) if isinstance(rule, dict) else None
        return self._rules[path]


def _evaluations(answer: object) -> Sequence[Mapping[str, Any]]:
    """The spec's schema is a list of evaluations, its example an object that holds one; both are taken."""
    found = answer.get("evaluation") if isinstance(answer, dict) else answer
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise StrangeAnswerError(SERVICE, f"{PATH} did not answer with evaluations")
    return found


def _matching(items: object) -> Iterator[Mapping[str, Any]]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and item.get("status") == "MATCH":
            yield item


def _type_of(evaluation: Mapping[str, Any]) -> str:
    kind = evaluation.get("policyType")
    return str(kind[0]) if isinstance(kind, list) and kind else str(kind)


def _together(matches: Sequence[Match]) -> Access:
    if any(match.access == "DENY" for match in matches):
        return Access.DENIED
    if matches and all(match.access == "ALLOW" for match in matches):
        return Access.ALLOWED
    return Access.UNDECIDED
