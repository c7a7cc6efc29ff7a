"""What came of scenarios as a JUnit report: a suite for each scenario, a case for each step that expects something."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from dtr_rules.junit import class_name, report, suite, xml_text
from lab.record import Check, Run, Step


def document(runs: Sequence[Run], seconds: float) -> bytes:
    """The report as UTF-8 XML; `seconds` is how long all of it took."""
    return report("tunnel-lab run", [suite(run.scenario, run.started, _cases(run)) for run in runs], seconds)


def _cases(run: Run) -> list[ET.Element]:
    by_step: dict[int, list[Check]] = {}
    for check in run.checks:
        by_step.setdefault(check.step, []).append(check)
    cases = [_case(run, step, by_step[step.number]) for step in run.steps if step.number in by_step]
    return [*cases, _unfinished(run)] if run.failure else cases


def _case(run: Run, step: Step, checks: Sequence[Check]) -> ET.Element:
    case = _element(run, f"{step.number}. {step.words}", step.seconds)
    unmet = [check for check in checks if not check.met]
    if unmet:
        failure = ET.SubElement(case, "failure", {"message": xml_text(str(unmet[0])), "type": "expectation"})
        failure.text = xml_text("\n".join([*map(str, unmet), *step.said]))
    return case


def _unfinished(run: Run) -> ET.Element:
    case = _element(run, "played to its end", 0)
    ET.SubElement(case, "error", {"message": xml_text(run.failure), "type": "not-done"}).text = xml_text(run.failure)
    return case


def _element(run: Run, name: str, seconds: float) -> ET.Element:
    attributes = {"classname": class_name(run.file), "name": xml_text(name), "time": f"{seconds:.3f}"}
    return ET.Element("testcase", attributes)
