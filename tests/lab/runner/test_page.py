"""docs/scenarios.md names every key of the format, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from lab.runner.expectations.expect import Expect
from lab.runner.format import Step
from lab.runner.world_settings import WorldSettings

PAGE = (Path(__file__).parents[3] / "docs" / "scenarios.md").read_text()


def table(heading: str) -> list[str]:
    section = PAGE.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def keys(model: type) -> set[str]:
    return {info.alias or name for name, info in model.model_fields.items()}  # type: ignore[attr-defined]


def first_cells(heading: str) -> str:
    return " ".join(line.split("|")[1] for line in table(heading))


def test_every_verb_is_there() -> None:
    assert set(re.findall(r"`([a-z0-9-]+): ", first_cells("Steps"))) == keys(Step) - {"expect"}


def test_every_key_of_the_world_is_there() -> None:
    assert set(re.findall(r"`([a-z-]+)`", first_cells("The world"))) == keys(WorldSettings)


def test_every_observer_is_there_with_its_keys() -> None:
    found: dict[str, set[str]] = {}
    for line in table("Expectations"):
        names, _, said = line.strip("| ").split(" | ", 2)
        for name in re.findall(r"`([a-z]+)`", names):
            found[name] = set(re.findall(r"`([a-z-]+)`", said))
    assert found.keys() == keys(Expect)
    for name, info in Expect.model_fields.items():
        (model,) = [each for each in get_args(info.annotation) if each is not type(None)]
        assert keys(model) <= found[name], name
