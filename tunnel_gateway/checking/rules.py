"""Section `rules`: which rule sets would be applied."""

from __future__ import annotations

from dtr_rules import RuleSet
from tunnel_gateway.checking.finding import Finding, Level
from tunnel_gateway.checking.subject import Subject


async def rules(subject: Subject) -> list[Finding]:
    book = subject.draft.book
    sets = [("all devices", book.default.active.rule_set)]
    sets += [(f"group {number}", each.active.rule_set) for number, (_, each) in enumerate(book.groups, 1)]
    if book.compliance is not None:
        sets.append(("compliance", book.compliance.active.rule_set))
    return [Finding(Level.OK, role, _words(rule_set)) for role, rule_set in sets]


def _words(rule_set: RuleSet) -> str:
    count = len(rule_set.rules)
    return f"{rule_set.name} ({rule_set.digest[:12]}), {count} {'rule' if count == 1 else 'rules'}"
