"""What `--json` prints: one document per run, version 1.

    {"v": 1, "verb": "apply", "sources": [{"source", "addresses"}], "desired": [ADDRESS, …],
     "targets": [{"name", "kind", "title", "id", "action", "outcome", "add", "remove", "keep",
                  "not_ours": [{"entry", "why"}], "notes", "error"}],
     "error": null}

Addresses are written `203.0.113.10`, unbroken runs `203.0.113.10-203.0.113.12`. `error` is null or
`{"reason", "message"}`; `reason` is one of okta_zones.errors.Refusal, or `far-end`.
"""

from __future__ import annotations

from typing import Any, Final

from okta_zones.controller import Failure, Run, TargetResult
from okta_zones.errors import RefusedError

FAR_END: Final = "far-end"


def of_run(verb: str, run: Run) -> dict[str, Any]:
    """The document of a run that reached its targets."""
    return {
        "v": 1,
        "verb": verb,
        "sources": [{"source": each.source, "addresses": each.addresses.texts()} for each in run.reports],
        "desired": run.desired.texts(),
        "targets": [_target(result) for result in run.results],
        "error": None,
    }


def of_failure(verb: str, failure: Failure) -> dict[str, Any]:
    """The document of a run that ended before any target was read."""
    return {"v": 1, "verb": verb, "sources": [], "desired": [], "targets": [], "error": _error(failure)}


def _target(result: TargetResult) -> dict[str, Any]:
    plan = result.plan
    return {
        "name": result.name,
        "kind": result.kind,
        "title": result.title,
        "id": result.target_id,
        "action": plan.action.value if plan else None,
        "outcome": result.outcome.value,
        "add": plan.add.texts() if plan else [],
        "remove": plan.remove.texts() if plan else [],
        "keep": plan.keep.texts() if plan else [],
        "not_ours": [{"entry": dict(each.entry), "why": each.why.value} for each in plan.not_ours] if plan else [],
        "notes": [*result.notes],
        "error": _error(result.failure) if result.failure else None,
    }


def _error(failure: Failure) -> dict[str, str]:
    reason = failure.reason.value if isinstance(failure, RefusedError) else FAR_END
    return {"reason": reason, "message": str(failure)}
