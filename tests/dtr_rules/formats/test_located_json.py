"""JSON with places: what the standard reader reads, read the same; what is wrong, said with its place."""

from __future__ import annotations

import json

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules.characters import strange_in_value
from dtr_rules.formats.located_json import JsonDocument
from dtr_rules.mistakes import Place

texts = st.text(max_size=12).filter(lambda text: strange_in_value(text) is None)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def load(text: str) -> tuple[object, list[str]]:
    document = JsonDocument("f")
    return document.load(text), [str(mistake) for mistake in document.mistakes]


@given(value=values, indent=st.sampled_from([None, 0, 2, "\t"]), ascii_only=st.booleans())
@tried(150)
def test_reads_what_json_writes(value: object, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    read, mistakes = load(text)
    assert mistakes == []
    assert json.dumps(read) == json.dumps(value)


@given(text=st.text(alphabet='{}[]",:0123456789.eE+-\\ \nuabtrfnlse', max_size=40))
@tried(200)
def test_agrees_with_the_standard_reader_on_what_is_json(text: str) -> None:
    read, mistakes = load(text)
    try:
        expected = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    except (ValueError, pytest.fail.Exception):
        assert mistakes
        return
    if not mistakes:  # a key twice and the like are mistakes here alone
        assert json.dumps(read) == json.dumps(expected)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param(
            '{\n  "a": 1,\n}', "f:3:1: not JSON: a key in double quotes is expected here; remove", id="comma-}"
        ),
        pytest.param("[1,\n]", "f:2:1: not JSON: a value is expected here; remove the comma", id="comma-]"),
        pytest.param('{"a": 1, "a": 2}', "f:1:10: 'a' stands here for the second time (first at line 1)", id="twice"),
        pytest.param('{"a" 1}', "f:1:6: not JSON: ':' is missing after the key 'a'", id="no-colon"),
        pytest.param("[1 2]", "f:1:4: not JSON: ',' or ']' is expected", id="no-comma"),
        pytest.param('{"a": 1', "f:1:8: not JSON: the text ends, and '}' for line 1 is missing", id="no-end"),
        pytest.param('["abc', "f:1:2: not JSON: this text in quotes is not closed", id="open-quotes"),
        pytest.param('["a\nb"]', "f:1:2: not JSON: this text in quotes", id="line-break-in-quotes"),
        pytest.param("{'a': 1}", "f:1:2: not JSON: a key in double quotes", id="single-quotes"),
        pytest.param("[NaN]", "f:1:2: not JSON: 'NaN' is no value of JSON", id="nan"),
        pytest.param("[True]", "f:1:2: not JSON: 'True' is no value of JSON", id="python"),
        pytest.param("[1e999]", "f:1:2: not JSON: a number too large", id="infinite"),
        pytest.param(f"[{'9' * 5000}]", "f:1:2: not JSON: a number longer than", id="digits"),
        pytest.param("[-]", "f:1:2: not JSON: '-' alone", id="minus"),
        pytest.param('["\\ud800"]', "f:1:2: the character U+D800", id="half-pair"),
        pytest.param('["\\u202e"]', "f:1:2: the character U+202E", id="bidi"),
        pytest.param("1 2", "f:1:3: not JSON: something follows", id="two"),
        pytest.param("", "f:1:1: not JSON: a value is expected", id="empty"),
        pytest.param("[" * 1_000_000, "f:1:51: not JSON: nested more than 50 deep", id="million-brackets"),
        pytest.param('{"a":' * 1_000_000, "f:1:251: not JSON: nested more than 50 deep", id="million-braces"),
    ],
)
def test_a_mistake_has_its_place(text: str, mistake: str) -> None:
    _, mistakes = load(text)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(mistake)


def test_every_key_and_value_has_its_place() -> None:
    document = JsonDocument("f")
    document.load('{"a": [1,\n "x"],\n "b": {}}')
    assert document.places[("a", 1)] == Place("f", 2, 2)
    assert document.places[("b",)] == Place("f", 3, 7)
    assert document.keys[("b",)] == Place("f", 3, 2)
