"""A report in the form that continuous integration reads as JUnit's: testsuites, testsuite, testcase, failure, error.

Only elements and attributes that the schema of Jenkins' xUnit plugin allows (junit-10.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from xml.etree import ElementTree as ET

from dtr_rules.mistakes import Mistake
from dtr_rules.outcomes import Outcome, SuiteOutcome
from dtr_rules.outcomes_view import in_plain_text
from dtr_rules.terminal import printable

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def document(ran: Sequence[SuiteOutcome], mistakes: Iterable[Mistake], *, started: datetime, seconds: float) -> bytes:
    """The report as UTF-8 XML. `started` knows its time zone; `seconds` is how long the whole run took."""
    root = ET.Element("testsuites", {"name": "dtr test"})
    for each in ran:
        _suite(root, str(each.suite.path), started, [_case(each, outcome) for outcome in each.outcomes])
    by_file: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        by_file.setdefault(mistake.place.file, []).append(mistake)
    for file, found in by_file.items():
        _suite(root, file, started, [_unusable(file, found)])
    for kind in ("tests", "failures", "errors"):
        root.set(kind, str(sum(int(suite.get(kind, "0")) for suite in root)))
    root.set("time", f"{seconds:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _suite(root: ET.Element, name: str, started: datetime, cases: list[ET.Element]) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": _text(name), "tests": str(len(cases))})
    for kind, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(kind, str(sum(case.find(element) is not None for case in cases)))
    suite.set("timestamp", started.isoformat(timespec="seconds"))
    suite.extend(cases)


def _case(ran: SuiteOutcome, outcome: Outcome) -> ET.Element:
    case = ET.Element("testcase", {"classname": _class_name(outcome.place.file), "name": _text(outcome.test.name)})
    if not outcome.passed:
        message = f"expected {outcome.expected}, got {outcome.got}"
        failure = ET.SubElement(case, "failure", {"message": _text(message), "type": "expectation"})
        failure.text = _text(in_plain_text(ran, outcome))
    return case


def _unusable(file: str, mistakes: list[Mistake]) -> ET.Element:
    case = ET.Element("testcase", {"classname": _class_name(file), "name": "the file can be used"})
    attributes = {"message": _text(str(mistakes[0])), "type": "unusable-file"}
    ET.SubElement(case, "error", attributes).text = _text("\n".join(map(str, mistakes)))
    return case


def _class_name(file: str) -> str:
    """`lab/demo-rules.yaml` as `lab.demo-rules`: readers of the report fold by the dots."""
    path = PurePath(file)
    parts = [part for part in path.with_suffix("").parts if part not in (path.anchor, "..")]
    return _text(".".join(parts))


def _text(text: str) -> str:
    """`text` without what XML cannot hold, not even as a reference."""
    return _NOT_IN_XML.sub(lambda found: printable(found[0]), text)
