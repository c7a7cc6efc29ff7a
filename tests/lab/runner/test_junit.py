"""The JUnit report of scenarios holds only what its schema allows."""

from __future__ import annotations

from datetime import UTC, datetime

from junit_schema import valid_report

from lab.record import Check, Observer, Run, Step
from lab.runner.junit import document

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
STEPS = tuple(
    Step(number=number, words=f"step {number} <\x1b>", place=f"lab/a.yaml:{number}:3", clock=NOON, seconds=0.25)
    for number in (1, 2, 3)
)


def check(step: int, *, met: bool) -> Check:
    return Check(
        step=step, observer=Observer.OKTA, what="rule", expected="A", was="B\x00", met=met, place=f"lab/a.yaml:{step}:9"
    )


def run(**changes: str) -> Run:
    return Run(
        scenario="a",
        title="A",
        file="lab/a.yaml",
        learn=("x",),
        unconfirmed=(),
        scaled=(),
        started=NOON,
        seconds=1.0,
        parties=(),
        steps=STEPS,
        logins=(),
        zones=(),
        checks=(check(1, met=True), check(3, met=False), check(3, met=True)),
        **changes,
    )


def test_a_case_for_each_step_that_expects_something() -> None:
    root = valid_report(document([run()], 1.5))
    assert {key: root.get(key) for key in ("name", "tests", "failures", "errors", "time")} == {
        "name": "tunnel-lab run",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "time": "1.500",
    }
    first, second = root.findall("testsuite/testcase")
    assert (first.get("classname"), first.get("name"), first.get("time")) == ("lab.a", "1. step 1 <\\x1b>", "0.250")
    assert list(first) == []
    (failure,) = second
    assert failure.get("message") == "lab/a.yaml:3:9: okta: rule: expected A, was B\\x00"


def test_what_could_not_be_done_is_an_error() -> None:
    root = valid_report(document([run(failure="lab/a.yaml:4:3: could not be done: no gateway")], 1.5))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    (error,) = root.findall("testsuite/testcase/error")
    assert error.get("message") == "lab/a.yaml:4:3: could not be done: no gateway"
