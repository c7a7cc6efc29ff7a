"""Property lists: the same values that Python's own reader gives, with places, and nothing dangerous."""

from __future__ import annotations

import datetime as dt
import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import UnusableFileError
from lab.kit.check.plist_document import PlistDocument
from lab.kit.paste_text import plist_dict


def _moment(seconds: int) -> dt.datetime:
    """As Python's own reader gives it: without a time zone."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12)
SCALARS = (
    TEXT
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.binary(max_size=12)
    | st.integers(0, 4_000_000_000).map(_moment)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


def _naive(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _naive(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_naive(inner) for inner in value]
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


@given(VALUES)
def test_reads_what_pythons_own_reader_reads(value: Any) -> None:
    text = plistlib.dumps(value, sort_keys=False).decode()
    assert _naive(PlistDocument("f").load(text)) == [value] == [plistlib.loads(text.encode())]


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=3))
def test_reads_fragments_alike(value: dict[str, Any]) -> None:
    assert _naive(PlistDocument("f").load(plist_dict(value) * 2)) == [value, value]


def test_places_are_those_of_the_file() -> None:
    document = PlistDocument("f")
    document.load("\n<dict>\n  <key>a</key><string>x</string>\n  <key>b</key>\n  <array><true/></array>\n</dict>")
    assert str(document.places[(0,)]) == "f:2:1"
    assert str(document.keys[(0, "a")]) == "f:3:3"
    assert str(document.places[(0, "a")]) == "f:3:15"
    assert str(document.places[(0, "b", 0)]) == "f:5:10"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]><plist><string>&a;</string></plist>', "entity", id="entity"),
        pytest.param(
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><plist><string>&a;</string></plist>',
            "entity",
            id="external entity",
        ),
        pytest.param("<plist>" + "<array>" * 60 + "</array>" * 60 + "</plist>", "deep", id="deep"),
        pytest.param("<plist><dict><key>a</key></dict></plist>", "has no value", id="key without value"),
        pytest.param("<plist><dict><string>a</string></dict></plist>", "without a <key>", id="value without key"),
        pytest.param("<plist><dict><key>a</key><true/><key>a</key><true/></dict></plist>", "second time", id="twice"),
        pytest.param("<plist><dict>", "not XML", id="cut short"),
        pytest.param("<plist><integer>many</integer></plist>", "no value of <integer>", id="not a number"),
        pytest.param("<plist><b>x</b></plist>", "<b> is no element", id="other element"),
        pytest.param("<plist><dict>x</dict></plist>", "text outside", id="text"),
        pytest.param("<plist></plist>", "no value", id="empty"),
        pytest.param("<dict></fragment>", "not XML", id="closes what is not its own"),
    ],
)
def test_refuses_with_a_place(text: str, told: str) -> None:
    with pytest.raises(UnusableFileError, match=told):
        PlistDocument("f").load(text)
