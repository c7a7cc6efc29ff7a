"""Times as Okta and Graph write them."""

from __future__ import annotations

from datetime import datetime


def moment(text: object) -> datetime | None:
    """A time as Okta and Graph write it; None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
