"""Who makes a call of the Management API, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from lab.okta.roles import Role
from lab.okta.system_log import Party


@dataclass(frozen=True, slots=True)
class Caller:
    """An API token or a service app. `scopes` is None for an API token, which its owner's role alone limits."""

    id: str
    party: Party
    role: Role
    scopes: frozenset[str] | None
    api_token_id: str | None = None


def caller_of(request: HTTPConnection) -> Caller:
    """Who made a request that was let in."""
    caller = request.scope["okta.caller"]
    assert isinstance(caller, Caller)
    return caller
