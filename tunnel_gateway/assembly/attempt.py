"""One attempt at putting a gateway together: a step that fails leaves its mistakes, and the next one goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dtr_rules.credentials import CredentialError
from dtr_rules.source import Mistake, Source, UnusableFileError
from tunnel_gateway.config import GatewayFile
from tunnel_gateway.state import StateError

T = TypeVar("T")


class Assembly:
    """One attempt: every step that fails leaves its mistakes here and the next one goes on."""

    def __init__(self, source: Source[GatewayFile], directory: Path) -> None:
        self.source = source
        self.directory = directory
        self.mistakes: list[Mistake] = []

    def path(self, named: Path) -> Path:
        return self.directory / named

    def attempt(self, step: Callable[[], T], *place: str | int) -> T | None:
        """The step's result; None, and a mistake at `place`, where it fails in a way that the operator can mend."""
        try:
            return step()
        except UnusableFileError as error:
            self.mistakes.extend(error.mistakes)
        except OSError as error:
            self.fail(f"cannot use {error.filename}: {error.strerror}", *place)
        except (ValueError, CredentialError, StateError) as error:
            self.fail(str(error), *place)
        return None

    def fail(self, message: str, *place: str | int) -> None:
        self.mistakes.append(self.source.mistake(message, *place))
