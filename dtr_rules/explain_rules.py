"""What each rule makes of a flow: everything that stands in the way of a match, and what alone was missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dtr_rules.destinations import Destination, Fit
from dtr_rules.evaluate import covers_app
from dtr_rules.explanation import RuleTrace, Verdict
from dtr_rules.model import Flow, Platform, Rule, RuleSet
from dtr_rules.nearest import nearest, nearest_app

_SHOWN = 3  # names of apps and patterns in one sentence

_NEAR = {
    Fit.ADDRESS_UNKNOWN: Verdict.ADDRESS_UNKNOWN,
    Fit.OTHER_PORT: Verdict.OTHER_PORT,
    Fit.APEX: Verdict.APEX_NOT_COVERED,
}
"""How a destination can come near, the nearest way first."""


def trace_rule(rule_set: RuleSet, flow: Flow, index: int, *, looked_at: bool) -> RuleTrace:
    """The rule at `index` held against `flow`; `looked_at` is False behind the decision."""
    rule = rule_set.rules[index]
    near = _nearness(rule_set, rule, flow)
    verdicts = tuple(_verdicts(rule, flow, near))
    return RuleTrace(
        index=index,
        name=rule.name,
        action=rule.action,
        verdict=verdicts[0],
        verdicts=verdicts,
        text="; ".join(_texts(verdicts, rule, flow, near)),
        looked_at=looked_at,
        pattern=near.pattern,
        near_miss=_near_miss(verdicts[0], rule, near) if looked_at and len(verdicts) == 1 else None,
    )


@dataclass(frozen=True, slots=True)
class _Nearness:
    """The destinations of a rule that come nearest to a flow, and how near."""

    near: Mapping[Fit, tuple[Destination, ...]]
    """Those that match or that one thing keeps from matching, the nearest way first; empty where none is near."""
    lookalike: Destination | None
    """What looks most like the host, in case of a typo."""

    @property
    def fit(self) -> Fit:
        return next(iter(self.near), Fit.NO)

    @property
    def pattern(self) -> str | None:
        shown = self.near[self.fit][0] if self.near else self.lookalike
        return None if shown is None else _pattern(shown)

    @property
    def hint(self) -> str:
        return "" if self.lookalike is None else f"; nearest is '{_pattern(self.lookalike)}'"


def _nearness(rule_set: RuleSet, rule: Rule, flow: Flow) -> _Nearness:
    apex = rule_set.wildcard_matches_apex
    fits = [
        (each, each.fit(flow.host, flow.port, flow.address, wildcard_matches_apex=apex)) for each in rule.destinations
    ]
    near = {fit: tuple(each for each, its in fits if its is fit) for fit in (Fit.YES, *_NEAR)}
    found = {fit: destinations for fit, destinations in near.items() if destinations}
    if any(fit in found for fit in (Fit.YES, Fit.OTHER_PORT, Fit.APEX)):
        return _Nearness(found, None)
    return _Nearness(found, nearest(rule.destinations, flow.host, flow.address))


def _verdicts(rule: Rule, flow: Flow, near: _Nearness) -> Iterator[Verdict]:
    """Everything that stands in the way of a match, or that there is one."""
    platform, app = flow.platform in rule.platforms, covers_app(rule, flow)
    if platform and app and near.fit is Fit.YES:
        yield Verdict.MATCHED
    if not platform:
        yield Verdict.OTHER_PLATFORM
    if not app:
        yield Verdict.APP_UNKNOWN if flow.app is None else Verdict.OTHER_APP
    if near.fit is not Fit.YES:
        yield _NEAR.get(near.fit, Verdict.OTHER_DESTINATION)


def _texts(verdicts: tuple[Verdict, ...], rule: Rule, flow: Flow, near: _Nearness) -> Iterator[str]:
    yield from (_text(verdict, rule, flow, near) for verdict in verdicts)
    if near.fit is Fit.YES and verdicts != (Verdict.MATCHED,):
        yield f"'{near.pattern}' would match"


def _text(verdict: Verdict, rule: Rule, flow: Flow, near: _Nearness) -> str:
    match verdict:
        case Verdict.MATCHED:
            return f"'{near.pattern}' matches"
        case Verdict.OTHER_PLATFORM:
            return f"for {_platforms(rule)}, and the device is {flow.platform}"
        case Verdict.OTHER_APP:
            return f"for {_apps(rule)}, and the app is {flow.app}{_app_hint(rule, flow)}"
        case Verdict.APP_UNKNOWN:
            return f"for {_apps(rule)}, and the app is not known"
        case Verdict.OTHER_PORT:
            return f"'{near.pattern}' matches the host but not port {flow.port}"
        case Verdict.APEX_NOT_COVERED:
            return f"'{near.pattern}' does not match {flow.host} itself: wildcard-matches-apex is off"
        case Verdict.ADDRESS_UNKNOWN:
            return f"could not be judged: '{near.pattern}' needs the host's address, which is not known{near.hint}"
        case Verdict.OTHER_DESTINATION:
            return f"no destination matches {flow.host}{near.hint}"


def _app_hint(rule: Rule, flow: Flow) -> str:
    found = nearest_app(rule.apps or (), flow.app or "")
    if found is None:
        return ""
    case = " (upper and lower case count on Android)" if found.lower() == (flow.app or "").lower() else ""
    return f"; nearest is {found}{case}"


def _near_miss(verdict: Verdict, rule: Rule, near: _Nearness) -> str | None:
    match verdict:
        case Verdict.OTHER_PLATFORM:
            return f"would match on {_platforms(rule)}"
        case Verdict.OTHER_APP:
            return f"would match for {_apps(rule)}"
        case Verdict.APP_UNKNOWN:
            return f"would match if the app were {_apps(rule)}"
        case Verdict.MATCHED | Verdict.OTHER_DESTINATION:
            return None
        case _:
            ways = [_way(fit, destinations) for fit, destinations in near.near.items()]
            return f"would match {', or '.join(ways)}"


def _way(fit: Fit, destinations: tuple[Destination, ...]) -> str:
    """What would make one of `destinations`, which all come equally near, match."""
    if fit is Fit.ADDRESS_UNKNOWN:
        return f"if the address were in {_any_of([str(each.target) for each in destinations])}"
    if fit is Fit.OTHER_PORT:
        return f"on port {_any_of(list(dict.fromkeys(str(each.ports) for each in destinations)))}"
    return "with wildcard-matches-apex: true"


def _pattern(destination: Destination) -> str:
    return destination.written or str(destination)


def _platforms(rule: Rule) -> str:
    return _any_of([platform.value for platform in Platform if platform in rule.platforms])


def _apps(rule: Rule) -> str:
    return _any_of(sorted(rule.apps or ()))


def _any_of(names: list[str]) -> str:
    if len(names) > _SHOWN:
        return f"{', '.join(names[:_SHOWN])} or {len(names) - _SHOWN} more"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
