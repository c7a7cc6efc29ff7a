"""What a restart finds: posture with its age, alarms, blocks of the UEM, a maintenance; and clocks that jump."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from posture_scene import Scene, phone

from tunnel_gateway.posture import sync as sync_module
from tunnel_gateway.posture.errors import UemError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.kept import KeptPosture
from tunnel_gateway.posture.model import Compliance
from tunnel_gateway.posture.sweep import sweep
from tunnel_gateway.posture.sync import PostureSync
from tunnel_gateway.posture.uem import Page
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.state import State

NON_COMPLIANT = b'{"Udid": "a-device", "EventType": "x", "ComplianceStatus": "NonCompliant"}'


class Machine:
    """Starts of the program on one state file, each ended without a word, as SIGKILL ends one."""

    def __init__(self, scene: Scene, path: Path) -> None:
        self._scene = scene
        self._path = path
        self._states: list[State] = []

    def start(self, **options: Any) -> PostureSync:
        state = State(self._path)
        self._states.append(state)
        return self._scene.start(kept=KeptPosture(state, self._scene.time.clock), **options)

    def close(self) -> None:
        for each in self._states:
            each.close()


@pytest.fixture
def machine(scene: Scene, tmp_path: Path) -> Any:
    with closing(Machine(scene, tmp_path / "state.sqlite")) as made:
        yield made


def refused(sync: PostureSync, udid: str = "a-device") -> Reason | None:
    try:
        sync.known(udid)
    except RefusalError as refusal:
        return refusal.reason
    return None


def test_restart_is_ready_at_once_with_what_is_young_enough(scene: Scene, machine: Machine) -> None:
    async def test() -> None:
        first = machine.start(checks_access=True)
        scene.uem.listed["other"] = phone("other", compliance=Compliance.QUARANTINED, compromised=None, group="Sales")
        await first.sync()
        await first.posture_of("a-device")
        await first.sync()
        before = [first.known("a-device"), first.revision]
        scene.time.passes(30)
        scene.uem.down = True
        second = machine.start(checks_access=True)
        assert [second.known("a-device").posture, second.revision] == [before[0].posture, before[1]]  # type: ignore[union-attr]
        assert second.known("a-device").age == pytest.approx(30)
        assert machine.start().known("other").posture == scene.uem.listed["other"]
        assert second.status().state == "fresh"
        scene.time.passes(71)
        assert refused(second) is Reason.POSTURE_STALE
        assert refused(machine.start()) is Reason.POSTURE_UNAVAILABLE, "too old to be ready with"

    scene.run(test)


JUMPS: list[Any] = [
    pytest.param(lambda time: None, 0, id="no-jump"),
    pytest.param(lambda time: setattr(time, "wall", time.wall - 1e6), 0, id="wall-clock-back"),
    pytest.param(lambda time: setattr(time, "wall", time.wall + 1e6), 0, id="wall-clock-forward"),
    pytest.param(lambda time: time.machine_restarts(20), 20, id="machine-restarted"),
]


@pytest.mark.parametrize(("jump", "more"), JUMPS)
def test_clock_that_jumps_changes_no_age(
    scene: Scene, machine: Machine, jump: Callable[[Any], None], more: float
) -> None:
    async def test() -> None:
        first = machine.start()
        await first.sync()
        scene.time.passes(60)
        jump(scene.time)
        if not more:
            assert first.known("a-device").age == pytest.approx(60)
        assert machine.start().known("a-device").age == pytest.approx(60 + more)

    scene.run(test)


def test_machine_that_comes_up_with_a_clock_in_the_past_trusts_nothing_that_it_kept(
    scene: Scene, machine: Machine
) -> None:
    async def test() -> None:
        await machine.start().sync()
        scene.time.machine_restarts(5)
        scene.time.wall -= 1e6
        assert refused(machine.start()) is Reason.POSTURE_UNAVAILABLE

    scene.run(test)


def test_alarm_and_missing_device_outlive_the_restart(scene: Scene, machine: Machine) -> None:
    async def test() -> None:
        first = machine.start()
        scene.uem.listed["missing"] = phone("missing")
        await first.sync()
        scene.time.passes(10)
        gone = scene.uem.listed.pop("missing")
        await first.sync()
        scene.uem.listed["missing"] = gone
        first.desk.take(NON_COMPLIANT)
        await first._keeper.keep(complete=False)
        second = machine.start()
        assert second.known("missing").posture is None
        assert second.known("a-device").alarm is not None
        scene.time.passes(1)
        await second.sync()
        assert second.known("a-device").alarm is None
        assert machine.start().known("a-device").alarm is None
        assert machine.start().known("missing").posture is not None

    scene.run(test)


def test_device_that_a_sweep_missed_keeps_its_own_age(scene: Scene, machine: Machine) -> None:
    async def test() -> None:
        first = machine.start()
        scene.uem.listed["other"] = phone("other")
        await first.sync()
        scene.time.passes(50)
        del scene.uem.listed["other"]
        failing = scene.uem.device

        async def fails(udid: str, *, urgent: bool = True) -> Any:
            scene.uem.down = True
            try:
                return await failing(udid, urgent=urgent)
            finally:
                scene.uem.down = False

        scene.uem.device = fails  # type: ignore[method-assign]
        await first.sync()
        second = machine.start()
        assert (second.known("other").age, second.known("a-device").age) == (pytest.approx(50), pytest.approx(0))

    scene.run(test)


def test_full_disk_stops_nothing_and_is_shown(scene: Scene, machine: Machine, tmp_path: Path) -> None:
    async def test() -> None:
        sync = machine.start()
        await sync.sync()
        connection = sync._kept._connection  # type: ignore[union-attr]
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then says what it says on a full disk
        scene.uem.listed = {f"device-{number}": phone(f"device-{number}") for number in range(2_000)}
        await sync.sync()
        assert "full" in (sync.status().unkept or "")
        assert sync.known("device-7").posture is not None
        connection.execute("PRAGMA max_page_count = 1000000")
        await sync.sync()
        assert sync.status().unkept is None
        assert machine.start().known("device-7").posture is not None

    scene.run(test)


# --- maintenance ---


def test_maintenance_lets_posture_grow_older_for_as_long_as_it_lasts(scene: Scene, machine: Machine) -> None:
    async def test() -> None:
        sync = machine.start()
        await sync.sync()
        scene.time.passes(60)
        sync.announce(scene.time.wall + 600, "upgrade of the UEM")
        scene.time.passes(599)
        assert refused(sync) is None
        restarted = machine.start()
        assert refused(restarted) is None
        assert restarted.status().maintenance_reason == "upgrade of the UEM"
        scene.time.wall -= 1e6
        scene.time.passes(2)
        assert refused(sync) is Reason.POSTURE_STALE, "a clock that is put back makes it no longer"
        assert restarted.status().maintenance_until is None

    scene.run(test)


def test_maintenance_makes_nothing_young_that_was_too_old(scene: Scene, machine: Machine) -> None:
    async def test() -> None:
        sync = machine.start()
        await sync.sync()
        scene.time.passes(101)
        sync.announce(scene.time.wall + 600, "too late")
        assert refused(sync) is Reason.POSTURE_STALE

    scene.run(test)


@pytest.mark.parametrize(
    ("length", "words"), [(0, "is past"), (-5, "is past"), (24 * 3600 + 1, "may last 24h here")], ids=str
)
def test_maintenance_has_a_cap(scene: Scene, machine: Machine, length: float, words: str) -> None:
    async def test() -> None:
        sync = machine.start()
        with pytest.raises(ValueError, match=words):
            sync.announce(scene.time.wall + length, "x")
        assert sync.status().maintenance_until is None

    scene.run(test)


def test_maintenance_that_takes_longer_goes_on_from_its_begin_and_its_cap_holds_for_all_of_it(
    scene: Scene, machine: Machine
) -> None:
    async def test() -> None:
        sync = machine.start()
        await sync.sync()
        sync.announce(scene.time.wall + 200, "upgrade of the UEM")
        scene.time.passes(150)
        sync.announce(scene.time.wall + 100, "it takes longer")
        assert refused(sync) is None
        with pytest.raises(ValueError, match="may last 24h"):
            sync.announce(scene.time.wall + 24 * 3600 - 100, "and longer")
        scene.time.passes(99)
        assert refused(machine.start()) is None
        scene.time.passes(1)
        assert refused(sync) is Reason.POSTURE_STALE

    scene.run(test)


def test_state_that_cannot_be_written_announces_nothing(scene: Scene, machine: Machine) -> None:
    async def test() -> None:
        sync = machine.start()
        sync._kept._beside.execute("PRAGMA query_only = ON")  # type: ignore[union-attr]
        with pytest.raises(OSError, match="cannot be written"):
            sync.announce(scene.time.wall + 60, "x")
        assert sync.status().maintenance_until is None

    scene.run(test)


def test_scale_of_a_million_devices_is_a_matter_of_pages() -> None:
    """Nothing is held but what is known, packed: a page's answer is let go before the next one is asked for."""
    devices, size = 50_000, 500
    living: set[int] = set()

    class Streaming:
        async def page(self, number: int) -> Page:
            shown = tuple(phone(f"device-{number * size + each}") for each in range(size))
            return Page(shown, size, devices)

    async def main() -> None:
        inventory = Inventory()

        async def changed(udids: Any) -> None:
            living.add(len(list(udids)))

        clock = iter(range(10**9))
        for _ in range(2):
            await sweep(Streaming(), inventory, lambda: float(next(clock)), changed)  # type: ignore[arg-type]
        assert len(inventory) == devices
        assert living == {size, 0}, "the second time nothing has changed"
        assert sum(map(sys.getsizeof, inventory._records.values())) < 100 * devices

    asyncio.run(main())


def test_large_first_synchronisation_is_kept_while_it_goes_on(
    scene: Scene, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has changed is not collected until the end; and what is kept of it grows no younger by that."""

    async def test() -> None:
        monkeypatch.setattr(sync_module, "KEPT_AT_ONCE", 500)
        scene.uem.listed = {f"device-{number}": phone(f"device-{number}") for number in range(1_500)}
        first = machine.start()
        page, waiting = scene.uem.page, []

        async def last_page_fails(number: int) -> Page:
            waiting.append(len(first._inventory.changed))
            if number == 2:
                raise UemError("out of reach")
            return await page(number)

        monkeypatch.setattr(scene.uem, "page", last_page_fails)
        await first.sync()
        assert waiting == [0, 0, 0]
        assert refused(machine.start(), "device-7") is Reason.POSTURE_UNAVAILABLE

    scene.run(test)


def test_kept_posture_is_no_secret_but_is_the_owners_alone(scene: Scene, machine: Machine, tmp_path: Path) -> None:
    async def test() -> None:
        await machine.start().sync()
        with closing(sqlite3.connect(tmp_path / "state.sqlite")) as connection:
            assert connection.execute("SELECT udid, compliance FROM devices").fetchall() == [("a-device", "compliant")]

    scene.run(test)


def write(kept: KeptPosture, inventory: Inventory) -> None:
    kept.write(kept.batch(inventory, tuple(inventory.changed)))
    kept.write(kept.last(inventory))


def test_device_that_the_last_synchronisation_missed_grows_no_younger_by_restarts(scene: Scene, tmp_path: Path) -> None:
    """Something about it may be written before the first synchronisation of this start."""
    clock, seen = scene.time.clock, scene.time.running
    with closing(State(tmp_path / "state.sqlite")) as state:
        inventory, kept = Inventory(), KeptPosture(state, clock)
        for udid in ("slipped", "a-device"):
            inventory.sweep, inventory.full_as_of = inventory.sweep + 1, clock.running()
            inventory.read(phone(udid), clock.running(), swept=True)
            kept.renew(inventory)
            write(kept, inventory)
            scene.time.passes(50)
        for _ in range(2):
            inventory, kept = Inventory(), KeptPosture(state, clock)
            kept.load(inventory)
            record = inventory.record("slipped")
            assert record is not None
            assert record.as_of == pytest.approx(seen)
            inventory.set_access("slipped", blocked=False, as_of=clock.running())
            write(kept, inventory)
