"""One reading of the file, which goes on after a mistake so that all of them are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dtr_rules import credentials, source
from dtr_rules.credentials import CredentialError, Secret

NO_SECRET: Final = Secret("")
"""Stands where a secret could not be read; the mistake is noted, so that nobody ever uses it."""


@dataclass(slots=True)
class Reading:
    """What the sections need to know of the file and its surroundings, and the mistakes they found."""

    file: source.Source[Any]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    mistakes: list[source.Mistake] = field(default_factory=list)

    def add(self, message: str, *path: str | int) -> None:
        """Note a mistake at `path`, or at the nearest thing around it that the file does hold."""
        self.mistakes.append(self.file.mistake(message, *path))

    def need(self, entry: source.Model, names: Sequence[str], path: source.KeyPath) -> None:
        """Note every one of the entry's fields `names` that the file leaves out."""
        for name in names:
            if getattr(entry, name) is None:
                self.add(f"'{key(name)}' is missing", *path)

    def secret(self, name: str, file: str | None, variable: str | None, path: source.KeyPath) -> Secret:
        """The secret of the keys `NAME-file` and `NAME-env`, exactly one of which must be there."""
        if (file is None) == (variable is None):
            self.add(f"write either '{name}-file' or '{name}-env'", *path)
            return NO_SECRET
        try:
            if file is not None:
                return credentials.from_file(self.directory / file)
            return credentials.from_environment(variable or "", self.environment)
        except CredentialError as error:
            self.add(str(error), *path, f"{name}-{'env' if file is None else 'file'}")
            return NO_SECRET


def key(name: str) -> str:
    """A field's name as the file writes it."""
    return name.replace("_", "-")
