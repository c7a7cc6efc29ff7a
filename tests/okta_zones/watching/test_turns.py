"""What the controller does by itself and what it only tells: turn by turn, against the lab's Okta."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from controlled_zone import HOUR, Controlled, StoppedError
from zone_worlds import THERE, ZoneWorld, run

from lab.okta import acme
from okta_zones import config as configuration
from okta_zones.addresses import parse_addresses
from okta_zones.errors import RefusedError
from okta_zones.journal import Journal
from okta_zones.okta.system_log import SignIn
from okta_zones.unreadable import Unreadable, Why
from okta_zones.watching import loop, unused
from okta_zones.watching.event import Event, Kind, Teller
from okta_zones.watching.expiry import Expiry
from okta_zones.watching.loop import watch

OLD, FOREIGN = THERE


def test_what_the_sources_report_is_added_and_nothing_is_written_twice(controlled: Controlled) -> None:
    controlled.turn()
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]
    writes = len(controlled.world.zone_events())
    cycle = controlled.turn()
    assert cycle is not None
    assert cycle.in_step
    assert len(controlled.world.zone_events()) == writes == 1


def test_a_new_address_is_admitted_at_the_next_look_not_at_the_next_period(controlled: Controlled) -> None:
    with controlled.site(once=False, until=controlled.time.now + HOUR, step=timedelta(seconds=20)) as site:
        looks = 0
        wait = site.wait

        def switching(seconds: float) -> None:
            nonlocal looks
            looks += 1
            if looks == 1:
                controlled.gateway.states["127.42.0.12"] = "active"
            if looks == 2:
                assert controlled.ours() == ["127.42.0.10-127.42.0.12"]
                raise StoppedError
            wait(seconds)

        object.__setattr__(site, "wait", switching)
        with pytest.raises(StoppedError):
            watch(site)
    assert looks == 2


def test_a_source_that_reports_less_removes_nothing(controlled: Controlled) -> None:
    controlled.turn()
    controlled.gateway.states["127.42.0.11"] = "disabled"
    controlled.look_for(20 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]


def sign_in(monkeypatch: pytest.MonkeyPatch, answer: SignIn | Unreadable | None) -> None:
    monkeypatch.setattr(unused.system_log, "last_sign_in_from", lambda *_: answer)


def test_half_of_our_addresses_never_go_by_themselves(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, None)
    controlled.turn()
    controlled.gateway.states["127.42.0.11"] = "disabled"
    controlled.look_for(33 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]
    assert "half of our addresses or more never go by themselves" in controlled.told(Kind.FROZEN)[0]


def prepare_removal(controlled: Controlled) -> None:
    """Three addresses are ours, and one of them is reported no longer."""
    controlled.gateway.states["127.42.0.12"] = "active"
    controlled.turn()
    controlled.gateway.states["127.42.0.11"] = "disabled"


def test_one_of_three_goes_after_its_day(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, None)
    prepare_removal(controlled)
    controlled.look_for(33 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.10", "127.42.0.12-127.42.0.12"]
    assert controlled.world.gateways()[:2] == THERE


def test_a_sign_in_keeps_an_address_another_day(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, SignIn("2026-01-01T00:00:00.000Z", "anna@acme.example", "127.42.0.11", "x", "SUCCESS"))
    prepare_removal(controlled)
    controlled.look_for(33 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]
    assert "okta saw a sign-in of anna@acme.example from it" in controlled.told(Kind.FROZEN)[0]


def test_logs_that_cannot_be_read_keep_an_address(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, Unreadable("the System Log", Why.NOT_PERMITTED, grant="okta.logs.read"))
    prepare_removal(controlled)
    controlled.look_for(33 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]
    assert "needs okta.logs.read" in controlled.told(Kind.FROZEN)[0]


def test_a_failing_source_begins_the_day_anew(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, None)
    prepare_removal(controlled)
    controlled.look_for(20 * HOUR)
    controlled.gateway.broken = True
    controlled.look_for(2 * HOUR)
    controlled.gateway.broken = False
    controlled.look_for(20 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]
    assert "no source gives an answer" in controlled.told(Kind.SOURCE_SILENT)[0]


def test_a_day_on_which_nobody_looked_does_not_count(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, None)
    prepare_removal(controlled)
    controlled.look_for(2 * HOUR)
    controlled.time.pass_by(48 * HOUR)
    controlled.look_for(2 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]


def test_nothing_goes_where_the_file_says_never(controlled: Controlled, monkeypatch: Any) -> None:
    sign_in(monkeypatch, None)
    text = controlled.config.read_text()
    controlled.config.write_text(
        text.replace("{poll: 30m, every: 6h}", "{poll: 30m, every: 6h, remove-unreported: false}")
    )
    prepare_removal(controlled)
    controlled.look_for(40 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]


# --- others --------------------------------------------------------------------------------------------------------


def others_write(world: ZoneWorld, gateways: list[dict[str, str]], **more: Any) -> None:
    zone = world.org.zones.named(acme.ZONE_NAME)
    body = {"type": "IP", "name": zone.name, "status": zone.status, "usage": zone.usage, **zone.details}
    world.org.zones.replace(zone.id, {**body, "gateways": gateways, **more})


def test_what_others_change_is_told_once_and_left_alone(controlled: Controlled) -> None:
    controlled.turn()
    there = controlled.world.org.zones.named(acme.ZONE_NAME).details["gateways"]
    others_write(controlled.world, [*there[1:], {"type": "CIDR", "value": "192.0.2.0/24"}], proxies=[])
    cycle = controlled.turn()
    assert cycle is not None
    assert cycle.in_step
    told = " ".join(controlled.told(Kind.DRIFT))
    assert '"192.0.2.0/24"' in told
    assert f'somebody else removed {{"type": "RANGE", "value": "{OLD}"}}' in told
    assert "somebody else changed proxies" in told
    count = len(controlled.told(Kind.DRIFT))
    controlled.turn()
    assert len(controlled.told(Kind.DRIFT)) == count
    assert "192.0.2.0/24" in controlled.world.gateways()


def remove_ours(controlled: Controlled) -> None:
    there = controlled.world.org.zones.named(acme.ZONE_NAME).details["gateways"]
    others_write(controlled.world, [entry for entry in there if entry["value"] in THERE])


def test_an_entry_of_ours_that_others_removed_is_told_and_not_put_back(controlled: Controlled) -> None:
    controlled.turn()
    remove_ours(controlled)
    cycle = controlled.turn()
    assert cycle is not None
    assert not cycle.in_step
    assert controlled.ours() == []
    assert "'apply' puts it back" in controlled.told(Kind.LOST)[0]
    assert run("watch", "--once", "--config", controlled.config).exit_code == 1
    assert run("apply", "--config", controlled.config).exit_code == 0
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]


def test_it_is_put_back_where_the_file_says_so(controlled: Controlled) -> None:
    text = controlled.config.read_text()
    controlled.config.write_text(text.replace("{poll: 30m, every: 6h}", "{poll: 30m, every: 6h, drift: restore}"))
    controlled.turn()
    remove_ours(controlled)
    controlled.turn()
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]
    assert "it is put back" in controlled.told(Kind.LOST)[0]


def test_a_poisoned_source_is_not_followed(controlled: Controlled) -> None:
    controlled.turn()
    controlled.gateway.states["198.51.100.66"] = "active"
    with pytest.raises(RefusedError, match=r"198\.51\.100\.66, outside owned-prefixes"):
        controlled.turn()
    assert controlled.told(Kind.REFUSED)[0].startswith("address-not-owned: ")
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]


def test_the_same_event_is_told_again_after_an_hour_only() -> None:
    told: list[Event] = []
    moments = iter((0.0, 10.0, 3599.0, 3601.0))
    teller = Teller(told.append, lambda: next(moments))
    event = Event(Kind.LOST, "gone", "okta")
    for _ in range(4):
        teller(event)
    assert told == [event, event]


# --- what it tells of itself ---------------------------------------------------------------------------------------


def test_readiness_and_metrics(controlled: Controlled) -> None:
    controlled.turn()
    (state,) = controlled.states
    assert state.why_not_ready(controlled.time.now) is None
    assert "no turn has succeeded since" in (state.why_not_ready(controlled.time.now + 19 * HOUR) or "")
    metrics = state.metrics().decode()
    assert 'okta_zones_writes_total{kind="okta",target="okta"} 1.0' in metrics
    assert 'okta_zones_in_step{kind="okta",target="okta"} 1.0' in metrics
    assert "okta_zones_addresses_reported 2.0" in metrics


def test_an_order_to_retire_is_carried_out_and_one_for_an_address_in_use_is_void(controlled: Controlled) -> None:
    prepare_removal(controlled)
    controlled.time.pass_by(HOUR)
    settings = configuration.load(controlled.config, {})
    with Journal.opened(settings.journal, lambda: controlled.time.now) as journal:
        journal.orders.retire(parse_addresses("127.42.0.11"))
        journal.orders.retire(parse_addresses("127.42.0.10"))
    controlled.turn()
    assert controlled.ours() == ["127.42.0.10-127.42.0.10", "127.42.0.12-127.42.0.12"]
    with Journal.opened(settings.journal, lambda: controlled.time.now) as journal:
        assert not journal.orders.retirements()


ENDS = {
    "in 46 days": (timedelta(days=46), None),
    "in 45 days": (timedelta(days=45), "the certificate ends on "),
    "yesterday": (timedelta(days=-1), "the certificate ended on "),
}


@pytest.mark.parametrize(("span", "words"), ENDS.values(), ids=ENDS.keys())
def test_what_ends_within_45_days_is_told(
    controlled: Controlled, monkeypatch: pytest.MonkeyPatch, span: timedelta, words: str | None
) -> None:
    ends = controlled.time.now + span
    monkeypatch.setattr(loop, "expiries", lambda _: [Expiry("okta", "the certificate", ends)])
    controlled.turn()
    told = controlled.told(Kind.EXPIRES)
    assert bool(told) is (words is not None)
    assert (words or "") in " ".join(told)
    name, labels = "okta_zones_credential_expiry_timestamp_seconds", {"target": "okta", "kind": "okta"}
    assert controlled.states[0].registry.get_sample_value(name, labels) == ends.timestamp()
