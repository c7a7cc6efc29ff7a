"""`tunnel-lab report` as a person uses it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lab.cli import app
from lab.record import Run, run_to_json


@pytest.fixture
def records(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory `records` in the working directory."""
    monkeypatch.chdir(tmp_path)
    place = Path("records")
    place.mkdir()
    for name in ("b", "a"):
        (place / f"{name}.json").write_text(run_to_json(run).replace("Four ways", f"Ways {name}"))
    return place


def report(*arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, ["report", *arguments])
    assert done.exit_code == code, done.output
    return done


def test_a_directory_becomes_one_page_that_its_owner_alone_can_read(records: Path) -> None:
    page = Path("report.html")
    page.write_text("older")
    page.chmod(0o644)
    assert report("records").output == "wrote report.html: 2 scenarios, 0 as expected\n"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    text = page.read_text()
    assert text.startswith("<!doctype html>\n")
    assert text.index("Ways a of a login") < text.index("Ways b of a login")


def test_json_names_the_page_and_its_runs(records: Path) -> None:
    assert json.loads(report("records/a.json", "--out", "x.html", "--json").output) == {
        "v": 1,
        "file": "x.html",
        "runs": [{"scenario": "four-logins", "title": "Ways a of a login", "as_expected": False}],
    }
    assert Path("x.html").exists()


def test_every_record_that_cannot_be_used_is_named_and_nothing_is_written(records: Path) -> None:
    record = records / "a.json"
    record.write_text(record.read_text().replace('"v": 1', '"v": 2'))
    assert report("records", "none.json", code=2).output.splitlines() == [
        "records/a.json:1:1: not a record of a run, version 1: v: Input should be 1",
        "none.json:1:1: cannot read this file: No such file or directory",
    ]
    assert not Path("report.html").exists()


def test_a_directory_without_a_record_says_where_records_come_from(records: Path) -> None:
    Path("empty").mkdir()
    words = "no record in this directory; 'tunnel-lab run NAME --record DIR' writes them"
    assert report("empty", code=2).output == f"empty:1:1: {words}\n"


def test_a_record_is_not_overwritten_by_its_page(records: Path) -> None:
    before = (records / "a.json").read_text()
    done = report("records", "--out", "records/a.json", code=2)
    assert done.output == "records/a.json: is a record; --out would overwrite it\n"
    assert (records / "a.json").read_text() == before


def test_a_page_that_cannot_be_written_is_3(records: Path) -> None:
    done = report("records", "--out", "records", code=3)
    assert done.output == "records: cannot be written: Is a directory\n"
