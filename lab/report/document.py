"""The demo as one JSON document, version 1.

    {"v": 1, "as_expected": true, "seconds": 4.2,
     "zones": [{"kind", "title", "action", "outcome", "add": [], "remove": [], "not_ours": []}],
     "rows": [{"number", "device", "path": {HOST: WAY}, "gateway": {"admission", "reasons": [], "rules": []},
               "refusal": null | {"status", "reason", "detail", "what_to_do", "decision_id", "proxy_status"},
               "addresses": [{"address", "whose"}], "okta": PROVIDER, "entra": PROVIDER, "why",
               "as_expected", "differences": []}]}

PROVIDER is `{"outcome", "words", "log": {"outcome", "by", "zone", "addresses": []}}`: `outcome` is the
app's word, `log` the provider's own.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lab.demo import Demo
from lab.rows import ProviderResult, Row


def document(demo: Demo) -> dict[str, Any]:
    """The whole demo, in values that JSON has."""
    return {
        "v": 1,
        "as_expected": demo.as_expected,
        "seconds": round(demo.seconds, 3),
        "zones": [asdict(change) for change in demo.applied],
        "rows": [_row(row) for row in demo.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    observed = row.observed
    return {
        "number": row.expected.number,
        "device": row.expected.device,
        "path": dict(observed.paths),
        "gateway": asdict(observed.gateway),
        "refusal": None if observed.refusal is None else asdict(observed.refusal),
        "addresses": [{"address": address, "whose": owner} for address, owner in observed.addresses.items()],
        "okta": _provider(observed.okta),
        "entra": _provider(observed.entra),
        "why": observed.why,
        "as_expected": not row.differences,
        "differences": list(row.differences),
    }


def _provider(result: ProviderResult) -> dict[str, Any]:
    view = result.view
    log = {"outcome": view.outcome, "by": view.by, "zone": view.zone, "addresses": list(view.addresses)}
    return {"outcome": result.outcome, "words": result.words, "log": log}
