"""plan --out, apply PLAN, --to, show, and what comes after a write: against the lab's Okta over real HTTPS."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zone_worlds import THERE, ZoneWorld, run, zone_world

from lab.okta import acme

NEW = "127.42.0.10-127.42.0.11"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneWorld]:
    with zone_world(tmp_path, monkeypatch) as made:
        yield made


def planned(world: ZoneWorld, *more: str, **file: str) -> tuple[Path, Path]:
    config, out = world.configure(**file), world.directory / "plan.json"
    result = run("plan", "--config", config, "--out", out, *more)
    assert result.exit_code == 0, result.output
    return config, out


def zone_body(world: ZoneWorld) -> dict[str, Any]:
    zone = world.org.zones.named(acme.ZONE_NAME)
    return {"type": "IP", "name": zone.name, "status": zone.status, "usage": zone.usage, **zone.details}


# --- the plan file -------------------------------------------------------------------------------------------------


def test_a_plan_file_is_carried_out_as_it_stands_and_the_sources_are_not_asked(world: ZoneWorld) -> None:
    (world.directory / "egress").write_text("127.42.0.12")
    config, out = planned(world, "--addresses", str(world.directory / "egress"))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    out.chmod(0o666)
    planned(world, "--addresses", str(world.directory / "egress"))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    (world.directory / "egress").unlink()
    result = run("apply", out, "--config", config)
    assert result.exit_code == 0, result.output
    assert world.gateways() == [*THERE, "127.42.0.10-127.42.0.12"]


def change_entries(world: ZoneWorld, config: Path, out: Path) -> None:
    body = zone_body(world)
    body["gateways"] = [*body["gateways"], {"type": "CIDR", "value": "192.0.2.0/24"}]
    world.org.zones.replace(world.org.zones.named(acme.ZONE_NAME).id, body)


def change_proxies(world: ZoneWorld, config: Path, out: Path) -> None:
    body = {**zone_body(world), "proxies": [{"type": "CIDR", "value": "192.0.2.0/24"}]}
    world.org.zones.replace(world.org.zones.named(acme.ZONE_NAME).id, body)


def recreate(world: ZoneWorld, config: Path, out: Path) -> None:
    body, zone = zone_body(world), world.org.zones.named(acme.ZONE_NAME)
    world.org.zones.set_status(zone.id, "INACTIVE")
    world.org.zones.delete(zone.id)
    world.org.zones.create(body)


def edit_the_file(world: ZoneWorld, config: Path, out: Path) -> None:
    out.write_text(out.read_text().replace(NEW, "127.42.0.10-127.42.0.99"))


def edit_the_configuration(world: ZoneWorld, config: Path, out: Path) -> None:
    config.write_text(config.read_text() + "# nothing but a comment\n")


def apply_it(world: ZoneWorld, config: Path, out: Path) -> None:
    assert run("apply", out, "--config", config).exit_code == 0


def lose_the_file(world: ZoneWorld, config: Path, out: Path) -> None:
    out.unlink()


def write_something_else(world: ZoneWorld, config: Path, out: Path) -> None:
    out.write_text("[1, 2]")


SINCE_THE_PLAN = {
    "an entry of others": (change_entries, 1, "changed-meanwhile: "),
    "a setting of others": (change_proxies, 1, "changed-meanwhile: "),
    "another zone of the same name": (recreate, 1, "changed-meanwhile: "),
    "the plan itself": (edit_the_file, 2, "this plan was changed since it was made"),
    "the configuration": (edit_the_configuration, 1, "plan-outdated: "),
    "applied already": (apply_it, 1, "changed-meanwhile: "),
    "gone": (lose_the_file, 2, "cannot read this file"),
    "no plan": (write_something_else, 2, "this is no plan of okta-zones"),
}


@pytest.mark.parametrize(("change", "code", "words"), SINCE_THE_PLAN.values(), ids=SINCE_THE_PLAN.keys())
def test_whatever_changed_since_the_plan_refuses(world: ZoneWorld, change: Any, code: int, words: str) -> None:
    config, out = planned(world)
    change(world, config, out)
    before, events = world.gateways(), world.zone_events()
    result = run("apply", out, "--config", config)
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr
    assert (world.gateways(), world.zone_events()) == (before, events)


def test_a_plan_that_cannot_be_carried_out_is_not_written(world: ZoneWorld) -> None:
    out = world.directory / "plan.json"
    config = world.configure(sources="{addresses: [127.42.0.10]}")
    config.write_text(config.read_text().replace("[not-public]", "[]"))
    result = run("plan", "--config", config, "--out", out)
    assert result.exit_code == 1
    assert "refused: not-public: 127.42.0.10 is loopback (if that is meant: --accept not-public)" in result.stdout
    assert "was not written: this plan cannot be carried out" in result.stderr
    assert not out.exists()


def test_a_plan_file_goes_without_other_options(world: ZoneWorld) -> None:
    config, out = planned(world)
    assert run("apply", out, "--config", config, "--remove", "127.42.0.10").exit_code == 2


def test_a_danger_is_accepted_for_one_run_by_its_name(world: ZoneWorld) -> None:
    config = world.configure()
    config.write_text(config.read_text().replace("[not-public]", "[]"))
    assert run("apply", "--config", config).exit_code == 1
    assert world.zone_events() == []
    assert run("apply", "--config", config, "--accept", "not-public").exit_code == 0
    wrong = run("apply", "--config", config, "--accept", "not-publik")
    assert wrong.exit_code == 2
    assert "did you mean 'not-public'?" in wrong.stderr


# --- where another tool owns the zone ------------------------------------------------------------------------------


def test_a_zone_that_another_tool_owns_is_compared_and_never_written(world: ZoneWorld) -> None:
    config = world.configure(of="ownership: external")
    assert "differs; another tool owns it, nothing is written" in run("apply", "--config", config).stdout
    assert world.zone_events() == []
    variables = run("plan", "--config", config, "--to", "tfvars")
    assert variables.exit_code == 0
    old = acme.OLD_ADDRESS
    assert variables.stdout == f'okta_gateways = [\n  "{NEW}",\n  "{old}-{old}",\n]\n'


def test_variables_are_whole_or_not_printed(world: ZoneWorld) -> None:
    sources = '{addresses: [127.42.0.10], gateway: {admin: "http://127.0.0.1:1", token-file: admin.token}}'
    result = run("plan", "--config", world.configure(sources=sources), "--to", "tfvars")
    assert (result.exit_code, result.stdout) == (3, "")


def test_exclusive_ownership_must_be_asked_for(world: ZoneWorld) -> None:
    config = world.configure(of="ownership: exclusive")
    result = run("apply", "--config", config, "--remove", acme.FOREIGN_RANGE, "--accept", "half-removed")
    assert result.exit_code == 0, result.output
    assert world.gateways() == [THERE[0], NEW]


# --- show ----------------------------------------------------------------------------------------------------------


def test_show_tells_what_is_ours_and_since_when_and_what_somebody_took_away(world: ZoneWorld) -> None:
    config = world.configure()
    assert f"{acme.FOREIGN_RANGE}  not ours: not written by okta-zones" in run("show", "--config", config).stdout
    run("apply", "--config", config)
    shown = run("show", "--config", config).stdout
    assert f"= {NEW}  ours since 20" in shown
    assert 'named by ACCESS_POLICY "Outlook sample", rule "From the tunnel": include, ALLOW' in shown
    world.org.zones.replace(
        world.org.zones.named(acme.ZONE_NAME).id,
        {**zone_body(world), "gateways": [{"type": "CIDR", "value": acme.FOREIGN_RANGE}]},
    )
    assert f"! {NEW}  ours, and not there any more" in run("show", "--config", config).stdout
    (target,) = json.loads(run("show", "--config", config, "--json").stdout)["targets"]
    assert target["missing"] == [NEW]


def test_history_tells_every_step_with_before_and_after(world: ZoneWorld) -> None:
    config = world.configure()
    run("apply", "--config", config)
    told = json.loads(run("show", "--config", config, "--history", "--json").stdout)["history"]
    assert [each["step"] for each in told] == ["planned", "intended", "written", "confirmed", "propagated"]
    assert [entry["value"] for entry in told[1]["before"]] == THERE
    assert [entry["value"] for entry in told[1]["after"]] == [*THERE, NEW]
    assert "intended" in run("show", "--config", config, "--history").stdout


# --- zones that are no place for egress addresses --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "danger"),
    [({"usage": "BLOCKLIST"}, "blocklist-usage"), ({"status": "INACTIVE"}, "target-unsuitable")],
    ids=["a blocklist", "not in force"],
)
def test_a_zone_of_another_kind_is_refused(world: ZoneWorld, zone: dict[str, str], danger: str) -> None:
    world.org.zones.replace(world.org.zones.named(acme.ZONE_NAME).id, {**zone_body(world), **zone})
    result = run("apply", "--config", world.configure())
    assert result.exit_code == 1
    assert f"refused: {danger}: " in result.stdout
    accepted = run("apply", "--config", world.configure(), *(["--accept", danger] if "list" in danger else []))
    assert accepted.exit_code == (0 if "list" in danger else 1)


# --- whether the gate gates ------------------------------------------------------------------------------------------


def verified(world: ZoneWorld, outside: str = "192.0.2.1") -> Any:
    (user,) = [user for user in world.org.users.values() if user.login == acme.LOGIN]
    app = next(iter(world.org.apps))
    of = f"verify: {{app-id: {app}, user-id: {user.id}, outside: {outside}}}"
    return run("apply", "--config", world.configure(of=of))


def test_after_a_write_okta_is_asked_whom_it_would_let_in(world: ZoneWorld) -> None:
    result = verified(world)
    assert result.exit_code == 0, result.output
    words = "verified: Okta would allow a sign-in from 2 egress addresses and deny one from 192.0.2.1"
    assert words in result.stdout


def test_a_gate_that_stands_open_is_a_finding(world: ZoneWorld) -> None:
    result = verified(world, outside=acme.FOREIGN_RANGE.partition("/")[0])
    assert result.exit_code == 1
    assert f'not-verified: network zone "{acme.ZONE_NAME}"' in result.stdout
    assert "allowed from 127.44.0.0, expected denied" in result.stdout
    assert world.gateways() == [*THERE, NEW], "the write itself stands"


# --- what a change costs -------------------------------------------------------------------------------------------


def test_steady_state_is_one_request_and_one_change_is_two_reads_a_write_and_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def wrap(app: Any) -> Any:
        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                seen.append(f"{scope['method']} {scope['path'].partition('/nzo')[0]}")
            await app(scope, receive, send)

        return counted

    with zone_world(tmp_path, monkeypatch, wrap) as world:
        config = world.configure()
        run("apply", "--config", config)
        zones = [each for each in seen if each.endswith("/zones")]
        assert zones == ["GET /api/v1/zones", "GET /api/v1/zones", "PUT /api/v1/zones", "GET /api/v1/zones"]
        seen.clear()
        run("apply", "--config", config)
        assert seen == ["GET /.well-known/okta-organization", "GET /api/v1/zones"], "the first counts in no limit"
