"""How okta-zones shows Okta who it is: an API token, `Authorization: SSWS TOKEN` (Okta API docs).

The token carries its creator's role: zones need a super or an organisation administrator. A token that is
itself restricted to the zone it rewrites can lock its owner out.
"""

from __future__ import annotations

from collections.abc import Callable

from dtr_rules.credentials import Secret


def ssws(token: Secret) -> Callable[[], str]:
    """The value of the Authorization header for an API token."""
    return lambda: f"SSWS {token.reveal()}"
