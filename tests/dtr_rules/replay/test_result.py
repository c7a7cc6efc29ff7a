"""The table: what is decided of visits, added up, compared, and bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from captures import RESOLVER, SERVER, client_hello, dns_answer, ethernet, quic_initials, tcp_talk, udp, write_pcap
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.evaluate import evaluate
from dtr_rules.formats.yaml import parse_rule_set
from dtr_rules.hosts import parse_address, parse_host
from dtr_rules.model import Action, Flow, Platform, RuleSet
from dtr_rules.replay import replay
from dtr_rules.replay.apps import Apps
from dtr_rules.replay.judge import Change, Judge
from dtr_rules.replay.result import Result, as_json, sums_of
from dtr_rules.replay.tally import Tally
from dtr_rules.replay.visit import NamedBy, Recorded, Transport, Visit


def rules(*entries: str, default: str = "bypass") -> RuleSet:
    text = f"version: 1\nname: s\nmode: per-app\ndefault: {default}\nrules: [{', '.join(entries)}]\n"
    return parse_rule_set(text, "s.yaml").rule_set


LOGIN = "{name: login, apps: all, action: tunnel, to: [acme.okta.com]}"
ON_IOS = "{name: ios, platforms: [ios], apps: all, action: block, to: [a.example]}"
BY_ADDRESS = "{name: net, apps: all, action: block, to: [203.0.113.0/24]}"
TUNNELLED = rules(LOGIN)


def visit(host: str = "acme.okta.com", port: int = 443, **more: object) -> Visit:
    made = Visit(parse_host(host), port, Transport.TCP, NamedBy.SNI, platform=Platform.IOS, bytes_up=10, bytes_down=90)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def tallied(judge: Judge, *seen: Visit, limit: int = 100) -> Result:
    result = Result(judge.rule_set, judge.against, tally=Tally(limit))
    for each in seen:
        result.tally.add(each, judge.ruling(each))
    return result


def test_visits_to_one_destination_are_one_row() -> None:
    result = tallied(Judge(TUNNELLED), visit(), visit(), visit("b.example"))
    rows = [(d.host, d.ruling.decision.action, s.count, s.bytes) for d, s in result.rows() if d.ruling.decision]
    assert rows == [("acme.okta.com", Action.TUNNEL, 2, 200), ("b.example", Action.BYPASS, 1, 100)]


def test_addresses_are_judged_where_they_are_known() -> None:
    judge = Judge(rules(BY_ADDRESS))
    known = visit("a.example", address=parse_address("203.0.113.7"))
    result = tallied(judge, known, visit("a.example"))
    assert {d.ruling.decision.action for d, _ in result.rows() if d.ruling.decision} == {Action.BLOCK, Action.BYPASS}


def test_udp_443_to_tunnelled_hosts_stands_apart() -> None:
    quic = visit(transport=Transport.UDP)
    other = visit("b.example", transport=Transport.UDP)
    result = tallied(Judge(TUNNELLED), visit(), quic, other, visit(port=53, transport=Transport.UDP))
    assert [(d.host, d.transport) for d, _ in result.rows(apart=True)] == [("acme.okta.com", Transport.UDP)]
    assert [(d.host, d.port, d.transport) for d, _ in result.rows()] == [
        ("acme.okta.com", 443, Transport.TCP),
        ("acme.okta.com", 53, Transport.UDP),
        ("b.example", 443, Transport.UDP),
    ]
    document = as_json(result)
    assert document["udp_443_to_tunnelled"]["count"] == 1  # type: ignore[index]


def test_an_unknown_platform_is_decided_where_it_makes_no_difference() -> None:
    judge = Judge(rules(LOGIN, ON_IOS))
    known = judge.ruling(visit(platform=None))
    assert known.decision is not None
    assert known.decision.action is Action.TUNNEL
    assert judge.ruling(visit("a.example", platform=None)).decision is None


@pytest.mark.parametrize(
    ("old", "change"),
    [
        pytest.param(TUNNELLED, None, id="same"),
        pytest.param(rules(), Change.ACTION, id="another-action"),
        pytest.param(rules(LOGIN.replace("login", "other")), Change.RULE, id="another-rule"),
        pytest.param(rules(default="tunnel"), Change.RULE, id="another-reason"),
    ],
)
def test_against_another_set(old: RuleSet, change: Change | None) -> None:
    result = tallied(Judge(TUNNELLED, old), visit())
    assert [d.ruling.change for d, _ in result.rows()] == [change]
    assert result.changes_action is (change is Change.ACTION)


@pytest.mark.parametrize(
    ("recorded", "change"),
    [
        (Recorded(Action.TUNNEL, "login"), None),
        (Recorded(Action.BLOCK, "login"), Change.ACTION),
        (Recorded(Action.TUNNEL, "older"), Change.RULE),
        (None, None),
    ],
)
def test_against_what_was_recorded(recorded: Recorded | None, change: Change | None) -> None:
    assert Judge(TUNNELLED).ruling(visit(recorded=recorded)).change is change


def test_another_set_goes_before_what_was_recorded() -> None:
    assert Judge(TUNNELLED, TUNNELLED).ruling(visit(recorded=Recorded(Action.BLOCK, None))).change is None


def test_changes_of_the_action_come_first_and_the_largest_of_them() -> None:
    judge = Judge(rules(LOGIN), rules(LOGIN.replace("login", "x"), "{name: b, apps: all, action: block, to: ['*']}"))
    result = tallied(judge, visit(), visit("small.example"), visit("large.example", bytes_up=1000))
    assert [d.host for d, _ in result.changes()] == ["large.example", "small.example", "acme.okta.com"]


@tried(50)
@given(st.lists(st.tuples(st.sampled_from("abcdefghijkl"), st.integers(0, 1000), st.booleans()), max_size=60))
def test_sums_stay_exact_however_few_rows_there_are(seen: list[tuple[str, int, bool]]) -> None:
    old = rules("{name: some, apps: all, action: block, to: [a.example, b.example]}")
    visits = [
        visit(f"{name}.example", bytes_up=size, transport=Transport.UDP if is_udp else Transport.TCP)
        for name, size, is_udp in seen
    ]
    judge = Judge(rules(default="tunnel"), old)
    small, large = tallied(judge, *visits, limit=4), tallied(judge, *visits, limit=1000)
    assert len(small.tally.rows) <= 4 + 8
    for apart in (True, False):
        assert sums_of(small.rows(apart=apart)) == sums_of(large.rows(apart=apart))
    assert sums_of(small.changes()) == sums_of(large.changes())
    assert small.changes_action is large.changes_action


def test_what_is_let_go_is_counted_and_told() -> None:
    result = tallied(Judge(TUNNELLED), *(visit(f"h{number}.example") for number in range(20)), limit=8)
    assert result.tally.folded > 0
    assert as_json(result)["rows_folded"] == result.tally.folded
    assert [d.host for d, _ in result.rows()].count(None) == 1


HOSTS = st.sampled_from(["acme.okta.com", "a.example", "login.windows.net", "203.0.113.5", "localhost", "x.net"])


@tried(100)
@given(HOSTS, st.sampled_from([None, *Platform]), st.sampled_from([None, "com.apple.mobilesafari", "com.a"]))
def test_decisions_are_those_of_the_reference(host: str, platform: Platform | None, app: str | None) -> None:
    rule_set = rules(LOGIN, ON_IOS, BY_ADDRESS, "{name: app, apps: [com.a], action: tunnel, to: ['*.net']}")
    found = Judge(rule_set).ruling(visit(host, platform=platform, app=app)).decision
    asked = [platform] if platform else list(Platform)
    expected = {evaluate(rule_set, Flow(each, parse_host(host), 443, app=app)) for each in asked}
    assert found == (expected.pop() if len(expected) == 1 else None)


def test_captures_in_a_row_share_their_names(tmp_path: Path) -> None:
    answer = udp(
        dns_answer("acme.okta.com", ("acme.okta.com", "A", SERVER)), source=RESOLVER, target="192.0.2.10",
        ports=(53, 5000),
    )  # fmt: skip
    first = write_pcap(tmp_path / "1", ethernet([answer]))
    second = write_pcap(tmp_path / "2", ethernet(tcp_talk([])))
    result = replay(Judge(TUNNELLED), [first, second], Apps(Platform.IOS))
    assert "acme.okta.com" in [d.host for d, _ in result.rows()]


def test_a_whole_replay_as_json(tmp_path: Path) -> None:
    packets = [*tcp_talk([client_hello("acme.okta.com")], answer=b"x"), *map(udp, quic_initials("acme.okta.com"))]
    path = write_pcap(tmp_path / "c.pcap", ethernet(packets))
    seen: list[int] = []
    result = replay(Judge(TUNNELLED), [path], Apps(Platform.IOS, "com.a"), lambda _path, count: seen.append(count))
    assert sum(seen) == path.stat().st_size
    document = as_json(result)
    (row,) = document["destinations"]  # type: ignore[misc]
    assert row == {
        "host": "acme.okta.com",
        "port": 443,
        "transport": "tcp",
        "platform": "ios",
        "app": "com.a",
        "decision": {
            "action": "tunnel",
            "reason": "rule",
            "rule": "login",
            "rule_index": 0,
            "destination": "acme.okta.com",
            "proxy": None,
        },
        "against": None,
        "recorded": None,
        "change": None,
        "count": 1,
        "packets": 5,
        "bytes_up": 14 * 3 + 40 * 3 + 517,
        "bytes_down": 14 * 2 + 40 * 2 + 1,
        "encrypted_client_hello": 0,
        "named_by": {"sni": 1},
    }
    assert list(document) == [
        "v", "rule_set", "against", "captures", "destinations", "udp_443_to_tunnelled", "changes", "rows_folded",
    ]  # fmt: skip
