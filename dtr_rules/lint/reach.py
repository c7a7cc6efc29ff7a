"""How far a name pattern reaches beyond one owner's hosts."""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules.catalogue.tenant_suffixes import (
    is_private,
    owner,
    registrable_domain,
    suffix_below,
    tenant,
    tenant_suffix,
)
from dtr_rules.destinations import NamePattern
from dtr_rules.hosts import Name
from dtr_rules.lint.examples import name

_STRANGER = "stranger.example"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A host that a stranger can get and a dotless wildcard matches. `meant` is the host it looks like."""

    host: Name
    meant: str
    how_to_get: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """A host of another owner that a pattern matches, and whose hosts these are, in words."""

    host: Name
    whom: str


def look_alike(pattern: NamePattern) -> LookAlike | None:
    """A look-alike that `pattern` (`*text`, not `*.text`) matches and that a stranger can get."""
    literal = pattern.literal
    if not pattern.open_start or pattern.open_end or literal.startswith(".") or "." not in literal:
        return None
    meant = literal.lstrip("-")
    host = name(f"evil{literal}") or name(f"e{literal}")
    if host is None or is_private(meant):
        return None
    if registrable_domain(meant) == meant:
        return LookAlike(host, meant, "anybody can register")
    if tenant(meant) == meant:
        return LookAlike(host, meant, f"anybody can have who signs up for a tenant of {tenant_suffix(meant)}")
    return None


def crossing(pattern: NamePattern) -> Crossing | None:
    """A stranger's host that `pattern` matches; None for `*` alone and where all its hosts are one owner's."""
    if pattern.is_everything or not (pattern.open_start or pattern.open_end):
        return None
    if pattern.open_end:
        return _open_end(pattern)
    literal = pattern.literal
    below = literal.lstrip(".-")
    if is_private(below):
        return None
    if owner(below) is None:
        return _below(pattern, below, f"every owner of a name below {below}")
    if not literal.startswith(".") and owner(below) == below:
        return None  # look_alike speaks of these
    shared = suffix_below(below)
    return None if shared is None else _below(pattern, shared, f"everybody who has a name below {shared}")


def _below(pattern: NamePattern, suffix: str, whom: str) -> Crossing | None:
    host = name(f"stranger.{suffix}")
    return Crossing(host, whom) if host is not None and pattern.matches(host.text) else None


def _open_end(pattern: NamePattern) -> Crossing | None:
    literal = pattern.literal
    start = "a" if pattern.open_start and literal.startswith((".", "-")) else ""
    glue = "" if literal.endswith(".") else "a." if literal.endswith("-") else "."
    host = name(f"{start}{literal}{glue}{_STRANGER}")
    return None if host is None else Crossing(host, "whoever likes: nothing says how their names end")
