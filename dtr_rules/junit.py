"""A report in the form that continuous integration reads as JUnit's: testsuites, testsuite, testcase, failure, error.

Only elements and attributes that the schema of Jenkins' xUnit plugin allows (junit-10.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from xml.etree import ElementTree as ET

from dtr_rules.characters import printable
from dtr_rules.mistakes import Mistake
from dtr_rules.outcomes import Outcome, SuiteOutcome
from dtr_rules.outcomes_view import in_plain_text

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def document(ran: Sequence[SuiteOutcome], mistakes: Iterable[Mistake], *, started: datetime, seconds: float) -> bytes:
    """The report as UTF-8 XML. `started` knows its time zone; `seconds` is how long the whole run took."""
    suites = [suite(str(each.suite.path), started, [_case(each, outcome) for outcome in each.outcomes]) for each in ran]
    by_file: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        by_file.setdefault(mistake.place.file, []).append(mistake)
    suites += [suite(file, started, [_unusable(file, found)]) for file, found in by_file.items()]
    return report("dtr test", suites, seconds)


def report(name: str, suites: Iterable[ET.Element], seconds: float) -> bytes:
    """A whole report as UTF-8 XML, from what `suite` made."""
    root = ET.Element("testsuites", {"name": name})
    root.extend(suites)
    for kind in ("tests", "failures", "errors"):
        root.set(kind, str(sum(int(suite.get(kind, "0")) for suite in root)))
    root.set("time", f"{seconds:.3f}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def suite(name: str, started: datetime, cases: Sequence[ET.Element]) -> ET.Element:
    """Test cases that belong together; `started` knows its time zone."""
    made = ET.Element("testsuite", {"name": xml_text(name), "tests": str(len(cases))})
    for kind, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        made.set(kind, str(sum(case.find(element) is not None for case in cases)))
    made.set("timestamp", started.isoformat(timespec="seconds"))
    made.extend(cases)
    return made


def _case(ran: SuiteOutcome, outcome: Outcome) -> ET.Element:
    case = ET.Element("testcase", {"classname": class_name(outcome.place.file), "name": xml_text(outcome.test.name)})
    if not outcome.passed:
        message = f"expected {outcome.expected}, got {outcome.got}"
        failure = ET.SubElement(case, "failure", {"message": xml_text(message), "type": "expectation"})
        failure.text = xml_text(in_plain_text(ran, outcome))
    return case


def _unusable(file: str, mistakes: list[Mistake]) -> ET.Element:
    case = ET.Element("testcase", {"classname": class_name(file), "name": "the file can be used"})
    attributes = {"message": xml_text(str(mistakes[0])), "type": "unusable-file"}
    ET.SubElement(case, "error", attributes).text = xml_text("\n".join(map(str, mistakes)))
    return case


def class_name(file: str) -> str:
    """A file as a class: `lab/demo-rules.yaml` is `lab.demo-rules`, for readers of the report fold by the dots."""
    path = PurePath(file)
    parts = [part for part in path.with_suffix("").parts if part not in (path.anchor, "..")]
    return xml_text(".".join(parts))


def xml_text(text: str) -> str:
    """`text` without what XML cannot hold, not even as a reference."""
    return _NOT_IN_XML.sub(lambda found: printable(found[0]), text)
