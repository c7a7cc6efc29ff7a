"""From where the controller's own credential may be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dtr_rules.credentials import Secret
from okta_zones.config.okta_credential import ApiToken, ServiceApp
from okta_zones.exchange import Exchange
from okta_zones.okta.network_restriction import Restriction, network_restriction, read_restriction
from okta_zones.signing_key import new_key
from okta_zones.unreadable import Unreadable, Why

ZONE = "nzoours0000000000001"
BOUND = {"connection": "ZONE", "include": [ZONE], "exclude": []}


def test_of_an_api_token_whose_id_the_file_says(org: Any, exchange: Exchange) -> None:
    org.answers["GET /api/v1/api-tokens/00T1"] = {"id": "00T1", "name": "controller", "network": BOUND}
    found = network_restriction(exchange, ApiToken(Secret("token"), "00T1"))
    assert found == Restriction(False, (ZONE,), ())


def test_without_an_id_nobody_is_asked(org: Any, exchange: Exchange) -> None:
    found = network_restriction(exchange, ApiToken(Secret("token")))
    assert isinstance(found, Unreadable)
    assert found.why is Why.NOT_CONFIGURED
    assert org.requests == []


def test_of_a_service_app(org: Any, exchange: Exchange) -> None:
    org.answers["GET /api/v1/apps/0oaapp"] = {"id": "0oaapp", "settings": {"oauthClient": {"network": BOUND}}}
    found = network_restriction(exchange, ServiceApp("0oaapp", new_key()))
    assert found == Restriction(False, (ZONE,), ())


def test_that_may_not_be_read(org: Any, exchange: Exchange, forbidden: Callable[[], Any]) -> None:
    org.answers["GET /api/v1/apps/0oaapp"] = forbidden()
    found = network_restriction(exchange, ServiceApp("0oaapp", new_key()))
    assert isinstance(found, Unreadable)
    assert (found.why, found.grant) == (Why.NOT_PERMITTED, "okta.apps.read")


@pytest.mark.parametrize(
    ("network", "depends"),
    [
        (None, False),
        ({"connection": "ANYWHERE"}, False),
        ({"connection": "DISABLED"}, False),
        ({"connection": "ZONE", "include": ["nzoother000000000002"]}, False),
        ({"connection": "ZONE", "include": [ZONE]}, True),
        ({"connection": "ZONE", "exclude": [ZONE]}, True),
        ({"connection": "ZONE", "include": ["ALL_IP_ZONES"]}, True),
    ],
    ids=["none", "anywhere", "disabled", "another zone", "this zone", "all but this zone", "all zones"],
)
def test_whether_it_depends_on_the_zone(network: object, depends: bool) -> None:
    assert read_restriction(network).depends_on(ZONE) is depends
