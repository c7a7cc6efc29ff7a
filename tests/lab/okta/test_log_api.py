"""GET /api/v1/logs: filters, pages and polling."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lab.okta.acme import OLD_ADDRESS
from lab.okta.knobs import Knobs

pytestmark = pytest.mark.anyio


def _link(answer, relation):
    lines = [line for line in answer.headers.get_list("link") if f'rel="{relation}"' in line]
    return lines[0][1 : lines[0].index(">")] if lines else None


async def test_events_come_oldest_first_and_can_be_turned_round(world):
    await world.browser(OLD_ADDRESS).sign_in()
    events = (await world.api().get("/api/v1/logs")).json()
    assert [event["eventType"] for event in events] == [
        "user.session.start",
        "policy.evaluate_sign_on",
        "user.authentication.sso",
    ]
    turned = (await world.api().get("/api/v1/logs", params={"sortOrder": "DESCENDING"})).json()
    assert turned == events[::-1]


async def test_a_filter_selects_event_types(world):
    await world.browser(OLD_ADDRESS).sign_in()
    text = 'eventType eq "user.session.start" or eventType eq "user.authentication.sso"'
    events = (await world.api().get("/api/v1/logs", params={"filter": text})).json()
    assert [event["eventType"] for event in events] == ["user.session.start", "user.authentication.sso"]
    assert (await world.api().get("/api/v1/logs", params={"filter": "severity above 3"})).status_code == 400


async def test_since_and_until_bound_the_time(world):
    await world.browser(OLD_ADDRESS).sign_in()
    world.clock.move(minutes=10)
    between = "2026-05-04T12:05:00.000Z"
    assert (await world.api().get("/api/v1/logs", params={"since": between})).json() == []
    assert len((await world.api().get("/api/v1/logs", params={"until": between})).json()) == 3
    assert (await world.api().get("/api/v1/logs", params={"since": "yesterday"})).status_code == 400


async def test_polling_follows_a_next_link_that_is_always_there(world):
    await world.browser(OLD_ADDRESS).sign_in()
    seen, url = [], f"{world.url}/api/v1/logs?limit=2"
    for _ in range(3):
        answer = await world.api().get(url)
        seen.append([event["eventType"] for event in answer.json()])
        url = _link(answer, "next")
    assert [len(page) for page in seen] == [2, 1, 0]
    await world.browser(OLD_ADDRESS).sign_in()
    assert [event["eventType"] for event in (await world.api().get(url)).json()] == seen[0]


async def test_a_descending_list_is_paged_backwards_and_ends(world):
    await world.browser(OLD_ADDRESS).sign_in()
    events = (await world.api().get("/api/v1/logs")).json()
    seen, url = [], f"{world.url}/api/v1/logs?limit=2&sortOrder=DESCENDING"
    while url:
        answer = await world.api().get(url)
        seen += answer.json()
        url = _link(answer, "next")
    assert seen == events[::-1]


async def test_polling_from_an_empty_log_misses_nothing(world):
    url = _link(await world.api().get("/api/v1/logs"), "next")
    await world.browser(OLD_ADDRESS).sign_in()
    assert len((await world.api().get(url)).json()) == 3


async def test_a_bounded_query_ends_with_its_last_page(world):
    await world.browser(OLD_ADDRESS).sign_in()
    answer = await world.api().get("/api/v1/logs", params={"until": "2026-05-05T00:00:00.000Z"})
    assert len(answer.json()) == 3
    assert _link(answer, "next") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('outcome.result eq "ALLOW"', 1, id="outcome"),
        pytest.param(f'client.ipAddress eq "{OLD_ADDRESS}" and eventType sw "user."', 2, id="address-and-type"),
        pytest.param('target.type eq "AppInstance"', 2, id="of-a-list"),
        pytest.param('not (actor.alternateId eq "anna@acme.example")', 0, id="not"),
        pytest.param('published gt "2026-05-04T11:59:59.000Z"', 3, id="time"),
        pytest.param("client.device pr", 3, id="present"),
    ],
)
async def test_a_filter_is_a_scim_expression(world, text, found):
    await world.browser(OLD_ADDRESS).sign_in()
    assert len((await world.api().get("/api/v1/logs", params={"filter": text})).json()) == found


@pytest.mark.parametrize(
    ("words", "found"), [("Outlook", 2), ("outlook catch", 0), ("OUTLOOK allow", 1), (OLD_ADDRESS, 3), ("nobody", 0)]
)
async def test_keywords_must_all_be_in_the_event(world, words, found):
    await world.browser(OLD_ADDRESS).sign_in()
    assert len((await world.api().get("/api/v1/logs", params={"q": words})).json()) == found


async def test_the_client_is_described_by_its_user_agent(world):
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    await world.browser(OLD_ADDRESS, **{"User-Agent": agent}).sign_in()
    client = (await world.api().get("/api/v1/logs")).json()[0]["client"]
    assert client["userAgent"] == {"rawUserAgent": agent, "os": "iOS", "browser": "SAFARI"}
    assert client["device"] == "Mobile"


@pytest.mark.parametrize("query", [{"sortOrder": "UP"}, {"q": "a b c d e f g h i j k"}])
async def test_a_query_that_means_nothing_is_refused(world, query):
    assert (await world.api().get("/api/v1/logs", params=query)).status_code == 400


class TestALateLog:
    @pytest.fixture
    def knobs(self):
        return Knobs(log_delay=timedelta(seconds=5))

    async def test_events_show_themselves_after_a_while_and_polling_misses_none(self, world):
        url = _link(await world.api().get("/api/v1/logs"), "next")
        await world.browser(OLD_ADDRESS).sign_in()
        answer = await world.api().get(url)
        assert answer.json() == []
        world.clock.move(seconds=5)
        assert len((await world.api().get(_link(answer, "next"))).json()) == 3
