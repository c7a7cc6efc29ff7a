"""What okta-zones survives: real processes and sockets, the lab's Okta, and faults in between.

Ours are two addresses, one of which goes while a third comes. After every fault the zone holds the old list, the new
one or their union, what is not ours stands where it stood, the journal says how it ended, and the message what to do.
Then the same command runs again without the fault, and comes to the new list.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faulty import Act, Call, Fault, Faulty, a_page, after, before, half_a_json, lost, not_done, slow, status
from typer.testing import Result
from zone_worlds import THERE, ZoneWorld, run, zone_world

from lab.okta import acme
from lab.okta.system_log import Origin, Party
from lab.okta.user_agents import read_user_agent
from okta_zones.journal import Journal, Step, leased

pytestmark = pytest.mark.once

OLD = ["127.42.0.9-127.42.0.10"]
NEW = ["127.42.0.10-127.42.0.11"]
THEIRS = {"type": "CIDR", "value": "127.44.7.0/24"}
ZONE = "/api/v1/zones/"
APPLY = ("--remove", "127.42.0.9", "--accept", "half-removed")


@dataclass
class Stage:
    """The zone holds the old list, ours; the configuration asks for the new one."""

    world: ZoneWorld
    far_end: Faulty
    config: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    def apply(self) -> Result:
        return run("apply", "--config", self.config, *APPLY)

    @property
    def gateways(self) -> list[str]:
        return self.world.gateways()

    @property
    def writes(self) -> int:
        return sum(request.startswith("PUT ") for request in self.far_end.requests)

    def steps(self) -> list[Step]:
        """What the journal says of the last run that reached the target."""
        with Journal.opened(self.config.with_name("okta-zones.journal"), lambda: datetime.now(UTC)) as journal:
            records = journal.history()
            last = records[-1].run
            return [record.step for record in records if record.run == last and record.step is not Step.PLANNED]

    def ours(self) -> list[str]:
        with Journal.opened(self.config.with_name("okta-zones.journal"), lambda: datetime.now(UTC)) as journal:
            return [str(each) for each in journal.all_owned().texts()]

    # --- somebody else, at work through the API ---

    def write(self, change: Callable[[list[Any]], list[Any]]) -> None:
        zone = self.world.org.zones.named(acme.ZONE_NAME)
        body = {"type": "IP", "name": zone.name, "status": zone.status, "usage": zone.usage, **zone.details}
        self.world.org.zones.replace(zone.id, {**body, "gateways": change(list(zone.details["gateways"]))})
        self.log("zone.update")

    def add_theirs(self) -> None:
        self.write(lambda entries: [*entries, THEIRS])

    def write_back_the_old_list(self) -> None:
        old = [{"type": "RANGE", "value": OLD[0]}, THEIRS]
        self.write(lambda entries: [*entries[:2], *old])

    def deactivate(self) -> None:
        self.world.org.zones.set_status(self.world.org.zones.named(acme.ZONE_NAME).id, "INACTIVE")

    def activate(self) -> None:
        self.world.org.zones.set_status(self.world.org.zones.named(acme.ZONE_NAME).id, "ACTIVE")

    def log(self, event: str) -> None:
        zone = self.world.org.zones.named(acme.ZONE_NAME)
        origin = Origin("127.44.0.9", ("127.44.0.9",), None, read_user_agent("terraform"), "/", "request")
        party = Party("00uother", "User", "other@acme.example", "Another Admin")
        self.world.org.log.add(
            event, origin, actor=party, targets=[Party(zone.id, "NetworkZone", "unknown", zone.name)]
        )


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Any) -> Iterator[Stage]:
    monkeypatch.setattr("okta_zones.commands.apply.Pace", clock.pace)
    far_ends: list[Faulty] = []

    def wrap(app: Any) -> Faulty:
        far_ends.append(Faulty(app))
        return far_ends[0]

    with zone_world(tmp_path, monkeypatch, wrap) as world:
        requests = "requests: {answer-within: 1s, attempts: 3}\n"
        config = world.configure(sources="{addresses: [127.42.0.9, 127.42.0.10]}", top=requests)
        assert run("apply", "--config", config).exit_code == 0
        config = world.configure(sources="{addresses: [127.42.0.10, 127.42.0.11]}", top=requests)
        far_ends[0].requests.clear()
        made = Stage(world, far_ends[0], config)
        yield made
        for process in made.processes:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Case:
    """Faults, and what is to come of them: exit code, words of the message, the list, the journal's last steps."""

    faults: Callable[[Stage], Sequence[Fault]]
    code: int
    words: str
    holds: list[str]
    steps: list[Step]
    writes: int = 1
    theirs: bool = False
    mend: Callable[[Stage], object] = lambda stage: None


def every(number: int) -> tuple[int, ...]:
    return tuple(range(number, 200, number))


def one(method: str, act: Act, *numbers: int, path: str = ZONE) -> Callable[[Stage], Sequence[Fault]]:
    return lambda stage: [Fault(method, path, act, numbers or None)]


def far_off() -> dict[str, str]:
    return {
        "X_Rate_Limit_Limit": "600",
        "X_Rate_Limit_Remaining": "0",
        "X_Rate_Limit_Reset": str(int(time.time()) + 3600),
    }


ERROR = {"errorCode": "E0000047", "errorSummary": "API call exceeded rate limit due to too many requests."}
REVOKED = {"errorCode": "E0000011", "errorSummary": "Invalid token provided"}
FORBIDDEN = {"errorCode": "E0000006", "errorSummary": "You do not have permission to perform the requested action"}
DONE = [Step.INTENDED, Step.WRITTEN, Step.CONFIRMED, Step.PROPAGATED]
NOT_DONE = [Step.INTENDED, Step.NOT_DONE]

# GETs of the zone: the first for the plan, the second right before the PUT, the third for the proof.
CASES = {
    "another writer between plan and PUT": Case(
        lambda stage: [Fault("GET", ZONE, before(stage.add_theirs), (2,))],
        1,
        "changed-meanwhile: ",
        OLD,
        NOT_DONE,
        writes=0,
        theirs=True,
    ),
    "another writer between the last read and the PUT": Case(
        lambda stage: [Fault("PUT", ZONE, before(stage.add_theirs))],
        1,
        "other-writer: ",
        NEW,
        [*DONE, Step.OTHER_WRITER],
    ),
    "another writer between PUT and confirmation": Case(
        lambda stage: [Fault("PUT", ZONE, after(stage.add_theirs))],
        1,
        "the list from before the write is in the journal (show --history)",
        NEW,
        [Step.INTENDED, Step.WRITTEN, Step.OTHER_WRITER],
        theirs=True,
    ),
    "another writer who puts the old list back": Case(
        lambda stage: [Fault("PUT", ZONE, after(stage.write_back_the_old_list))],
        1,
        "lacks 127.42.0.11; also holds 127.42.0.9, 127.44.7.0-127.44.7.255",
        OLD,
        [Step.INTENDED, Step.WRITTEN, Step.OTHER_WRITER],
        theirs=True,
    ),
    "the answer to the PUT is lost": Case(one("PUT", lost, 1), 0, "changed and read back", NEW, DONE),
    "the PUT is lost": Case(one("PUT", not_done, 1), 0, "changed and read back", NEW, DONE, writes=2),
    "every PUT is lost": Case(
        one("PUT", not_done), 3, "may have been done or not", OLD, [Step.INTENDED, Step.UNCERTAIN], writes=3
    ),
    "the answer is lost, and nothing can be read afterwards": Case(
        lambda stage: [Fault("PUT", ZONE, lost), Fault("GET", ZONE, status(500), tuple(range(3, 99)))],
        3,
        "and it cannot be read",
        NEW,
        [Step.INTENDED, Step.UNCERTAIN],
    ),
    "a PUT is lost, and the next one is refused": Case(
        lambda stage: [Fault("PUT", ZONE, not_done), Fault("PUT", ZONE, status(403, FORBIDDEN), None)],
        3,
        "; and before that: ",
        OLD,
        [Step.INTENDED, Step.UNCERTAIN],
        writes=2,
    ),
    "429 with a reset far away": Case(
        lambda stage: [Fault("GET", ZONE, status(429, ERROR, **far_off()), None)], 3, "E0000047", OLD, [], writes=0
    ),
    "429 without headers, once": Case(one("PUT", status(429, ERROR), 1), 0, "read back", NEW, DONE, writes=2),
    "429 without headers, always": Case(one("PUT", status(429, ERROR)), 3, "E0000047", OLD, NOT_DONE, writes=3),
    "500 on every second read": Case(one("GET", status(500), *every(2)), 0, "read back", NEW, DONE),
    "500 on every second write": Case(one("PUT", status(500), 1, 3), 0, "read back", NEW, DONE, writes=2),
    "a slow answer to a read": Case(one("GET", slow, 2), 0, "read back", NEW, DONE),
    "a slow answer to the PUT": Case(one("PUT", slow, 1), 0, "read back", NEW, DONE, writes=2),
    "half a JSON for a read": Case(one("GET", half_a_json, 2), 3, "did not answer with JSON", OLD, NOT_DONE, writes=0),
    "half a JSON for the PUT": Case(one("PUT", half_a_json, 1), 0, "read back", NEW, DONE),
    "HTML for a read": Case(one("GET", a_page, 1), 3, "answered with a page instead of JSON", OLD, [], writes=0),
    "HTML for the PUT": Case(one("PUT", a_page, 1), 0, "read back", NEW, DONE, writes=2),
    "HTML for the proof": Case(
        one("GET", a_page, 3),
        3,
        "answered with a page instead of JSON",
        NEW,
        [Step.INTENDED, Step.WRITTEN, Step.UNCERTAIN],
    ),
    "a token that is revoked before the PUT": Case(
        one("PUT", status(401, REVOKED)), 3, "E0000011 Invalid token provided", OLD, NOT_DONE
    ),
    "a token that may not write": Case(one("PUT", status(403, FORBIDDEN)), 3, "E0000006", OLD, NOT_DONE),
    "a token that may not read the log": Case(
        one("GET", status(403, FORBIDDEN), path="/api/v1/logs"),
        0,
        "whether somebody else wrote meanwhile: the System Log could not be checked: not permitted",
        NEW,
        DONE,
    ),
    "the zone is deactivated since the plan": Case(
        lambda stage: [Fault("GET", ZONE, before(stage.deactivate), (2,))],
        1,
        "target-unsuitable: ",
        OLD,
        NOT_DONE,
        writes=0,
        mend=lambda stage: stage.activate(),
    ),
    "the zone is deleted since the plan": Case(
        lambda stage: [Fault("GET", ZONE, status(404, {"errorCode": "E0000007", "errorSummary": "Not found"}), (2,))],
        1,
        "target-missing: ",
        OLD,
        NOT_DONE,
        writes=0,
    ),
}


def assert_whole(stage: Stage, holds: list[str], *, theirs: bool) -> None:
    """What is not ours stands where it stood, and of ours there is exactly this."""
    found = stage.gateways
    assert found[:2] == THERE
    assert [entry for entry in found[2:] if entry != THEIRS["value"]] == holds
    assert (THEIRS["value"] in found) is theirs


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_fault(stage: Stage, case: Case) -> None:
    stage.far_end.faults += case.faults(stage)
    result = stage.apply()
    assert case.words in result.output
    assert result.exit_code == case.code
    assert_whole(stage, case.holds, theirs=case.theirs)
    assert stage.writes == case.writes
    assert stage.steps() == case.steps or not case.steps

    stage.far_end.faults.clear()
    case.mend(stage)
    again = stage.apply()
    assert again.exit_code == 0, again.output
    assert_whole(stage, NEW, theirs=case.theirs)
    assert stage.ours() == NEW


@pytest.mark.parametrize(("minutes", "other"), [(10, True), (-10, False)], ids=["another writer", "alone"])
def test_a_clock_that_is_off_raises_no_false_alarm_and_hides_no_writer(stage: Stage, minutes: int, other: bool) -> None:
    stage.log("zone.update")  # right before our time: our last read has seen it
    if other:
        stage.far_end.faults.append(Fault("PUT", ZONE, before(stage.add_theirs)))
    program = f"import time; real = time.time; time.time = lambda: real() + 60 * {minutes}\n"
    program += "from okta_zones.__main__ import main; main()"
    command = [sys.executable, "-c", program, "apply", "--config", str(stage.config), *APPLY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=os.environ)
    assert (done.returncode, done.stderr) == (int(other), "")
    assert ("other-writer: " in done.stdout) is other
    assert_whole(stage, NEW, theirs=False)


def test_two_controllers_on_one_journal(stage: Stage) -> None:
    with leased(stage.config.with_name("okta-zones.journal"), "watch on another screen"):
        result = stage.apply()
    assert result.exit_code == 1
    assert "journal-in-use: watch on another screen is at work with this journal" in result.stderr
    assert stage.far_end.requests == []
    assert stage.apply().exit_code == 0
    assert_whole(stage, NEW, theirs=False)


def test_a_poisoned_source(stage: Stage) -> None:
    good = stage.config.read_text()
    stage.config.write_text(good.replace("127.42.0.11]", "127.42.0.11, 8.8.8.0/24]"))
    result = stage.apply()
    assert result.exit_code == 1
    assert "address-not-owned: the list in the file reported 8.8.8.0-8.8.8.255" in result.stderr
    assert stage.far_end.requests == []
    stage.config.write_text(good)
    assert stage.apply().exit_code == 0
    assert_whole(stage, NEW, theirs=False)


# --- killed --------------------------------------------------------------------------------------------------------


def kill(stage: Stage, *, first: bool) -> Act:
    """Kill the program that asks: before what it asks for is done, or after that and before it is told."""

    async def act(call: Call) -> None:
        if not first:
            await call.do_silently()
        stage.processes[-1].send_signal(signal.SIGKILL)
        stage.processes[-1].wait()

    return act


KILLS = {
    "before the plan's read": ("GET", ZONE, 1, True, [OLD]),
    "after the plan, with the intent in the journal": ("GET", ZONE, 2, True, [OLD]),
    "after the last read": ("GET", ZONE, 2, False, [OLD]),
    "before the PUT is done": ("PUT", ZONE, 1, True, [OLD]),
    "after the PUT is done, before its answer": ("PUT", ZONE, 1, False, [NEW]),
    "after the answer, before the proof": ("GET", ZONE, 3, True, [NEW]),
    "after the proof, before it is in the journal": ("GET", ZONE, 3, False, [NEW]),
    "after everything, before the look at the log": ("GET", "/api/v1/logs", 1, True, [NEW]),
}


@pytest.mark.parametrize(("method", "path", "number", "first", "holds"), KILLS.values(), ids=KILLS.keys())
def test_killed_between_any_two_steps_and_run_again(
    stage: Stage, method: str, path: str, number: int, first: bool, holds: list[list[str]]
) -> None:
    stage.far_end.faults.append(Fault(method, path, kill(stage, first=first), (number,)))
    command = [sys.executable, "-m", "okta_zones", "apply", "--config", str(stage.config), *APPLY]
    stage.processes.append(
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, env=os.environ)
    )
    assert stage.processes[-1].wait(timeout=30) == -signal.SIGKILL
    assert stage.gateways[2:] in holds
    assert stage.gateways[:2] == THERE

    stage.far_end.faults.clear()
    again = stage.apply()
    assert again.exit_code == 0, again.output
    assert_whole(stage, NEW, theirs=False)
    assert stage.ours() == NEW, "what was written before the kill is ours"
    assert "ours since" in run("show", "--config", stage.config).stdout
