"""What `doctor --json` prints: one document, version 1.

{"v": 1, "verb": "doctor", "error": null,
 "targets": [{"name", "kind", "title", "credential", "facts": {…},
              "checks": [{"topic", "level": "ok" | "note" | "problem", "text", "fix"}],
              "verbs": {VERB: {"able": "yes" | "no" | "unknown", "missing", "unknown", "without"}},
              "grant": [NAME, …], "error": null | {"reason", "message"}}]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from okta_zones.doctor.examination import Examination, Failure
from okta_zones.document import FAR_END
from okta_zones.errors import RefusedError


def of_examinations(examinations: Sequence[Examination]) -> dict[str, Any]:
    """The document of all targets."""
    return {"v": 1, "verb": "doctor", "targets": [_target(each) for each in examinations], "error": None}


def _target(found: Examination) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": found.kind,
        "title": found.title,
        "credential": found.credential,
        "facts": dict(found.facts),
        "checks": [
            {"topic": each.topic.value, "level": each.level.value, "text": each.text, "fix": each.fix}
            for each in found.checks
        ],
        "verbs": {
            each.verb.value: {
                "able": each.able.value,
                "missing": list(each.missing),
                "unknown": list(each.unknown),
                "without": list(each.without),
            }
            for each in found.abilities
        },
        "grant": list(found.grant),
        "error": _error(found.failure) if found.failure is not None else None,
    }


def _error(failure: Failure) -> dict[str, str]:
    reason = failure.reason.value if isinstance(failure, RefusedError) else FAR_END
    return {"reason": reason, "message": str(failure)}
