"""The journal: who may read it, what is ours according to it, and what a crash leaves of it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okta_zones.addresses import AddressSet, parse_addresses
from okta_zones.journal import Journal, JournalError, LeaseHeldError, Place, Step, leased

ZONE = Place("https://acme.okta.com", "Tunnel egress", "nzo1")
BEFORE = ({"type": "RANGE", "value": "192.0.2.1-192.0.2.1"},)
AFTER = (*BEFORE, {"type": "RANGE", "value": "203.0.113.10-203.0.113.11"})
ONE, TWO = parse_addresses("203.0.113.9"), parse_addresses("203.0.113.10/31")


def open_journal(path: Path, clock: Any = lambda: datetime.now(UTC)) -> Any:
    return Journal.opened(path, clock)


def ours(journal: Journal, place: Place = ZONE) -> list[AddressSet]:
    return [each.addresses for each in journal.owned(place)]


def test_every_file_of_it_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    with open_journal(path) as journal, leased(path, "a test"):
        journal.record(Step.PLANNED, ZONE)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["j", "j-wal", "j-shm", "j.lock"], 0o600)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: (path.touch(), path.chmod(0o644)), "is open to others (mode 0644); run: chmod 600"),
        (lambda path: path.mkdir(mode=0o700), "cannot be used: Is a directory"),
        (lambda path: (path.write_text("no database" * 200), path.chmod(0o600)), "file is not a database"),
    ],
    ids=["open to others", "a directory", "something else"],
)
def test_a_file_that_is_no_journal(tmp_path: Path, make: Any, words: str) -> None:
    make(tmp_path / "j")
    with pytest.raises(JournalError, match=words.replace("(", r"\(").replace(")", r"\)")), open_journal(tmp_path / "j"):
        pass


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with open_journal(tmp_path / "j"):
        pass
    connection = sqlite3.connect(tmp_path / "j")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalError, match=r"newer okta-zones \(version 99\)"), open_journal(tmp_path / "j"):
        pass


def test_what_is_about_to_be_written_is_ours_before_anybody_knows_whether_it_was(journal: Journal) -> None:
    journal.intend(ZONE, BEFORE, AFTER, [TWO])
    assert ours(journal) == [TWO]
    intent = journal.intent(ZONE)
    assert intent is not None
    assert (intent.run, intent.before, intent.after) == (journal.run, BEFORE, AFTER)


def test_what_was_certainly_not_written_is_not_ours(journal: Journal) -> None:
    journal.adopt(ZONE, [ONE])
    journal.intend(ZONE, BEFORE, AFTER, [ONE, TWO])
    journal.give_up(ZONE, "the far end refused")
    assert ours(journal) == [ONE]
    assert journal.intent(ZONE) is None


def test_a_second_attempt_that_is_given_up_takes_nothing_from_the_first(journal: Journal) -> None:
    journal.intend(ZONE, BEFORE, AFTER, [TWO])  # killed here: it may have been done
    journal.intend(ZONE, BEFORE, AFTER, [TWO])
    journal.give_up(ZONE, "somebody changed the zone")
    assert ours(journal) == [TWO]


def test_after_the_proof_ours_is_what_stands_there_and_nothing_else(tmp_path: Path) -> None:
    moments = iter(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=n) for n in range(99))
    with open_journal(tmp_path / "j", lambda: next(moments)) as journal:
        journal.adopt(ZONE, [ONE])
        (first,) = journal.owned(ZONE)
        journal.intend(ZONE, BEFORE, AFTER, [ONE, TWO])
        journal.confirm(ZONE, AFTER, [ONE, TWO], Step.CONFIRMED)
        assert journal.owned(ZONE)[0] == first, "adopted then, ours since then"
        journal.confirm(ZONE, AFTER, [TWO], Step.CONFIRMED)
        assert ours(journal) == [TWO]
        assert journal.intent(ZONE) is None


def test_a_zone_that_was_being_created_is_found_again_under_its_id(journal: Journal) -> None:
    unborn = Place(ZONE.scope, ZONE.name, None)
    journal.intend(unborn, (), AFTER, [TWO])
    assert ours(journal, ZONE) == [TWO]
    assert journal.intent(ZONE) is not None
    journal.confirm(ZONE, AFTER, [TWO], Step.RECOVERED)
    assert (ours(journal, unborn), ours(journal, ZONE)) == ([], [TWO])


def test_another_zone_of_the_same_name_in_another_org_is_another_zone(journal: Journal) -> None:
    journal.adopt(ZONE, [ONE])
    assert ours(journal, Place("https://preview.okta.com", ZONE.name, "nzo1")) == []
    assert ours(journal, Place(ZONE.scope, ZONE.name, "nzo2")) == []


def test_history_tells_who_did_what_in_which_order(journal: Journal) -> None:
    journal.record(Step.PLANNED, ZONE, add=["203.0.113.10"])
    journal.intend(ZONE, BEFORE, AFTER, [TWO])
    journal.confirm(ZONE, AFTER, [TWO], Step.CONFIRMED)
    records = journal.history([ZONE.key])
    assert [record.step for record in records] == [Step.PLANNED, Step.INTENDED, Step.CONFIRMED]
    assert records[1].detail["before"] == [*BEFORE]
    assert {record.run for record in records} == {journal.run}
    assert [record.step for record in journal.history(limit=1)] == [Step.CONFIRMED]


def test_one_instance_holds_the_lease_until_its_end_whatever_that_is(tmp_path: Path) -> None:
    program = "import sys; from okta_zones.journal import leased; from pathlib import Path\n"
    program += (
        f"with leased(Path({str(tmp_path / 'j')!r}), 'watch on alpha'):\n print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(LeaseHeldError, match="watch on alpha is at work with this journal"),
            leased(tmp_path / "j", "me"),
        ):
            pass
        holder.kill()
    with leased(tmp_path / "j", "me"):
        pass
