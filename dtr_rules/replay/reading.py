"""What came of reading a capture: how much was read, what was left out and why, what was damaged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MAX_WORDS: Final = 400
MAX_PROBLEMS: Final = 10
"""Problems of one file that are told in words; further ones are counted."""


class LeftOut(StrEnum):
    """What is read but counts towards no destination, or less surely than it should. Stable words."""

    OTHER_LINK = "other-link-layers"
    NOT_IP = "not-ip"
    OTHER_PROTOCOL = "neither-tcp-nor-udp"
    FRAGMENTS = "later-fragments"
    BROKEN_HEADERS = "broken-headers"
    MULTICAST = "multicast"
    CONVERSATIONS_EVICTED = "conversations-evicted"
    NAMES_EVICTED = "names-evicted"
    STREAMS_GIVEN_UP = "streams-given-up"
    STREAM_GAPS = "streams-with-gaps"
    BROKEN_HELLOS = "broken-client-hellos"
    BROKEN_DNS = "broken-dns-answers"
    OTHER_QUIC = "other-quic-versions"
    UNREADABLE_QUIC = "unreadable-quic"
    BAD_NAMES = "unusable-names"
    NO_HOST = "entries-without-host"
    FROM_CACHE = "entries-from-cache"
    BEFORE_CONNECT = "records-before-connect"


WORDS: Final = {
    LeftOut.OTHER_LINK: "packets of a link layer that is not read",
    LeftOut.NOT_IP: "packets that are not IP (ARP and the like)",
    LeftOut.OTHER_PROTOCOL: "packets that are neither TCP nor UDP",
    LeftOut.FRAGMENTS: "IP fragments behind the first: they have no ports, their bytes are not counted",
    LeftOut.BROKEN_HEADERS: "packets with headers that are cut or contradict themselves",
    LeftOut.MULTICAST: "multicast and broadcast packets",
    LeftOut.CONVERSATIONS_EVICTED: "conversations counted before their end to bound memory; a later part counts anew",
    LeftOut.NAMES_EVICTED: "DNS names forgotten to bound memory",
    LeftOut.STREAMS_GIVEN_UP: "connections whose name was no longer looked for, to bound memory",
    LeftOut.STREAM_GAPS: "connections whose first bytes are not all in the capture",
    LeftOut.BROKEN_HELLOS: "connections whose ClientHello is damaged",
    LeftOut.BROKEN_DNS: "damaged DNS answers",
    LeftOut.OTHER_QUIC: "QUIC conversations of a version other than 1 and 2",
    LeftOut.UNREADABLE_QUIC: "QUIC conversations whose first packets could not be read",
    LeftOut.BAD_NAMES: "names that are no host names",
    LeftOut.NO_HOST: "entries without a host on the network",
    LeftOut.FROM_CACHE: "entries answered from a cache",
    LeftOut.BEFORE_CONNECT: "connections that ended before their CONNECT",
}


@dataclass(slots=True)
class Reading:
    """The account of one capture. `format` is None where it is none that can be read."""

    file: str
    format: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    """What was read: packets, bytes, entries, flows, records."""
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    more_problems: int = 0

    @property
    def complete(self) -> bool:
        """Whether the file was read to its end without damage."""
        return not self.problems

    @property
    def unusable(self) -> bool:
        """Whether nothing at all could be read."""
        return bool(self.problems) and not any(self.counts.values())

    def problem(self, words: str) -> None:
        """Something could not be read."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(words[:MAX_WORDS])
        else:
            self.more_problems += 1

    def leave_out(self, what: LeftOut) -> None:
        self.left_out[what] += 1
