"""A target that the file pins by its id: read by that id, never searched for."""

from __future__ import annotations

from okta_zones.errors import Refusal, RefusedError, RejectedError
from okta_zones.target import Current, Target


def find_pinned(target: Target, pinned_id: str, *, what: str, name: str | None, name_field: str) -> Current:
    """The target with this id, which must bear `name` where the file says one, too. `what`: `zone` or `location`.

    Raises FarEndError, and RefusedError when it is not there or bears another name.
    """
    try:
        current = target.read(pinned_id)
    except RejectedError as error:
        if error.status != 404:
            raise
        raise RefusedError(Refusal.TARGET_MISSING, f"{target.title}: there is no {what} {pinned_id}") from None
    found = current.settings.get(name_field)
    if name is not None and found != name:
        message = f"{target.title}: {what}-id {pinned_id} is called {found!r}"
        raise RefusedError(Refusal.TARGET_UNSUITABLE, message)
    return current
