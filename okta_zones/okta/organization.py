"""Which Okta org answers: its id, its engine, its addresses.

`GET /.well-known/okta-organization` needs no credential and counts in no rate limit. It answers
`{"id": "00o…", "pipeline": "idx" | "v1", "_links": {"organization": {"href"}, "alternate": {"href"}}, …}`; `idx` is
the Identity Engine (Okta API docs, "Retrieve the well-known org metadata").
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from okta_zones.errors import Refusal, RefusedError, StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.okta.transport import SERVICE

PATH: Final = "/.well-known/okta-organization"
BELIEVED_FOR: Final = 3600  # seconds


class Engine(StrEnum):
    """What decides about sign-ins in an org."""

    IDENTITY_ENGINE = "identity-engine"
    CLASSIC = "classic"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Organization:
    """An org as it shows itself to everybody. `origins`: its own and its custom addresses."""

    id: str
    engine: Engine
    origins: frozenset[str]


def read_organization(exchange: Exchange) -> Organization:
    """The org that answers here. Raises FarEndError."""
    answer = exchange.read(PATH).json
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
        raise StrangeAnswerError(
            SERVICE, f"{PATH} does not say which org it is; is org-url the address of an Okta org?"
        )
    engine = {"idx": Engine.IDENTITY_ENGINE, "v1": Engine.CLASSIC}.get(str(answer.get("pipeline")), Engine.UNKNOWN)
    return Organization(answer["id"], engine, frozenset(_origins(answer.get("_links"))))


class OrgPin:
    """Makes sure that the org is the pinned one, before a credential goes anywhere."""

    def __init__(self, exchange: Exchange, pinned_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`exchange`: without an authorization."""
        self._exchange = exchange
        self._pinned_id = pinned_id
        self._clock = clock
        self._found: Organization | None = None
        self._until = 0.0

    def organization(self) -> Organization:
        """The org, asked again once an hour. Raises FarEndError, and RefusedError for another than the pinned one."""
        if self._found is None or self._clock() > self._until:
            found = read_organization(self._exchange)
            if found.id != self._pinned_id:
                message = f"{self._exchange.origin} is the org {found.id}, the file pins {self._pinned_id} (org-id)"
                raise RefusedError(Refusal.OTHER_ORG, message)
            self._found, self._until = found, self._clock() + BELIEVED_FOR
        return self._found

    def check_issuer(self, claims: Mapping[str, Any]) -> None:
        """Refuse a token that another org issued. An opaque token says nothing, and nothing is made of it."""
        issuer = claims.get("iss")
        if not isinstance(issuer, str):
            return
        own = {str(self._exchange.origin).rstrip("/"), *self.organization().origins}
        if issuer.rstrip("/") not in own:
            message = f"the token for {self._exchange.origin} was issued by {issuer}"
            raise RefusedError(Refusal.OTHER_ORG, message)


def _origins(links: object) -> list[str]:
    found = [links.get(name) for name in ("organization", "alternate")] if isinstance(links, dict) else []
    return [str(each["href"]).rstrip("/") for each in found if isinstance(each, dict) and "href" in each]
