"""One named location of Entra: found, judged, patched; and the token for it."""

from __future__ import annotations

import urllib.parse
from typing import Any

import httpx
import pytest

from dtr_rules.credentials import Secret
from okta_zones.errors import FarEndError, Refusal, RefusedError, RejectedError, StrangeAnswerError
from okta_zones.exchange import Exchange
from okta_zones.graph import auth
from okta_zones.graph.client_credential import ClientSecret
from okta_zones.graph.locations import LocationTarget
from okta_zones.graph.transport import connect, read_problem

NAME = "Tunnel egress"
TENANT = "5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa"
ID, OTHER_ID = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def token(entra: Any) -> auth.ClientCredentials:
    login = Exchange(
        "https://login.microsoftonline.com",
        service=auth.SERVICE,
        read_problem=auth.read_problem,
        transport=entra.transport,
    )
    return auth.ClientCredentials(
        login,
        tenant=TENANT,
        client_id="app",
        credential=ClientSecret(Secret("entra-secret")),
        scope="https://graph.microsoft.com/.default",
    )


def target(entra: Any, name: str | None = NAME, pinned: str | None = None) -> LocationTarget:
    graph = connect("https://graph.microsoft.com", token(entra), transport=entra.transport)
    return LocationTarget(graph, name, pinned)


def test_the_location_is_found_through_all_pages(wire: Any) -> None:
    others = [wire.location(f"{n:08}-0000-4000-8000-000000000000", displayName=f"Office {n}") for n in range(5)]
    entra = wire.Entra(locations=[*others, wire.location(ID)])
    found = target(entra).find()
    assert found is not None
    assert found.id == ID
    assert entra.calls.count("GET /v1.0/identity/conditionalAccess/namedLocations") == 3


def test_the_token_is_fetched_once_by_client_credentials(wire: Any) -> None:
    entra = wire.Entra(locations=[wire.location(ID)])
    target(entra).find()
    (request,) = [each for each in entra.requests if "oauth2" in each.url.path]
    assert dict(urllib.parse.parse_qsl(request.content.decode())) == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "entra-secret",
        "scope": "https://graph.microsoft.com/.default",
    }


def test_several_locations_of_one_name_are_refused_until_one_is_pinned(wire: Any) -> None:
    entra = wire.Entra(locations=[wire.location(ID), wire.location(OTHER_ID)])
    with pytest.raises(RefusedError, match=f"pin one with location-id: {ID}, {OTHER_ID}") as refused:
        target(entra).find()
    assert refused.value.reason is Refusal.NAME_AMBIGUOUS
    found = target(entra, pinned=OTHER_ID).find()
    assert found is not None
    assert found.id == OTHER_ID


def test_a_pinned_location_that_is_gone_is_not_created_again(wire: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        target(wire.Entra(), pinned=ID).find()
    assert refused.value.reason is Refusal.TARGET_MISSING


def test_a_pinned_location_of_another_name_is_refused(wire: Any) -> None:
    entra = wire.Entra(locations=[wire.location(ID, displayName="Office")])
    with pytest.raises(RefusedError, match="is called 'Office'"):
        target(entra, pinned=ID).find()
    assert target(entra, name=None, pinned=ID).find() is not None


def test_a_country_location_is_refused(wire: Any) -> None:
    entra = wire.Entra(locations=[wire.location(ID, **{"@odata.type": "#microsoft.graph.countryNamedLocation"})])
    with pytest.raises(RefusedError, match="is countryNamedLocation, not ipNamedLocation") as refused:
        target(entra).find()
    assert refused.value.reason is Refusal.TARGET_UNSUITABLE


def test_a_patch_names_its_type_and_the_whole_list_and_nothing_else(wire: Any) -> None:
    entra = wire.Entra(locations=[wire.location(ID, isTrusted=True, ipRanges=[wire.v4("203.0.113.9/32")])])
    found = target(entra).read(ID)
    target(entra).replace(found, [wire.v4("203.0.113.10/32")])
    assert entra.writes[-1].method == "PATCH"
    assert entra.body() == {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "ipRanges": [wire.v4("203.0.113.10/32")],
    }
    assert entra.locations[0]["isTrusted"] is True


def test_a_new_location_is_not_trusted(wire: Any) -> None:
    entra = wire.Entra()
    target(entra).create([wire.v4("203.0.113.10/32")])
    assert entra.body() == {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "displayName": NAME,
        "isTrusted": False,
        "ipRanges": [wire.v4("203.0.113.10/32")],
    }


def test_the_token_never_goes_to_another_origin(wire: Any) -> None:
    entra = wire.Entra()
    stray = {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/namedLocations?$skiptoken=2"}
    entra.script.append(lambda request: httpx.Response(200, json=stray) if request.method == "GET" else None)
    with pytest.raises(StrangeAnswerError, match="another origin"):
        target(entra).find()
    assert "elsewhere.example" not in {request.url.host for request in entra.requests}


SIGN_IN_ERRORS = {
    "a wrong secret": (7000215, "the client secret is wrong"),
    "an expired secret": (7000222, "the client secret has expired"),
    "an unknown app": (700016, "does not know this client id"),
    "an app that is blocked from here": (53003, "a conditional access policy blocks this app"),
}


@pytest.mark.parametrize(("code", "hint"), SIGN_IN_ERRORS.values(), ids=SIGN_IN_ERRORS.keys())
def test_what_entra_says_when_it_gives_no_token(wire: Any, code: int, hint: str) -> None:
    entra = wire.Entra()
    body = {
        "error": "invalid_client",
        "error_description": f"AADSTS{code}: No.\r\nTrace ID: 1\r\nCorrelation ID: 2",
        "error_codes": [code],
    }
    entra.script.append(lambda request: httpx.Response(401, json=body) if "oauth2" in request.url.path else None)
    with pytest.raises(RejectedError, match=hint) as rejected:
        target(entra).find()
    assert rejected.value.code == f"AADSTS{code}"
    assert "Trace ID" not in str(rejected.value)
    assert "entra-secret" not in str(rejected.value)


@pytest.mark.parametrize("body", [{}, [], {"access_token": 7}, {"access_token": "two\nlines"}])
def test_an_answer_without_a_token(wire: Any, body: object) -> None:
    entra = wire.Entra()
    entra.script.append(lambda request: httpx.Response(200, json=body) if "oauth2" in request.url.path else None)
    with pytest.raises(FarEndError, match="without an access token"):
        target(entra).find()


def test_an_error_says_what_graph_said() -> None:
    error = {"code": "Authorization_RequestDenied", "message": "Insufficient privileges.", "innerError": {}}
    problem = read_problem(httpx.Response(403, json={"error": error}))
    assert (problem.code, problem.summary) == ("Authorization_RequestDenied", "Insufficient privileges.")


@pytest.mark.parametrize(("header", "wait"), [({}, None), ({"Retry-After": "7"}, 7.0), ({"Retry-After": "soon"}, None)])
def test_graph_may_say_how_long_to_wait(header: dict[str, str], wait: float | None) -> None:
    assert read_problem(httpx.Response(429, headers=header)).wait == wait
