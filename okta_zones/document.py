"""What `--json` prints: one document per run, version 1.

    {"v": 1, "verb": "apply", "sources": [{"source", "addresses"}], "confirmations": [{"address", "echo", "seen"}],
     "frozen": [REASON, …], "desired": [ADDRESS, …],
     "targets": [{"name", "kind", "title", "id", "action", "outcome", "add", "remove", "keep", "unreported", "entries",
                  "not_ours": [{"entry", "why"}], "safety": [{"danger", "finding", "words"}], "policies", "notes",
                  "error"}],
     "steps": [STEP, …], "error": null}

Addresses are written `203.0.113.10`, unbroken runs `203.0.113.10-203.0.113.12`; `entries` is the whole list as the far
end takes it. `frozen` says why nothing is removed this time. `policies` is null where nobody looked, else
`{"named_by": [{"kind", "name", "rule", "how", "active", "effect"}], "unread": [SENTENCE, …]}`. `error` is null or
`{"reason", "message"}`; `reason` is one of okta_zones.errors.Refusal, or `far-end`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from okta_zones.affected import Reach
from okta_zones.controller import Failure, Run, TargetResult
from okta_zones.errors import RefusedError
from okta_zones.plan import Plan

FAR_END: Final = "far-end"


def of_run(verb: str, run: Run, steps: Iterable[str] = ()) -> dict[str, Any]:
    """The document of a run that reached its targets."""
    return {
        "v": 1,
        "verb": verb,
        "sources": [{"source": each.source, "addresses": each.addresses.texts()} for each in run.survey.reports],
        "confirmations": [asdict(each) for each in run.confirmations],
        "frozen": [*run.order.frozen],
        "desired": run.order.add.texts(),
        "targets": [_target(result) for result in run.results],
        "steps": [*steps],
        "error": None,
    }


def of_failure(verb: str, failure: Failure) -> dict[str, Any]:
    """The document of a run that ended before any target was read."""
    return {
        "v": 1,
        "verb": verb,
        "sources": [],
        "confirmations": [],
        "frozen": [],
        "desired": [],
        "targets": [],
        "steps": [],
        "error": error_of(failure),
    }


def _target(result: TargetResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "kind": result.kind,
        "title": result.title,
        "id": result.target_id,
        "outcome": result.outcome.value,
        **_plan(result.plan),
        "policies": reach_document(result.reach) if result.reach else None,
        "notes": [*result.notes],
        "error": error_of(result.failure) if result.failure else None,
    }


def reach_document(reach: Reach) -> dict[str, Any]:
    """Who names a target."""
    return {"named_by": [asdict(each) for each in reach.policies], "unread": [*reach.unread]}


def _plan(plan: Plan | None) -> dict[str, Any]:
    if plan is None:
        empty = ("add", "remove", "keep", "unreported", "entries", "not_ours", "safety")
        return {"action": None} | {key: [] for key in empty}
    return {
        "action": plan.action.value,
        "add": plan.add.texts(),
        "remove": plan.remove.texts(),
        "keep": plan.keep.texts(),
        "unreported": plan.unreported.texts(),
        "entries": [dict(entry) for entry in plan.entries],
        "not_ours": [{"entry": dict(each.entry), "why": each.why.value} for each in plan.not_ours],
        "safety": [
            {"danger": each.danger.value, "finding": each.finding.value, "words": each.words} for each in plan.verdicts
        ],
    }


def error_of(failure: Failure) -> dict[str, str]:
    """What stood in the way."""
    reason = failure.reason.value if isinstance(failure, RefusedError) else FAR_END
    return {"reason": reason, "message": str(failure)}
