"""The whole kit of a configuration: its pieces, in the order in which they are pasted, and what stands in the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from dtr_rules import Platform
from dtr_rules.lint.check import Subject
from dtr_rules.lint.finding import Reported, Severity
from dtr_rules.lint.run import lint
from lab.kit.app_configuration import MOBILE, macos_piece, mobile_piece
from lab.kit.checklist import Step, steps
from lab.kit.configuration import Configuration
from lab.kit.entra_gate import conditional_access_piece, location_piece
from lab.kit.okta_gate import policy_piece, zone_piece
from lab.kit.piece import Piece
from lab.kit.placeholders import MANAGEMENT_HINT
from lab.kit.sso_extension import APPLE, extension_piece
from lab.kit.traffic_rules import traffic_rules_piece
from lab.kit.windows_install import windows_piece


@dataclass(frozen=True, slots=True)
class Kit:
    """What to paste. `findings`: what `dtr lint` says of the rules, notes left out."""

    pieces: tuple[Piece, ...]
    checklist: tuple[Step, ...]
    left_out: tuple[str, ...]
    findings: tuple[Reported, ...]

    def only(self, ids: Collection[str]) -> Kit:
        """The same with these pieces alone, and the steps that need them."""
        kept = tuple(step for step in self.checklist if set(step.pieces) & set(ids))
        return replace(self, pieces=tuple(piece for piece in self.pieces if piece.id in ids), checklist=kept)


def make(configuration: Configuration, *, hint: str = MANAGEMENT_HINT, today: dt.date) -> Kit:
    """The kit. `hint` is the secret where it is to be written down; `today` the day on which silences are judged."""
    pieces = tuple(_pieces(configuration, hint))
    return Kit(
        pieces=pieces,
        checklist=steps(configuration, [piece.id for piece in pieces]),
        left_out=tuple(_left_out(configuration)),
        findings=tuple(_findings(configuration, today)),
    )


def _pieces(configuration: Configuration, hint: str) -> Iterator[Piece]:
    yield from _for_devices(configuration, hint)
    yield from map(traffic_rules_piece, configuration.rule_sets)
    zone, location, addresses = configuration.zone, configuration.location, configuration.addresses
    if zone is None or addresses is None:
        return
    yield zone_piece(zone, addresses)
    if location is not None:
        yield location_piece(location, addresses)
    yield policy_piece(configuration, zone)
    if location is not None:
        yield conditional_access_piece(configuration, location)


def _for_devices(configuration: Configuration, hint: str) -> Iterator[Piece]:
    platforms = configuration.platforms
    yield from (mobile_piece(configuration, each, hint) for each in MOBILE if each in platforms)
    yield from (extension_piece(configuration, each, hint) for each in APPLE if each in platforms)
    if Platform.MACOS in platforms:
        yield macos_piece(configuration)
    if Platform.WINDOWS in platforms:
        yield windows_piece(configuration)


def _left_out(configuration: Configuration) -> Iterator[str]:
    if not configuration.rule_sets:
        yield "device traffic rules: the configuration names no 'rules'"
    if configuration.zone is None:
        yield "network zone and policies: the configuration names no 'zones'"
    elif configuration.location is None:
        yield "Entra: okta-zones.yaml has no target of kind entra"


def _findings(configuration: Configuration, today: dt.date) -> Iterator[Reported]:
    for rule_set in configuration.rule_sets:
        report = lint(Subject(rule_set, today, configuration.providers))
        yield from (each for each in report.findings if each.severity is not Severity.NOTE)
