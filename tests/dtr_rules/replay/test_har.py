"""HAR files: entries as visits, streamed, with bodies passed over, damaged ones as far as they go."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.replay import capture
from dtr_rules.replay.addresses import Names
from dtr_rules.replay.reading import LeftOut, Reading
from dtr_rules.replay.short_strings import ShortStrings
from dtr_rules.replay.visit import NamedBy, Transport, Visit


def entry(url: str, **more: Any) -> dict[str, Any]:
    """An entry as Chrome's developer tools write it."""
    return {
        "_initiator": {"type": "script", "stack": {"callFrames": [{"url": "https://decoy.example/"}]}},
        "_priority": "High",
        "connection": "431",
        "request": {
            "method": "GET",
            "url": url,
            "httpVersion": "http/2.0",
            "headers": [
                {"name": ":authority", "value": "decoy.example"},
                {"name": "User-Agent", "value": "Outlook-iOS/2.1"},
            ],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 20,
        },
        "response": {
            "status": 200,
            "httpVersion": more.pop("version", "http/2.0"),
            "headers": [],
            "content": {"size": 5, "mimeType": "text/html", "text": more.pop("body", '<p>\u00e4\\"')},
            "headersSize": 100,
            "bodySize": 400,
            "_transferSize": 512,
        },
        "serverIPAddress": "203.0.113.7",
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 12.5,
        **more,
    }


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "pages": [], "entries": list(entries)}}, ensure_ascii=False).encode()


def read(content: bytes, tmp_path: Path) -> tuple[list[Visit], Reading]:
    path = tmp_path / "capture.har"
    path.write_bytes(content)
    reading = Reading(str(path))
    return list(capture.visits(path, reading, Names(), lambda _count: None)), reading


def test_an_entry_is_a_visit(tmp_path: Path) -> None:
    (visit,), reading = read(har(entry("https://Acme.okta.com/app?x=1#y")), tmp_path)
    assert (str(visit.host), visit.port, visit.transport) == ("acme.okta.com", 443, Transport.TCP)
    assert (str(visit.address), visit.user_agent, visit.named_by) == ("203.0.113.7", "Outlook-iOS/2.1", NamedBy.URL)
    assert (visit.count, visit.bytes_up, visit.bytes_down) == (1, 20, 512)
    assert (reading.format, reading.complete, reading.counts) == ("har", True, {"entries": 1})


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://a.example/", "a.example", 80),
        ("https://a.example:8443", "a.example", 8443),
        ("wss://a.example/socket", "a.example", 443),
        ("HTTPS://user:secret@a.example/", "a.example", 443),
        ("https://[2001:db8::1]/", "2001:db8::1", 443),
        ("https://почта.рф/", "xn--80a1acny.xn--p1ai", 443),
    ],
)
def test_urls_of_every_form(url: str, host: str, port: int, tmp_path: Path) -> None:
    (visit,), _reading = read(har(entry(url)), tmp_path)
    assert (str(visit.host), visit.port) == (host, port)


@pytest.mark.parametrize("version", ["h3", "HTTP/3", "http/3.0", "h3-29"])
def test_http_3_is_udp(version: str, tmp_path: Path) -> None:
    (visit,), _reading = read(har(entry("https://a.example/", version=version)), tmp_path)
    assert visit.transport is Transport.UDP


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(entry("data:text/plain,x"), LeftOut.NO_HOST, id="data-url"),
        pytest.param(entry("chrome-extension://abc/x.js"), LeftOut.NO_HOST, id="extension"),
        pytest.param(entry("https://a.example/", _fromCache="memory"), LeftOut.FROM_CACHE, id="cache"),
        pytest.param(entry("https://a_b.example/"), LeftOut.BAD_NAMES, id="underscore"),
        pytest.param(entry("https://a.example:0/"), LeftOut.BAD_NAMES, id="port-zero"),
        pytest.param(entry("https:///"), LeftOut.BAD_NAMES, id="no-host"),
        pytest.param({"request": {"url": 5}}, LeftOut.NO_HOST, id="no-text"),
        pytest.param({}, LeftOut.NO_HOST, id="nothing"),
    ],
)
def test_entries_that_lead_nowhere_are_told(made: dict[str, Any], why: LeftOut, tmp_path: Path) -> None:
    found, reading = read(har(made, entry("https://good.example/")), tmp_path)
    assert [str(each.host) for each in found] == ["good.example"]
    assert reading.left_out == {why: 1}


def test_pretty_printed_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    text = json.dumps(json.loads(har(entry("https://a.example/"))), indent=2)
    (visit,), reading = read(b"\xef\xbb\xbf\n" + text.encode(), tmp_path)
    assert (str(visit.host), reading.complete) == ("a.example", True)


def test_what_came_before_the_cut_counts(tmp_path: Path) -> None:
    whole = har(entry("https://one.example/"), entry("https://two.example/"), entry("https://three.example/"))
    found, reading = read(whole[: whole.index(b"three")], tmp_path)
    assert [str(each.host) for each in found] == ["one.example", "two.example"]
    assert reading.problems[0].startswith("after entry 2: not JSON, or cut")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'{"log": {}}', "no log.entries", id="no-entries"),
        pytest.param(b'{"other": [1, 2]}', "no log.entries", id="other-json"),
        pytest.param(b'{"log": ' + b"[" * 1_000_000, "more than 64 brackets", id="brackets"),
        pytest.param(b'{"log": {"entries": [{"x": "\xff"}]}}', "not JSON, or cut", id="not-utf-8"),
        pytest.param(b"{]", "not JSON, or cut", id="not-json"),
        pytest.param(b'{"a": 1' + b"0" * 5000 + b"}", "not JSON, or cut", id="long-number"),
    ],
)
def test_what_is_no_har_is_told(content: bytes, words: str, tmp_path: Path) -> None:
    found, reading = read(content, tmp_path)
    assert found == []
    assert words in reading.problems[0]
    assert reading.unusable


def test_a_huge_body_is_passed_over(tmp_path: Path) -> None:
    body = 'é"\\\n中😀' * 200_000
    (visit,), reading = read(har(entry("https://a.example/", body=body)), tmp_path)
    assert (str(visit.host), reading.complete) == ("a.example", True)


# --- short strings ---------------------------------------------------------------------------------------------


class Dribble(io.BytesIO):
    """A file that gives a few bytes at a time."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        super().__init__(data)
        self._sizes = itertools.cycle(sizes)

    def read(self, size: int | None = -1) -> bytes:
        return super().read(next(self._sizes))


def shortened(data: bytes, longest: int, sizes: list[int]) -> bytes:
    stream, parts = ShortStrings(Dribble(data, sizes), longest), []
    while part := stream.read(64):
        parts.append(part)
    return b"".join(parts)


SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=5)
TEXT = st.text(alphabet='aé中😀"\\\n/u1\x01', max_size=30)
VALUES = st.recursive(
    TEXT | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20
)


@tried(60)
@given(VALUES, st.booleans(), SIZES)
def test_json_with_short_strings_is_left_as_it_is(value: object, ascii_only: bool, sizes: list[int]) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert shortened(data, 1000, sizes) == data


@tried(150)
@given(st.lists(TEXT), st.booleans(), SIZES, st.integers(0, 20))
def test_what_was_json_still_is(value: list[str], ascii_only: bool, sizes: list[int], longest: int) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    found = json.loads(shortened(data, longest, sizes))
    assert len(found) == len(value)
    for short, whole in zip(found, value, strict=True):
        assert len(json.dumps(short, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")) <= longest + 2
        assert ascii_only or whole.startswith(short)


@tried(100)
@given(st.text(alphabet='"\\u1a{', max_size=40), SIZES)
def test_any_bytes_come_to_an_end(text: str, sizes: list[int]) -> None:
    assert len(shortened(text.encode(), 5, sizes)) <= len(text)
