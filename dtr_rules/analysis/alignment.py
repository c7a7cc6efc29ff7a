"""What two rule sets have in common, in the same order: the longest such sequence of boxes.

A flow whose decision changes is decided by a box outside it, in one set at least. For if both deciding boxes
are common to the sets, the flow matches both in both sets; the first of them decides in each; and their
order is the same. So only the other boxes need looking at, and a small change is found in little time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from dtr_rules.analysis.boxes import Box
from dtr_rules.analysis.sides import Side


@dataclass(frozen=True, slots=True)
class Alignment:
    """The boxes that only one set has, or has elsewhere in its order."""

    old_only: tuple[Box, ...]
    new_only: tuple[Box, ...]
    old_of: dict[int, int]
    """For the order of each common box in the new set its order in the old one."""
    new_of: dict[int, int]


def align(old: Side, new: Side) -> Alignment:
    """Align the boxes of two sides that share their seats."""
    old_keys, new_keys = _keys(old), _keys(new)
    places = {key: at for at, key in enumerate(old_keys)}
    shared = [key for key in new_keys if key in places]
    common = {shared[at] for at in _longest_rise([places[key] for key in shared])}
    return Alignment(
        tuple(box for key, box in old_keys.items() if key not in common),
        tuple(box for key, box in new_keys.items() if key not in common),
        {new_keys[key].order: old_keys[key].order for key in common},
        {old_keys[key].order: new_keys[key].order for key in common},
    )


def _keys(side: Side) -> dict[Hashable, Box]:
    """What each box means, once: a repetition never decides. In order; the order in a rule means nothing."""
    keys: dict[Hashable, Box] = {}
    for box in side.regions.boxes:
        keys.setdefault((side.effect(box), box.where, box.plane), box)
    return dict(sorted(keys.items(), key=lambda item: (item[1].rule_index, str(item[1].destination))))


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """The indexes of the longest rising subsequence of `numbers`, which are all different."""
    ends: list[int] = []
    at_end: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at_end[length - 1] if length else -1)
        ends[length:] = [number, *ends[length + 1 :]] if length < len(ends) else [number]
        at_end[length:] = [index, *at_end[length + 1 :]] if length < len(at_end) else [index]
    rise: list[int] = []
    index = at_end[-1] if at_end else -1
    while index >= 0:
        rise.append(index)
        index = before[index]
    return rise[::-1]
