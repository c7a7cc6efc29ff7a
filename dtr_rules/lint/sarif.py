"""A report as SARIF 2.1.0 (OASIS), for code-scanning views."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from dtr_rules.explanation import decision_as_json, flow_as_json
from dtr_rules.lint.finding import Reported, Severity
from dtr_rules.lint.flow_option import as_command
from dtr_rules.lint.pages import Page, pages
from dtr_rules.lint.run import Report

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def as_sarif(report: Report, version: str) -> dict[str, object]:
    """The report as one SARIF log with one run. `version` is the program's."""
    rules = pages()
    places = {page.id: index for index, page in enumerate(rules)}
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "dtr",
                        "semanticVersion": version,
                        "rules": [_rule(page) for page in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "artifacts": [{"location": {"uri": _uri(report.subject.file.source.file)}}],
                "results": [_result(each, places) for each in (*report.findings, *report.silenced)],
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "toolExecutionNotifications": [
                            {"level": "note", "message": {"text": f"not decided: {each.what}"}}
                            for each in report.undecided
                        ],
                    }
                ],
            }
        ],
    }


def _rule(page: Page) -> dict[str, object]:
    return {
        "id": page.id,
        "name": "".join(word.capitalize() for word in page.name.split("-")),
        "shortDescription": {"text": page.what},
        "fullDescription": {"text": page.why},
        "help": {"text": page.fix, "markdown": f"{page.fix}\n\nSee docs/lint.md#{page.id.lower()}."},
        "defaultConfiguration": {"level": _LEVELS[page.severities[0]]},
    }


def _result(each: Reported, places: dict[str, int]) -> dict[str, object]:
    finding = each.finding
    text = f"{finding.message}. Fix: {finding.fix}"
    properties: dict[str, object] = {"rule": each.rule, "about": finding.about, "docs": each.anchor}
    if finding.example is not None:
        text += f" Example flow: {as_command(finding.example.flow)}"
        properties["flow"] = flow_as_json(finding.example.flow)
        properties["decision"] = decision_as_json(finding.example.decision)
    result: dict[str, object] = {
        "ruleId": each.id,
        "ruleIndex": places[each.id],
        "level": _LEVELS[each.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(each.place.file), "index": 0},
                    "region": {"startLine": each.place.line, "startColumn": each.place.column},
                }
            }
        ],
        "partialFingerprints": {"dtrFinding/v1": _fingerprint(each)},
        "properties": properties,
    }
    if each.silence is not None:
        why = f"{each.silence.reason} ({each.silence.owner}, until {each.silence.until})"
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": why}]
    return result


def _fingerprint(each: Reported) -> str:
    """The same for the same finding after lines above it have moved."""
    said = "\0".join((each.id, each.rule or "", each.finding.about or "", each.finding.message))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _uri(file: str) -> str:
    return quote(file.replace("\\", "/"), safe="/._-~")
