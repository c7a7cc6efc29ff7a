"""The located reader: every mistake with its place, what was found and what is allowed, all at once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from dtr_rules import source
from dtr_rules.source import Duration, FormatVersion, Model, Port, UnusableFileError, parse, read


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Round(Model):
    kind: Literal["round"]
    radius: int


class Square(Model):
    kind: Literal["square"]
    side: int


class Item(Model):
    name: str
    colour: Colour = Colour.RED
    tags: tuple[str, ...] = ()
    shape: Annotated[Round | Square, Field(discriminator="kind")] | None = None


class Example(Model):
    version: FormatVersion
    listen_port: Port = 443
    wait: Duration = 10.0
    colours: tuple[Colour, ...] = ()
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    by_name: dict[str, Item] = Field(default_factory=dict)


def mistakes(text: str) -> list[str]:
    with pytest.raises(UnusableFileError) as error:
        parse(text, "f", Example)
    return [str(mistake) for mistake in error.value.mistakes]


GOOD = "version: 1\nitems: [{name: a}]\n"


def test_reads_what_is_right_and_keeps_the_places() -> None:
    source = parse("version: 1\nlisten-port: 8443\nwait: 1.5m\nitems:\n  - name: a\n    tags: [x, 'y']\n", "f", Example)
    assert (source.content.listen_port, source.content.wait) == (8443, 90.0)
    assert source.content.items[0].tags == ("x", "y")
    assert str(source.place("items", 0, "tags", 1)) == "f:6:15"
    assert str(source.place("items", 0, "colour")) == "f:5:5", "what the file leaves out stands where it would stand"


def test_all_mistakes_at_once_in_the_order_of_the_file() -> None:
    text = "version: 2\nlisten-prt: 1\nitems:\n  - nmae: a\n    colour: gren\n    tags: [1, ok, no]\nwait: 5\n"
    assert mistakes(text) == [
        "f:1:10: unknown version 2; allowed: 1",
        (
            "f:2:1: unknown key 'listen-prt' (did you mean 'listen-port'?); "
            "allowed: version, listen-port, wait, colours, items, by-name"
        ),
        "f:4:5: 'name' is missing",
        "f:4:5: unknown key 'nmae' (did you mean 'name'?); allowed: name, colour, tags, shape",
        "f:5:13: unknown colour 'gren' (did you mean 'green'?); allowed: red, green",
        "f:6:12: an item of tags must be text, found 1; quote it",
        "f:7:7: wait 5: must be a time with its unit, such as 500ms, 10s, 5m, 12h or 7d",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "f:1:1: empty file", id="empty"),
        pytest.param("- a", "f:1:1: this file must be a mapping (key: value), found a list", id="a-list"),
        pytest.param(
            "version: true\nitems: [{name: a}]", "f:1:10: unknown version true; allowed: 1", id="true-is-not-1"
        ),
        pytest.param(
            GOOD + "listen-port: 70000",
            "f:3:14: listen-port must be less than or equal to 65535, found 70000",
            id="port-too-large",
        ),
        pytest.param(
            GOOD + "listen-port: '443'", "f:3:14: listen-port must be a whole number, found '443'", id="port-as-text"
        ),
        pytest.param("version: 1\nitems: []", "f:2:8: items must not be empty", id="empty-list"),
        pytest.param("version: 1\nitems: no", "f:2:8: items must be a list, found 'no'", id="text-for-a-list"),
        pytest.param("version: 1\nitems:", "f:2:1: items must be a list, found nothing", id="nothing"),
        pytest.param(
            GOOD + "colours: [red, yelow]", "f:3:16: unknown value in colours 'yelow'; allowed: red, green", id="item"
        ),
        pytest.param(
            GOOD + "by-name: {k: {nam: a, name: b}}",
            "f:3:15: unknown key 'nam' (did you mean 'name'?); allowed: name, colour, tags, shape",
            id="in-a-mapping-of-names",
        ),
        pytest.param(
            "version: 1\nitems: [{name: a, shape: {kind: round, radius: 1, sid: 2}}]",
            "f:2:51: unknown key 'sid' (did you mean 'side'?); allowed: kind, radius, side",
            id="in-a-branch-of-a-union",
        ),
        pytest.param(
            "version: 1\nitems: [{name: a, shape: {kind: round}}]",
            "f:2:26: 'radius' is missing",
            id="missing-in-a-union",
        ),
        pytest.param(
            GOOD + "items: []", "f:3:1: 'items' stands here for the second time (first at line 2)", id="key-twice"
        ),
        pytest.param("a: [*.x, b]", "f:1:5: a value that starts with '*' must be quoted: write \"*.x\"", id="star-dot"),
        pytest.param(
            "a: *okta.com", "f:1:4: a value that starts with '*' must be quoted: write \"*okta.com\"", id="star"
        ),
        pytest.param("a: *", "f:1:4: a value that starts with '*' must be quoted: write \"*\"", id="star-alone"),
        pytest.param(
            "a: [1, 2",
            "f:1:9: not YAML: expected ',' or ']', but got '<stream end>' (while parsing a flow sequence)",
            id="open-list",
        ),
        pytest.param("a: b: c", "f:1:5: not YAML: mapping values are not allowed here", id="two-colons"),
        pytest.param(
            "a: !!python/name:os.system x",
            "f:1:4: the tag '!python/name:os.system' has no meaning here; remove it",
            id="tag",
        ),
        pytest.param("? [a]\n: b", "f:1:3: a key must be text", id="key-that-is-a-list"),
        pytest.param(
            "a: b\nc: \x07", "f:2:4: the character U+0007 may not stand in YAML; remove it", id="control-character"
        ),
    ],
)
def test_mistake(text: str, expected: str) -> None:
    found = mistakes(text)
    assert any(line.startswith(expected) for line in found), found


@pytest.mark.parametrize("word", ["no", "off", "yes", "12:30", "2026-11-23", "1_000", "0o9"])
def test_words_that_older_yaml_took_for_something_else_are_text(word: str) -> None:
    assert parse(f"version: 1\nitems: [{{name: {word}}}]", "f", Example).content.items[0].name == word


def test_aliases_are_read() -> None:
    shared = "version: 1\nitems: [{name: a, tags: &t [x, y]}, {name: b, tags: *t}]"
    assert parse(shared, "f", Example).content.items[1].tags == ("x", "y")


def test_a_file_full_of_mistakes_shows_the_first_and_says_how_many_there_are() -> None:
    found = mistakes("version: 1\nitems:\n" + "  - {nmae: a}\n" * 1000)
    assert len(found) == source.MAX_MISTAKES + 1
    assert found[-1].endswith(f"… and {2000 - source.MAX_MISTAKES} more mistakes; mend these first")


def test_what_is_found_is_shown_cut_short() -> None:
    (long,) = mistakes(f"{GOOD}{'k' * 1000}: 1")
    assert "unknown key 'kkk" in long
    assert len(long) < 200
    (long,) = mistakes(f"version: 1\nitems: [{{name: {'9' * 90}}}]")
    assert len(long) < 200


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"version: 1\nitems: [{name: \xff}]", ":2:16: not UTF-8 text; save the file as UTF-8"),
        (b"x" * (4 * 1024 * 1024 + 1), ":1:1: larger than 4 MiB"),
    ],
    ids=["latin-1", "large"],
)
def test_file_that_is_no_text(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError) as error:
        read(path, Example)
    assert str(error.value) == f"{path}{expected}"


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match=r"f\.yaml:1:1: cannot read this file: No such file or directory"):
        read(tmp_path / "f.yaml", Example)


def test_mark_of_utf_8_and_json_are_read(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(b'\xef\xbb\xbf{"version": 1, "items": [{"name": "a"}]}')
    assert read(path, Example).content.items[0].name == "a"


def test_a_time_that_no_date_can_hold_is_refused() -> None:
    with pytest.raises(UnusableFileError, match="f:3:7: wait '999999999h': must be a time of at most 36500d"):
        parse("version: 1\nlisten-port: 8443\nwait: 999999999h\nitems: []\n", "f", Example)
