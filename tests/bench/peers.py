"""The same rules for two general policy engines: Cedar (cedarpy) and Rego (regopy).

Both are asked for what a device asks for, too: which rule is the first that matches. Cedar knows no order of policies,
so the smallest number of those that match is taken; Rego has `else`, which stops at the first match and is never slower
than a set of matches and its minimum. Everything that can be done once is done once: Cedar's policies and entities are
parsed, and Rego's bundle is built, before the clock starts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import cedarpy
import regopy

from dtr_rules import Flow, Rule, RuleSet
from dtr_rules.destinations import Destination, NamePattern

Decide = Callable[[], int | None]


def cedar(rule_set: RuleSet, flow: Flow) -> Decide:
    """The index of the first rule that matches, by Cedar."""
    policies = cedarpy.PolicySet.from_str("\n".join(map(_cedar_policy, range(len(rule_set.rules)), rule_set.rules)))
    entities = cedarpy.Entities.from_json_str("[]")
    request = {
        "principal": {"type": "App", "id": flow.app},
        "action": {"type": "Action", "id": "connect"},
        "resource": {"type": "Host", "id": str(flow.host)},
        "context": {"platform": str(flow.platform), "app": flow.app, "host": str(flow.host), "port": flow.port},
    }

    def decide() -> int | None:
        matched = cedarpy.is_authorized(request, policies, entities).diagnostics.reasons
        return min((int(reason.removeprefix("policy")) for reason in matched), default=None)

    return decide


def _cedar_policy(index: int, rule: Rule) -> str:
    conditions = [
        f"{json.dumps(sorted(rule.platforms))}.contains(context.platform)",
        *([] if rule.apps is None else [f"{json.dumps(sorted(rule.apps))}.contains(context.app)"]),
        " || ".join(f"({_in_cedar(each)})" for each in rule.destinations),
    ]
    return (
        f"permit(principal, action, resource) when {{ {' && '.join(f'({each})' for each in conditions)} }}; // {index}"
    )


def _in_cedar(destination: Destination) -> str:
    assert isinstance(destination.target, NamePattern)
    host = f'context.host like "{destination.target}"'
    ports = destination.ports
    return host if ports is None else f"{host} && context.port >= {ports.first} && context.port <= {ports.last}"


def rego(rule_set: RuleSet, flow: Flow) -> Decide:
    """The index of the first rule that matches, by Rego."""
    interpreter = regopy.Interpreter()
    interpreter.add_module("rules", f"package rules\n\nfirst := {' else := '.join(_rego_rules(rule_set))}")
    bundle = interpreter.build("first := data.rules.first", [])
    asked = {"platform": str(flow.platform), "app": flow.app, "host": str(flow.host), "port": flow.port}

    def decide() -> int | None:
        interpreter.set_input(asked)
        answer = str(interpreter.query_bundle(bundle))
        return None if answer == "undefined" else int(json.loads(answer)["bindings"]["first"])

    return decide


def _rego_rules(rule_set: RuleSet) -> Iterator[str]:
    for index, rule in enumerate(rule_set.rules):
        conditions = [f"input.platform in {json.dumps(sorted(rule.platforms))}"]
        if rule.apps is not None:
            conditions.append(f"input.app in {json.dumps(sorted(rule.apps))}")
        for destination in rule.destinations:
            yield f"{index} if {{ {'; '.join([*conditions, *_in_rego(destination)])} }}"


def _in_rego(destination: Destination) -> Iterator[str]:
    pattern = destination.target
    assert isinstance(pattern, NamePattern)
    literal = json.dumps(pattern.literal)
    if pattern.open_start and pattern.open_end:
        yield f"contains(input.host, {literal})"
    elif pattern.open_start:
        yield f"endswith(input.host, {literal})"
    elif pattern.open_end:
        yield f"startswith(input.host, {literal})"
    else:
        yield f"input.host == {literal}"
    if destination.ports is not None:
        yield f"input.port >= {destination.ports.first}; input.port <= {destination.ports.last}"
