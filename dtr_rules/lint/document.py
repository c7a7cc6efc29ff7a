"""A report as one JSON document, version 1."""

from __future__ import annotations

from dtr_rules.explanation import decision_as_json, flow_as_json
from dtr_rules.lint.finding import Example, Reported, Severity
from dtr_rules.lint.run import Report


def as_json(report: Report) -> dict[str, object]:
    """The report as plain data. Lines and columns count from 1, `rule_index` from 0."""
    subject = report.subject
    return {
        "v": 1,
        "file": subject.file.source.file,
        "rule_set": {"name": subject.rule_set.name, "digest": subject.rule_set.digest},
        "date": subject.today.isoformat(),
        "providers": [str(each) for each in subject.providers],
        "login_hosts": subject.login_hosts.date.isoformat(),
        "counts": {severity.value: count(report, severity) for severity in Severity},
        "findings": [_finding(each) for each in report.findings],
        "silenced": [_finding(each) for each in report.silenced],
        "undecided": [{"text": each.what, "rule_index": each.rule_index} for each in report.undecided],
        "not_run": [{"id": check.id, "name": check.name} for check in report.not_run],
    }


def count(report: Report, severity: Severity) -> int:
    """How many findings of `severity` nothing silences."""
    return sum(each.severity is severity for each in report.findings)


def _finding(each: Reported) -> dict[str, object]:
    finding = each.finding
    return {
        "id": each.id,
        "name": each.name,
        "severity": each.severity,
        "line": each.place.line,
        "column": each.place.column,
        "rule": each.rule,
        "rule_index": finding.rule_index,
        "about": finding.about,
        "message": finding.message,
        "fix": finding.fix,
        "docs": each.anchor,
        "example": None if finding.example is None else _example(finding.example),
        "more_examples": [_example(example) for example in finding.examples[1:]],
        "silence": None
        if each.silence is None
        else {
            "reason": each.silence.reason,
            "owner": each.silence.owner,
            "until": each.silence.until.isoformat(),
        },
    }


def _example(example: Example) -> dict[str, object]:
    return {"flow": flow_as_json(example.flow), "decision": decision_as_json(example.decision)}
