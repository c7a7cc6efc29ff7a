"""rotate: addresses are replaced without a gap, cut short anywhere and gone on with, against the lab's Okta."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from egress_gateway import EgressGateway, egress_gateway
from zone_worlds import ADMIN_TOKEN, THERE, ZoneWorld, run, zone_world

from okta_zones import rotation

pytestmark = pytest.mark.once

FOREIGN = THERE[1]
FROM, TO = "127.42.0.10", "127.42.0.20"
ARGUMENTS = ("--from", FROM, "--to", TO, "--yes", "--drain-within", "0")


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
    path = world.configure(sources=f'{{gateway: {{admin: "{gateway.url}", token-file: admin.token}}}}')
    assert run("apply", "--config", path).exit_code == 0
    return path


def our_addresses(world: ZoneWorld) -> set[str]:
    return {value.partition("-")[0] for value in world.gateways() if value not in THERE}


def test_the_new_address_is_admitted_before_the_gateway_leaves_from_it_and_the_old_one_goes_last(
    world: ZoneWorld, gateway: EgressGateway, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone_at_switch: list[set[str]] = []
    switch = gateway.switch

    def watched(body: dict[str, str]) -> int:
        zone_at_switch.append(our_addresses(world))
        return switch(body)

    monkeypatch.setattr(gateway, "switch", watched)
    result = run("rotate", *ARGUMENTS, "--config", config)
    assert result.exit_code == 0, result.output
    assert "People will notice" in result.stderr
    assert "continuous access evaluation may lag" in result.stderr
    assert gateway.switches == [(TO, "active"), (FROM, "draining"), (FROM, "disabled")]
    assert zone_at_switch == [{FROM, TO}] * 3
    assert our_addresses(world) == {TO}
    assert FOREIGN in world.gateways()


def test_tunnels_of_the_old_address_get_their_time(
    world: ZoneWorld, gateway: EgressGateway, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.tunnels[FROM] = 3
    seen: list[str] = []
    switch = gateway.switch

    def watched(body: dict[str, str]) -> int:
        seen.append(f"{body['address']} {body['state']} {gateway.tunnels[FROM]}")
        if body["state"] == "draining":
            gateway.tunnels[FROM] = 0
        return switch(body)

    monkeypatch.setattr(gateway, "switch", watched)
    arguments = ("--from", FROM, "--to", TO, "--yes", "--drain-within", "30")
    result = run("rotate", *arguments, "--config", config)
    assert result.exit_code == 0, result.output
    assert seen[-1] == f"{FROM} disabled 0"
    assert "no tunnel leaves from it any more" in result.stdout


class PowerCut(BaseException):
    """The process is gone, between two instructions."""


KILLED = """
import importlib, os, signal, sys
from okta_zones import rotation
from okta_zones.cli import main
from okta_zones.journal.standing_orders import Stage
module, _, inner = sys.argv[1].partition(":")
owner = importlib.import_module(module)
owner = getattr(owner, inner) if inner else owner
name, left = sys.argv[2], int(sys.argv[3])
act = getattr(owner, name)
def cut(*arguments, **named):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return act(*arguments, **named)
setattr(owner, name, cut)
if name == "_admit":
    rotation._STEPS[Stage.BEGUN] = cut
sys.argv[1:] = sys.argv[4:]
main()
"""
"""okta-zones in a process that kills itself at the n-th call of a function."""

CUTS: dict[str, tuple[str, str, int]] = {
    "before anything": ("okta_zones.rotation", "_admit", 1),
    "before the first write is confirmed": ("okta_zones.journal.journal:Journal", "confirm", 1),
    "after the write, before it is noted": ("okta_zones.journal.standing_orders:StandingOrders", "rotate", 2),
    "while it propagates": ("okta_zones.rotation", "see_through", 1),
    "before it is noted that it counts": ("okta_zones.journal.standing_orders:StandingOrders", "rotate", 3),
    "before the new address is switched on": ("okta_zones.rotation", "switch", 1),
    "between the two switches": ("okta_zones.rotation", "switch", 2),
    "after the switches, before they are noted": ("okta_zones.journal.standing_orders:StandingOrders", "rotate", 4),
    "before the old address is disabled": ("okta_zones.rotation", "switch", 3),
    "before it is noted that it drained": ("okta_zones.journal.standing_orders:StandingOrders", "rotate", 5),
    "before the removal is noted as meant": ("okta_zones.journal.journal:Journal", "intend", 2),
    "before the removal is confirmed": ("okta_zones.journal.journal:Journal", "confirm", 2),
    "after the removal, before the end is noted": ("okta_zones.journal.standing_orders:StandingOrders", "rotated", 1),
}


@pytest.mark.parametrize(("owner", "name", "call"), CUTS.values(), ids=CUTS.keys())
def test_killed_anywhere_the_same_command_goes_on(
    world: ZoneWorld, gateway: EgressGateway, config: Path, owner: str, name: str, call: int
) -> None:
    command = [sys.executable, "-c", KILLED, owner, name, str(call), "rotate", *ARGUMENTS, "--config", str(config)]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    carrying = {address for address, state in gateway.states.items() if state != "disabled"}
    assert carrying <= our_addresses(world) <= {FROM, TO}, "whoever leaves from somewhere is admitted"
    result = run("rotate", "--yes", "--drain-within", "0", "--config", config)
    assert result.exit_code == 0, result.output
    assert our_addresses(world) == {TO}
    assert FOREIGN in world.gateways()
    assert gateway.states == {FROM: "disabled", TO: "active"}


def refuse_foreign_new(world: ZoneWorld, gateway: EgressGateway) -> tuple[str, ...]:
    return ("--from", FROM, "--to", "198.51.100.7")


def refuse_unprepared(world: ZoneWorld, gateway: EgressGateway) -> tuple[str, ...]:
    del gateway.states[TO]
    return ("--from", FROM, "--to", TO)


def refuse_not_ours(world: ZoneWorld, gateway: EgressGateway) -> tuple[str, ...]:
    return ("--from", "127.42.0.77", "--to", TO)


def refuse_both(world: ZoneWorld, gateway: EgressGateway) -> tuple[str, ...]:
    return ("--from", FROM, "--to", FROM)


REFUSED = {
    "an address that is not owned": (refuse_foreign_new, "address-not-owned: 198.51.100.7"),
    "a gateway without the new address": (refuse_unprepared, "gateway-unprepared: "),
    "an old address that is not ours": (refuse_not_ours, "not-ours: 127.42.0.77"),
    "one address on both sides": (refuse_both, "rotation-unclear: "),
}


@pytest.mark.parametrize(("prepare", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_done_is_refused_before_anything_is_changed(
    world: ZoneWorld, gateway: EgressGateway, config: Path, prepare: Any, words: str
) -> None:
    arguments = prepare(world, gateway)
    before = world.gateways()
    result = run("rotate", *arguments, "--yes", "--config", config)
    assert result.exit_code == 1
    assert words in result.stderr
    assert (world.gateways(), gateway.switches) == (before, [])


def test_another_rotation_waits_until_the_first_is_done_or_abandoned(
    world: ZoneWorld, gateway: EgressGateway, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.states["127.42.0.30"] = "disabled"
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "switch", lambda *_: (_ for _ in ()).throw(PowerCut))
        with pytest.raises(PowerCut):
            run("rotate", *ARGUMENTS, "--config", config)
    other = ("--from", FROM, "--to", "127.42.0.30", "--yes", "--drain-within", "0", "--config", config)
    refused = run("rotate", *other)
    assert refused.exit_code == 1
    assert "rotation-open: " in refused.stderr
    assert "rotation-open: " in run("retire", TO, "--config", config).stderr
    assert "forgotten at 'counted'" in run("rotate", "--abandon", "--config", config).stdout
    assert our_addresses(world) == {FROM, TO}
    assert run("rotate", *other).exit_code == 0
    assert our_addresses(world) == {TO, "127.42.0.30"}


def test_a_gateway_that_cannot_be_asked_is_switched_by_a_person(world: ZoneWorld) -> None:
    config = world.configure(sources="{addresses: [127.42.0.10]}")
    run("apply", "--config", config)
    world.configure(sources="{addresses: [127.42.0.20]}")
    result = run("rotate", *ARGUMENTS, "--config", config)
    assert result.exit_code == 1
    assert "not-switched: no gateway of the file can be switched" in result.stderr
    assert our_addresses(world) == {FROM, TO}
    result = run("rotate", "--yes", "--switched", "--drain-within", "0", "--config", config)
    assert result.exit_code == 0, result.output
    assert our_addresses(world) == {TO}


def test_nobody_there_to_ask_means_no(world: ZoneWorld, config: Path) -> None:
    before = world.gateways()
    result = run("rotate", "--from", FROM, "--to", TO, "--config", config)
    assert result.exit_code == 2
    assert "say --yes" in result.stderr
    assert world.gateways() == before


def test_the_document_of_rotate(config: Path) -> None:
    result = run("rotate", *ARGUMENTS, "--config", config, "--json")
    document = json.loads(result.stdout)
    assert (document["from"], document["to"], document["stage"], document["error"]) == ([FROM], [TO], "done", None)
    assert len(document["steps"]) == 5
