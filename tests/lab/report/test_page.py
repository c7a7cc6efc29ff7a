"""The page about a run: all of it is there, for every reader, and nothing in it is anything but data."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.record import Run, run_from_json, run_to_json
from lab.report.page import render
from lab.report.page.drawing import NARROW, WIDE, Geometry, draw
from lab.report.page.parties import Parties
from lab.report.page.sequence import Arrow, Sequence, sequence_of
from lab.report.page.view import views_of
from lab.report.page.wrapping import width_of, wrap

HOSTILE = "<script>alert(1)</script>\" onload='x' \x1b]0;owned\x07 \u202egnp.exe {{ 7 * 7 }} https://evil.example/"
WORDS_OF_THE_FORMAT = {"kind", "path", "provider", "outcome", "observer", "time", "started", "clock"}
VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """What a browser would make of it: elements with their attributes, and text. Fails where a tag is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def text(self) -> str:
        return " ".join(" ".join(data for tag, data in self.texts if tag != "style").split())


def page(*runs: Run) -> Page:
    return Page(render(runs, version="1.2.3"))


def written_in(picture: str) -> str:
    """The text of a picture, without the breaks of its lines."""
    drawn = Page(picture).texts
    return "".join("".join(data for tag, data in drawn if tag == "text").split())


SHOWN = [
    (1, "Microsoft Authenticator opens acme.okta.com:443, 2 times"),
    (1, "tunnelled by rule identity-providers"),
    (1, "The gateway admits it: rule “gateway-rule”"),
    (1, "to acme.okta.com:443 from 127.42.0.10, an egress address"),
    (1, "Okta saw 127.42.0.10, an egress address, in zone “Tunnel egress”"),
    (1, "policy.evaluate_sign_on ALLOW by rule “From the tunnel”"),
    (1, "The person was asked for: password"),
    (2, "The gateway refuses it: device-not-compliant"),
    (2, "Refused with status 403: device-not-compliant"),
    (2, "Set a passcode."),
    (2, "Okta wrote nothing down"),
    (2, "Outlook: never reached the far end"),
    (3, "login.acme.example:443, past the gateway, from 127.43.0.11, the device's own address"),
    (3, "no VPN profile is installed"),
    (3, "Okta saw 127.43.0.11, the device's own address, in no zone"),
    (3, "interactive sign-in failure 53003 by policy “Block outside the tunnel”"),
    (3, "Outlook: denied"),
    (4, "Blocked on the device: nothing leaves it"),
]


@pytest.mark.parametrize(("number", "words"), SHOWN, ids=[words for _, words in SHOWN])
def test_a_login_s_pictures_and_words_say_what_each_party_did(run: Run, number: int, words: str) -> None:
    (view,) = views_of([run])
    login = view.logins[number - 1]
    assert words in "; ".join(login.words)
    for picture in login.pictures:
        assert "".join(words.split()) in written_in(picture)


def test_a_run_that_nobody_expected_anything_of_is_not_told_as_expected(run: Run) -> None:
    text = page(dataclasses.replace(run, checks=())).text()
    assert "Nothing was expected of this run" in text
    assert "As expected" not in text


def test_the_parties_stand_above_the_picture_with_their_addresses(run: Run) -> None:
    (view,) = views_of([run])
    for picture in view.logins[2].pictures:
        assert written_in(picture).startswith(
            "iphoneios127.43.0.11Gateway127.41.0.1Entralogin.microsoftonline.com127.40.0.20Oktaacme.okta.com127.40.0.10"
        )


def sequence(run: Run, number: int) -> Sequence:
    return sequence_of(run.logins[number - 1], Parties.of(run))


def test_a_refused_login_goes_no_farther_than_the_gateway(run: Run) -> None:
    arrows = [event for event in sequence(run, 2).events if isinstance(event, Arrow)]
    assert [(arrow.start, arrow.end, arrow.stopped) for arrow in arrows] == [
        ("device", "gateway", False),
        ("gateway", "device", False),
    ]


@pytest.mark.parametrize("host", ["gateway", "device", "okta"])
def test_a_host_is_not_taken_for_a_party_of_the_same_name(run: Run, host: str) -> None:
    there = dataclasses.replace(run.logins[2].connections[0], host=host)
    login = dataclasses.replace(run.logins[2], connections=(there,), entries=())
    found = sequence_of(login, Parties.of(run))
    assert [line.title for line in found.lifelines] == ["iphone", "Gateway", host]
    arrow = found.events[0]
    assert isinstance(arrow, Arrow)
    assert arrow.end == found.lifelines[-1].key


def test_what_the_device_blocks_stops_before_the_gateway(run: Run) -> None:
    arrow = sequence(run, 4).events[0]
    assert isinstance(arrow, Arrow)
    assert arrow.stopped
    assert "cross" in draw(sequence(run, 4), WIDE, ident="x", title="", description="")


@pytest.mark.parametrize("geometry", [WIDE, NARROW], ids=lambda geometry: geometry.name)
def test_only_what_goes_direct_has_a_bow_past_the_gateway(run: Run, geometry: Geometry) -> None:
    pictures = [draw(sequence(run, number), geometry, ident="x", title="", description="") for number in (1, 2, 3)]
    assert [picture.count("a9 9 0 0 1 18 0") for picture in pictures] == [0, 0, 2]


@pytest.mark.parametrize("geometry", [WIDE, NARROW], ids=lambda geometry: geometry.name)
def test_nothing_is_written_beyond_the_edge_of_a_picture(run: Run, geometry: Geometry) -> None:
    long = dataclasses.replace(run.logins[2], words="unbroken" * 40, app_name="W" * 60, device="d" * 80)
    parties = Parties.of(run)
    for login in (*run.logins, long):
        picture = draw(sequence_of(login, parties), geometry, ident="x", title="", description="")
        width, height = (float(each) for each in re.findall(r'viewBox="0 0 (\S+) (\S+)"', picture)[0])
        for x, y, size, anchor, text in re.findall(
            r'x="(\S+)" y="(\S+)" font-size="(\S+)" text-anchor="(\w+)">([^<]*)<', picture
        ):
            before = width_of(text, float(size)) / 2 if anchor == "middle" else 0
            assert float(x) - before >= 0
            assert float(x) - before + width_of(text, float(size)) <= width + 1
            assert 0 < float(y) < height


@given(st.text(max_size=120), st.floats(40, 400))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: float) -> None:
    lines = wrap(text, width, 12)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line, 12) <= width for line in lines)


def test_the_page_tells_everything_in_the_order_of_a_meeting(run: Run) -> None:
    text = page(run).text()
    places = [
        text.index(words)
        for words in (
            "Four ways of a login",
            "Not as expected: 1 of 2 expectations met.",
            "4 logins: 1 allowed, 1 denied, 2 never reached the far end.",
            "device: way: expected any , was none (step 2, a:2:9)",
            "Outlook on iphone signs anna@acme.example in at Okta : allowed . Okta saw 127.42.0.10, an egress address.",
            "never reached the far end . The gateway refused: device-not-compliant.",
            "denied . Entra saw 127.43.0.11, the device's own address, and wrote down: interactive sign-in failure",
            "One learns something.",
            "Not confirmed by a public source: Nobody has said so.",
            "Login 1: Outlook on iphone",
            "What the gateway decided Its decision log, by its own clock, which no step advances. Time Login",
            "11:58:01 1 iphone 00008101-000A1C2E3F40001E",
            "✗ refused device-not-compliant the UEM says so nowhere not looked at",
            "The network zone “Tunnel egress”",
            "Step by step",
            "step 2 is done 12:00:00, took 0.5 s, a.yaml:2:5 login 2 What it said (1 line) a line Observer What",
            "device way any none ✗ no",
            "max-age is 3 s and stands for 12 h.",
            "Drawn by tunnel-lab 1.2.3.",
        )
    ]
    assert places == sorted(places)


def test_the_zone_s_history_says_who_wrote_what_and_when_it_counted(run: Run) -> None:
    text = page(run).text()
    assert (
        "After step 2: step 2 is done last written by Org Admin 127.44.0.0/24 + 127.42.0.12-127.42.0.12 added, does "
        "not count yet − 127.42.0.10-127.42.0.11 removed, still counts does not count yet; counted after step 3, "
        "60 s later"
    ) in text
    assert "12:01:10 After step 3" in text


def test_the_page_needs_nothing_else(run: Run) -> None:
    text = render([run], version="1")
    found = Page(text)
    assert not re.search("https?:|url\\(|@import", text)
    assert {tag for tag, _ in found.elements} & {"script", "link", "img", "iframe", "object", "base", "form"} == set()
    assert not {name for _, attributes in found.elements for name in attributes if name.startswith(("on", "style"))}
    style = re.findall("<style>(.*)</style>", text, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert policy in found.values("content")


def test_every_place_that_is_pointed_at_is_there_once(run: Run) -> None:
    found = page(run, run)
    ids = Counter(found.values("id"))
    assert set(ids.values()) == {1}
    assert set(found.values("href")) <= {f"#{each}" for each in ids}
    assert {each for names in found.values("aria-labelledby") for each in names.split()} <= set(ids)


def test_several_runs_have_a_list_of_contents(run: Run) -> None:
    good = dataclasses.replace(run, title="Another", checks=run.checks[:1])
    text = page(run, good).text()
    assert "2 scenarios, 1 as expected" in text
    assert text.index("✗ no Four ways of a login four-logins 4 logins") < text.index(
        "✓ yes Another four-logins 4 logins"
    )


def test_a_run_that_broke_down_says_where(run: Run) -> None:
    text = page(
        dataclasses.replace(run, logins=(), zones=(), steps=(), checks=(), failure="a.yaml:9:5: no\nmore")
    ).text()
    assert "✗ Could not be played to its end. no login." in text
    assert "a.yaml:9:5: no more" in text


def test_words_of_several_lines_are_lines(run: Run) -> None:
    long = dataclasses.replace(run.logins[2], words="AADSTS53003: blocked\nTrace ID: 7")
    (view,) = views_of([dataclasses.replace(run, logins=(long,))])
    assert view.logins[0].words[-1] == "Outlook: denied; AADSTS53003: blocked; Trace ID: 7"
    assert "\N{REPLACEMENT CHARACTER}" not in render([view.run], version="1")


def poisoned(value: object, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: poisoned(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, key) for each in value]
    return f"{value}{HOSTILE}" if isinstance(value, str) and key not in WORDS_OF_THE_FORMAT else value


def kinds_of(found: Page) -> set[tuple[str, str]]:
    """Elements with the names of their attributes."""
    return {(tag, name) for tag, attributes in found.elements for name in ("", *attributes)}


def test_names_are_data_wherever_they_stand(run: Run) -> None:
    run = dataclasses.replace(run, failure="it broke down")
    bad = run_from_json(json.dumps(poisoned(json.loads(run_to_json(run)))), "x")
    text = render([bad, bad], version="1")
    found, clean = Page(text), page(run, run)
    assert kinds_of(found) <= kinds_of(clean)
    assert not set(text) & set("\x1b\x07\u202e")
    assert found.text().count("<script>alert(1)</script>") > 40
    assert "{{ 7 * 7 }}" in found.text()
    assert all(value.startswith("#") for value in found.values("href"))
