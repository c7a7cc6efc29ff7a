"""The addresses in a DNS answer (RFC 1035, 4), under the name that was asked for: CNAMEs are followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dtr_rules.hosts import HostError, Name, parse_host

_A, _CNAME, _AAAA = 1, 5, 28
_IN: Final = 1
MAX_RECORDS: Final = 256
_MAX_CHAIN: Final = 16
_MAX_LABELS: Final = 128


class DnsError(ValueError):
    """A message that cannot be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name resolves to: addresses as 4 or 16 bytes."""

    name: Name
    addresses: tuple[bytes, ...]


def parse_answer(message: bytes) -> Answer | None:
    """What a DNS message says of a name's addresses; None where it says nothing.

    Raises DnsError, and HostError where the name that was asked for is no host name.
    """
    if len(message) < 12:
        raise DnsError("shorter than a header")
    flags, questions, answers = (int.from_bytes(message[at : at + 2], "big") for at in (2, 4, 6))
    if not flags & 0x8000 or flags & 0x780F or questions != 1 or not answers:
        return None  # a question, another operation, or an error
    asked, at = _name(message, 12)
    aliases: dict[str, str] = {}
    found: list[tuple[str, bytes]] = []
    at += 4
    for _ in range(min(answers, MAX_RECORDS)):
        at = _record(message, at, aliases, found)
    chain = _chain(asked, aliases)
    addresses = tuple(dict.fromkeys(address for owner, address in found if owner in chain))
    return Answer(_host(asked), addresses) if addresses else None


def _record(message: bytes, at: int, aliases: dict[str, str], found: list[tuple[str, bytes]]) -> int:
    """Read the record at `at`; where the next one starts."""
    owner, at = _name(message, at)
    kind, group = (int.from_bytes(_take(message, at + step, 2), "big") for step in (0, 2))
    length = int.from_bytes(_take(message, at + 8, 2), "big")
    start = at + 10
    data = _take(message, start, length)
    if group == _IN and kind == _CNAME:
        aliases[owner] = _name(message, start)[0]
    elif group == _IN and (kind, length) in ((_A, 4), (_AAAA, 16)):
        found.append((owner, data))
    return start + length


def _chain(asked: str, aliases: dict[str, str]) -> set[str]:
    chain, name = {asked}, asked
    for _ in range(_MAX_CHAIN):
        if name not in aliases or aliases[name] in chain:
            break
        name = aliases[name]
        chain.add(name)
    return chain


def _name(message: bytes, at: int) -> tuple[str, int]:
    """The name at `at`, lower-case, and where it ends there. Pointers lead backwards only."""
    labels: list[str] = []
    behind, limit = None, at
    while True:
        length = _take(message, at, 1)[0]
        if length >= 0xC0:
            behind = at + 2 if behind is None else behind
            at = int.from_bytes(_take(message, at, 2), "big") & 0x3FFF
            if at >= limit:
                raise DnsError("a name that points forward")
            limit = at
        elif length > 63 or len(labels) > _MAX_LABELS:
            raise DnsError("a label of an unknown kind, or too many of them")
        elif length == 0:
            return ".".join(labels), at + 1 if behind is None else behind
        else:
            labels.append(_label(_take(message, at + 1, length)))
            at += 1 + length


def _label(raw: bytes) -> str:
    return raw.decode("latin-1").lower().replace(".", "\\.")  # a dot within a label separates nothing


def _take(message: bytes, at: int, count: int) -> bytes:
    if at + count > len(message):
        raise DnsError("ends within a record")
    return message[at : at + count]


def _host(name: str) -> Name:
    host = parse_host(name)
    if not isinstance(host, Name):
        raise HostError("is an address")
    return host
