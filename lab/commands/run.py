"""`tunnel-lab run`."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from dtr_rules import UnusableFileError
from lab.commands.report import write_page
from lab.commands.screen import (
    DIFFERENT,
    FINE,
    NOT_DONE,
    UNUSABLE,
    Captures,
    Json,
    Netns,
    NoColor,
    check_netns,
    end_with,
    run_to_its_end,
    screen,
    without_color,
)
from lab.netns.evidence import Evidence, show_several
from lab.netns.evidence import show as show_evidence
from lab.netns.translation import translated
from lab.record import Run
from lab.runner import junit
from lab.runner.choosing import ScenarioUnknownError, chosen, read_all
from lab.runner.playing import Watcher
from lab.runner.reading import Scenario
from lab.runner.recording import Recording
from lab.runner.several import play_all
from lab.runner.view import Quiet, Watching, show_total

MOST_JOBS: Final = 4
"""Worlds at once where nobody says how many: all emulated services share this one process."""


def run(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Scenarios, files of your own, or 'all'.")],
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Show every step and every login as it happens.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, metavar="N", help="Worlds at once; one more than there are cores.")
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit report, for continuous integration.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="DIR", help="Write what happened, one file a scenario.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write what happened as one HTML page.")
    ] = None,
    netns: Netns = False,
    captures: Captures = None,
    as_json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Play scenarios and check what each observer wrote down against what was expected.

    Starts everything on this machine's loopback addresses, or in network namespaces, and leaves nothing behind.
    """
    without_color(no_color)
    check_netns(captures, netns=netns)
    scenarios = _scenarios(names, translated if netns else str)
    shown = screen(stderr=as_json)
    watcher: Watcher = Watching(shown, named=len(scenarios) > 1) if watch else Quiet(shown)
    _make_room(junit_file, record, page)
    watcher = watcher if record is None else Recording(watcher, record)
    started = time.monotonic()
    if netns:
        runs, evidence = _play_in_namespaces(scenarios, watcher, captures)
    else:
        runs, evidence = run_to_its_end(play_all(scenarios, watcher, jobs or _default_jobs())), {}
    seconds = time.monotonic() - started
    if junit_file is not None:
        junit_file.write_bytes(junit.document(runs, seconds))
    if page is not None:
        write_page(runs, page)
    if as_json:
        typer.echo(json.dumps(_document(runs, seconds, evidence), indent=2))
    else:
        show_total(runs, seconds, shown)
        if len(evidence) == 1:
            show_evidence(evidence[runs[0].scenario], shown)
        else:
            show_several(evidence, shown)
    raise typer.Exit(_exit_code(runs, evidence))


def _scenarios(names: Sequence[str], reworded: Callable[[str], str]) -> list[Scenario]:
    try:
        found = read_all(chosen(names), reworded)
    except ScenarioUnknownError as error:
        end_with(UNUSABLE, str(error))
    except UnusableFileError as error:
        end_with(UNUSABLE, str(error))
    twice = [name for name, count in Counter(each.name for each in found).items() if count > 1]
    if twice:
        end_with(UNUSABLE, f"two scenarios are called '{twice[0]}'; rename one of the files")
    return found


def _play_in_namespaces(
    scenarios: Sequence[Scenario], watcher: Watcher, captures: Path | None
) -> tuple[tuple[Run, ...], dict[str, Evidence]]:
    from lab.netns.playing import play_in_namespaces  # noqa: PLC0415  what reads captures is an extra

    played = run_to_its_end(play_in_namespaces(scenarios, watcher, captures))
    return tuple(run for run, _ in played), {run.scenario: evidence for run, evidence in played}


def _default_jobs() -> int:
    """One more than there are cores: a world waits for its programs a part of its time."""
    return min(len(os.sched_getaffinity(0)) + 1, MOST_JOBS)


def _make_room(junit_file: Path | None, record: Path | None, page: Path | None) -> None:
    """Find out before anything is played whether it can be written down."""
    try:
        if junit_file is not None:
            junit_file.touch()
        if record is not None:
            record.mkdir(mode=0o700, parents=True, exist_ok=True)
        if page is not None:
            page.touch(mode=0o600)
    except OSError as error:
        end_with(NOT_DONE, f"{error.filename}: cannot write: {error.strerror}")


def _document(runs: Sequence[Run], seconds: float, evidence: Mapping[str, Evidence]) -> dict[str, object]:
    netns = {scenario: each.as_json() for scenario, each in evidence.items()}
    return ({"netns": netns} if evidence else {}) | {
        "v": 1,
        "as_expected": all(each.as_expected for each in runs),
        "seconds": round(seconds, 3),
        "runs": [_summary(each) for each in runs],
    }


def _summary(run: Run) -> dict[str, object]:
    return {
        "scenario": run.scenario,
        "title": run.title,
        "as_expected": run.as_expected,
        "seconds": run.seconds,
        "checks": len(run.checks),
        "unmet": [
            {
                "place": check.place,
                "observer": check.observer,
                "what": check.what,
                "expected": check.expected,
                "was": check.was,
            }
            for check in run.unmet
        ],
        "failure": run.failure,
    }


def _exit_code(runs: Sequence[Run], evidence: Mapping[str, Evidence]) -> int:
    if any(run.failure for run in runs):
        return NOT_DONE
    holds = all(each.holds for each in evidence.values())
    return FINE if holds and all(run.as_expected for run in runs) else DIFFERENT
