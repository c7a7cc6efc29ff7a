"""A plan in a file, so that what was looked at is what is done: `plan --out plan.json`, then `apply plan.json`.

    {"v": 1, "kind": "okta-zones plan", "made": TIME, "config": DIGEST, "add": [ADDRESS, …], "remove": [ADDRESS, …],
     "frozen": [REASON, …], "accepted": [DANGER, …],
     "targets": [{"name", "place", "before", "owned", "action", "entries"}], "digest": DIGEST}

`apply` plans anew from the same order, without asking the sources, and carries it out only if that gives the very
same plan: the same configuration, the same target ids, the same lists and settings before, the same entries that are
ours. The digest tells a file that was changed by hand or by accident; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union
from okta_zones.config.safety import read_danger
from okta_zones.controller import Outcome, Run, TargetResult
from okta_zones.errors import Refusal, RefusedError, UnusableInputError
from okta_zones.plan import Order, Plan

KIND: Final = "okta-zones plan"
MOST_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan file says. `targets` holds for each target's name what must be found again."""

    config: str
    order: Order
    accepted: frozenset[Refusal]
    targets: Mapping[str, Mapping[str, Any]]


def write(path: Path, run: Run, accepted: frozenset[Refusal], config: str, made: datetime) -> None:
    """Write the plans of `run` (0600). Raises UnusableInputError when the file cannot be written."""
    content = {
        "v": 1,
        "kind": KIND,
        "made": made.isoformat(timespec="seconds"),
        "config": config,
        "add": run.order.add.texts(),
        "remove": run.order.remove.texts(),
        "frozen": [*run.order.frozen],
        "accepted": sorted(danger.value for danger in accepted),
        "targets": [{"name": each.name, **_basis(each.plan)} for each in run.results if each.plan],
    }
    text = json.dumps({**content, "digest": _digest(content)}, indent=2)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):  # of a file that was there, too: whoever writes it is obeyed
                os.fchmod(descriptor, 0o600)
            stream.write(f"{text}\n")
    except OSError as error:
        raise UnusableInputError(f"{path}: cannot write this file: {error.strerror}") from None


def read(path: Path) -> PlanFile:
    """Read a plan file. Raises UnusableInputError for anything else, and for one that was changed since."""
    try:
        with path.open("rb") as stream:
            content = json.loads(stream.read(MOST_BYTES))
    except OSError as error:
        raise UnusableInputError(f"{path}: cannot read this file: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UnusableInputError(f"{path}: this is no plan of okta-zones: not JSON") from None
    if not isinstance(content, dict) or content.get("kind") != KIND or content.get("v") != 1:
        raise UnusableInputError(f"{path}: this is no plan of okta-zones (v 1)")
    digest = content.pop("digest", None)
    if digest != _digest(content):
        raise UnusableInputError(f"{path}: this plan was changed since it was made; make it again")
    try:
        return PlanFile(
            str(content["config"]),
            Order(_set(content["add"]), _set(content["remove"]), tuple(map(str, content["frozen"]))),
            frozenset(map(read_danger, content["accepted"])),
            {str(each["name"]): each for each in content["targets"]},
        )
    except (KeyError, TypeError, ValueError, AddressError) as error:
        raise UnusableInputError(f"{path}: this is no plan of okta-zones: {error}") from None


def check(planned: PlanFile, run: Run) -> None:
    """Make sure that `run`, planned anew, is what the file says. Raises RefusedError.

    A target that could not be planned is left to its own failure.
    """
    if set(planned.targets) != {result.name for result in run.results}:
        raise RefusedError(Refusal.PLAN_OUTDATED, "the plan is for other targets than the configuration names")
    for result in run.results:
        if result.plan is not None:
            _check_target(result, planned.targets[result.name])


def _check_target(result: TargetResult, expected: Mapping[str, Any]) -> None:
    assert result.plan is not None
    found = _basis(result.plan)
    for key, reason, words in (
        ("place", Refusal.CHANGED_MEANWHILE, "is another one than at the time of the plan"),
        ("before", Refusal.CHANGED_MEANWHILE, "was changed since the plan"),
        ("owned", Refusal.PLAN_OUTDATED, "holds other entries of ours than at the time of the plan"),
        ("entries", Refusal.PLAN_OUTDATED, "would get another list than the plan says"),
    ):
        if found[key] != expected.get(key) and result.outcome is not Outcome.LEFT_TO_OWNER:
            raise RefusedError(reason, f"{result.title} {words}; nothing was written; plan again")


def _basis(plan: Plan) -> dict[str, Any]:
    """What a plan was made from and what it comes to, as JSON."""
    before = plan.current
    return {
        "place": plan.place.key,
        "before": None if before is None else {"entries": _plain(before.entries), "settings": _plain(before.settings)},
        "owned": [str(each) for each in plan.ours_now],
        "action": plan.action.value,
        "entries": _plain(plan.entries),
    }


def _plain(value: object) -> Any:
    """JSON as it comes back from a file: tuples are lists there."""
    return json.loads(json.dumps(value, default=dict))


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _set(texts: list[str]) -> AddressSet:
    return union(map(parse_addresses, texts))
