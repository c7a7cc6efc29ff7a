"""`dtr test`: hold a rule set against what its authors expect of it."""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dtr_rules import coverage_view, junit, outcomes_view
from dtr_rules.analysis import Budget, covering, prepare
from dtr_rules.characters import printable
from dtr_rules.commands.speaking import FINDINGS, UNUSABLE, JsonOption, complain, print_json
from dtr_rules.coverage import CanDecide, Coverage, cover, percent
from dtr_rules.explain import explain
from dtr_rules.formats import read_any
from dtr_rules.index import Index
from dtr_rules.model import RuleSet
from dtr_rules.outcomes import Outcome, SuiteOutcome, run
from dtr_rules.suites import Suite, Suites, read_suites
from dtr_rules.terminal import styled
from dtr_rules.watching import watch

NOT_DONE = 3
_LOOK_AGAIN = 0.3  # seconds between two looks at the files


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the options ask for."""

    named: str
    coverage: bool
    fail_under: float | None
    junit: Path | None
    as_json: bool
    every: bool
    watched: bool


@dataclass(frozen=True, slots=True)
class _Report:
    """One run of everything."""

    suites: Suites
    ran: tuple[SuiteOutcome, ...]
    coverages: tuple[Coverage, ...]

    @property
    def failed(self) -> int:
        return sum(len(each.failures) for each in self.ran)

    @property
    def passed(self) -> int:
        return sum(len(each.outcomes) for each in self.ran) - self.failed

    @property
    def decided(self) -> int:
        return sum(each.decided for each in self.coverages)

    @property
    def total(self) -> int:
        return sum(each.total for each in self.coverages)


def run_tests(
    context: typer.Context,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR",
            help="Rule set files, *.test.yaml files, and directories of both.",
            show_default=False,
        ),
    ],
    *,
    named: Annotated[
        str, typer.Option("-k", "--named", metavar="TEXT", help="Only tests whose name contains TEXT.")
    ] = "",
    every: Annotated[bool, typer.Option("-v", "--verbose", help="Name the tests that pass, too.")] = False,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Say for every rule and destination whether it decided a test, or why not."),
    ] = False,
    fail_under: Annotated[
        float | None,
        typer.Option(min=0, max=100, metavar="PERCENT", help="Fail where fewer rules and destinations decided a test."),
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write a JUnit XML report.", dir_okay=False)
    ] = None,
    watched: Annotated[bool, typer.Option("--watch", help="Run again whenever a file changes, until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the tests of rule sets: what stands under `tests` in the file, and in *.test.yaml files.

    A rule set file brings NAME.test.yaml and NAME.*.test.yaml beside it; a *.test.yaml file names its rule set. A
    failing test shows the whole explanation of its flow. With --watch, --json prints one document a line.

    Exit codes: 0 all tests pass; 1 a test fails, or the coverage is under the limit; 2 a file cannot be used, or there
    are no tests; 3 the report cannot be written; 130 --watch was ended by Ctrl-C.
    """
    wish = _Wish(named, coverage or fail_under is not None, fail_under, junit_file, as_json, every, watched)
    read = functools.partial(read_suites, paths, read_any)
    if not watched:
        raise typer.Exit(_run(read(), wish, context.obj))
    try:
        watch(paths, read=read, run=_again(wish, context.obj, _local_time), wait=lambda: time.sleep(_LOOK_AGAIN))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _local_time() -> datetime:
    return datetime.now().astimezone()


def _again(wish: _Wish, out: Console, clock: Callable[[], datetime]) -> Callable[[Suites, frozenset[Path]], None]:
    def again(suites: Suites, changed: frozenset[Path]) -> None:
        if not wish.as_json and changed:
            names = ", ".join(sorted(map(str, changed)))
            out.print()
            out.print(styled(f"{clock():%H:%M:%S} changed: {names}", "dim"), soft_wrap=True)
        _run(suites, wish, out)

    return again


def _run(suites: Suites, wish: _Wish, out: Console) -> int:
    """Run the tests, say what came of them, and return the exit code."""
    started, start = datetime.now(UTC), time.perf_counter()
    ran = () if suites.mistakes else tuple(_run_suite(each, wish) for each in suites.suites)
    coverages = tuple(cover(each, _can_decide(each.suite.file.rule_set)) for each in ran if wish.coverage)
    report = _Report(suites, ran, coverages)
    seconds = time.perf_counter() - start
    _show(report, wish, out)
    code = _judge(report, wish)
    if wish.junit is not None:
        document = junit.document(ran, suites.mistakes, started=started, seconds=seconds)
        code = code if _write(wish.junit, document) else NOT_DONE
    return code


def _run_suite(suite: Suite, wish: _Wish) -> SuiteOutcome:
    return run(suite, Index(suite.file.rule_set).decide, named=wish.named)


def _can_decide(rule_set: RuleSet) -> CanDecide:
    """The analysis of `rule_set`, with one budget for all its questions."""
    regions, budget = prepare(rule_set), Budget()
    return lambda rule, destination: covering(regions, rule, destination, budget)


# --- what is said ------------------------------------------------------------------------------------------------


def _show(report: _Report, wish: _Wish, out: Console) -> None:
    complain(report.suites.mistakes)
    if wish.as_json:
        document = _as_json(report, wish)
        if wish.watched:
            typer.echo(json.dumps(document))
        else:
            print_json(document)
        return
    for each in report.ran:
        outcomes_view.show(each, out, every=wish.every)
    for ran, coverage in zip(report.ran, report.coverages, strict=False):
        out.print()
        coverage_view.show(coverage, str(ran.suite.path), out)
    if len(report.ran) > 1:
        out.print(styled(f"{len(report.ran)} rule sets: {outcomes_view.counts(report.passed, report.failed)}", "bold"))


def _judge(report: _Report, wish: _Wish) -> int:
    """The exit code, with what the tests themselves do not show on stderr."""
    if report.suites.mistakes:
        return UNUSABLE
    if not report.passed + report.failed:
        missing = f"no test has '{wish.named}' in its name" if wish.named else "there are no tests in what was named"
        typer.echo(f"dtr test: {printable(missing)}", err=True)
        return UNUSABLE
    low = wish.fail_under is not None and not report.decided * 100 >= wish.fail_under * report.total
    if low:
        share = percent(report.decided, report.total)
        typer.echo(f"dtr test: the coverage is {share}%, under {wish.fail_under:g}%", err=True)
    return FINDINGS if low or report.failed else 0


def _as_json(report: _Report, wish: _Wish) -> dict[str, object]:
    coverages = report.coverages or (None,) * len(report.ran)
    whole = coverage_view.share_as_json(report.decided, report.total)
    return {
        "v": 1,
        "passed": report.passed,
        "failed": report.failed,
        "rule_sets": [_suite_as_json(*each) for each in zip(report.ran, coverages, strict=True)],
        "coverage": {**whole, "fail_under": wish.fail_under} if wish.coverage else None,
        "mistakes": [
            {"file": each.place.file, "line": each.place.line, "column": each.place.column, "message": each.message}
            for each in report.suites.mistakes
        ],
    }


def _suite_as_json(ran: SuiteOutcome, coverage: Coverage | None) -> dict[str, object]:
    rule_set = ran.suite.file.rule_set
    return {
        "file": str(ran.suite.path),
        "name": rule_set.name,
        "digest": rule_set.digest,
        "passed": len(ran.outcomes) - len(ran.failures),
        "failed": len(ran.failures),
        "tests": [_outcome_as_json(rule_set, each) for each in ran.outcomes],
        "coverage": None if coverage is None else coverage_view.as_json(coverage, ran.suite.file),
    }


def _outcome_as_json(rule_set: RuleSet, outcome: Outcome) -> dict[str, object]:
    explanation = None if outcome.passed else explain(rule_set, outcome.test.flow).as_json()
    return {**outcome.as_json(), "explanation": explanation}


def _write(path: Path, document: bytes) -> bool:
    """Write the report; nobody else may read it, for it names apps and hosts."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            os.fchmod(stream.fileno(), 0o600)  # a file that was there keeps its mode otherwise
            stream.write(document)
    except OSError as error:
        typer.echo(f"dtr test: cannot write {printable(str(path))}: {error.strerror}", err=True)
        return False
    return True
