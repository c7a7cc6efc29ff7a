"""Rule set files that are no good: each mistake at its place, and nothing but a rule set or mistakes, ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import UnusableFileError, parse_rule_set, read_rule_set
from dtr_rules.mistakes import Mistake
from dtr_rules.source import MAX_MISTAKES

HEAD = "version: 1\nname: s\nmode: per-app\ndefault: bypass\n"


def mistakes(text: str) -> list[str]:
    with pytest.raises(UnusableFileError) as error:
        parse_rule_set(text, "f")
    return [str(each) for each in error.value.mistakes]


def with_destination(written: str) -> str:
    return f'{HEAD}rules:\n  - {{name: r, apps: all, action: block, to: ["good.example", {written}]}}\n'


@pytest.mark.parametrize(
    ("written", "says"),
    [
        pytest.param("'\u043ekta.com'", "mixes Cyrillic and Latin", id="look-alike"),
        pytest.param('"\\u043ekta.com"', "'xn--kta-red.com'", id="look-alike-escaped"),
        pytest.param('"a\\u202eb.example"', "U+202E (right-to-left override)", id="bidi-escaped"),
        pytest.param('"a\\0.example"', "U+0000", id="null-escaped"),
        pytest.param("192.0.2.9-192.0.2.1", "write '192.0.2.1-192.0.2.9'", id="reversed-range"),
        pytest.param("a.example:443-80", "write '80-443'", id="reversed-ports"),
        pytest.param("a.example:0", "'0' is not a port", id="port-0"),
        pytest.param("a.example:65536", "'65536' is not a port", id="port-65536"),
        pytest.param("192.0.2.0/33", "'33' is not a prefix length", id="prefix"),
        pytest.param("192.0.2.7/24", "has bits set behind the prefix", id="bits-behind-the-prefix"),
        pytest.param("'fe80::1%eth0'", "has a zone id", id="zone"),
        pytest.param("'a%2eexample'", "percent-encoding", id="percent-encoded"),
        pytest.param("'0x7f.0.0.1'", "hexadecimal", id="hex"),
        pytest.param("'010.0.0.1'", "leading zero", id="octal"),
        pytest.param("0x7f000001", "must be text, found 2130706433; quote it", id="hex-that-yaml-reads"),
        pytest.param("443", "must be text, found 443; quote it", id="number"),
        pytest.param("", "", id="nothing-is-wrong-here-so-that-the-others-prove-something"),
    ],
)
def test_a_destination_that_is_none_is_named_with_its_place(written: str, says: str) -> None:
    text = with_destination(written)
    if not written:
        assert len(parse_rule_set(text, "f").rule_set.rules) == 1
        return
    (found,) = mistakes(text)
    assert found.startswith(f"f:6:{text.splitlines()[5].index('good.example') + 16}: ")
    assert says in found


@pytest.mark.parametrize(
    ("flow", "says"),
    [
        pytest.param("host: a.example, port: 0", "f:9:50: port must be greater than or equal to 1", id="port-0"),
        pytest.param("host: a.example, port: 65536", "f:9:50: port must be less than or equal to 65535", id="65536"),
        pytest.param("host: 'a%2eb'", "f:9:33: host 'a%2eb': contains '%'", id="percent-encoded"),
        pytest.param("host: '[fe80::1%25en0]'", "f:9:33: host '[fe80::1%25en0]': has a zone id", id="zone"),
        pytest.param("host: 0x7f.1", "f:9:33: host '0x7f.1': has a hexadecimal number", id="hex"),
        pytest.param("host: a.example, address: 010.0.0.1", "f:9:53: address '010.0.0.1': has a number", id="octal"),
        pytest.param("host: \u043ekta.com", "f:9:33: host '\u043ekta.com': mixes Cyrillic and Latin", id="look-alike"),
    ],
)
def test_a_test_with_a_host_or_port_that_is_none(flow: str, says: str) -> None:
    text = f"{with_destination('b.example')}tests:\n  - name: t\n    flow: {{platform: ios, {flow}}}\n"
    assert any(line.startswith(says) for line in mistakes(f"{text}    expect: {{action: block}}\n")), mistakes(text)


SOME_STARS = f"""{HEAD}profile-apps: &ours [com.example.a]
rules:
  - {{name: a, apps: *ours, action: tunel, to: [*.okta.com, a.example, *.b.example:443]}}
  - name: a
    apps: all
    action: block
    to:
      - *okta.com
      - *
      - 10.1.2.3/8
      - "*.quoted.example"
    prot: a
"""


def test_stars_that_are_not_quoted_hide_none_of_the_other_mistakes() -> None:
    quote = "a value that starts with '*' must be quoted: write"
    assert [line.partition("; ")[0] for line in mistakes(SOME_STARS)] == [
        "f:7:36: unknown action 'tunel' (did you mean 'tunnel'?)",
        f'f:7:48: {quote} "*.okta.com"',
        f'f:7:71: {quote} "*.b.example:443"',
        "f:8:11: name 'a': rule 1 has this name already",
        f'f:12:9: {quote} "*okta.com"',
        f'f:13:9: {quote} "*"',
        "f:14:9: an item of to '10.1.2.3/8': has bits set behind the prefix",
        "f:16:5: unknown key 'prot' (did you mean 'proxy'?)",
    ]


def test_stars_before_a_break_of_the_grammar_are_told_of_too() -> None:
    first, second, broken = mistakes(f"{HEAD}rules:\n  - to: [*.a.example]\n  - to: [*b\n  - x: ]\n")
    assert (first[:8], second[:8], broken[:6]) == ("f:6:10: ", "f:7:10: ", "f:8:6:")


def test_a_tab_between_words_hides_none_of_the_other_mistakes() -> None:
    assert [line.partition(";")[0] for line in mistakes(f"{HEAD}rules:\tnone\nmod:\tx\n")] == [
        "f:5:7: a tab stands here",
        "f:5:8: rules must be a list, found 'none'",
        "f:6:1: unknown key 'mod' (did you mean 'mode'?)",
        "f:6:5: a tab stands here",
    ]


def test_a_key_that_stands_twice_hides_none_of_the_other_mistakes() -> None:
    assert mistakes(f"{HEAD}name: t\nrules: none\n") == [
        "f:5:1: 'name' stands here for the second time (first at line 2)",
        "f:6:8: rules must be a list, found 'none'",
    ]


def test_of_many_stars_so_many_are_shown_that_somebody_reads_on() -> None:
    shown = mistakes(f"{HEAD}rules:\n  - {{name: a, apps: all, action: block, to: [{', '.join(['*.a'] * 1000)}]}}\n")
    assert len(shown) == MAX_MISTAKES + 1
    assert shown[-1].endswith(f"… and {1000 - MAX_MISTAKES} more mistakes; mend these first")


@pytest.mark.parametrize("content", [b"\xff\xfev\x00", b"\x00" * 100, b"", b"\x1f\x8b\x08", b"PK\x03\x04"])
def test_files_that_are_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(content)
    with pytest.raises(UnusableFileError) as error:
        read_rule_set(path)
    assert str(error.value.mistakes[0]).startswith(f"{path}:1:")


RULES = (
    HEAD
    + """\
profile-apps: [com.example.a]
wildcard-matches-apex: true
rules:
  - name: one
    platforms: [ios, android]
    apps: [com.example.a]
    action: proxy
    proxy: proxy.example:8080
    to: ["*.okta.com", "203.0.113.0/24:443", "[2001:db8::/32]:443", "192.0.2.1-192.0.2.9", login*]
tests:
  - name: t
    flow: {platform: ios, app: com.example.a, host: acme.okta.com, port: 443, address: 203.0.113.7}
    expect: {action: proxy, rule: one, reason: rule}
"""
)
PIECES = (
    *(
        "[",
        "]",
        "{",
        "}",
        ": ",
        "- ",
        "\n",
        "  ",
        '"',
        "'",
        "*",
        "&a ",
        "*a",
        "#",
        "%",
        "\\",
        "|",
        "null",
        "true",
        "[]",
    ),
    *(
        "-1",
        "0",
        "1e9",
        "0x10",
        "9" * 30,
        "all",
        "\x00",
        "\t",
        "\u202e",
        "\u043e",
        "\ud800",
        "é",
        "..",
        "::",
        "/",
        ":0",
    ),
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = RULES
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + draw(st.integers(0, 12)) :]
    return text


def test_the_file_that_is_damaged_below_is_a_good_one() -> None:
    assert len(parse_rule_set(RULES, "f").tests) == 1


def mistakes_of(text: str) -> tuple[Mistake, ...]:
    """Those of a text that may be a rule set; any other exception goes through."""
    try:
        parse_rule_set(text, "f")
    except UnusableFileError as error:
        return error.mistakes or pytest.fail("unusable, and no word why")
    return ()


@given(damaged() | st.text(max_size=80).map(lambda text: HEAD + text))
@tried(200)
def test_any_file_is_a_rule_set_or_mistakes_with_places_in_it(text: str) -> None:
    for mistake in mistakes_of(text):
        assert 1 <= mistake.place.line <= text.count("\n") + 1
        assert mistake.message


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = (
    "version",
    "name",
    "mode",
    "default",
    "rules",
    "tests",
    "profile-apps",
    "wildcard-matches-apex",
    "default-proxy",
)


@given(st.dictionaries(st.sampled_from(KEYS), values))
@tried(150)
def test_values_of_any_type_under_the_right_keys_are_mistakes_at_most(data: dict[str, object]) -> None:
    mistakes_of(json.dumps(data))
