"""The addresses as variables for Terraform, where that owns a zone: `plan --to tfvars`.

One variable per target, named after it: `okta_gateways` takes what an okta_network_zone calls gateways,
`entra_ip_ranges` what an azuread_named_location calls ip_ranges. An address that stands in the zone, lies within
`owned-prefixes` and is reported by no source stays in the list: absence is never removal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from okta_zones.addresses import AddressSet
from okta_zones.controller import Run
from okta_zones.plan import Plan
from okta_zones.target import Notation

_KINDS: Mapping[str, str] = {"okta": "gateways", "entra": "ip_ranges"}


def lines(run: Run, owned_prefixes: AddressSet, notations: Mapping[str, Notation]) -> Iterator[str]:
    """The variables, line by line; `notations` by the targets' names."""
    for result in run.results:
        if result.plan is None:
            continue
        texts = _texts(result.plan, owned_prefixes, notations[result.name])
        name = re.sub(r"\W+", "_", result.name, flags=re.ASCII).strip("_").lower() or "target"
        yield f"{'_' if name[0].isdigit() else ''}{name}_{_KINDS[result.kind]} = ["
        yield from (f"  {json.dumps(text)}," for text in texts)
        yield "]"


def _texts(plan: Plan, owned_prefixes: AddressSet, notation: Notation) -> list[str]:
    entries = notation.render((plan.add | plan.keep) & owned_prefixes)
    return [str(entry.get("value") or entry.get("cidrAddress")) for entry in entries]
