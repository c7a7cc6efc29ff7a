"""adopt and retire: entries that others wrote become ours, and ours go for good, against the lab's Okta."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from egress_gateway import EgressGateway, egress_gateway
from zone_worlds import ADMIN_TOKEN, THERE, ZoneWorld, run, zone_world

from lab.okta import acme

OLD, FOREIGN = THERE


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneWorld]:
    with zone_world(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def gateway() -> Iterator[EgressGateway]:
    with egress_gateway(ADMIN_TOKEN, a_127_42_0_10="active", a_127_42_0_11="active") as made:
        yield made


def by(gateway: EgressGateway) -> str:
    return f'{{gateway: {{admin: "{gateway.url}", token-file: admin.token}}}}'


# --- adopt ---------------------------------------------------------------------------------------------------------


def test_an_entry_of_others_is_ours_once_adopted_and_nothing_is_written_for_it(world: ZoneWorld) -> None:
    config = world.configure()
    result = run("adopt", acme.OLD_ADDRESS, "--config", config)
    assert result.exit_code == 0, result.output
    assert f"{acme.OLD_ADDRESS}  adopted" in result.stdout
    assert world.zone_events() == []
    assert run("adopt", f"{acme.OLD_ADDRESS}/32", "--config", config).stdout.rstrip().endswith("ours already")
    plan = json.loads(run("plan", "--config", config, "--json").stdout)
    assert [each["entry"]["value"] for each in plan["targets"][0]["not_ours"]] == [FOREIGN]
    assert acme.OLD_ADDRESS in plan["targets"][0]["unreported"]


NOT_ADOPTED = {
    "an address within a wider entry": (
        "127.42.0.98",
        "no-such-entry: no target holds an entry of exactly 127.42.0.98",
    ),
    "an entry outside owned-prefixes": (FOREIGN, "address-not-owned: "),
    "no address": ("somewhere", "Invalid value"),
}


@pytest.mark.parametrize(("entry", "words"), NOT_ADOPTED.values(), ids=NOT_ADOPTED.keys())
def test_what_does_not_stand_there_or_is_not_owned_is_not_adopted(world: ZoneWorld, entry: str, words: str) -> None:
    result = run("adopt", acme.OLD_ADDRESS, entry, "--config", world.configure())
    assert result.exit_code in (1, 2)
    assert words in result.stderr
    assert "adopted" not in run("show", "--history", "--config", world.configure()).stdout


def test_adopt_takes_a_target_of_the_file_alone(world: ZoneWorld) -> None:
    result = run("adopt", acme.OLD_ADDRESS, "--target", "okat", "--config", world.configure())
    assert result.exit_code == 2
    assert "names no target 'okat'; it has: okta" in result.stderr


def test_the_document_of_adopt(world: ZoneWorld) -> None:
    result = run("adopt", acme.OLD_ADDRESS, "--config", world.configure(), "--json")
    (target,) = json.loads(result.stdout)["targets"]
    assert (target["adopted"], target["already_ours"]) == ([acme.OLD_ADDRESS], [])


# --- retire --------------------------------------------------------------------------------------------------------


def test_a_retired_address_goes_everything_else_stays(world: ZoneWorld) -> None:
    config = world.configure()
    run("adopt", acme.OLD_ADDRESS, "--config", config)
    run("apply", "--config", config)
    result = run("retire", acme.OLD_ADDRESS, "--config", config)
    assert result.exit_code == 0, result.output
    assert world.gateways() == [FOREIGN, "127.42.0.10-127.42.0.11"]


def test_what_is_not_ours_is_not_retired(world: ZoneWorld) -> None:
    result = run("retire", acme.OLD_ADDRESS, "--config", world.configure())
    assert result.exit_code == 1
    assert f"not-ours: {acme.OLD_ADDRESS} is in no entry of ours; 'adopt'" in result.stderr
    assert world.gateways() == THERE


def test_entries_of_a_zone_that_is_all_ours_can_be_adopted_and_retired(world: ZoneWorld) -> None:
    config = world.configure(of="ownership: exclusive")
    assert "'adopt' takes over" in run("retire", acme.OLD_ADDRESS, "--config", config).stderr
    assert run("adopt", acme.OLD_ADDRESS, "--config", config).exit_code == 0
    result = run("retire", acme.OLD_ADDRESS, "--config", config)
    assert result.exit_code == 0, result.output
    assert OLD not in world.gateways()


def test_a_danger_of_the_zone_can_be_accepted_for_a_retirement(world: ZoneWorld) -> None:
    run("adopt", acme.OLD_ADDRESS, "--config", world.configure())
    zone = world.org.zones.named(acme.ZONE_NAME)
    body = {"type": "IP", "name": zone.name, "status": zone.status, **zone.details, "usage": "BLOCKLIST"}
    world.org.zones.replace(zone.id, body)
    dangers = ("--accept", "blocklist-usage", "--accept", "half-removed")
    assert run("retire", acme.OLD_ADDRESS, "--config", world.configure()).exit_code == 1
    result = run("retire", acme.OLD_ADDRESS, *dangers, "--config", world.configure())
    assert result.exit_code == 0, result.output
    assert OLD not in world.gateways()


def test_an_address_in_use_is_not_retired(world: ZoneWorld) -> None:
    config = world.configure()
    run("apply", "--config", config)
    result = run("retire", "127.42.0.11", "--config", config)
    assert result.exit_code == 1
    assert "still-reported: 127.42.0.11" in result.stderr
    assert "127.42.0.10-127.42.0.11" in world.gateways()


def test_a_failing_source_freezes_the_removal_and_the_order_stands(world: ZoneWorld, gateway: EgressGateway) -> None:
    config = world.configure(sources=by(gateway).replace("{gateway", "{addresses: [127.42.0.12], gateway"))
    run("adopt", acme.OLD_ADDRESS, "--config", config)
    assert run("apply", "--config", config).exit_code == 0
    gateway.broken = True
    result = run("retire", acme.OLD_ADDRESS, "--config", config)
    assert result.exit_code == 1
    assert "removals-frozen: not removed now: " in result.stderr
    assert "the order stands" in result.stderr
    assert OLD in world.gateways()
    gateway.broken = False
    assert run("watch", "--once", "--config", config).exit_code == 0
    assert OLD not in world.gateways()
