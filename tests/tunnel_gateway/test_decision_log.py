"""The decision log: one line each, readable again, and not to be filled by strangers."""

from __future__ import annotations

import resource
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dtr_rules.decision_log import read_records
from dtr_rules.source import UnusableFileError
from tunnel_gateway.decision_log import DecisionLog, OnFailure
from tunnel_gateway.log_file import LogFile, Rotation
from tunnel_gateway.log_reading import LogReader
from tunnel_gateway.reasons import Reason, RefusalError
from tunnel_gateway.trail import Trail


def _trail() -> Trail:
    return Trail(decision_id="d1", gateway="g", source="192.0.2.1:5")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    trail = _trail()
    trail.udid, trail.claimed_app, trail.host = "a-device", "evil\n\x1b[31m\u2028app", "a.example"
    written = [trail.admitted(Reason.RULE), trail.refused("connect", Reason.DEVICE_UNKNOWN, "no\nwords")]
    log = DecisionLog(path)
    for record in written:
        log.write(record)
    log.close()
    text = path.read_text()
    assert text.isascii()
    assert len(text.splitlines()) == 2
    assert list(read_records(text.splitlines(), "log.jsonl")) == written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(2):
        log = DecisionLog(tmp_path / "log.jsonl")
        log.write(_trail().admitted(Reason.RULE))
        log.close()
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("line", ["{}", "not json", '{"v": 2}', "[]"])
def test_line_that_is_no_record_is_named(line: str) -> None:
    good = _trail().admitted(Reason.RULE).line()
    with pytest.raises(UnusableFileError, match=r"decisions\.jsonl:3:1: not a decision record"):
        list(read_records([good, "", line], "decisions.jsonl"))


def test_log_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch(mode=0o644)
    DecisionLog(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@contextmanager
def _full_at(size: int) -> Iterator[None]:
    """The system lets no file of this process grow beyond `size`, as a full disk would not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_refuses_spoils_no_line_and_is_over_when_there_is_room(tmp_path: Path) -> None:
    path, record = tmp_path / "log.jsonl", _trail().admitted(Reason.RULE)
    log = DecisionLog(path)
    log.write(record)
    with _full_at(path.stat().st_size + 40):
        with pytest.raises(RefusalError) as refused:
            log.write(record)
        assert refused.value.reason is Reason.DECISION_LOG_FAILED
        assert not log.admits
        log.note(record)  # what nothing rests on is only counted
    assert log.status().error
    assert log.status().lost == 2
    log.write(record)
    assert (log.admits, log.status().error, log.status().lost) == (True, None, 2)
    log.close()
    assert list(read_records(path.read_text().splitlines(), "log.jsonl")) == [record, record]


def test_full_disk_where_the_operator_chose_to_go_on(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "log.jsonl", on_failure=OnFailure.GO_ON)
    with _full_at(40):
        log.write(_trail().admitted(Reason.RULE))
    assert log.admits
    assert log.status().lost == 1
    log.close()


def _log_of(directory: Path, *, size: int, keep: int, lines: int) -> list[str]:
    file = LogFile(directory / "log", Rotation(size, keep))
    for number in range(lines):
        file.append(b"%08d\n" % number)
    file.close()
    return sorted(path.name for path in directory.iterdir())


def test_rotation_keeps_so_many_files_of_such_a_size_and_no_line_is_in_two(tmp_path: Path) -> None:
    assert _log_of(tmp_path, size=90, keep=3, lines=95) == ["log", "log.1", "log.2", "log.3"]
    assert [len((tmp_path / name).read_text().splitlines()) for name in ("log", "log.1", "log.3")] == [5, 10, 10]
    with closing(LogReader(tmp_path / "log")) as reader:
        read = [int(line.text) for line in reader.so_far()]
    assert read == list(range(60, 95))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_log_that_cannot_be_rotated_goes_on(tmp_path: Path) -> None:
    (tmp_path / "log.1").mkdir()
    (tmp_path / "log.1" / "something").touch()
    (tmp_path / "log.2").mkdir()
    (tmp_path / "log.2" / "something").touch()
    _log_of(tmp_path, size=90, keep=2, lines=25)
    assert len((tmp_path / "log").read_text().splitlines()) == 25


def test_logrotate_may_rename_and_tell(tmp_path: Path) -> None:
    path, record = tmp_path / "log.jsonl", _trail().admitted(Reason.RULE)
    log = DecisionLog(path)
    log.write(record)
    path.rename(tmp_path / "old")
    log.write(record)
    log.reopen()
    log.write(record)
    log.close()
    assert [len((tmp_path / name).read_text().splitlines()) for name in ("old", "log.jsonl")] == [2, 1]


def test_reader_follows_a_log_through_its_rotations(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "log", Rotation(30, 5))
    file.append(b"0\n")
    reader, read = LogReader(tmp_path / "log"), []
    read += [line.text for line in reader.so_far()]
    for number in range(1, 60):
        file.append(b"%d\n" % number)
        if number % 7 == 0:
            read += [line.text for line in reader.since()]
    read += [line.text for line in reader.since()]
    reader.close()
    file.close()
    assert read == list(map(str, range(60)))


def test_reader_waits_for_the_rest_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntw")
    reader = LogReader(path)
    assert [line.text for line in reader.so_far()] == ["one"]
    with path.open("a") as stream:
        stream.write("o\n")
    assert [(line.text, line.number) for line in reader.since()] == [("two", 2)]
    reader.close()
