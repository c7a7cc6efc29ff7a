"""rotate while others, gateways and clocks do what they should not: nobody loses the address that they leave from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from egress_gateway import EgressGateway, egress_gateway
from zone_worlds import ADMIN_TOKEN, THERE, ZoneWorld, run, zone_world

from lab.okta import acme
from okta_zones import rotation
from okta_zones.addresses import parse_addresses
from okta_zones.commands import rotate
from okta_zones.journal import Journal, Stage, leased

pytestmark = pytest.mark.once

FROM, TO, OTHER = "127.42.0.10", "127.42.0.20", "127.42.0.50"
NAMED = ("--from", FROM, "--to", TO)
QUICK = ("--yes", "--drain-within", "0")


class PowerCut(BaseException):
    """The process is gone, between two instructions."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneWorld]:
    with zone_world(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def gateway() -> Iterator[EgressGateway]:
    with egress_gateway(ADMIN_TOKEN, a_127_42_0_10="active", a_127_42_0_20="disabled") as made:
        yield made


@pytest.fixture
def config(world: ZoneWorld, gateway: EgressGateway) -> Path:
    path = world.configure(sources=f"{{{by(gateway)}}}")
    assert run("apply", "--config", path).exit_code == 0
    return path


def by(gateway: EgressGateway) -> str:
    return f'gateway: {{admin: "{gateway.url}", token-file: admin.token}}'


def our_addresses(world: ZoneWorld) -> set[str]:
    return {value.partition("-")[0] for value in world.gateways() if value not in THERE}


def cut_before(stage: Stage, config: Path, *arguments: str) -> None:
    """A rotation that is gone right before the step that follows on `stage`."""

    def cut(*_: Any) -> Any:
        raise PowerCut

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(rotation._STEPS, stage, cut)
        with pytest.raises(PowerCut):
            run("rotate", *NAMED, *QUICK, *arguments, "--config", config)


def others_remove(world: ZoneWorld, address: str) -> None:
    zone = world.org.zones.named(acme.ZONE_NAME)
    left = [each for each in zone.details["gateways"] if not each["value"].startswith(f"{address}-")]
    body = {"type": "IP", "name": zone.name, "status": zone.status, "usage": zone.usage, **zone.details}
    world.org.zones.replace(zone.id, {**body, "gateways": left})


def test_no_gateway_is_switched_to_an_address_that_others_removed_meanwhile(
    world: ZoneWorld, gateway: EgressGateway, config: Path
) -> None:
    cut_before(Stage.COUNTED, config)
    others_remove(world, TO)
    result = run("rotate", *QUICK, "--config", config)
    assert result.exit_code == 1
    assert f"lacks {TO}: somebody else wrote to it; the same command admits it again" in result.stderr
    assert "the rotation stands at 'begun'" in result.stderr
    assert gateway.switches == []
    assert run("rotate", *QUICK, "--config", config).exit_code == 0
    assert our_addresses(world) == {TO}


def test_the_old_address_never_goes_without_the_new_one(world: ZoneWorld) -> None:
    config = world.configure(sources=f"{{addresses: [{FROM}, {OTHER}]}}")
    run("apply", "--config", config)
    world.configure(sources=f"{{addresses: [{OTHER}]}}")
    cut_before(Stage.DRAINED, config, "--switched")
    others_remove(world, TO)
    assert run("rotate", *QUICK, "--switched", "--config", config).exit_code == 0
    assert our_addresses(world) == {TO, OTHER}


def test_an_address_that_no_gateway_of_the_file_has_is_switched_by_a_person(world: ZoneWorld) -> None:
    with egress_gateway(ADMIN_TOKEN, a_127_42_0_50="active") as unconcerned:
        config = world.configure(sources=f"{{addresses: [{FROM}], {by(unconcerned)}}}")
        run("apply", "--config", config)
        world.configure(sources=f"{{{by(unconcerned)}}}")
        result = run("rotate", *NAMED, *QUICK, "--config", config)
    assert result.exit_code == 1
    assert f"not-switched: no gateway of the file can be switched away from {FROM}" in result.stderr
    assert our_addresses(world) == {FROM, TO, OTHER}


def test_a_gateway_that_forgot_the_switch_is_switched_again(
    world: ZoneWorld, gateway: EgressGateway, config: Path
) -> None:
    cut_before(Stage.SWITCHED, config)
    gateway.states = {FROM: "active", TO: "disabled"}
    result = run("rotate", *QUICK, "--config", config)
    assert result.exit_code == 0, result.output
    assert gateway.states == {FROM: "disabled", TO: "active"}


def test_a_gateway_that_forgot_that_it_drained_keeps_its_address(
    world: ZoneWorld, gateway: EgressGateway, config: Path
) -> None:
    cut_before(Stage.DRAINED, config)
    gateway.states = {FROM: "active", TO: "disabled"}
    result = run("rotate", *QUICK, "--config", config)
    assert result.exit_code == 1
    assert f"a gateway leaves from {FROM} again, as after a restart" in result.stderr
    assert our_addresses(world) == {FROM, TO}
    assert run("rotate", *QUICK, "--config", config).exit_code == 0
    assert gateway.states == {FROM: "disabled", TO: "active"}
    assert our_addresses(world) == {TO}


def test_an_address_that_is_not_owned_any_more_is_not_admitted(
    world: ZoneWorld, gateway: EgressGateway, config: Path
) -> None:
    cut_before(Stage.BEGUN, config)
    config.write_text(config.read_text().replace("[127.42.0.0/24]", "[127.42.0.0/28]"))
    result = run("rotate", *QUICK, "--config", config)
    assert (result.exit_code, "address-not-owned: " in result.stderr) == (1, True)
    assert our_addresses(world) == {FROM}


def test_an_order_to_retire_the_new_address_is_void(config: Path) -> None:
    with Journal.opened(config.with_name("okta-zones.journal"), lambda: datetime.now(UTC)) as journal:
        journal.orders.retire(parse_addresses(TO))
        assert run("rotate", *NAMED, *QUICK, "--config", config).exit_code == 0
        assert not journal.orders.retirements()


def test_a_clock_that_was_set_back_makes_nobody_wait_for_days(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    cut_before(Stage.ADMITTED, config)
    with Journal.opened(config.with_name("okta-zones.journal"), lambda: tomorrow) as journal:
        journal.orders.rotate(parse_addresses(FROM), parse_addresses(TO), Stage.ADMITTED)
    waited: list[float] = []
    monkeypatch.setattr(rotation.propagation, "wait", lambda seconds, *_: waited.append(seconds))
    assert run("rotate", *QUICK, "--config", config).exit_code == 0
    assert waited[0] <= 0


def test_watch_need_not_wait_until_somebody_answers_a_question(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free: list[bool] = []

    def ask(*_: Any, **__: Any) -> bool:
        with leased(config.with_name("okta-zones.journal"), "watch"):
            free.append(True)
        return True

    monkeypatch.setattr(rotate, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(rotate.typer, "confirm", ask)
    assert run("rotate", *NAMED, "--drain-within", "0", "--config", config).exit_code == 0
    assert free == [True]


def test_a_zone_of_another_tool_has_to_hold_the_new_address_first(world: ZoneWorld, gateway: EgressGateway) -> None:
    entries = [{"type": "RANGE", "value": f"{FROM}-{FROM}"}]
    body = {"type": "IP", "name": "By Terraform", "status": "ACTIVE", "usage": "POLICY", "gateways": entries}
    world.org.zones.create(body)
    theirs = world.target("theirs", "By Terraform", of="ownership: external")
    config = world.configure(sources=f"{{{by(gateway)}}}", more=theirs)
    run("apply", "--config", config)
    result = run("rotate", *NAMED, *QUICK, "--config", config)
    assert result.exit_code == 1
    assert f"lacks {TO}, and another tool owns it: add it there first" in result.stderr
    assert gateway.switches == []


def test_apply_removes_nothing_while_a_rotation_is_under_way(world: ZoneWorld, config: Path) -> None:
    cut_before(Stage.COUNTED, config)
    result = run("apply", "--remove", TO, "--config", config)
    assert f"removes nothing: a rotation from {FROM} to {TO} is under way" in result.stdout
    assert our_addresses(world) == {FROM, TO}


def test_an_ipv6_address_does_not_take_the_place_of_an_ipv4_one(
    world: ZoneWorld, gateway: EgressGateway, config: Path
) -> None:
    config.write_text(config.read_text().replace("[127.42.0.0/24]", '[127.42.0.0/24, "2001:db8::/48"]'))
    gateway.states = {FROM: "active", "2001:db8::20": "disabled"}
    result = run("rotate", "--from", FROM, "--to", "2001:db8::20", *QUICK, "--config", config)
    assert result.exit_code == 1
    assert "has no IPv4 address of 2001:db8::20 in its pool 'default'" in result.stderr
    assert our_addresses(world) == {FROM}


def test_show_tells_what_is_ordered_and_not_done(world: ZoneWorld, config: Path) -> None:
    cut_before(Stage.COUNTED, config)
    with Journal.opened(config.with_name("okta-zones.journal"), lambda: datetime.now(UTC)) as journal:
        journal.orders.retire(parse_addresses(OTHER))
    shown = run("show", "--config", config).stdout
    assert f"a rotation from {FROM} to {TO} stands at 'counted': 'rotate' goes on with it" in shown
    assert f"{OTHER} is to be retired" in shown
    document = json.loads(run("show", "--json", "--config", config).stdout)
    assert (document["rotation"]["stage"], document["retirements"]) == ("counted", [OTHER])
