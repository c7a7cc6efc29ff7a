"""`dtr lint`: what a correct rule set nevertheless gets wrong."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dtr_rules.catalogue.login_hosts import LoginHosts, PathClass, built_in_login_hosts, read_login_hosts
from dtr_rules.catalogue.providers import IdentityProvider, ProviderError, parse_provider
from dtr_rules.characters import printable
from dtr_rules.commands.speaking import FINDINGS, UNUSABLE, JsonOption, complain, print_json, read_or_exit
from dtr_rules.lint.check import Subject
from dtr_rules.lint.document import as_json as report_as_json
from dtr_rules.lint.github import workflow_commands
from dtr_rules.lint.run import Report
from dtr_rules.lint.run import lint as run_lint
from dtr_rules.lint.sarif import as_sarif
from dtr_rules.lint.view import show
from dtr_rules.source import UnusableFileError


class Hosts(StrEnum):
    """Which classes of login hosts have to go through the tunnel."""

    JUDGED = "judged"
    STRICT_CAE = "strict-cae"
    NEVER = "never"
    ALL = "all"


def _providers(texts: list[str]) -> tuple[IdentityProvider, ...]:
    try:
        return tuple(dict.fromkeys(map(parse_provider, texts)))
    except ProviderError as error:
        raise typer.BadParameter(f"{printable(str(error))}.", param_hint="'--idp'") from error


def _paths(hosts: Hosts) -> frozenset[PathClass]:
    if hosts is Hosts.ALL:
        return frozenset(PathClass)
    return frozenset({PathClass.JUDGED, PathClass(hosts.value)})


def day(text: str | None) -> dt.date:
    """The day that an option names; today where it is left out."""
    if text is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{printable(text)!r} is not a day; write 2027-03-31.", param_hint="'--on'") from None


def login_hosts_or_exit(file: Path | None) -> LoginHosts:
    """The catalogue in `file`, or the one that comes with the program; mistakes and exit code 2."""
    try:
        return built_in_login_hosts() if file is None else read_login_hosts(file)
    except UnusableFileError as error:
        complain(error.mistakes)
        raise typer.Exit(UNUSABLE) from None


def lint(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The rule set file.", show_default=False)],
    *,
    idp: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROVIDER",
            help="An identity provider whose logins have to go through the tunnel: okta:acme.okta.com, "
            "okta-custom:login.acme.example or entra. May be repeated.",
            show_default=False,
        ),
    ] = None,
    hosts: Annotated[
        Hosts,
        typer.Option(
            help="Login hosts that have to go through the tunnel: those where the address is judged; also those that "
            "matter under strict location enforcement; also those that are never needed; all."
        ),
    ] = Hosts.JUDGED,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A catalogue of login hosts that dtr hosts wrote.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="Judge silences as of this day (2027-03-31); today if left out.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Notes and what is not decided count, too.")] = False,
    show_silenced: Annotated[bool, typer.Option("--show-silenced", help="Show what the file silences, too.")] = False,
    as_json: JsonOption = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="SARIF 2.1.0 on stdout, for code scanning.")] = False,
    github: Annotated[bool, typer.Option("--github", help="GitHub annotations on stdout.")] = False,
) -> None:
    """Find what a correct rule set nevertheless gets wrong; docs/lint.md says what each finding means.

    Exit codes: 0 nothing, or notes only; 1 errors or warnings (with --strict also notes and what is not decided);
    2 the file or an option cannot be used.
    """
    if sum((as_json, sarif, github)) > 1:
        raise typer.BadParameter("give one of them.", param_hint="'--json', '--sarif', '--github'")
    today, providers = day(on), _providers(idp or [])
    login_hosts = login_hosts_or_exit(catalogue)
    report = run_lint(Subject(read_or_exit(file), today, providers, login_hosts, _paths(hosts)))
    if as_json:
        print_json(report_as_json(report))
    elif sarif:
        print_json(as_sarif(report, _version()))
    elif github:
        _print_annotations(report)
    else:
        show(report, context.obj, with_silenced=show_silenced)
    if report.fails(strict=strict):
        raise typer.Exit(FINDINGS)


def _print_annotations(report: Report) -> None:
    for line in workflow_commands(report):
        typer.echo(printable(line))


def _version() -> str:
    try:
        return importlib.metadata.version("tunnel-gateway")
    except importlib.metadata.PackageNotFoundError:
        return "0.0.0"
