"""Captures that were damaged in every way: what can be read is read, what cannot is told, and nothing is raised."""

from __future__ import annotations

import contextlib
import functools
import gzip
import io
import json
import tempfile
from pathlib import Path

import pytest
from captures import (
    CLIENT6,
    RESOLVER,
    SERVER6,
    client_hello,
    dns_answer,
    ethernet,
    quic_initials,
    tcp_talk,
    udp,
    write_pcap,
    write_pcapng,
)
from examples import tried
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from dtr_rules.formats.yaml import parse_rule_set
from dtr_rules.hosts import HostError
from dtr_rules.model import Platform
from dtr_rules.replay import Result, replay
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.apps import Apps
from dtr_rules.replay.capture import detect
from dtr_rules.replay.dns_answer import DnsError, parse_answer
from dtr_rules.replay.judge import Judge
from dtr_rules.replay.packet_visits import visits
from dtr_rules.replay.quic_initial import QuicError, QuicInitialReader
from dtr_rules.replay.reading import Reading
from dtr_rules.replay.result import as_json

RECORD = (
    '{"v":1,"event":"connect","decision_id":"d","time":"2026-01-02T03:04:05.678Z","gateway":"g","source":"192.0.2.1:5",'
    '"stage":"decision","reason":"rule","admitted":true,"device":{"udid":"U","platform":"ios","claimed_app":"com.a"},'
    '"host":"a.example","port":443,"address":"203.0.113.7","action":"tunnel","rule":"r","bytes_up":5}\n'
)
RULES = parse_rule_set("version: 1\nname: s\nmode: per-app\ndefault: bypass\nrules: []\n", "s.yaml").rule_set


@functools.cache
def packets() -> tuple[bytes, ...]:
    answer = dns_answer("a.example", ("a.example", "CNAME", "b.example"), ("b.example", "A", "203.0.113.7"))
    return (
        udp(answer, source=RESOLVER, target="192.0.2.10", ports=(53, 5000)),
        *tcp_talk([client_hello("acme.okta.com")[:300], client_hello("acme.okta.com")[300:]]),
        *tcp_talk([b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"], port=80, client=CLIENT6, server=SERVER6),
        *map(udp, quic_initials("acme.okta.com")),
    )


@functools.cache
def originals() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        frames = ethernet(packets())
        pcap = write_pcap(Path(name, "p"), frames).read_bytes()
        pcapng = write_pcapng(Path(name, "n"), frames).read_bytes()
    flows = io.BytesIO()
    for flow in (tflow.tflow(resp=True), tflow.ttcpflow(), tflow.tdnsflow()):
        FlowWriter(flows).add(flow)
    entry = {"request": {"url": "https://a.example/", "headers": [{"name": "User-Agent", "value": "x"}]}}
    return {
        "pcap": pcap,
        "pcapng": pcapng,
        "gzip": gzip.compress(pcap, mtime=0),
        "har": json.dumps({"log": {"entries": [entry, entry]}}).encode(),
        "mitmproxy": flows.getvalue(),
        "decision-log": RECORD.encode() * 2,
    }


CHANGES = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(["flip", "cut", "insert", "remove", "repeat"]),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def damaged(data: bytes, changes: list[tuple[float, str, bytes]]) -> bytes:
    for where, how, noise in changes:
        at = int(where * len(data))
        data = {
            "flip": data[:at] + noise + data[at + len(noise) :],
            "cut": data[: max(at, 4)],
            "insert": data[:at] + noise + data[at:],
            "remove": data[:at] + data[at + len(noise) :],
            "repeat": data[:at] + data[at : at + 200] + data[at:],
        }[how]
    return data


def run(data: bytes) -> Result:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return replay(Judge(RULES), [Path(file.name)], Apps(Platform.IOS))


@pytest.mark.parametrize("kind", list(originals()))
@tried(100)
@given(changes=CHANGES)
def test_damaged_captures_raise_nothing(kind: str, changes: list[tuple[float, str, bytes]]) -> None:
    result = run(damaged(originals()[kind], changes))
    (reading,) = result.readings
    assert reading.complete or all(reading.problems)
    json.dumps(as_json(result))


@pytest.mark.parametrize("kind", list(originals()))
def test_the_originals_are_whole(kind: str) -> None:
    (reading,) = run(originals()[kind]).readings
    assert reading.complete
    assert not reading.unusable


@tried(150)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_format_or_none(data: bytes) -> None:
    detect(data)
    assert run(data).readings[0].file


@tried(150)
@given(st.integers(0, len(packets()) - 1), CHANGES, st.sampled_from([0, 1, 101, 108, 113, 276, 999]))
def test_damaged_packets_raise_nothing(which: int, changes: list[tuple[float, str, bytes]], link: int) -> None:
    packet = damaged(packets()[which], changes)
    reading = Reading("x")
    found = list(visits([(each, link, len(each)) for each in (*packets(), packet, packet)], reading, Names()))
    assert sum(each.packets for each in found) + sum(reading.left_out.values()) >= 2


@tried(200)
@given(CHANGES)
def test_damaged_dns_answers_are_an_error(changes: list[tuple[float, str, bytes]]) -> None:
    with contextlib.suppress(DnsError, HostError):
        parse_answer(damaged(packets()[0][28:], changes))


@tried(200)
@given(CHANGES)
def test_damaged_initials_are_an_error(changes: list[tuple[float, str, bytes]]) -> None:
    with contextlib.suppress(QuicError):
        QuicInitialReader().feed(damaged(packets()[-1][28:], changes))
