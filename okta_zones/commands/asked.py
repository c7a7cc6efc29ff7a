"""What `plan` and `apply` are asked alike: more addresses, what is to be removed, which dangers are accepted."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from okta_zones import config
from okta_zones.addresses import AddressError, AddressSet, parse_addresses, union
from okta_zones.config import Settings
from okta_zones.config.safety import NAMES, read_danger
from okta_zones.controller import Run, Tell, order_of, plan_all
from okta_zones.echoes import ask_service, confirm
from okta_zones.errors import Refusal
from okta_zones.journal import Journal
from okta_zones.needs import Verb
from okta_zones.opening import Opened, opened, sources_of
from okta_zones.sources.survey import ask


def _address(text: str) -> AddressSet:
    try:
        return parse_addresses(text)
    except AddressError as error:
        raise typer.BadParameter(str(error)) from None


def _danger(text: str) -> Refusal:
    try:
        return read_danger(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Addresses = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|-", help="More addresses in use: plain lines, JSON, or what 'terraform output -json' prints."
    ),
]
TerraformOutput = Annotated[
    str | None, typer.Option(metavar="NAME", help="The only output of Terraform in --addresses that counts.")
]
Remove = Annotated[
    list[AddressSet] | None,
    typer.Option(parser=_address, metavar="ADDRESS", help="Remove this address of ours. Can be given more than once."),
]
Accept = Annotated[
    list[Refusal] | None,
    typer.Option(parser=_danger, metavar="DANGER", help=f"Accept this danger for one run: {', '.join(NAMES)}."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for beside the configuration."""

    addresses: str | None
    output: str | None
    remove: AddressSet
    accepted: frozenset[Refusal]


def asked(
    addresses: str | None, output: str | None, remove: Sequence[AddressSet] | None, accept: Sequence[Refusal] | None
) -> Asked:
    return Asked(addresses, output, union(remove or ()), frozenset(accept or ()))


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a verb works with, open."""

    settings: Settings
    journal: Journal
    targets: tuple[Opened, ...]


@contextlib.contextmanager
def desk(config_path: Path, verb: Verb, accepted: frozenset[Refusal] = frozenset()) -> Iterator[Desk]:
    """The configuration read, the journal and the targets open for `verb`; `accepted` beside what the file accepts.

    Raises UnusableFileError, CredentialError and JournalError.
    """
    settings = config.load(config_path, os.environ)
    with (
        Journal.opened(settings.journal, lambda: datetime.fromtimestamp(time.time(), UTC)) as journal,
        opened(settings, verb, accepted=accepted) as targets,
    ):
        yield Desk(settings, journal, targets)


def planned(on: Desk, what: Asked, tell: Tell) -> Run:
    """Ask the sources and plan for every target. Raises FarEndError and RefusedError."""
    sources = sources_of(on.settings, on.targets, addresses=what.addresses, output=what.output)
    survey = ask(sources, on.journal, tell)
    order = order_of(survey, what.remove, on.settings.owned)
    order = replace(order, frozen=(*order.frozen, *on.journal.orders.freeze()))
    accepted = on.settings.accepted | what.accepted
    run = plan_all(order, survey, on.targets, accepted=accepted, journal=on.journal, tell=tell)
    services = on.settings.sources.echo_services
    if not services:
        return run
    tell("asking what-is-my-IP services from each egress address")
    return replace(run, confirmations=tuple(confirm(order.add, services, ask_service)))
