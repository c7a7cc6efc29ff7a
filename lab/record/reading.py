"""The record's JSON form: one object, every field by its name, times in ISO 8601 with their zone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pydantic

from dtr_rules.source import Mistake, Place, UnusableFileError, read_text
from lab.record.run import Run

_RUN: Final = pydantic.TypeAdapter(Run)


def run_to_json(run: Run) -> str:
    """The record as a JSON text. Everything outside ASCII is kept, control characters are escaped."""
    return _RUN.dump_json(run, indent=1).decode() + "\n"


def run_from_json(text: str, file: str) -> Run:
    """The record in `text`; `file` is the name to show. Raises UnusableFileError."""
    try:
        return _RUN.validate_json(text)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, found["loc"])) or "the file"
        mistake = Mistake(Place(file, 1, 1), f"not a record of a run, version 1: {where}: {found['msg']}")
        raise UnusableFileError([mistake]) from None


def read_run(path: Path) -> Run:
    """The record in the file at `path`. Raises UnusableFileError."""
    return run_from_json(read_text(path), str(path))
