"""The mapping file: who is which app on which platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtr_rules.hosts import parse_address, parse_host
from dtr_rules.model import Platform
from dtr_rules.replay.apps import Apps, is_like, read_apps
from dtr_rules.replay.visit import NamedBy, Transport, Visit
from dtr_rules.source import UnusableFileError

MAPPING = """\
version: 1
apps:
  - {client: 192.168.1.0/24, platform: ios}
  - {user-agent: "*Outlook-iOS*", to: ["*.office365.com", "acme.okta.com:443"], app: com.microsoft.Office.Outlook}
  - {platform: android, app: com.example.rest}
"""


def visit(**more: str) -> Visit:
    return Visit(
        host=parse_host(more.get("host", "acme.okta.com")),
        port=443,
        transport=Transport.TCP,
        named_by=NamedBy.SNI,
        client=parse_address(more["client"]) if "client" in more else None,
        user_agent=more.get("agent"),
        app=more.get("app"),
        platform=Platform(more["platform"]) if "platform" in more else None,
    )


@pytest.fixture
def entries(tmp_path: Path) -> Apps:
    path = tmp_path / "apps.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return Apps(Platform.WINDOWS, "C:\\x.exe", read_apps(path))


OUTLOOK = "com.microsoft.Office.Outlook"


@pytest.mark.parametrize(
    ("seen", "platform", "app"),
    [
        pytest.param({"client": "192.168.1.20"}, "ios", "com.example.rest", id="client"),
        pytest.param({"client": "192.0.2.1"}, "android", "com.example.rest", id="other-client"),
        pytest.param({"agent": "x Outlook-iOS/2"}, "android", OUTLOOK, id="user-agent"),
        pytest.param({"agent": "Outlook-iOS", "host": "a.example"}, "android", "com.example.rest", id="other-host"),
        pytest.param({"client": "192.168.1.9", "agent": "Outlook-iOS"}, "ios", OUTLOOK, id="both"),
        pytest.param({"platform": "macos", "app": "com.own"}, "macos", "com.own", id="capture-says-so"),
        pytest.param({"app": "com.own", "client": "192.168.1.9"}, "ios", "com.own", id="capture-says-half"),
    ],
)
def test_the_first_entry_that_fits_and_says_it(entries: Apps, seen: dict[str, str], platform: str, app: str) -> None:
    found = visit(**seen)
    entries.fill_in(found)
    assert (found.platform, found.app) == (platform, app)


def test_options_say_it_where_nobody_else_does() -> None:
    found = visit()
    Apps(Platform.IOS, "com.example.a").fill_in(found)
    assert (found.platform, found.app) == (Platform.IOS, "com.example.a")
    unknown = visit()
    Apps().fill_in(unknown)
    assert (unknown.platform, unknown.app) == (None, None)


@pytest.mark.parametrize(
    ("text", "pattern", "like"),
    [
        ("abc", "abc", True), ("abc", "ab", False), ("abc", "a*", True), ("abc", "*c", True), ("abc", "*b*", True),
        ("abc", "a*c", True), ("ab", "ab*b", False), ("abab", "ab*ab", True), ("aXbYc", "a*b*c", True), ("", "*", True),
        ("a", "", False), ("abc", "*d*", False), ("abc", "**", True),
    ],
)  # fmt: skip
def test_stars_are_any_text(text: str, pattern: str, like: bool) -> None:
    assert is_like(text, pattern) is like


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{client: 192.168.1.0/24}", "says nothing"),
        ("{client: a.example, platform: ios}", "must be an address, a network or a range"),
        ("{client: '192.0.2.1:443', platform: ios}", "without a port"),
        ("{to: [], platform: ios}", "name at least one"),
        ("{to: ['a b'], platform: ios}", "contains a space"),
        ("{platform: beos}", "unknown platform 'beos'"),
        ("{app: 'com.*'}", "without '*'"),
        ("{ap: x, platform: ios}", "unknown key 'ap'"),
    ],
)
def test_mistakes_have_their_places(entry: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "apps.yaml"
    path.write_text(f"version: 1\napps:\n  - {entry}\n", encoding="utf-8")
    with pytest.raises(UnusableFileError) as caught:
        read_apps(path)
    (mistake,) = caught.value.mistakes
    assert words in mistake.message
    assert mistake.place.line == 3
