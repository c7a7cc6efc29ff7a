"""`dtr hosts`: the catalogue of login hosts, and how to bring it up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dtr_rules.catalogue.login_hosts import LoginHost, LoginHosts, PathClass, ProviderKind, read_login_hosts
from dtr_rules.catalogue.refresh import Refreshed, read_endpoints, refreshed
from dtr_rules.catalogue.writing import write
from dtr_rules.commands.lint import day, login_hosts_or_exit
from dtr_rules.commands.speaking import UNUSABLE, JsonOption, complain, print_json
from dtr_rules.mistakes import Mistake, Place
from dtr_rules.model import Platform
from dtr_rules.source import UnusableFileError
from dtr_rules.terminal import styled

_WORDS = {
    PathClass.JUDGED: "the address is judged here",
    PathClass.STRICT_CAE: "same path only under strict location enforcement",
    PathClass.NEVER: "never needed",
}


def hosts(
    context: typer.Context,
    *,
    provider: Annotated[
        ProviderKind | None, typer.Option(help="Only the hosts of this kind of provider.", show_default=False)
    ] = None,
    path: Annotated[
        PathClass | None, typer.Option("--class", help="Only the hosts of this class.", show_default=False)
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another catalogue than the one that comes with the program.")
    ] = None,
    refresh: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Bring the catalogue up to date from this file, downloaded from Microsoft's endpoints service "
            "(https://endpoints.office.com/endpoints/worldwide).",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--write", metavar="FILE", help="Where --refresh writes the catalogue.")
    ] = Path("login-hosts.yaml"),
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day to date the catalogue; today if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the catalogue of login hosts, each with its class, its source and how sure it is; or refresh it.

    Nothing is downloaded: --refresh reads a file and writes a catalogue for `dtr lint --catalogue`.

    Exit codes: 0 shown or written; 2 a file or an option cannot be used.
    """
    known = login_hosts_or_exit(catalogue)
    if refresh is not None:
        _refresh(context.obj, known, refresh, output, on, as_json=as_json)
        return
    chosen = [each for each in known.hosts if provider in (None, each.provider) and path in (None, each.path)]
    if as_json:
        print_json(_as_json(known, chosen))
    else:
        _show(context.obj, known, chosen)


def _refresh(console: Console, known: LoginHosts, file: Path, output: Path, on: str | None, *, as_json: bool) -> None:
    today = day(on)
    try:
        done = refreshed(known, read_endpoints(file), today)
        if output.exists():
            read_login_hosts(output)  # only a catalogue is written over
        write(done.catalogue, output)
    except UnusableFileError as error:
        complain(error.mistakes)
        raise typer.Exit(UNUSABLE) from None
    except OSError as error:
        complain([Mistake(Place(str(output), 1, 1), f"cannot write this file: {error.strerror}")])
        raise typer.Exit(UNUSABLE) from None
    if as_json:
        print_json(_refreshed_as_json(done, output))
        return
    console.print(styled(f"{output}: {len(done.catalogue.hosts)} hosts, dated {done.catalogue.date}"), soft_wrap=True)
    for sign, names in (("new", done.added), ("gone", done.gone)):
        for name in names:
            console.print(styled(f"  {sign:4} {name}"))
    console.print(styled(f"  {done.kept} kept as they were", "dim"))


def _show(console: Console, known: LoginHosts, chosen: list[LoginHost]) -> None:
    for path in PathClass:
        here = [each for each in chosen if each.path is path]
        if here:
            console.print(styled(f"{path}: {_WORDS[path]}", "bold"))
            console.print(_table(here))
            console.print()
    console.print(styled(f"{len(chosen)} hosts; catalogue of {known.date}", "dim"))


def _table(entries: list[LoginHost]) -> Table:
    """Two lines for each host: what it is, and where that is from."""
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for each in entries:
        what = f"{each.provider}: {', '.join(each.endpoints)}; {each.sure}"
        if each.platforms != tuple(Platform):
            what += f"; {' and '.join(each.platforms)} only"
        table.add_row(styled(each.host), styled(what))
        table.add_row("", styled(each.source, "dim"))
    return table


def _as_json(known: LoginHosts, chosen: list[LoginHost]) -> dict[str, object]:
    return {
        "v": 1,
        "date": known.date.isoformat(),
        "hosts": [each.model_dump(mode="json") for each in chosen],
        "networks": [
            {"network": str(each.network), "provider": each.provider, "sure": each.sure, "source": each.source}
            for each in known.networks
        ],
    }


def _refreshed_as_json(done: Refreshed, output: Path) -> dict[str, object]:
    return {
        "v": 1,
        "file": str(output),
        "date": done.catalogue.date.isoformat(),
        "hosts": len(done.catalogue.hosts),
        "added": list(done.added),
        "gone": list(done.gone),
        "kept": done.kept,
    }
