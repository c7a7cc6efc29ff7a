"""Files that are no good: one clear message with its place, with libyaml and without it, and never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from examples import tried
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from dtr_rules import bounded_yaml, yaml_events
from dtr_rules.located_yaml import Document


@pytest.fixture(params=["libyaml", "own-parser"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """PyYAML with libyaml, and as it is where it was built without."""
    assert yaml_events.CParser is not None, "this environment's PyYAML has no libyaml, so half of this proves nothing"
    if request.param == "own-parser":
        monkeypatch.setattr(yaml_events, "CParser", None)
    return iter(())


def mistakes(text: str) -> list[str]:
    document = Document("f")
    document.load(text)
    return [str(each) for each in document.mistakes]


def nested(levels: int) -> str:
    return "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(levels))


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # nesting and growth
        pytest.param("[" * 1_000_000, "f:1:65: nested more than 64 deep", id="a-million-opening-brackets"),
        pytest.param("{" * 1_000_000, "f:1:65: nested more than 64 deep", id="a-million-opening-braces"),
        pytest.param("- " * 1_000_000, "f:1:129: nested more than 64 deep", id="a-million-dashes"),
        pytest.param("{a: " * 250_000, "f:1:257: nested more than 64 deep", id="mappings-in-mappings"),
        pytest.param(nested(9), "f:7:10: more than 250000 values once its aliases are read", id="aliases-that-explode"),
        pytest.param(
            "a: &a [x]\n" + "".join(f"{n}: &b{n} [*{f'b{n - 1}' if n else 'a'}]\n" for n in range(100)),
            "f:64:11: nested more than 64 deep once its aliases are read",
            id="aliases-that-nest",
        ),
        pytest.param("a: &a [*a]", "f:1:8: '*a' stands inside what it names", id="alias-in-itself"),
        pytest.param("a: &a 1\nb: &a 2", "f:2:4: '&a' stands here for the second time (line 1)", id="anchor-twice"),
        pytest.param("%TAG !a! x\n" * 300_000, "f:101:1: more than 100 lines start with '%'", id="directives"),
        pytest.param("a: " + "9" * 5000, "f:1:4: a number of more than 100 digits", id="number-of-5000-digits"),
        pytest.param("a: 0x" + "f" * 5000, "f:1:4: a number of more than 100 digits", id="hex-of-5000-digits"),
        # characters
        pytest.param("a: b\x00c", "f:1:5: the character U+0000 may not stand in YAML; remove it", id="null"),
        pytest.param('a: "b\\0c"', "f:1:4: the character U+0000 may not stand in YAML; remove it", id="null-escaped"),
        pytest.param('"b\\x00": c', "f:1:1: the character U+0000 may not stand in YAML", id="null-escaped-in-a-key"),
        pytest.param("a: b\x1b[2J", "f:1:5: the character U+001B may not stand in YAML", id="terminal-escape"),
        pytest.param(
            "a: b # \u202e c", "f:1:8: the character U+202E (right-to-left override) makes", id="bidi-comment"
        ),
        pytest.param('a: "\\u2066b"', "f:1:4: the character U+2066 (left-to-right isolate) makes", id="bidi-escaped"),
        pytest.param("a: b\u200f", "f:1:5: the character U+200F (right-to-left mark) makes", id="bidi-mark"),
        pytest.param(
            "a: b # c\u2028d: e", "f:1:9: the character U+2028 (line separator) ends a line", id="unseen-line"
        ),
        pytest.param("a: b # c\x85d: e", "f:1:9: the character U+0085 ends a line", id="unseen-next-line"),
        pytest.param("a: b # c\rd: e", "f:1:9: a carriage return (U+000D) without a line feed", id="carriage-return"),
        pytest.param("a: b\ufeffc", "f:1:5: the character U+FEFF", id="byte-order-mark-inside"),
        pytest.param("a: \ud800", "f:1:4: the character U+D800", id="half-a-pair"),
        pytest.param('a: "\\ud800"', "f:1:4: the character U+D800", id="half-a-pair-escaped"),
        pytest.param('a: "\\U00110000"', "f:1:7: not YAML: an escape or a number is out of range", id="no-character"),
        pytest.param("%YAML 1." + "9" * 5000, "f:1:9: not YAML: an escape or a number", id="version-of-5000-digits"),
        # tabs
        pytest.param("a:\n\t- b", "f:2:1: a tab stands here; write spaces", id="tab-indents"),
        pytest.param("a:\tb", "f:1:3: a tab stands here; write spaces", id="tab-behind-a-colon"),
        pytest.param("a: b\n\t\nc: d", "f:2:1: a tab stands here; write spaces", id="tab-on-an-empty-line"),
        pytest.param("a: b\t# c", "f:1:5: a tab stands here; write spaces", id="tab-before-a-comment"),
        pytest.param('{\n\t"a":\t1}', "f:2:6: a tab stands here; write spaces", id="tab-inside-a-line-of-json"),
        pytest.param("[a\n\tb]", "f:2:2: not YAML: expected ',' or ']'", id="tab-inside-a-text-in-brackets"),
        # grammar that is easily got wrong
        pytest.param("to: [*.x]", "f:1:6: a value that starts with '*' must be quoted: write \"*.x\"", id="star"),
        pytest.param("- *okta", "f:1:3: a value that starts with '*' must be quoted: write \"*okta\"", id="star-word"),
        pytest.param("a: &b *.c", "f:1:7: a value that starts with '*' must be quoted", id="star-with-an-anchor"),
        pytest.param("[a?b]", "f:1:3: a value with '?' in it must be quoted between", id="question-mark"),
        pytest.param("a: 'b", "f:1:4: not YAML: the quote ' that opens here is not closed", id="open-quote"),
        pytest.param("a: [2001:db8::1]:443", "f:1:17: not YAML: expected <block end>", id="brackets-not-quoted"),
        pytest.param("[a]: b", "f:1:1: a key must be text; a value that starts with '[' or '{'", id="list-as-a-key"),
        pytest.param("[: b]", "f:1:2: ", id="no-key"),
        pytest.param("a: |#b", "f:1:5: not YAML: expected chomping or indentation", id="no-space-before-a-comment"),
        pytest.param("a: !b c", "f:1:4: the tag '!b' has no meaning here; remove it", id="tag"),
        pytest.param("a: !!str 1", "f:1:4: the tag '!str' has no meaning here; remove it", id="tag-of-yaml"),
        pytest.param("a: !!int x", "f:1:4: the tag '!int' has no meaning here; remove it", id="tag-that-lies"),
        pytest.param("a: b\n---\nc: d", "f:2:1: a second document starts here; a file holds one", id="two-documents"),
        pytest.param("---\n...\n", "f:1:1: empty file", id="only-dashes"),
        pytest.param("# nothing\n", "f:1:1: empty file", id="only-a-comment"),
        pytest.param("a: 1\nb: 2\na: 3", "f:3:1: 'a' stands here for the second time (first at line 1)", id="twice"),
    ],
)
def test_mistake(text: str, expected: str) -> None:
    assert mistakes(text)[0].startswith(expected)


@pytest.mark.usefixtures("either")
def test_more_values_than_can_be_read_in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_yaml, "MAX_VALUES", 1000)
    assert mistakes("[" + "1," * 999 + "]") == []
    assert mistakes("[" + "1," * 1000 + "]") == ["f:1:2000: more than 1000 values once its aliases are read"]


@pytest.mark.usefixtures("either")
def test_every_strange_character_is_shown_at_once() -> None:
    assert [line[:6] for line in mistakes("a: \x00\nb: \u202e\nc:\td\n")] == ["f:1:4:", "f:2:4:", "f:3:3:"]
    assert len(mistakes("\x00" * 1000)) < 30


@pytest.mark.usefixtures("either")
@pytest.mark.parametrize(
    ("text", "data"),
    [
        pytest.param("\ufeffa: b", {"a": "b"}, id="byte-order-mark-first"),
        pytest.param("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}, id="lines-of-windows"),
        pytest.param("a: b # x\ty", {"a": "b"}, id="tab-in-a-comment"),
        pytest.param('{\n\t"a": 1,\n\t\t"b": [\n\t]\n}', {"a": 1, "b": []}, id="json-with-tabs"),
        pytest.param('{"a": "\\u00e9\\n\\t"}', {"a": "é\n\t"}, id="json-with-escapes"),
        pytest.param("a: &x [1, 2]\nb: *x", {"a": [1, 2], "b": [1, 2]}, id="alias"),
        pytest.param("a: ~\nb:\nc: ''", {"a": None, "b": None, "c": ""}, id="nothing-in-three-ways"),
        pytest.param(
            "a: 0x1F\nb: 0o17\nc: -3\nd: +.5e1\ne: '5'", {"a": 31, "b": 15, "c": -3, "d": 5.0, "e": "5"}, id="numbers"
        ),
        pytest.param("%YAML 1.2\n---\na: b\n...\n", {"a": "b"}, id="directive-and-dashes"),
        pytest.param("[" * 64 + "]" * 64, None, id="sixty-four-deep"),
        pytest.param("? a\n: b", {"a": "b"}, id="key-with-a-question-mark"),
        pytest.param("почта: рф 😀", {"почта": "рф 😀"}, id="other-scripts"),
    ],
)
def test_what_is_right_is_read(text: str, data: object) -> None:
    document = Document("f")
    found = document.load(text)
    assert document.mistakes == []
    assert data is None or found == data


GOOD = """\
version: 1
name: rules # of a set
rules:
  - name: one
    to: ["*.okta.com", a.example, '192.0.2.0/24:443']
    apps: &apps [com.example.a]
  - {name: two, to: [b.example:443], apps: *apps}
text: >-
  folded
  text
"""
PIECES = [*"[]{},:-*&!|>%@`#'\"\\ \n~ab1.", "- ", ": ", "\n  ", "---\n", "*a", "&a ", "\\x", "\\u12", "é", "''", "\r\n"]


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = GOOD
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + draw(st.integers(0, 3)) :]
    return text


def outcome(text: str) -> tuple[object, list[str], dict[object, str]]:
    document = Document("f")
    data = document.load(text)
    places = {} if document.mistakes else {path: str(place) for path, place in document.places.items()}
    return data if not document.mistakes else None, [str(each) for each in document.mistakes], dict(places)


@given(damaged())
@tried(150, HealthCheck.function_scoped_fixture)
def test_both_parsers_say_the_same_at_the_same_places(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with monkeypatch.context() as patch:
        fast = outcome(text)
        patch.setattr(yaml_events, "CParser", None)
        assert outcome(text) == fast


@example("*\U0001239a")  # what Unicode has not assigned yet
@given(st.text(max_size=60) | st.text(alphabet="[]{}:-*&!|>%?'\"\\ \n\t#ax0,", max_size=60) | damaged())
@tried(200)
def test_any_text_is_data_or_mistakes_at_places_of_the_file(text: str) -> None:
    document = Document("f")
    data = document.load(text)
    assert document.mistakes == [] or data is not None or document.mistakes
    lines = re.split(r"\n", text)
    for mistake in document.mistakes:
        assert 1 <= mistake.place.line <= len(lines) + 1
        assert 1 <= mistake.place.column <= max(len(line) for line in lines) + 2
        assert mistake.message.isprintable()


def test_the_bound_on_depth_leaves_room_for_what_reads_the_tree() -> None:
    """Every level takes a few of Python's frames, of which there are a thousand."""
    assert bounded_yaml.MAX_DEPTH * 8 < 1000
