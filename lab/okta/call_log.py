"""Calls of the Management API in the System Log: the caller is the actor."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from lab.okta.arrival import arrival_of
from lab.okta.caller import caller_of
from lab.okta.org import Org
from lab.okta.system_log import Party


def log_call(org: Org, request: HTTPConnection, event_type: str, *targets: Party) -> None:
    """Write down what an admitted call did to `targets`."""
    caller, origin = caller_of(request), arrival_of(request).origin
    org.log.add(event_type, origin, actor=caller.party, targets=targets, api_token_id=caller.api_token_id)
