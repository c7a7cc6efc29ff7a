"""How a request shows who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import httpx

from dtr_rules.credentials import Secret
from okta_zones.errors import RejectedError


class Authorization(Protocol):
    """A credential in use. `ready`, then `headers` for every single attempt."""

    def ready(self) -> None:
        """Have a credential that is still good for a while; may ask the far end for one.

        Raises FarEndError when none can be had, RefusedError when it is of another org or tenant.
        """

    def headers(self, method: str, url: httpx.URL) -> Mapping[str, str]:
        """The headers of one attempt at one request. A proof of possession is never used twice."""

    def renewed_after(self, rejected: RejectedError) -> bool:
        """Whether, after a 401, another attempt may succeed; the credential in use is dropped then."""


class FixedToken:
    """A token that stays the same: `Authorization: SCHEME TOKEN`."""

    def __init__(self, scheme: str, token: Secret) -> None:
        self._scheme = scheme
        self._token = token

    def ready(self) -> None:
        """It always is."""

    def headers(self, method: str, url: httpx.URL) -> Mapping[str, str]:  # noqa: ARG002
        return {"Authorization": f"{self._scheme} {self._token.reveal()}"}

    def renewed_after(self, rejected: RejectedError) -> bool:  # noqa: ARG002
        return False
