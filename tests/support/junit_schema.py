"""What a JUnit report may hold."""

from __future__ import annotations

from xml.etree import ElementTree as ET

# junit-10.xsd of Jenkins' xUnit plugin: what an element may hold, its required attributes, and the optional ones.
SCHEMA = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "disabled", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name"},
        {"tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file",
         "log", "url", "version"},
    ),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"assertions", "time", "timestamp", "classname", "status", "class", "file", "line", "log", "group", "url"},
    ),
    "failure": (set(), set(), {"message", "type"}),
    "error": (set(), set(), {"message", "type"}),
}  # fmt: skip


def valid_report(text: bytes) -> ET.Element:
    """The report's root. Fails for what the schema does not have."""
    root = ET.fromstring(text)
    for element in root.iter():
        children, required, optional = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.keys()) <= required | optional
    return root
