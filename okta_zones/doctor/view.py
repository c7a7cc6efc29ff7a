"""What doctor found, as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from okta_zones.diff import printable
from okta_zones.doctor.ability import Ability, Able
from okta_zones.doctor.check import Check, Level
from okta_zones.doctor.examination import Examination
from okta_zones.errors import RefusedError

_STYLES: Final = {Level.OK: "green", Level.NOTE: "yellow", Level.PROBLEM: "red"}
_VERBS: Final = {Able.YES: ("can", "green"), Able.UNKNOWN: ("may", "yellow"), Able.NO: ("cannot", "red")}
_WIDTH: Final = 8


def lines(examinations: Sequence[Examination]) -> Iterator[Text]:
    """All targets, one after the other."""
    for number, each in enumerate(examinations):
        if number:
            yield Text()
        yield from _target(each)


def _target(found: Examination) -> Iterator[Text]:
    yield Text(printable(f"{found.name}: {found.title}, by {found.credential}"), style="bold")
    for check in found.checks:
        yield from _check(check)
    if found.failure is not None:
        reason = f"{found.failure.reason}: " if isinstance(found.failure, RefusedError) else ""
        yield _line("problem", f"{reason}{found.failure}", "red")
    by_role = not _scopes(found)
    for able, (word, style) in _VERBS.items():
        yield from _verbs(word, [ability for ability in found.abilities if ability.able is able], style, by_role)
    yield _line("grant", "; ".join(filter(None, [", ".join(_scopes(found)), *_roles(found)])), "dim")


def _check(check: Check) -> Iterator[Text]:
    yield _line(check.level.value, check.text, _STYLES[check.level])
    if check.fix is not None and check.level is not Level.OK:
        yield _line("", f"fix: {check.fix}", "dim")


def _verbs(word: str, found: Sequence[Ability], style: str, by_role: bool) -> Iterator[Text]:
    """Verbs that lack the same stand in one line. `by_role`: not scopes decide, but a token owner's role."""
    groups: dict[str, list[str]] = {}
    for ability in found:
        groups.setdefault(_lacking_role(ability) if by_role else _lacking(ability), []).append(ability.verb.value)
    for lacking, verbs in groups.items():
        yield _line(word, ", ".join(verbs) + lacking, style)


def _lacking(ability: Ability) -> str:
    if ability.missing:
        return f": {', '.join(ability.missing)} is missing"
    if ability.unknown:
        return f", if {', '.join(ability.unknown)} is granted"
    return f", without {', '.join(ability.without)}" if ability.without else ""


def _lacking_role(ability: Ability) -> str:
    if ability.missing:
        return ": the role of the token's owner does not allow it"
    return ", if the role of the token's owner allows it" if ability.unknown else ""


def _scopes(found: Examination) -> list[str]:
    return [each for each in found.grant if ":" not in each]


def _roles(found: Examination) -> list[str]:
    return [each for each in found.grant if ":" in each]


def _line(word: str, text: str, style: str) -> Text:
    return Text(f"  {word:<{_WIDTH}}{printable(text)}", style=style)
