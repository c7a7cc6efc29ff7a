"""The analysis against brute force: every flow of a small universe, decided by the reference engine."""

from __future__ import annotations

import dataclasses

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st
from small_universe import flows, small_rule_sets

from dtr_rules import Flow, RuleSet
from dtr_rules.analysis import (
    Covered,
    NotCovered,
    Overlap,
    covering,
    difference,
    never_deciding,
    overlapping,
    overlaps,
)
from dtr_rules.analysis.answers import Effect
from dtr_rules.analysis.sides import effect_of
from dtr_rules.evaluate import evaluate, match


@tried(60)
@given(small_rule_sets())
def test_what_is_covered_never_decides_and_what_is_not_does(rule_set: RuleSet) -> None:
    deciding = {
        (index, place) for flow in flows() if (decided := _decided(rule_set, flow)) for index, place in [decided]
    }
    for index, rule in enumerate(rule_set.rules):
        whole = covering(rule_set, index)
        parts = [covering(rule_set, index, place) for place in range(len(rule.destinations))]
        assert isinstance(whole, Covered) == all(isinstance(part, Covered) for part in parts)
        for place, part in enumerate(parts):
            if isinstance(part, Covered):
                assert (index, place) not in deciding
            else:
                assert isinstance(part, NotCovered)
                assert _decided(rule_set, part.example) == (index, place)


@tried(60)
@given(small_rule_sets())
def test_a_cover_is_enough_and_says_whether_the_action_differs(rule_set: RuleSet) -> None:
    for index, place, answer in never_deciding(rule_set):
        assert isinstance(answer, Covered)
        assert answer == covering(rule_set, index, place)
        rule = rule_set.rules[index]
        places = range(len(rule.destinations)) if place is None else [place]
        mine = dataclasses.replace(rule, destinations=tuple(rule.destinations[each] for each in places))
        others = {evaluate(rule_set, flow).action for flow in flows() if _named(flow) and match(rule_set, mine, flow)}
        assert answer.different is not None or others <= {rule.action}
        kept = [rule_set.rules[each] for each in answer.rules if each < index]
        if place is not None and index in answer.rules:
            kept.append(dataclasses.replace(rule, destinations=rule.destinations[:place]))
        alone = dataclasses.replace(rule_set, rules=(*kept, dataclasses.replace(mine, name="asked")))
        assert isinstance(covering(alone, len(kept)), Covered)
        for each in answer.by:
            assert evaluate(rule_set, each.example).rule_index == each.rule_index


@tried(40)
@given(small_rule_sets(max_rules=4))
def test_rules_overlap_where_some_flow_says_so(rule_set: RuleSet) -> None:
    count = len(rule_set.rules)
    shared = {
        (first, last)
        for flow in flows()
        if (first := evaluate(rule_set, flow).rule_index) is not None
        for last in range(first + 1, count)
        if match(rule_set, rule_set.rules[last], flow)
    }
    found = {
        pair: overlaps(rule_set, *pair) for last in range(count) for first in range(last) for pair in [(first, last)]
    }
    assert shared <= {pair for pair, flow in found.items() if isinstance(flow, Flow)}
    listed = {
        (each.earlier, each.later)
        for each in overlapping(rule_set, different_action=False, crossing=True)
        if isinstance(each, Overlap)
    }
    assert listed <= {pair for pair, flow in found.items() if isinstance(flow, Flow)}


# --- differences ---------------------------------------------------------------------------------------------


@tried(80)
@given(small_rule_sets(max_rules=4), small_rule_sets(max_rules=4))
def test_every_change_of_action_is_found(old: RuleSet, new: RuleSet) -> None:
    found = {(change.old, change.new) for change in difference(old, new, only_action=True).changes}
    assert _changes(old, new, only_action=True) <= found


@tried(80)
@given(small_rule_sets(max_rules=4), small_rule_sets(max_rules=4))
def test_every_change_of_a_rule_is_found_or_stood_for(old: RuleSet, new: RuleSet) -> None:
    found = {(change.old, change.new) for change in difference(old, new).changes}
    for was, becomes in _changes(old, new, only_action=False):
        assert any(
            (was == before or becomes == after)
            and (was.action, becomes.action) == (before.action, after.action)
            for before, after in found
        )  # fmt: skip


@tried(60)
@given(small_rule_sets(max_rules=4), st.data())
def test_what_is_written_otherwise_and_means_the_same_has_no_effect(rule_set: RuleSet, data: st.DataObject) -> None:
    """Rules split into one for each destination, destinations shuffled, rules that never decide dropped."""
    covered = {index for index, place, _ in never_deciding(rule_set) if place is None}
    shuffled = [
        dataclasses.replace(rule, destinations=tuple(data.draw(st.permutations(rule.destinations))))
        for index, rule in enumerate(rule_set.rules)
        if index not in covered
    ]
    split = [
        dataclasses.replace(rule, destinations=(each,), name=f"{rule.name} {place}")
        for rule in shuffled
        for place, each in enumerate(rule.destinations)
    ]
    assert difference(rule_set, dataclasses.replace(rule_set, rules=tuple(shuffled))).no_effect
    assert difference(rule_set, dataclasses.replace(rule_set, rules=tuple(split)), only_action=True).no_effect


@tried(40)
@given(small_rule_sets(max_rules=3), small_rule_sets(max_rules=3))
def test_classes_say_true_things(old: RuleSet, new: RuleSet) -> None:
    for change in difference(old, new).changes:
        for each in change.classes:
            assert (evaluate(old, each.example), evaluate(new, each.example)) == (each.old, each.new)
            assert (
                each.ports is None or any(each.example.port in ports for ports in each.ports) or len(change.classes) > 1
            )


@pytest.mark.parametrize("carries", [None, False])
@tried(40)
@given(old=small_rule_sets(max_rules=2), new=small_rule_sets(max_rules=2))
def test_who_carries_the_profile_is_compared(old: RuleSet, new: RuleSet, carries: bool | None) -> None:
    changed = any(
        effect_of(evaluate(old, flow), only_action=True) != effect_of(evaluate(new, flow), only_action=True)
        for each in flows()
        for flow in [dataclasses.replace(each, in_vpn_profile=carries)]
    )
    assert not (changed and difference(old, new, only_action=True).no_effect)


def _decided(rule_set: RuleSet, flow: Flow) -> tuple[int, int] | None:
    """The rule and the place of the destination that decide."""
    index = evaluate(rule_set, flow).rule_index
    if index is None:
        return None
    rule, apex = rule_set.rules[index], rule_set.wildcard_matches_apex
    for place, each in enumerate(rule.destinations):
        if each.matches(flow.host, flow.port, flow.address, wildcard_matches_apex=apex):
            return index, place
    raise AssertionError("the deciding rule has no deciding destination")


def _named(flow: Flow) -> bool:
    return flow.address is None


def _changes(old: RuleSet, new: RuleSet, *, only_action: bool) -> set[tuple[Effect, Effect]]:
    pairs = {tuple(effect_of(evaluate(each, flow), only_action=only_action) for each in (old, new)) for flow in flows()}
    return {(was, becomes) for was, becomes in pairs if was != becomes}
