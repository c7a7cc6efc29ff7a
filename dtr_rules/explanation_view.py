"""An explanation for people: the decision first, then the trace, then what nearly happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from dtr_rules.explanation import Explanation, RuleTrace, Verdict
from dtr_rules.flow_words import in_words
from dtr_rules.model import Action, Decision, Mode
from dtr_rules.reasons import DecisionReason
from dtr_rules.terminal import ACTION_STYLES, styled

_REASONS = {
    DecisionReason.DEFAULT_ACTION: "no rule matches; the default action decides",
    DecisionReason.NOT_IN_VPN_PROFILE: "the app does not carry the VPN profile",
    DecisionReason.SAFARI_HAS_NO_DEFAULT: "no rule matches, and the default action does not apply to Safari",
    DecisionReason.LOOPBACK: "the device itself is always reached directly",
    DecisionReason.GO_DIRECT: "the device is on a trusted network",
}


def show(explanation: Explanation, console: Console) -> None:
    """Print `explanation`."""
    console.print(rendered(explanation))


def rendered(explanation: Explanation) -> RenderableType:
    """The explanation as something to print, alone or inside something else."""
    return Group(_head(explanation), _trace(explanation), *_after(explanation))


def _head(explanation: Explanation) -> RenderableType:
    flow, rule_set = explanation.flow, explanation.rule_set
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("flow", styled(in_words(flow)))
    facts.add_row("rule set", styled(f"{rule_set.name} ({rule_set.mode}), digest {rule_set.digest[:12]}"))
    facts.add_row("decision", _decision(explanation.decision))
    facts.add_row("handed over", styled(_handed_over(explanation)))
    facts.add_row("next", styled(explanation.next_step))
    return facts


def _handed_over(explanation: Explanation) -> str:
    app = explanation.flow.app or "the app"
    if explanation.handed_over is None:
        return f"to the Tunnel client if {app} carries the VPN profile, which nobody says"
    if not explanation.handed_over:
        return f"no: {_REASONS[explanation.decision.reason]}"
    if explanation.rule_set.mode is Mode.FULL_DEVICE:
        return "to the Tunnel client, like all traffic of the device"
    return f"to the Tunnel client: {app} carries the VPN profile"


def _decision(decision: Decision) -> Text:
    text = Text(overflow="fold").append(decision.action, style=ACTION_STYLES[decision.action])
    text.append_text(styled(f" because of {_because(decision)}" if decision.rule else f": {_because(decision)}"))
    return text


def _because(decision: Decision) -> str:
    if decision.rule is None or decision.rule_index is None:
        return f"{_REASONS[decision.reason]} ({decision.reason})"
    return f"rule {decision.rule_index + 1} '{decision.rule}', destination '{decision.destination}'"


def _trace(explanation: Explanation) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("looked at", overflow="fold")
    table.add_column("action", no_wrap=True)
    table.add_column("what came of it", overflow="fold", ratio=1)
    for check in explanation.checks:
        style = "bold" if check.decides else ""
        table.add_row("", styled(check.check, style), "", styled(check.text, style))
    for rule in explanation.rules:
        table.add_row(*_rule_row(rule, explanation.decision))
    table.add_row(*_default_row(explanation))
    return table


def _rule_row(rule: RuleTrace, decision: Decision) -> tuple[Text, Text, Text, Text]:
    decides = rule.looked_at and rule.verdict is Verdict.MATCHED
    style = "bold" if decides else "" if rule.looked_at else "dim"
    text = rule.text if rule.looked_at else _not_asked(rule, decision)
    action = styled(rule.action, ACTION_STYLES[rule.action] if decides else "dim")
    return styled(str(rule.number), style), styled(rule.name, style), action, styled(text, style)


def _not_asked(rule: RuleTrace, decision: Decision) -> str:
    if rule.verdict is not Verdict.MATCHED:
        return f"not asked; {rule.text}"
    return f"not asked; {rule.text} too" if decision.rule else f"not asked; '{rule.pattern}' would match"


def _default_row(explanation: Explanation) -> tuple[Text, Text, Text, Text]:
    action, reason = explanation.rule_set.default, explanation.decision.reason
    decides = reason is DecisionReason.DEFAULT_ACTION
    text = {
        DecisionReason.DEFAULT_ACTION: "no rule matches",
        DecisionReason.SAFARI_HAS_NO_DEFAULT: "does not apply to Safari",
    }.get(reason, "not asked")
    style = "bold" if decides else "dim"
    shown = styled(action, ACTION_STYLES[Action(action)] if decides else "dim")
    return styled(""), styled("default action", style), shown, styled(text, style)


def _after(explanation: Explanation) -> Iterator[RenderableType]:
    known = [each for each in explanation.rules if each.near_miss and not _is_doubt(each)]
    misses = [f"rule {each.number} '{each.name}' ({each.action}) {each.near_miss}" for each in known]
    yield from _section("Near misses", [*_check_misses(explanation), *misses])
    yield from _section("Not known", explanation.doubts)
    if explanation.otherwise is not None:
        yield from _section("Without this rule", _without_rule(explanation, explanation.otherwise))


def _is_doubt(rule: RuleTrace) -> bool:
    return rule.verdict in (Verdict.ADDRESS_UNKNOWN, Verdict.APP_UNKNOWN)


def _check_misses(explanation: Explanation) -> Iterator[str]:
    other = explanation.without_check
    if other is None:
        return
    app = explanation.flow.app or "the app"
    on_trusted_network = explanation.decision.reason is DecisionReason.GO_DIRECT
    where = "on another network" if on_trusted_network else f"if {app} carried the VPN profile"
    yield f"{where}: {other.action}, {_because(other)}"


def _without_rule(explanation: Explanation, other: Decision) -> Iterator[str]:
    change = f"{other.action} instead" if explanation.differs_otherwise else f"still {other.action}"
    yield f"{change}: {_because(other)}"
    for rule, differs in explanation.later:
        if rule.index != other.rule_index:
            effect = "otherwise" if differs else "the same"
            yield f"rule {rule.number} '{rule.name}' ({rule.action}) matches, too, and would decide {effect}"


def _section(title: str, lines: Iterable[str]) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        grid.add_row(" -", styled(line))
    if grid.row_count:
        yield styled(title, "bold")
        yield grid
