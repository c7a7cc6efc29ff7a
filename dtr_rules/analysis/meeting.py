"""Which boxes of a rule set may share flows with a box of this or another set, and how they stand to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dtr_rules.analysis.boxes import Box, Where
from dtr_rules.analysis.plane import both
from dtr_rules.analysis.regions import Regions
from dtr_rules.analysis.standing import Standing
from dtr_rules.destinations import AddressRange


def meeting(regions: Regions, box: Box) -> Iterator[Box]:
    """Boxes of `regions` that may share flows with `box`, in order: none that does is left out."""
    where = box.where
    if where is None:
        found: Iterable[Box] = regions.boxes
    elif isinstance(where, AddressRange):
        found = [*regions.named, *_around(regions, where)]
    else:
        found = [*regions.ranged, *(each for atom in where for each in regions.names.meeting(atom))]
    yield from _sharing(found, box)


def nested(regions: Regions, box: Box) -> Iterator[Box]:
    """Boxes of `regions` that share flows with `box` because the hosts of one are among the other's, in order."""
    where = box.where
    if where is None:
        found: Iterable[Box] = regions.boxes
    elif isinstance(where, AddressRange):
        found = [*regions.names.everything, *_around(regions, where)]
    else:
        found = (each for atom in where for each in regions.names.nested(atom))
    yield from _sharing(found, box)


def crossing(regions: Regions, box: Box) -> Iterator[Box]:
    """Boxes of `regions` that may share some hosts with `box`, where neither has all of the other's, in order."""
    where = box.where
    if isinstance(where, AddressRange):
        found = _around(regions, where)
    else:
        found = [each for atom in where or () for each in regions.names.meeting(atom)]
    for each in _sharing(found, box):
        if standing(each.where, where) is Standing.CROSSING:
            yield each


def standing(one: Where, other: Where) -> Standing:
    """How the hosts of `one` stand to those of `other`."""
    if _holds(one, other):
        return Standing.AROUND
    if _holds(other, one):
        return Standing.INSIDE
    return Standing.CROSSING if isinstance(one, tuple) == isinstance(other, tuple) else Standing.RESOLVED


def _around(regions: Regions, where: AddressRange) -> list[Box]:
    return regions.addresses.meeting(where.first.version, int(where.first), int(where.last))


def _sharing(found: Iterable[Box], box: Box) -> Iterator[Box]:
    """Those of `found` that share ports and seats with `box`, each once, in order."""
    unique = {each.order: each for each in found}
    for order in sorted(unique):
        if both(unique[order].plane, box.plane):
            yield unique[order]


def _holds(outer: Where, inner: Where) -> bool:
    if outer is None:
        return True
    if inner is None or isinstance(outer, AddressRange) != isinstance(inner, AddressRange):
        return False
    if isinstance(outer, AddressRange) or isinstance(inner, AddressRange):
        return _holds_addresses(outer, inner)
    return all(any(text.anchored in atom.anchored for text in outer) for atom in inner)


def _holds_addresses(outer: Where, inner: Where) -> bool:
    if not (isinstance(outer, AddressRange) and isinstance(inner, AddressRange)):
        return False
    same = outer.first.version == inner.first.version
    return same and int(outer.first) <= int(inner.first) and int(inner.last) <= int(outer.last)
