"""What is in use is admitted whatever stands in the way of a removal, and no order outlives what it was given for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from controlled_zone import HOUR, Controlled, StoppedError
from zone_worlds import run

from lab.okta import acme
from okta_zones import config as configuration
from okta_zones.addresses import parse_addresses
from okta_zones.errors import UnreachableError
from okta_zones.journal import Journal
from okta_zones.watching import unused
from okta_zones.watching.event import Kind
from okta_zones.watching.loop import watch


@contextmanager
def journal_of(controlled: Controlled) -> Iterator[Journal]:
    settings = configuration.load(controlled.config, {})
    with Journal.opened(settings.journal, lambda: controlled.time.now) as journal:
        yield journal


def order_to_retire(controlled: Controlled, address: str) -> None:
    with journal_of(controlled) as journal:
        journal.orders.retire(parse_addresses(address))


def test_a_removal_that_is_refused_keeps_no_new_address_out(controlled: Controlled) -> None:
    controlled.turn()
    controlled.gateway.states |= {"127.42.0.11": "disabled", "127.42.0.12": "active"}
    order_to_retire(controlled, "127.42.0.11")
    with journal_of(controlled) as journal:
        assert journal.orders.retirements()
    found = controlled.turn()
    assert found is not None
    assert "half-removed: " in controlled.told(Kind.REFUSED)[0]
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]
    assert not found.in_step
    controlled.turn()  # one of three is less than half
    assert controlled.ours() == ["127.42.0.10-127.42.0.10", "127.42.0.12-127.42.0.12"]


def test_a_log_that_does_not_answer_keeps_no_new_address_out(
    controlled: Controlled, monkeypatch: pytest.MonkeyPatch
) -> None:
    controlled.gateway.states["127.42.0.12"] = "active"
    controlled.turn()
    controlled.gateway.states["127.42.0.11"] = "disabled"
    controlled.look_for(24 * HOUR)

    def silent(*_: Any) -> None:
        raise UnreachableError("Okta", "no answer to GET /api/v1/logs", passing=True)

    monkeypatch.setattr(unused.system_log, "last_sign_in_from", silent)
    controlled.gateway.states["127.42.0.13"] = "active"
    controlled.look_for(3 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.13"]
    assert "whether somebody signed in from 127.42.0.11 is not known" in controlled.told(Kind.FROZEN)[0]


def test_half_of_our_addresses_do_not_go_one_by_one_either(
    controlled: Controlled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unused.system_log, "last_sign_in_from", lambda *_: None)
    monkeypatch.setattr(unused, "MOST_ASKED", 1)
    controlled.gateway.states["127.42.0.12"] = "active"
    controlled.turn()
    controlled.gateway.states |= {"127.42.0.11": "disabled", "127.42.0.12": "disabled"}
    controlled.look_for(33 * HOUR)
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]
    assert "127.42.0.11-127.42.0.12 is unreported and stays" in controlled.told(Kind.FROZEN)[0]


def test_a_turn_that_failed_is_taken_again_soon(controlled: Controlled) -> None:
    zones = controlled.world.org.zones
    zones.set_status(zones.named(acme.ZONE_NAME).id, "INACTIVE")
    with controlled.site(once=False, until=controlled.time.now + HOUR, step=timedelta(minutes=2)) as site:
        wait = site.wait

        def mended(seconds: float) -> None:
            if controlled.told(Kind.REFUSED):
                zones.set_status(zones.named(acme.ZONE_NAME).id, "ACTIVE")
            if controlled.told(Kind.WRITTEN):
                raise StoppedError
            wait(seconds)

        object.__setattr__(site, "wait", mended)
        began = controlled.time.now
        with pytest.raises(StoppedError):
            watch(site)
    assert controlled.ours() == ["127.42.0.10-127.42.0.11"]
    assert controlled.time.now - began <= timedelta(minutes=4)


def test_sign_ins_are_asked_for_by_the_far_ends_clock(controlled: Controlled, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    controlled.gateway.states["127.42.0.12"] = "active"
    controlled.turn()
    controlled.gateway.states["127.42.0.11"] = "disabled"
    began = controlled.time.now
    monkeypatch.setattr(unused.system_log, "last_sign_in_from", lambda *given: asked.append(given[2]))
    ask = unused._last_sign_in

    def far_clock_behind(opened: Any, address: str, since: datetime) -> Any:
        opened.far_end.exchange.clock_offset = -600.0
        return ask(opened, address, since)

    monkeypatch.setattr(unused, "_last_sign_in", far_clock_behind)
    controlled.look_for(33 * HOUR)
    assert (began - asked[0]).total_seconds() == pytest.approx(600)


def test_an_order_that_was_carried_out_does_not_wait_for_the_address_to_come_back(controlled: Controlled) -> None:
    """A crash between the removal and the note of it."""
    controlled.turn()
    order_to_retire(controlled, "127.42.0.77")
    controlled.turn()
    with journal_of(controlled) as journal:
        assert not journal.orders.retirements()


def test_what_apply_adds_is_wanted_again(controlled: Controlled) -> None:
    controlled.gateway.states["127.42.0.12"] = "active"
    controlled.turn()
    controlled.gateway.states["127.42.0.12"] = "disabled"
    order_to_retire(controlled, "127.42.0.12")
    listed = controlled.world.directory / "more.txt"
    listed.write_text("127.42.0.12\n")
    assert run("apply", "--addresses", listed, "--config", controlled.config).exit_code == 0
    controlled.turn()
    assert controlled.ours() == ["127.42.0.10-127.42.0.12"]


def test_a_retirement_that_is_refused_for_its_danger_does_not_stand(controlled: Controlled) -> None:
    controlled.turn()
    controlled.gateway.states["127.42.0.11"] = "disabled"
    result = run("retire", "127.42.0.11", "--config", controlled.config)
    assert (result.exit_code, "half-removed" in result.output) == (1, True)
    with journal_of(controlled) as journal:
        assert not journal.orders.retirements()


# --- others --------------------------------------------------------------------------------------------------------


def zone(controlled: Controlled) -> Any:
    return controlled.world.org.zones.named(acme.ZONE_NAME)


def others_write(controlled: Controlled, gateways: list[dict[str, str]], **more: Any) -> None:
    found = zone(controlled)
    body = {"type": "IP", "name": found.name, "status": found.status, "usage": found.usage, **found.details}
    controlled.world.org.zones.replace(found.id, {**body, "gateways": gateways, **more})


def test_what_others_removed_stays_removed_when_something_else_is_added(controlled: Controlled) -> None:
    controlled.turn()
    there = zone(controlled).details["gateways"]
    others_write(controlled, [each for each in there if not each["value"].startswith("127.42.0.10-")])
    controlled.turn()
    controlled.gateway.states["127.42.0.13"] = "active"
    for _ in range(2):
        found = controlled.turn()
        assert found is not None
        assert not found.in_step
        assert controlled.ours() == ["127.42.0.13-127.42.0.13"]


def test_a_zone_that_others_deleted_or_renamed_is_not_made_anew(controlled: Controlled) -> None:
    controlled.turn()
    others_write(controlled, zone(controlled).details["gateways"], name="Renamed by hand")
    found = controlled.turn()
    assert found is not None
    assert not found.in_step
    assert "target-missing: " in controlled.told(Kind.REFUSED)[0]
    assert "'apply' makes a new one" in controlled.told(Kind.REFUSED)[0]
    assert not [each for each in controlled.world.org.zones.all() if each.name == acme.ZONE_NAME]


def configure(controlled: Controlled, ownership: str) -> None:
    text = controlled.config.read_text()
    controlled.config.write_text(text.replace("token-file: okta.token}", f"token-file: okta.token, {ownership}}}"))


def test_a_zone_of_another_tool_that_lacks_an_address_is_told(controlled: Controlled) -> None:
    configure(controlled, "ownership: external")
    found = controlled.turn()
    assert found is not None
    assert not found.in_step
    assert "has yet to add 127.42.0.10-127.42.0.11" in controlled.told(Kind.LEFT_TO_OWNER)[0]
    sample = controlled.states[-1].registry.get_sample_value
    assert sample("okta_zones_in_step", {"target": "okta", "kind": "okta"}) == 0
    assert controlled.ours() == []
    assert run("watch", "--once", "--config", controlled.config).exit_code == 1


def test_a_stranger_in_a_zone_that_is_all_ours_is_told(controlled: Controlled) -> None:
    configure(controlled, "ownership: exclusive")
    controlled.turn()
    there = zone(controlled).details["gateways"]
    others_write(controlled, [*there, {"type": "CIDR", "value": "192.0.2.0/24"}])
    controlled.turn()
    assert "192.0.2.0/24" in " ".join(controlled.told(Kind.DRIFT))


# --- how it is told ------------------------------------------------------------------------------------------------


def test_reports_that_must_not_be_followed_end_a_single_turn_with_a_refusal(controlled: Controlled) -> None:
    controlled.gateway.states["198.51.100.66"] = "active"
    result = run("watch", "--once", "--config", controlled.config)
    assert (result.exit_code, "address-not-owned" in result.output) == (1, True)


def test_when_no_source_answers_the_metrics_say_so(controlled: Controlled) -> None:
    controlled.turn()
    controlled.gateway.broken = True
    controlled.turn()
    assert controlled.states[-1].registry.get_sample_value("okta_zones_sources_silent") == 1
