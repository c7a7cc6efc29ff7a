"""The record of a run, to JSON and back: whole, and nothing else passes for one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path as FilePath

import pytest

from dtr_rules.source import UnusableFileError
from lab.device import Path, Refusal
from lab.device.sign_in import Outcome
from lab.record import (
    Check,
    Connection,
    Decision,
    Entry,
    Login,
    LoginKind,
    Observer,
    Party,
    PartyKind,
    Provider,
    Run,
    Step,
    ZoneMoment,
    read_run,
    run_from_json,
    run_to_json,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOST = "acme.okta.com"
LOGIN = Login(
    number=1,
    step=2,
    kind=LoginKind.SIGN_IN,
    device="iphone",
    platform="ios",
    app="com.example.app",
    app_name="an app\x1b[31m",
    surface="own web view",
    at="okta",
    user="anna@acme.example",
    time=NOON,
    connections=(
        Connection(
            opened_by="com.example.app",
            host=HOST,
            port=443,
            path=Path.TUNNEL,
            why="tunnelled by rule x",
            decision_id="d1",
            refusal=Refusal(403, "device-not-compliant", "the UEM says so", "ask", "d1", "gw; error=x"),
        ),
    ),
    decisions=(
        Decision(decision_id="d1", time="2026-05-04T12:00:00.000Z", admitted=False, stage="admission", reason="x"),
    ),
    entries=(
        Entry(provider=Provider.OKTA, time=NOON, event="policy.evaluate_sign_on", address="127.0.0.1", result="DENY"),
    ),
    outcome=Outcome.NEVER_REACHED,
)
RUN = Run(
    scenario="a",
    title="Wörter <b>",
    file="a.yaml",
    learn=("one",),
    unconfirmed=(),
    scaled=("max-age is 3 s and stands for 12 h",),
    started=NOON,
    seconds=1.25,
    parties=(Party(kind=PartyKind.DEVICE, name="iphone", addresses=("127.43.0.11",), detail="ios"),),
    steps=(Step(number=1, words="enrol iphone", place="a.yaml:4:5", clock=NOON, seconds=0.5),),
    logins=(LOGIN,),
    zones=(
        ZoneMoment(step=1, time=NOON, kind="network zone", name="Z", entries=("127.42.0.10-127.42.0.10",), in_force=()),
    ),
    checks=(Check(step=2, observer=Observer.OKTA, what="rule", expected="A", was="B", met=False, place="a.yaml:9:7"),),
)


def test_to_json_and_back_is_the_same(tmp_path: FilePath) -> None:
    file = tmp_path / "run.json"
    file.write_text(run_to_json(RUN))
    assert read_run(file) == RUN


def test_the_json_is_for_people_too_and_has_no_control_characters() -> None:
    text = run_to_json(RUN)
    assert "\x1b" not in text
    found = json.loads(text)
    assert (found["v"], found["title"], found["logins"][0]["connections"][0]["path"]) == (1, "Wörter <b>", "tunnel")


def test_a_run_with_an_expectation_that_is_not_met_is_not_as_expected() -> None:
    assert not RUN.as_expected
    assert [str(check) for check in RUN.unmet] == ["a.yaml:9:7: okta: rule: expected A, was B"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(run_to_json(RUN).replace('"v": 1', '"v": 2'), "v: Input should be 1", id="another-version"),
        pytest.param("[]", "the file: ", id="no-object"),
        pytest.param("{", "the file: ", id="no-json"),
        pytest.param(run_to_json(RUN).replace('"tunnel"', '"subway"'), "path: ", id="an-unknown-word"),
    ],
)
def test_what_is_no_record_is_refused(text: str, words: str) -> None:
    with pytest.raises(UnusableFileError) as caught:
        run_from_json(text, "run.json")
    assert str(caught.value).startswith("run.json:1:1: not a record of a run, version 1: ")
    assert words in str(caught.value)
