"""The three sentences, held against captures that somebody made up: each can hold, and each can fail."""

from __future__ import annotations

import pytest

from dtr_rules.replay.ip_layer import TCP, UDP
from lab.netns.proof import Captured, Intent, Places, Sentence, prove
from lab.netns.role import Role
from lab.netns.way import Sighting, Way

OKTA, MAIL = "198.51.100.10", "198.51.100.40"
PHONE, EGRESS, GATEWAY, ADMIN = "192.0.2.11", "203.0.113.10", "203.0.113.1", "198.51.100.200"
PLACES = Places(login_hosts=frozenset({OKTA}), egress=frozenset({EGRESS}), managing=frozenset({ADMIN}))
TUNNELLED = Intent(PHONE, OKTA, 443, tunnelled=True)
DIRECT = Intent(PHONE, OKTA, 443, tunnelled=False)
MAIL_DIRECT = Intent(PHONE, MAIL, 443, tunnelled=False)

TO_GATEWAY = Way(TCP, PHONE, 40001, GATEWAY, 443)
FROM_EGRESS = Way(TCP, EGRESS, 40002, OKTA, 443)
STRAIGHT = Way(TCP, PHONE, 40003, OKTA, 443)
QUIC = Way(UDP, PHONE, 40004, OKTA, 443)

ONLY_EGRESS, STAYS_OUT, NO_QUIC = range(3)


def proved(
    intents: list[Intent], *, device: list[Way] = (), gateway: list[Way] = (), server: list[Way] = (), lost: int = 0
) -> tuple[Sentence, ...]:
    def captured(party: str, role: Role, ways: list[Way]) -> Captured:
        seen = tuple(Sighting(way, f"{party}.pcap", number) for number, way in enumerate(ways, 1))
        return Captured(party, role, len(seen), lost, True, seen)

    links = [
        captured("device", Role.DEVICE, device),
        captured("gateway", Role.GATEWAY, gateway),
        captured("okta", Role.SERVER, server),
    ]
    return prove(links, intents, PLACES, refused_quic=0)


def failed(sentences: tuple[Sentence, ...]) -> list[int]:
    return [number for number, sentence in enumerate(sentences) if not sentence.holds]


def test_a_login_through_the_tunnel_contradicts_nothing() -> None:
    found = proved([TUNNELLED], device=[TO_GATEWAY], gateway=[TO_GATEWAY, FROM_EGRESS], server=[FROM_EGRESS])
    assert failed(found) == []
    assert found[ONLY_EGRESS].rests_on == "from egress addresses 1, sent direct by the rules 0"


def test_a_login_that_the_rules_sent_direct_contradicts_nothing() -> None:
    assert failed(proved([DIRECT], device=[QUIC, STRAIGHT], server=[QUIC, STRAIGHT])) == []


@pytest.mark.parametrize(
    ("intents", "links", "sentence", "shown"),
    [
        pytest.param(
            [TUNNELLED], {"device": [STRAIGHT]}, ONLY_EGRESS, "device.pcap packet 1: TCP 192.0.2.11:40003", id="leak"
        ),
        pytest.param(
            [DIRECT],
            {"device": [STRAIGHT, Way(TCP, PHONE, 40009, OKTA, 443)]},
            ONLY_EGRESS,
            "device.pcap packet 2",
            id="one leak beside one direct login",
        ),
        pytest.param(
            [TUNNELLED],
            {"server": [Way(TCP, GATEWAY, 40002, OKTA, 443)]},
            ONLY_EGRESS,
            "TCP 203.0.113.1:40002 > 198.51.100.10:443",
            id="gateway leaves from its own address",
        ),
        pytest.param(
            [TUNNELLED], {"device": [Way(TCP, PHONE, 40003, OKTA, 8443)]}, ONLY_EGRESS, ":8443", id="another port"
        ),
        pytest.param(
            [MAIL_DIRECT], {"gateway": [Way(TCP, EGRESS, 40002, MAIL, 443)]}, STAYS_OUT, "198.51.100.40", id="mail"
        ),
        pytest.param(
            [TUNNELLED],
            {"gateway": [FROM_EGRESS, Way(TCP, EGRESS, 40008, OKTA, 443)]},
            STAYS_OUT,
            "gateway.pcap packet 2",
            id="one more than was asked for",
        ),
        pytest.param([TUNNELLED], {"device": [QUIC]}, NO_QUIC, "UDP 192.0.2.11:40004", id="quic past the tunnel"),
        pytest.param(
            [TUNNELLED],
            {"gateway": [Way(UDP, EGRESS, 40002, OKTA, 443)]},
            NO_QUIC,
            "UDP 203.0.113.10",
            id="quic within",
        ),
    ],
)
def test_what_contradicts_a_sentence_is_shown(
    intents: list[Intent], links: dict[str, list[Way]], sentence: int, shown: str
) -> None:
    found = proved(intents, **links)
    assert failed(found) == [sentence]
    assert any(shown in line for line in found[sentence].against), found[sentence].against


def test_a_capture_without_what_must_be_in_it_proves_nothing() -> None:
    found = proved([DIRECT, DIRECT], device=[STRAIGHT])
    assert failed(found) == [ONLY_EGRESS]
    assert found[ONLY_EGRESS].against == (
        "1 from 192.0.2.11 to 198.51.100.10 that the rules had sent direct: not captured",
    )


def test_administrators_have_a_way_of_their_own() -> None:
    assert failed(proved([], server=[Way(TCP, ADMIN, 40001, OKTA, 443)])) == []


def test_lost_packets_prove_nothing() -> None:
    assert failed(proved([TUNNELLED], server=[FROM_EGRESS], gateway=[FROM_EGRESS], lost=1)) == [0, 1, 2]
