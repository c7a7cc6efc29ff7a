"""Which scenarios a person means: the lab's own by name, `all` of them, or a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from dtr_rules import UnusableFileError
from dtr_rules.mistakes import Mistake, suggestion
from lab.runner.reading import SCENARIOS, Scenario, read_scenario

ALL: Final = "all"
SUFFIX: Final = ".yaml"


class ScenarioUnknownError(LookupError):
    """The lab has no scenario of that name."""


def own_scenarios() -> dict[str, Path]:
    """The lab's own by name, in the order of the names."""
    return dict(sorted((path.stem, path) for path in SCENARIOS.glob(f"*{SUFFIX}")))


def chosen(words: Sequence[str]) -> list[Path]:
    """The files that `words` name, each once. Raises ScenarioUnknownError."""
    own = own_scenarios()
    found: list[Path] = []
    for word in words:
        if word == ALL:
            found += own.values()
        elif word.endswith(SUFFIX) or os.sep in word:
            found.append(Path(word))
        elif word in own:
            found.append(own[word])
        else:
            near = suggestion(word, [*own, ALL])
            raise ScenarioUnknownError(f"no scenario '{word}'{near}; 'tunnel-lab list' shows those that there are")
    return list(dict.fromkeys(map(_short, found)))


def read_all(paths: Iterable[Path], reworded: Callable[[str], str] = str) -> list[Scenario]:
    """The scenarios in these files, their texts `reworded` first.

    Raises UnusableFileError with the mistakes of all of them.
    """
    found: list[Scenario] = []
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            found.append(read_scenario(path, reworded))
        except UnusableFileError as error:
            mistakes += error.mistakes
    if mistakes:
        raise UnusableFileError(mistakes)
    return found


def _short(path: Path) -> Path:
    """As a person would write it, where it lies below the directory that they stand in."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
