"""The `filter` of a zone list: comparisons of id, usage and system, joined by `and` or `or`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lab.okta.errors import OktaError
from lab.okta.zone import Zone

_TERM: Final = re.compile(r'(id|usage|system) eq (?:"([^"]*)"|(true|false))')


def read_zone_filter(text: str) -> Callable[[Zone], bool]:
    """What `text` selects. `or` and `and` together are more than the lab reads. Raises OktaError (400)."""
    inner = text.strip()
    if inner.startswith("(") and inner.endswith(")"):
        inner = inner[1:-1]
    joint, combine = (" and ", all) if " and " in inner else (" or ", any)
    terms = [_TERM.fullmatch(part.strip()) for part in inner.split(joint)]
    wanted = [(term[1], term[2] if term[2] is not None else term[3]) for term in terms if term is not None]
    if len(wanted) != len(terms):
        raise OktaError(400, "E0000031", "Invalid search criteria.")

    def selects(zone: Zone) -> bool:
        values = {"id": zone.id, "usage": zone.usage, "system": str(zone.system).lower()}
        return combine(values[field] == value for field, value in wanted)

    return selects
