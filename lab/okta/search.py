"""`search` and `filter` of the API's lists."""

from __future__ import annotations

from collections.abc import Collection

from lab.okta.errors import OktaError
from lab.okta.scim_filter import FilterError, Selects, read_filter


def read_search(text: str, names: Collection[str] | None = None) -> Selects:
    """What `text` selects among objects as the API shows them. Raises OktaError (400 E0000031)."""
    try:
        return read_filter(text, names)
    except FilterError as error:
        raise OktaError(400, "E0000031", "Invalid search criteria.") from error
