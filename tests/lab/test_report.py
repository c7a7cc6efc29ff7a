"""What people and programs are shown: the columns, and names that are data."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from rich.console import Console

from lab.demo import EXPECTED, Demo
from lab.device import Path, Refusal
from lab.device.sign_in import Outcome
from lab.evidence import Admission, GatewayView, ProviderView
from lab.operations.zone_control import ZoneChange
from lab.report import table
from lab.report.document import document
from lab.report.plain import plain
from lab.report.progress import Progress
from lab.rows import Observation, ProviderResult, Row, Whose

NEVER = ProviderResult(Outcome.NEVER_REACHED, "", ProviderView(Outcome.NEVER_REACHED))
EVIL = "[bold red]\x1b]0;owned\x07[/bold red]"


def refused(detail: str) -> Row:
    observation = Observation(
        paths={"acme.okta.com": Path.TUNNEL},
        routing="",
        gateway=GatewayView(Admission.REFUSED, ("device-not-compliant",)),
        refusal=Refusal(403, "device-not-compliant", detail),
        addresses={},
        okta=NEVER,
        entra=NEVER,
    )
    return Row(EXPECTED[1], observation)


def shown(*rows: Row) -> str:
    out = io.StringIO()
    table.show(Demo((), (), rows, 4.2), Console(file=out, width=200, markup=False, highlight=False))
    return out.getvalue()


def test_the_table_has_the_eight_columns_in_their_order() -> None:
    header = next(line for line in shown(refused("no")).splitlines() if "device" in line)
    assert [cell.strip() for cell in header.strip("│").split("│")] == [
        "#",
        "device",
        "path",
        "gateway",
        "address the IdP saw",
        "Okta",
        "Entra",
        "why",
    ]


def test_a_refused_row_says_so_in_every_column() -> None:
    text = shown(refused("the UEM says that this device is not compliant"))
    assert "refused," in text
    assert "device-not-compliant" in text
    assert "1 of 1 rows as expected" in text


def test_what_is_not_as_expected_stands_below_the_table() -> None:
    row = refused("no")
    wrong = dataclasses.replace(
        row, observed=dataclasses.replace(row.observed, addresses={"127.43.0.11": Whose.DEVICE})
    )
    text = shown(wrong)
    assert "row 2: address: expected none, was device's own" in text
    assert "0 of 1 rows as expected" in text


def test_words_from_the_far_end_are_neither_markup_nor_escape_sequences() -> None:
    text = shown(refused(EVIL))
    assert "\x1b]0;" not in text
    assert "\x07" not in text
    assert "[bold red]" in "".join(text.split("│")).replace("\n", "")


def test_zone_names_on_the_progress_lines_are_data_too() -> None:
    out = io.StringIO()
    change = ZoneChange("okta", EVIL, "update", "written", ("127.42.0.10",), ("127.42.0.99",), ("10.0.0.0/8",))
    Progress(Console(file=out, width=200, markup=False)).zones((change,))
    assert "\x1b]0;" not in out.getvalue()
    for words in ("[bold red]", "+127.42.0.10", "-127.42.0.99", "10.0.0.0/8 not ours"):
        assert words in out.getvalue()


def test_the_document_is_plain_json_with_the_refusal_whole() -> None:
    found = json.loads(json.dumps(document(Demo((), (), (refused("no"),), 4.2))))
    (row,) = found["rows"]
    assert (found["v"], found["as_expected"], row["as_expected"]) == (1, True, True)
    assert row["refusal"]["reason"] == "device-not-compliant"
    assert row["gateway"] == {"admission": "refused", "reasons": ["device-not-compliant"], "rules": []}
    assert row["okta"]["log"] == {"outcome": "never reached", "by": "", "zone": "", "addresses": []}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Anna’s iPhone", "Anna’s iPhone", id="ordinary-names-stay"),
        pytest.param("a\x1b[31mb", "a�[31mb", id="escape"),
        pytest.param("a\u202eb", "a�b", id="right-to-left-override"),
        pytest.param("a\nb", "a�b", id="line-feed"),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("width", [60, 80, 119, 120, 136, 170, 200])
def test_the_table_fits_its_console_and_keeps_its_words(width: int) -> None:
    out = io.StringIO()
    rows = tuple(dataclasses.replace(refused("the reason"), expected=expected) for expected in EXPECTED)
    table.show(Demo((), (), rows, 4.2), Console(file=out, width=width, markup=False, highlight=False))
    lines = [line for line in out.getvalue().splitlines() if line[0] in "╭│├╰"]
    assert {len(line) for line in lines} == {len(lines[0])}
    assert {line[-1] for line in lines} == set("╮┤│╯"), "the right border is there"
    for word in ("device-not-compliant", "self-signed", "compliance", "certificate"):
        assert word in out.getvalue()
