"""How okta-zones shows Okta who it is: an API token, `Authorization: SSWS TOKEN` (Okta API docs).

The token carries its creator's role: zones need a super or an organisation administrator. A token that is
itself restricted to the zone it rewrites can lock its owner out.
"""

from __future__ import annotations

from dtr_rules.credentials import Secret
from okta_zones.exchange import FixedToken
from okta_zones.okta.organization import OrgPin


class ApiTokenAuthorization(FixedToken):
    """An API token, shown to the pinned org only."""

    def __init__(self, token: Secret, pin: OrgPin) -> None:
        super().__init__("SSWS", token)
        self._pin = pin

    def ready(self) -> None:
        self._pin.organization()
