"""The canonical form: one text for one meaning, comments kept, and never another meaning."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from examples import tried
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from messy_yaml import Writer, rule_sets

from dtr_rules import UnusableFileError, parse_rule_set
from dtr_rules.formats.yaml_tree import comments
from dtr_rules.formats.yaml_writing import canonical_rule_set, canonical_tests, plain_data, write_yaml

ROOT = Path(__file__).parents[3]


def canonical(text: str) -> str:
    return canonical_rule_set(textwrap.dedent(text), "r.yaml")


@st.composite
def messy(draw: st.DrawFn) -> tuple[dict[str, Any], str, list[str]]:
    data = draw(rule_sets())
    writer = Writer(draw)
    text = writer.text(data)
    return data, text, writer.comments


@given(written=messy())
@tried(200, HealthCheck.data_too_large)
def test_canonical_form_keeps_meaning_and_comments_and_is_stable(
    written: tuple[dict[str, Any], str, list[str]],
) -> None:
    data, text, noted = written
    formatted = canonical_rule_set(text, "r.yaml")
    assert plain_data(formatted) == data
    assert parse_rule_set(formatted, "r.yaml").rule_set.digest == parse_rule_set(text, "r.yaml").rule_set.digest
    assert comments(formatted) == sorted(comment.rstrip() for comment in noted)
    assert canonical_rule_set(formatted, "r.yaml") == formatted


@given(data=rule_sets(), written=st.data())
@tried(100)
def test_one_meaning_has_one_form(data: dict[str, Any], written: st.DataObject) -> None:
    """Without comments and blank lines nothing is left of how the file was written."""
    text = write_yaml(data)
    assert plain_data(text) == data
    shuffled = dict(written.draw(st.permutations(list(data.items()))))
    assert write_yaml(shuffled) == text
    assert canonical_rule_set(text, "r.yaml") == text


MESSY = """\
# yaml-language-server: $schema=dtr.schema.json

# Who answers for this: anna
name: 'Hello, world'   # greeting
# the version
version: 1
mode: "per-app"  # mode

default: bypass
rules:   # the rules
  # about a
  - action: tunnel # act
    # its name
    name: a   # n


    to: [ # opening
      'A.example', # one
      # before two
      "b.example:443",
      # behind two
    ]  # closed
    apps: &mail [x, "y"]
    # end of a
  # between
  - # nothing
    name: b
    apps: *mail
    action: block
    to:
      - "yes"
      - c.example
      # - d.example
    # end of b
  # end of rules
tests: []   # none
# end
"""

CLEAN = """\
# yaml-language-server: $schema=dtr.schema.json

# Who answers for this: anna
# the version
version: 1
name: Hello, world  # greeting
mode: per-app  # mode

default: bypass
rules:  # the rules
  # about a
  # its name
  - name: a  # n
    apps: &mail [x, "y"]
    action: tunnel  # act

    # opening
    to:  # closed
      - A.example  # one
      # before two
      - b.example:443
      # behind two
    # end of a
  # between
  # nothing
  - name: b
    apps: *mail
    action: block
    to:
      - "yes"
      - c.example
      # - d.example
    # end of b
  # end of rules
tests: []  # none
# end
"""


def test_a_messy_file_becomes_a_clean_one() -> None:
    assert canonical(MESSY) == CLEAN
    assert canonical(CLEAN) == CLEAN


def test_long_lists_get_a_line_for_each_item_and_short_ones_one_line() -> None:
    head = "version: 1\nname: set\nmode: full-device\ndefault: bypass\n"
    rule = "rules:\n  - name: a\n    action: block\n    to:"
    many = "".join(f"\n      - h{number}.example" for number in range(5))
    assert (
        canonical(f"{head}{rule} [h0.example, h1.example, h2.example, h3.example, h4.example]\n")
        == f"{head}{rule}{many}\n"
    )
    assert (
        canonical(f"{head}{rule}\n      - a.example\n      - 'b.example'\n") == f"{head}{rule} [a.example, b.example]\n"
    )


def test_an_anchor_stands_where_its_text_first_appears() -> None:
    text = """\
        version: 1
        mode: per-app
        default: bypass
        rules:
          - to: &hosts [a.example]
            name: &n one
            apps: all
            action: block
        tests: [{name: *n, expect: {action: block}, flow: {host: *hosts, platform: ios}}]
        name: *n
    """.replace("name: *n\n    ", "name: title\n    ")
    formatted = canonical(text)
    assert "  - name: &n one\n" in formatted
    assert "    to: &hosts [a.example]\n" in formatted
    assert "flow: {platform: ios, host: *hosts}" in formatted


def test_block_texts_keep_the_comment_at_their_head() -> None:
    text = "version: 1\nname: >-  # folded\n  a\n  b\nmode: full-device\ndefault: block\nrules: []\n"
    assert "name: a b  # folded\n" in canonical(text)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param("version: 1\n", "'name' is missing", id="mistakes"),
        pytest.param(
            "&key version: 1\nname: set\nmode: full-device\ndefault: block\nrules: []\n",
            "r.yaml:1:1: not formatted: a key that is no plain text",
            id="anchor-on-a-key",
        ),
    ],
)
def test_what_cannot_be_formatted_is_said(text: str, mistake: str) -> None:
    with pytest.raises(UnusableFileError, match=mistake):
        canonical(text)


def test_test_files_have_a_canonical_form_too() -> None:
    item = "- expect: {action: block}\n  flow:\n    host: a.example\n    platform: ios\n  name: t # t\n"
    formatted = canonical_tests(f"tests:\n{item}rule-set: 'r.yaml'\nversion: 1\n", "r.test.yaml")
    assert formatted == (
        "version: 1\nrule-set: r.yaml\ntests:\n  - name: t  # t\n"
        "    flow: {platform: ios, host: a.example}\n    expect: {action: block}\n"
    )
    assert canonical_tests(formatted, "r.test.yaml") == formatted


@pytest.mark.parametrize("path", ["lab/demo-rules.yaml"])
def test_the_projects_own_files_are_in_canonical_form(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert canonical_rule_set(text, path) == text
