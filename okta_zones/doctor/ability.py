"""What each verb could do with what was granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from okta_zones.needs import Needs, Verb

Known = Callable[[str], bool | None]
"""Whether a scope or permission was granted; None where that is not known."""


class Able(StrEnum):
    """Whether a verb can run."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ability:
    """One verb: what keeps it from running, what nobody knows of, and what it would do without."""

    verb: Verb
    able: Able
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    without: tuple[str, ...]


def abilities(table: Mapping[Verb, Needs], known: Known) -> tuple[Ability, ...]:
    """Every verb of the table, by what is known to be granted."""
    return tuple(_ability(verb, needs, known) for verb, needs in table.items())


def smallest_grant(table: Mapping[Verb, Needs], verbs: Iterable[Verb]) -> tuple[str, ...]:
    """What these verbs cannot do without, in the order of the table."""
    wanted = set(verbs)
    return tuple(
        dict.fromkeys(name for verb, needs in table.items() if verb in wanted for name in needs.required),
    )


def _ability(verb: Verb, needs: Needs, known: Known) -> Ability:
    missing = tuple(name for name in needs.required if known(name) is False)
    unknown = tuple(name for name in needs.required if known(name) is None)
    able = Able.NO if missing else Able.UNKNOWN if unknown else Able.YES
    without = tuple(name for name in needs.useful if known(name) is False)
    return Ability(verb, able, missing, unknown, without)
