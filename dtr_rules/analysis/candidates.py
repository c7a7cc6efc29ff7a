"""Hosts and addresses worth trying before any search: what a person would take for an example."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dtr_rules.analysis.atoms import LOOPBACK, Atom
from dtr_rules.hosts import MAX_NAME, is_number

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*({_LABEL})")
_FRESH = ("www", "host", "qz")


def is_host_name(text: str) -> bool:
    """Whether `text` is a name of the universe (`dtr_rules.hosts`) that is not the device itself."""
    found = _NAME.fullmatch(text)
    if found is None or len(text) > MAX_NAME or is_number(found[1]):
        return False
    return not any(atom.holds(text) for atom in LOOPBACK)


def likely_hosts(wanted: Sequence[Atom]) -> Iterator[str]:
    """Hosts that every atom of `wanted` holds, the most readable first. Not all there are, and maybe none."""
    seen: set[str] = set()
    for text in _texts(wanted):
        if text not in seen and is_host_name(text) and all(atom.holds(text) for atom in wanted):
            yield text
        seen.add(text)


def _texts(wanted: Sequence[Atom]) -> Iterator[str]:
    exact = next((atom.literal for atom in wanted if atom.is_exact), None)
    if exact is not None:
        yield exact
        return
    head = max((atom.literal for atom in wanted if atom.at_start), key=len, default="")
    tail = max((atom.literal for atom in wanted if atom.at_end), key=len, default="")
    middle = [atom.literal for atom in wanted if not (atom.at_start or atom.at_end)]
    if not (head or tail or middle):
        yield from ("www.example.com", "host.example")
    inner = [each for each in middle if each not in head and each not in tail]
    core = ".".join(each.strip(".") for each in inner)
    for parts in ((head, core, tail), (head, *_FRESH[1:2], core, tail)):
        yield from _completed("".join(parts), head, tail)
        yield from _completed(_dotted(parts), head, tail)


def _completed(text: str, head: str, tail: str) -> Iterator[str]:
    """`text`, with labels before it and behind it where it is open."""
    inner = text.strip(".-")
    if head or not tail.startswith("."):
        yield text
    starts = ("",) if head else tuple(f"{fresh}." for fresh in _FRESH)
    for start in starts:
        yield f"{start}{text if head else inner if not tail else text.lstrip('.')}{'' if tail else '.example'}"
    if not head:
        yield f"{inner}.example"
        yield from (f"{fresh}{text}" for fresh in _FRESH)
    if not tail:
        yield f"{text}{'' if text.endswith('.') else 'a.'}example"


def _dotted(parts: Sequence[str]) -> str:
    return re.sub(r"\.{2,}", ".", ".".join(part for part in parts if part))
