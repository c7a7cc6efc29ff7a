"""Section `rules`: which rule sets would be applied, and what would only report."""

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
    found = [Finding(Level.OK, role, _words(rule_set)) for role, rule_set in sets]
    named = subject.draft.file.rules
    if named.report_only is not None:
        found.append(Finding(Level.OK, "report-only", f"{named.report_only} is judged beside them and never applied"))
    if named.report_only_rules:
        found.append(Finding(Level.OK, "report-only", f"rules that only report: {', '.join(named.report_only_rules)}"))
    return found


def _words(rule_set: RuleSet) -> str:
    count = len(rule_set.rules)
    return f"{rule_set.name} ({rule_set.digest[:12]}), {count} {'rule' if count == 1 else 'rules'}"
