"""The reference engine: `Flow -> Decision`, written to be read and checked by eye.

The order is the product's: what never reaches the rules first, then the rules from the top, the first that
matches decides, then the default action, which does not apply to Safari.
"""

from __future__ import annotations

from dtr_rules.apps import is_among, is_safari
from dtr_rules.destinations import Destination
from dtr_rules.hosts import is_loopback
from dtr_rules.model import Action, Decision, Flow, Mode, Rule, RuleSet
from dtr_rules.reasons import DecisionReason


def evaluate(rule_set: RuleSet, flow: Flow) -> Decision:
    """What `rule_set` decides for `flow`. Total: every flow gets a decision.

    Loopback is judged by the host alone. A name that resolves to 127.0.0.1 is no loopback host: rules may
    name it, and a gateway judges addresses by a table of its own.
    """
    if is_loopback(flow.host):
        return Decision(Action.BYPASS, DecisionReason.LOOPBACK)
    if flow.on_trusted_network:
        return Decision(Action.BYPASS, DecisionReason.GO_DIRECT)
    if in_vpn_profile(rule_set, flow) is False:
        return Decision(Action.BYPASS, DecisionReason.NOT_IN_VPN_PROFILE)
    for index, rule in enumerate(rule_set.rules):
        destination = match(rule_set, rule, flow)
        if destination is not None:
            pattern = destination.written or str(destination)
            return Decision(rule.action, DecisionReason.RULE, rule.name, index, pattern, rule.proxy)
    if is_safari(flow.platform, flow.app):
        return Decision(Action.BYPASS, DecisionReason.SAFARI_HAS_NO_DEFAULT)
    return Decision(rule_set.default, DecisionReason.DEFAULT_ACTION, proxy=rule_set.default_proxy)


def in_vpn_profile(rule_set: RuleSet, flow: Flow) -> bool | None:
    """Whether the set's VPN profile covers the app; None where nobody knows.

    In full-device mode it covers everything. In per-app mode the flow's own answer counts before the set's
    list of apps; a Safari that rules are meant for stands in that list like every other app.
    """
    if rule_set.mode is Mode.FULL_DEVICE:
        return True
    if flow.in_vpn_profile is not None:
        return flow.in_vpn_profile
    if rule_set.profile_apps is None or flow.app is None:
        return None
    return is_among(flow.platform, flow.app, rule_set.profile_apps)


def match(rule_set: RuleSet, rule: Rule, flow: Flow) -> Destination | None:
    """The first destination of `rule` that matches; None where the rule does not match."""
    if flow.platform not in rule.platforms or not covers_app(rule, flow):
        return None
    return next((each for each in rule.destinations if _reaches(rule_set, each, flow)), None)


def covers_app(rule: Rule, flow: Flow) -> bool:
    """Whether the rule is for the flow's app. An unknown app is covered only by a rule for all apps."""
    if rule.apps is None:
        return True
    return flow.app is not None and is_among(flow.platform, flow.app, rule.apps)


def _reaches(rule_set: RuleSet, destination: Destination, flow: Flow) -> bool:
    apex = rule_set.wildcard_matches_apex
    return destination.matches(flow.host, flow.port, flow.address, wildcard_matches_apex=apex)
