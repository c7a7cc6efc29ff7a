"""The page of attacks names tests that are there, and reasons that are the gateway's."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tunnel_gateway.reasons import Reason

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "attacks.md").read_text()
ROWS = [row.strip("|").split("|") for row in PAGE.splitlines() if row.startswith("| ") and "| --- |" not in row]
NO_REASONS = {"code", "status", "max-age"}


def test_every_row_names_a_test_that_is_there() -> None:
    named = [test for row in ROWS for test in re.findall(r"`([\w/]+\.py)::(\w+)`", row[-1])]
    assert len(named) >= 50
    missing = [f"{file}::{name}" for file, name in named if name not in _functions(HERE / file)]
    assert missing == []
    assert [row for row in ROWS if "::" not in row[-1] and row[-1].strip() != "test"] == []


def _functions(path: Path) -> set[str]:
    return {each.name for each in ast.parse(path.read_text()).body if isinstance(each, ast.FunctionDef)}


def test_every_reason_is_one_of_the_gateways() -> None:
    words = {word for row in ROWS for word in re.findall(r"`([a-z][a-z-]+)`", row[1])} - NO_REASONS
    assert words - set(Reason) == set()
