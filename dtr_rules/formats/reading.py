"""Read a rule set file in any of the formats, told apart by what it holds, not by its name."""

from __future__ import annotations

from pathlib import Path

from dtr_rules.formats.uem import is_uem, parse_uem
from dtr_rules.formats.yaml import RuleSetFile, parse_rule_set
from dtr_rules.source import read_text


def read_any(path: Path) -> RuleSetFile:
    """Read the rule set file at `path`: our YAML or the UEM's JSON. Raises UnusableFileError with every mistake."""
    return parse_any(read_text(path), str(path))


def parse_any(text: str, file: str) -> RuleSetFile:
    """Read `text` as a rule set file of either format; `file` is the name to show. Raises UnusableFileError."""
    return parse_uem(text, file) if is_uem(text) else parse_rule_set(text, file)
