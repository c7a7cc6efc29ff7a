"""The zones API against what was recorded of the real one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from lab.okta.acme import CLIENT_ID, FOREIGN_RANGE, OLD_ADDRESS, ZONE_NAME
from lab.okta.knobs import Knobs
from lab.okta.network_restriction import NetworkRestriction

pytestmark = pytest.mark.anyio

SYSTEM_ZONES = ["LegacyIpZone", "BlockedIpZone", "DefaultEnhancedDynamicZone", "DefaultExemptIpZone"]


def _ip_zone(name="X", **content):
    return {"type": "IP", "name": name, "gateways": [{"type": "CIDR", "value": "10.0.0.0/24"}], **content}


def _causes(answer):
    return [cause["errorSummary"] for cause in answer.json()["errorCauses"]]


async def _create(world, **content):
    answer = await world.api().post("/api/v1/zones", json=_ip_zone(**content))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_created_zone_is_answered_with_200_and_the_recorded_fields(world):
    answer = await world.api().post("/api/v1/zones", json=_ip_zone())
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    zone = answer.json()
    assert list(zone) == [
        *("type", "id", "name", "status", "usage", "created", "lastUpdated", "system"),
        *("gateways", "proxies", "_links"),
    ]
    assert re.fullmatch(r"nzo[A-Za-z0-9]{17}", zone["id"])
    assert (zone["status"], zone["usage"], zone["system"], zone["proxies"]) == ("ACTIVE", "POLICY", False, None)
    assert zone["created"] == zone["lastUpdated"] == "2026-05-04T12:00:00.000Z"
    url = f"{world.url}/api/v1/zones/{zone['id']}"
    assert zone["_links"] == {
        "self": {"href": url, "hints": {"allow": ["GET", "PUT", "DELETE"]}},
        "deactivate": {"href": f"{url}/lifecycle/deactivate", "hints": {"allow": ["POST"]}},
    }


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        pytest.param(("RANGE", "192.168.1.1"), ("RANGE", "192.168.1.1-192.168.1.1"), id="single-address"),
        pytest.param(("RANGE", "172.16.0.1-172.16.0.10"), ("RANGE", "172.16.0.1-172.16.0.10"), id="range"),
        pytest.param(("CIDR", "203.0.113.10/32"), ("CIDR", "203.0.113.10/32"), id="slash-32-stays-a-cidr"),
        pytest.param(("CIDR", "3.2.3.4/24"), ("CIDR", "3.2.3.4/24"), id="host-bits-stay"),
        pytest.param(("CIDR", "10.0.0.0/8"), ("CIDR", "10.0.0.0/8"), id="private"),
    ],
)
async def test_entries_are_stored_as_recorded(world, sent, stored):
    zone = await _create(world, gateways=[{"type": sent[0], "value": sent[1]}])
    assert zone["gateways"] == [{"type": stored[0], "value": stored[1]}]


async def test_order_and_duplicates_are_kept(world):
    entries = [{"type": "CIDR", "value": text} for text in ("9.9.9.9/32", "1.1.1.1/32", "9.9.9.9/32", "9.0.0.0/8")]
    assert (await _create(world, gateways=entries))["gateways"] == entries


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"name": ""}, id="empty-name"),
        pytest.param({"name": "n" * 129}, id="long-name"),
        pytest.param({"name": ZONE_NAME}, id="name-taken"),
        pytest.param({"type": "IPV6"}, id="unknown-type"),
        pytest.param({"gateways": None}, id="nothing-in-it"),
        pytest.param({"gateways": []}, id="empty-list"),
        pytest.param({"gateways": [{"value": "1.1.1.1"}]}, id="entry-without-type"),
        pytest.param({"gateways": [{"type": "CIDR", "value": "1.1.1.1"}]}, id="cidr-without-mask"),
        pytest.param({"gateways": [{"type": "CIDR", "value": "1.1.1.1/33"}]}, id="mask-too-long"),
        pytest.param({"gateways": [{"type": "RANGE", "value": "2.2.2.2-1.1.1.1"}]}, id="backwards"),
        pytest.param({"gateways": [{"type": "RANGE", "value": "egress.example"}]}, id="a-name"),
        pytest.param({"gateways": [{"type": "CIDR", "value": "2001:db8::/48"}]}, id="ipv6"),
        pytest.param({"gateways": [{"type": "CIDR", "value": "1.1.1.1/32"}] * 151}, id="151-entries"),
        pytest.param(
            {"usage": "BLOCKLIST", "proxies": [{"type": "CIDR", "value": "1.1.1.1/32"}]}, id="blocklist-with-proxies"
        ),
    ],
)
async def test_a_bad_zone_is_refused_with_causes_and_not_stored(world, content):
    before = world.org.zones.all()
    answer = await world.api().post("/api/v1/zones", json=_ip_zone(**content))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000001")
    assert answer.json()["errorLink"] == "E0000001"
    assert re.fullmatch(r"oae[\w-]{22}", answer.json()["errorId"])
    assert _causes(answer)
    assert world.org.zones.all() == before


@pytest.mark.parametrize("body", [pytest.param("{", id="half-json"), pytest.param("[]", id="a-list")])
async def test_a_body_that_is_no_object_is_not_well_formed(world, body):
    answer = await world.api().post("/api/v1/zones", content=body)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "E0000003")


async def test_a_blocklist_holds_a_thousand_entries(world):
    entries = [{"type": "CIDR", "value": f"10.{n // 256}.{n % 256}.0/24"} for n in range(1000)]
    assert len((await _create(world, usage="BLOCKLIST", gateways=entries))["gateways"]) == 1000


async def test_a_put_replaces_everything_so_an_omitted_list_is_gone(world):
    zone = await _create(world, proxies=[{"type": "CIDR", "value": "10.1.0.0/24"}])
    answer = await world.api().put(f"/api/v1/zones/{zone['id']}", json=_ip_zone())
    assert answer.json()["proxies"] is None


async def test_a_put_answers_with_the_old_time_and_the_next_get_with_the_new_one(world):
    zone = await _create(world)
    world.clock.move(seconds=90)
    path = f"/api/v1/zones/{zone['id']}"
    put = await world.api().put(path, json=_ip_zone(name="Y"))
    assert (put.json()["name"], put.json()["lastUpdated"]) == ("Y", zone["lastUpdated"])
    assert (await world.api().get(path)).json()["lastUpdated"] == "2026-05-04T12:01:30.000Z"


async def test_a_put_can_change_status_and_usage(world):
    zone = await _create(world)
    body = _ip_zone(status="INACTIVE", usage="BLOCKLIST")
    answer = (await world.api().put(f"/api/v1/zones/{zone['id']}", json=body)).json()
    assert (answer["status"], answer["usage"]) == ("INACTIVE", "BLOCKLIST")
    assert list(answer["_links"]) == ["activate", "self"]
    assert len(world.org.log.of_type("zone.make_blacklist")) == 1


async def test_an_active_zone_is_deleted_only_after_it_was_deactivated(world):
    zone = await _create(world, name="Old")
    path = f"/api/v1/zones/{zone['id']}"
    refused = await world.api().delete(path)
    text = "The zone: Old is an active zone. Active zones cannot be deleted."
    assert refused.status_code == 400
    assert refused.json()["errorSummary"] == f"Api validation failed: {text}"
    assert _causes(refused) == [f"id: {text.replace('Old', zone['id'])}"]
    world.clock.move(seconds=5)
    answer = await world.api().post(f"{path}/lifecycle/deactivate")
    assert (answer.status_code, answer.json()["status"]) == (200, "INACTIVE")
    assert answer.json()["lastUpdated"] == "2026-05-04T12:00:05.000Z"
    deleted = await world.api().delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    gone = await world.api().get(path)
    assert (gone.status_code, gone.json()["errorCode"]) == (404, "E0000007")
    assert gone.json()["errorSummary"] == f"Not found: Resource not found: {zone['id']} (NetworkZone)"


async def test_the_only_zone_of_a_rule_cannot_be_deleted(world):
    zone = world.org.zones.named(ZONE_NAME)
    path = f"/api/v1/zones/{zone.id}"
    await world.api().post(f"{path}/lifecycle/deactivate")
    assert (await world.api().delete(path)).status_code == 400
    assert (await world.api().get(path)).status_code == 200


async def test_a_deleted_zone_leaves_rules_that_name_others_too(world):
    extra = await _create(world, name="Extra", status="INACTIVE")
    policy = world.org.policies.get(world.org.apps[CLIENT_ID].policy_id)
    rule = policy.in_order()[0]
    both = [world.org.zones.named(ZONE_NAME).id, extra["id"]]
    body = {"name": rule.name, "conditions": {"network": {"connection": "ZONE", "include": both}}}
    path = f"/api/v1/policies/{policy.id}/rules/{rule.id}"
    assert (await world.api().put(path, json=body | {"actions": rule.actions})).status_code == 200
    assert (await world.api().delete(f"/api/v1/zones/{extra['id']}")).status_code == 204
    assert (await world.api().get(path)).json()["conditions"]["network"]["include"] == both[:1]


async def test_the_org_starts_with_system_zones_and_the_tunnels(world):
    zones = (await world.api().get("/api/v1/zones")).json()
    assert [zone["name"] for zone in zones] == [*SYSTEM_ZONES, ZONE_NAME]
    assert [zone["system"] for zone in zones] == [True, True, True, True, False]
    enhanced = zones[2]
    assert (enhanced["type"], enhanced["usage"]) == ("DYNAMIC_V2", "BLOCKLIST")
    assert enhanced["asns"] == {"include": [], "exclude": []}
    assert enhanced["ipServiceCategories"]["include"] == ["ALL_ANONYMIZERS"]
    assert (zones[1]["gateways"], zones[1]["proxies"]) == (None, None)
    assert [entry["value"] for entry in zones[4]["gateways"]] == [f"{OLD_ADDRESS}-{OLD_ADDRESS}", FOREIGN_RANGE]


async def test_a_list_is_read_through_its_next_links(world):
    for number in range(30):
        await _create(world, name=f"Zone {number:02}")
    names, url, pages = [], f"{world.url}/api/v1/zones", []
    while url:
        answer = await world.api().get(url)
        lines = answer.headers.get_list("link")
        assert sum('rel="self"' in line for line in lines) == 1
        following = [line for line in lines if 'rel="next"' in line]
        pages.append(len(answer.json()))
        names += [zone["name"] for zone in answer.json()]
        url = following[0][1 : following[0].index(">")] if following else None
    assert pages == [20, 15]
    assert names == [*SYSTEM_ZONES, ZONE_NAME, *(f"Zone {number:02}" for number in range(30))]


async def test_a_limit_is_kept_in_the_next_link(world):
    answer = await world.api().get("/api/v1/zones", params={"limit": 2})
    assert len(answer.json()) == 2
    assert "limit=2" in next(line for line in answer.headers.get_list("link") if 'rel="next"' in line)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param('usage eq "BLOCKLIST"', ["BlockedIpZone", "DefaultEnhancedDynamicZone"], id="usage"),
        pytest.param("system eq false", [ZONE_NAME], id="system"),
        pytest.param('(id eq "nzounknown" or system eq false)', [ZONE_NAME], id="or"),
        pytest.param('usage eq "POLICY" and system eq true', ["LegacyIpZone", "DefaultExemptIpZone"], id="and"),
    ],
)
async def test_the_list_can_be_filtered(world, text, names):
    answer = await world.api().get("/api/v1/zones", params={"filter": text})
    assert [zone["name"] for zone in answer.json()] == names


async def test_the_list_cannot_be_filtered_by_name(world):
    answer = await world.api().get("/api/v1/zones", params={"filter": f'name eq "{ZONE_NAME}"'})
    assert answer.status_code == 400


async def test_system_zones_have_rules_of_their_own(world):
    api = world.api()
    exempt, blocked = world.org.zones.named("DefaultExemptIpZone"), world.org.zones.named("BlockedIpZone")
    path = f"/api/v1/zones/{exempt.id}"
    plain = _ip_zone(name=exempt.name)
    refused = await api.put(path, json=plain)
    assert _causes(refused) == [
        "useAsExemptList: The network zone does not allow usage changes for DefaultExemptIpZone."
    ]
    answer = (await api.put(path, json=plain | {"useAsExemptList": True})).json()
    assert (answer["useAsBlackList"], answer["useAsExemptList"]) == (False, True)
    assert "useAsExemptList" not in (await api.get(path)).json()
    body = _ip_zone(name=blocked.name, usage="BLOCKLIST")
    assert (await api.put(f"/api/v1/zones/{blocked.id}", json=body)).status_code == 400
    assert (await api.put(f"/api/v1/zones/{blocked.id}", json=body | {"system": True})).status_code == 200
    assert (await api.delete(f"/api/v1/zones/{blocked.id}")).status_code == 400


async def test_enhanced_dynamic_zones_can_be_written_and_keep_their_shape(world):
    body = {"type": "DYNAMIC_V2", "name": "Countries", "locations": {"exclude": [{"country": "BE", "region": None}]}}
    zone = (await world.api().post("/api/v1/zones", json=body)).json()
    assert zone["locations"] == {"include": [], "exclude": [{"country": "BE", "region": None}]}
    assert zone["ipServiceCategories"] == {"include": [], "exclude": []}


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param("", id="none"),
        pytest.param("SSWS wrong", id="wrong"),
        pytest.param("Bearer {token}", id="other-scheme"),
        pytest.param("SSWS{token}", id="no-space"),
    ],
)
async def test_without_a_good_token_the_api_answers_401(world, authorization):
    token = world.api().headers["authorization"].removeprefix("SSWS ")
    headers = {"Authorization": authorization.format(token=token)} if authorization else {}
    answer = await world.client("127.43.8.1", **headers).get("/api/v1/zones")
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "E0000011")
    assert answer.json()["errorSummary"] == "Invalid token provided"


async def test_paths_and_methods_that_do_not_exist(world):
    assert (await world.api().get("/api/v1/nothing")).json()["errorCode"] == "E0000008"
    answer = await world.api().patch(f"/api/v1/zones/{world.org.zones.named(ZONE_NAME).id}", json={})
    assert (answer.status_code, answer.json()["errorCode"]) == (405, "E0000022")


async def test_writes_are_logged_with_their_author(world):
    zone = await _create(world)
    await world.api().put(f"/api/v1/zones/{zone['id']}", json=_ip_zone(name="Y"))
    for event_type in ("zone.create", "zone.update"):
        [event] = (await world.api().get("/api/v1/logs", params={"filter": f'eventType eq "{event_type}"'})).json()
        assert event["actor"]["alternateId"] == "admin@acme.example"
        assert event["client"]["ipAddress"] == "127.43.8.1"
        assert event["target"][0]["id"] == zone["id"]


async def test_a_zone_that_binds_an_api_token_stays_an_active_ip_zone(world):
    zone = await _create(world, name="Office")
    [token] = world.org.api_tokens.all()
    world.org.api_tokens.restrict(token.id, NetworkRestriction("ZONE", exclude=(zone["id"],)))
    path = f"/api/v1/zones/{zone['id']}"
    refusals = [
        await world.api().post(f"{path}/lifecycle/deactivate"),
        await world.api().put(path, json=_ip_zone(name="Office", status="INACTIVE")),
        await world.api().put(path, json=_ip_zone(name="Office", usage="BLOCKLIST")),
        await world.api().delete(path),
    ]
    assert [answer.status_code for answer in refusals] == [400] * 4
    idle = await _create(world, name="Idle", status="INACTIVE")
    world.org.api_tokens.restrict(token.id, NetworkRestriction("ZONE", exclude=(zone["id"], idle["id"])))
    assert (await world.api().delete(f"/api/v1/zones/{idle['id']}")).status_code == 400
    assert (await world.api().put(path, json=_ip_zone(name="HQ"))).status_code == 200


async def test_a_system_zone_keeps_its_part_under_another_name(world):
    exempt = world.org.zones.named("DefaultExemptIpZone")
    body = _ip_zone(name="Spared", useAsExemptList=True, gateways=[{"type": "CIDR", "value": "127.43.0.0/16"}])
    path = f"/api/v1/zones/{exempt.id}"
    assert (await world.api().put(path, json=body)).status_code == 200
    refused = await world.api().put(path, json=body | {"useAsExemptList": False})
    assert (refused.status_code, _causes(refused)[0].partition(":")[0]) == (400, "useAsExemptList")
    await _create(world, name="Blocked", usage="BLOCKLIST", gateways=[{"type": "CIDR", "value": "127.43.8.7/32"}])
    assert (await world.client("127.43.8.7").get("/.well-known/openid-configuration")).status_code == 200


async def test_dynamic_zones_are_stored_as_recorded(world):
    places = [{"country": "US"}, {"country": "AF", "region": "AF-BGL"}]
    body = {"type": "DYNAMIC", "name": "Places", "locations": places, "proxyType": "TorAnonymizer"}
    zone = (await world.api().post("/api/v1/zones", json=body)).json()
    assert zone["locations"] == [{"country": "AF", "region": "AF-BGL"}, {"country": "US", "region": None}]
    assert (zone["proxyType"], zone["asns"]) == ("TorAnonymizer", None)
    bad = await world.api().post("/api/v1/zones", json=body | {"name": "Y", "proxyType": "Onion"})
    assert bad.status_code == 400


class TestAFullOrg:
    @pytest.fixture
    def knobs(self):
        return Knobs(most_zones=6, most_zone_entries=2, most_entries_of_all_zones=4)

    async def test_limits_are_those_of_the_knobs(self, world):
        one = {"type": "CIDR", "value": "10.0.0.0/24"}
        too_many_here = await world.api().post("/api/v1/zones", json=_ip_zone(gateways=[one] * 3))
        zone = await _create(world, gateways=[one] * 2)
        too_many_zones = await world.api().post("/api/v1/zones", json=_ip_zone(name="Y", gateways=[one]))
        path = f"/api/v1/zones/{zone['id']}"
        too_many_in_all = await world.api().put(path, json=_ip_zone(gateways=[one] * 2, proxies=[one]))
        for refused in (too_many_here, too_many_zones, too_many_in_all):
            assert (refused.status_code, refused.json()["errorCode"]) == (400, "E0000001")
        assert (await world.api().get(path)).json()["gateways"] == [one, one]


class TestAnEgressThatPassesForAnAnonymizer:
    @pytest.fixture
    def knobs(self):
        return Knobs(anonymizers=("127.42.0.0/16",))

    async def test_it_is_blocked_before_the_policy_s_zone_is_looked_at(self, world):
        blocked = await world.client(OLD_ADDRESS).get("/.well-known/openid-configuration")
        assert blocked.status_code == 403
        assert len(world.org.log.of_type("security.request.blocked")) == 1
        enhanced = world.org.zones.named("DefaultEnhancedDynamicZone")
        await world.api().post(f"/api/v1/zones/{enhanced.id}/lifecycle/deactivate")
        assert "code" in await world.browser(OLD_ADDRESS).sign_in()


class TestSlowPropagation:
    @pytest.fixture
    def knobs(self):
        return Knobs(zone_delay=timedelta(seconds=60))

    async def test_the_api_shows_a_write_at_once_and_sign_ins_notice_it_later(self, world):
        zone = world.org.zones.named(ZONE_NAME)
        new = [{"type": "RANGE", "value": "127.42.0.10"}]
        body = _ip_zone(name=ZONE_NAME, gateways=new)
        assert (await world.api().put(f"/api/v1/zones/{zone.id}", json=body)).status_code == 200
        shown = (await world.api().get(f"/api/v1/zones/{zone.id}")).json()
        assert shown["gateways"][0]["value"] == "127.42.0.10-127.42.0.10"
        assert (await world.browser("127.42.0.10").sign_in())["error"] == "access_denied"
        assert "code" in await world.browser(OLD_ADDRESS).sign_in()
        world.clock.move(seconds=60)
        assert "code" in await world.browser("127.42.0.10").sign_in()
        assert (await world.browser(OLD_ADDRESS).sign_in())["error"] == "access_denied"
