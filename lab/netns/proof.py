"""What the captures say of three sentences, held against what the devices' rules had decided.

The decisions come from the devices' rule engine, the packets from the wire: neither knows of the other. A capture that
lost packets proves nothing, and a sentence about nothing is told as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dtr_rules.replay.ip_layer import TCP, UDP
from lab.netns.role import Role
from lab.netns.way import Sighting, Way

HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Intent:
    """A connection that an app asked its device for, and whether the installed rules sent it into the tunnel."""

    source: str
    target: str
    port: int
    tunnelled: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Whose the addresses are. `managing`: the administrators, who reach the providers' APIs by a way of their own."""

    login_hosts: frozenset[str]
    egress: frozenset[str]
    managing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, what it rests on, and what contradicts it."""

    text: str
    rests_on: str
    against: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing contradicts it."""
        return not self.against


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture that was read. `party` is whose link it is."""

    party: str
    role: Role
    packets: int
    lost: int
    has_end: bool
    """Whether what came last is in it, too."""
    seen: tuple[Sighting, ...]


def prove(
    captures: Sequence[Captured], intents: Sequence[Intent], places: Places, *, refused_quic: int
) -> tuple[Sentence, ...]:
    """The three sentences. `refused_quic` counts the datagrams that the devices' filters refused."""
    gaps = tuple(gap for each in captures for gap in _gaps(each))
    sentences = (
        _only_the_egress(captures, intents, places),
        _bypassed_stays_out(captures, intents, places),
        _no_quic(captures, intents, refused_quic),
    )
    return tuple(Sentence(each.text, each.rests_on, (*gaps, *each.against)) for each in sentences)


def _gaps(captured: Captured) -> Iterator[str]:
    if captured.lost:
        yield f"{captured.party}.pcap: {captured.lost} packets lost: nothing is proved"
    if not captured.has_end:
        yield f"{captured.party}.pcap: the end was not captured: nothing is proved"


def _only_the_egress(captures: Sequence[Captured], intents: Sequence[Intent], places: Places) -> Sentence:
    """Towards login hosts go the egress, the administrators, and what rules had sent direct; nothing else."""
    direct = _counted(each for each in intents if not each.tunnelled)
    against: list[str] = []
    from_egress = from_devices = 0
    for seen in _ways(captures, TCP, tuple(Role)):
        source, target = seen.way.source, seen.way.target
        if target not in places.login_hosts or source in places.managing:
            continue
        if source in places.egress:
            from_egress += 1
        elif direct[source, target] > 0:
            direct[source, target] -= 1
            from_devices += 1
        else:
            against.append(str(seen))
    against += _unseen(direct, places)
    return Sentence(
        "no packet to a login host left from anywhere but the egress, unless the rules said so",
        f"from egress addresses {from_egress}, sent direct by the rules {from_devices}",
        tuple(against),
    )


def _unseen(direct: Counter[tuple[str, str]], places: Places) -> Iterator[str]:
    """Connections that must be in the captures, and are not: whoever misses these may miss others."""
    for (source, target), count in direct.items():
        if count > 0 and target in places.login_hosts:
            yield f"{count} from {source} to {target} that the rules had sent direct: not captured"


def _bypassed_stays_out(captures: Sequence[Captured], intents: Sequence[Intent], places: Places) -> Sentence:
    """On the gateway's link: what leaves from an egress address was asked of the tunnel, each time."""
    tunnelled = Counter(each.target for each in intents if each.tunnelled)
    bypassed = sum(not each.tunnelled for each in intents)
    against: list[str] = []
    left = 0
    for seen in _ways(captures, TCP, (Role.GATEWAY,)):
        if seen.way.source not in places.egress:
            continue
        if tunnelled[seen.way.target] > 0:
            tunnelled[seen.way.target] -= 1
            left += 1
        else:
            against.append(str(seen))
    return Sentence(
        "bypassed traffic did not enter the tunnel",
        f"bypassed {bypassed}; left the gateway {left}, each asked of the tunnel",
        tuple(against),
    )


def _no_quic(captures: Sequence[Captured], intents: Sequence[Intent], refused: int) -> Sentence:
    """On the devices' links and the gateway's: UDP 443 goes only where the rules had sent TCP direct."""
    direct = _counted(each for each in intents if not each.tunnelled)
    against: list[str] = []
    went = 0
    for seen in _ways(captures, UDP, (Role.DEVICE, Role.GATEWAY)):
        way = seen.way
        if way.target_port != HTTPS:
            continue
        if direct[way.source, way.target] > 0:
            direct[way.source, way.target] -= 1
            went += 1
        else:
            against.append(str(seen))
    return Sentence(
        "UDP 443 did not slip past the tunnel",
        f"tries refused on the device {refused}; gone where TCP went direct, too, {went}",
        tuple(against),
    )


def _ways(captures: Iterable[Captured], protocol: int, roles: Container[Role]) -> Iterator[Sighting]:
    """What was seen on the links of the parties with these roles, on whichever it was seen first."""
    known: set[Way] = set()
    for seen in (seen for captured in captures if captured.role in roles for seen in captured.seen):
        if seen.way.protocol == protocol and seen.way not in known:
            known.add(seen.way)
            yield seen


def _counted(intents: Iterable[Intent]) -> Counter[tuple[str, str]]:
    return Counter((each.source, each.target) for each in intents)
