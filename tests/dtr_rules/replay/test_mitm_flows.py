"""mitmproxy's flow files: written by mitmproxy itself, read without it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.io import FlowWriter, tnetstring
from mitmproxy.test import tflow

from dtr_rules.replay import capture
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.tnetstring import Reader, TnetstringError, parse
from dtr_rules.replay.visit import NamedBy, Transport, Visit


def read(content: bytes, tmp_path: Path) -> tuple[list[Visit], Reading]:
    path = tmp_path / "flows"
    path.write_bytes(content)
    reading = Reading(str(path))
    return list(capture.visits(path, reading, Names(), lambda _count: None)), reading


def written(*flows: Any) -> bytes:
    stream = io.BytesIO()
    for flow in flows:
        FlowWriter(stream).add(flow)
    return stream.getvalue()


def http(host: str = "acme.okta.com", port: int = 443, **more: Any) -> Any:
    flow = tflow.tflow(resp=True)
    flow.request.host, flow.request.port, flow.request.scheme = host, port, "https"
    flow.request.headers["user-agent"] = "Outlook/1"
    flow.client_conn.sni = more.get("sni")
    flow.client_conn.peername = ("192.0.2.10", 50000)
    flow.server_conn.peername = ("203.0.113.7", port)
    flow.request.content, flow.response.content = more.get("up", b"1234"), more.get("down", b"x" * 1000)
    flow.request.http_version = more.get("version", "HTTP/2.0")
    return flow


def test_a_flow_is_a_visit(tmp_path: Path) -> None:
    (visit,), reading = read(written(http()), tmp_path)
    assert (str(visit.host), visit.port, visit.transport) == ("acme.okta.com", 443, Transport.TCP)
    assert (str(visit.address), str(visit.client)) == ("203.0.113.7", "192.0.2.10")
    assert (visit.user_agent, visit.named_by, visit.bytes_up, visit.bytes_down) == ("Outlook/1", NamedBy.URL, 4, 1000)
    assert (reading.format, reading.complete, reading.counts) == ("mitmproxy", True, {"flows": 1})


@pytest.mark.parametrize(
    ("flow", "host"),
    [
        pytest.param(http("203.0.113.7", sni="acme.okta.com"), "acme.okta.com", id="sni"),
        pytest.param(http("203.0.113.7"), "203.0.113.7", id="address-alone"),
        pytest.param(http("acme.okta.com", sni="other.example"), "acme.okta.com", id="name-before-sni"),
    ],
)
def test_a_transparent_proxys_addresses_get_their_names(flow: Any, host: str, tmp_path: Path) -> None:
    flow.request.authority = ""
    flow.request.headers.pop("host", None)
    (visit,), _reading = read(written(flow), tmp_path)
    assert str(visit.host) == host


def test_http_3_and_udp_flows_are_udp(tmp_path: Path) -> None:
    found, _reading = read(written(http(version="HTTP/3"), tflow.tudpflow(), tflow.ttcpflow()), tmp_path)
    assert [each.transport for each in found] == [Transport.UDP, Transport.UDP, Transport.TCP]


def test_messages_of_raw_flows_are_counted_each_way(tmp_path: Path) -> None:
    (visit,), _reading = read(written(tflow.ttcpflow()), tmp_path)
    assert (str(visit.host), visit.port, visit.bytes_up, visit.bytes_down) == ("address", 22, 5, 7)


@pytest.mark.parametrize("make", [tflow.twebsocketflow, tflow.tdnsflow, lambda: tflow.tflow(err=True), tflow.tflow])
def test_every_kind_of_flow_is_read(make: Callable[[], Any], tmp_path: Path) -> None:
    _found, reading = read(written(make(), http()), tmp_path)
    assert (reading.complete, reading.counts["flows"]) == (True, 2)


def test_a_body_larger_than_what_is_read_whole_is_passed_over(tmp_path: Path) -> None:
    (visit,), reading = read(written(http(down=b"7:" * 2_000_000)), tmp_path)
    assert (visit.bytes_down, reading.complete) == (4_000_000, True)


def test_older_files_name_things_differently(tmp_path: Path) -> None:
    state: dict[str, Any] = {
        "version": 7,
        "type": "http",
        "client_conn": {"address": ["192.0.2.10", 5], "sni": None},
        "server_conn": {"address": ["a.example", 443], "ip_address": ["203.0.113.9", 443]},
        "request": {"host": b"a.example", "port": 443, "headers": [], "content": b"", "http_version": b"HTTP/1.1"},
        "response": None,
    }
    (visit,), reading = read(tnetstring.dumps(state), tmp_path)
    assert (str(visit.host), str(visit.address), str(visit.client)) == ("a.example", "203.0.113.9", "192.0.2.10")
    assert reading.complete


def test_what_came_before_the_cut_counts(tmp_path: Path) -> None:
    one = written(http())
    for length in (len(one) + 1, len(one) + 10, len(one) + 900, 2 * len(one) - 1):
        found, reading = read(written(http(), http())[:length], tmp_path)
        assert len(found) == 1
        assert reading.problems == ["after flow 1: the file ends within a flow"] or "damaged" in reading.problems[0]


def test_flows_without_a_host_are_told(tmp_path: Path) -> None:
    flow = tnetstring.dumps({"type": "http", "request": {"host": "", "port": 443}})
    bad = tnetstring.dumps({"type": "http", "request": {"host": "a b", "port": 443}})
    _found, reading = read(flow + bad, tmp_path)
    assert reading.left_out == {LeftOut.NO_HOST: 1, LeftOut.BAD_NAMES: 1}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"5:hello,", id="no-mapping"),
        pytest.param(b"12:4:type;4:http", id="cut"),
        pytest.param(b"999999999999:", id="claims-too-much"),
        pytest.param(b"9:4:type;9:x}", id="value-longer-than-mapping"),
        pytest.param(b"3:0:~}", id="key-that-is-no-text"),
        pytest.param(b"1:x", id="garbage"),
    ],
)
def test_damage_is_told(content: bytes, tmp_path: Path) -> None:
    found, reading = read(content, tmp_path)
    assert found == []
    assert reading.unusable


def test_values_are_what_mitmproxy_wrote() -> None:
    value = {"a": [1, 2.5, True, False, None, b"\xff", "ä"], "b": {"c": []}}
    data = tnetstring.dumps(value)
    reader = Reader(io.BytesIO(data))
    length = reader.length()
    assert length is not None
    assert reader.value(length) == value
    assert reader.length() is None


def test_lists_within_lists_come_to_an_end() -> None:
    data = b""
    for _ in range(100):
        data = b"%d:%s]" % (len(data), data)
    with pytest.raises(TnetstringError, match="lists within lists"):
        parse(data, ord("]"))
