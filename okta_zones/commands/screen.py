"""What all verbs show in the same way: results, complaints, waits, documents for programs, exit codes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import stamina.instrumentation
import typer
from rich.console import Console
from rich.text import Text
from stamina.instrumentation import RetryDetails

from dtr_rules.credentials import CredentialError
from dtr_rules.source import UnusableFileError
from okta_zones import document
from okta_zones.commands.exit_codes import FINE, INTERRUPTED, NOT_DONE, REFUSED, UNUSABLE
from okta_zones.controller import Failure, Tell
from okta_zones.diff import printable
from okta_zones.errors import FarEndError, RefusedError, UnusableInputError
from okta_zones.exchange.throttle import set_on_hold_hooks
from okta_zones.journal import JournalError

LONG_WAIT: Final = 5  # seconds

ConfigPath = Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration (okta-zones.yaml).")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a verb writes: results to stdout, everything else to stderr."""

    out: Console
    err: Console

    def complain(self, text: str) -> None:
        for line in text.splitlines():
            self.err.print(Text(printable(line)), soft_wrap=True)

    def complain_of(self, failure: Failure) -> None:
        """The failure with its reason."""
        reason = f"{failure.reason}: " if isinstance(failure, RefusedError) else ""
        self.complain(f"{reason}{failure}")

    def tell_wait(self, seconds: float, words: str, tell: Tell) -> None:
        """Say why nothing happens; where nobody watches a terminal, only if it takes long."""
        if self.err.is_terminal:
            tell(words)
        elif seconds >= LONG_WAIT:
            self.complain(words)

    @contextlib.contextmanager
    def progress(self) -> Iterator[Tell]:
        """What is being done right now, on a terminal only; waits between attempts are told, too."""
        with self.err.status(Text("…")) as status:

            def tell(words: str) -> None:
                status.update(Text(printable(words)))

            def tell_retry(details: RetryDetails) -> None:
                words = f"waiting {details.wait_for:.0f} s, then trying again ({details.caused_by})"
                self.tell_wait(details.wait_for, words, tell)

            def tell_hold(seconds: float, why: str) -> None:
                self.tell_wait(seconds, f"waiting {seconds:.0f} s: {why}", tell)

            stamina.instrumentation.set_on_retry_hooks([tell_retry])
            set_on_hold_hooks([tell_hold])
            yield tell


def screen(*, no_color: bool) -> Screen:
    """The terminal, with colours unless they are not wanted."""
    return Screen(_console(no_color, stderr=False), _console(no_color, stderr=True))


def _console(no_color: bool, *, stderr: bool) -> Console:
    # None leaves the choice to NO_COLOR and the terminal. Names of others are never markup.
    return Console(no_color=no_color or None, stderr=stderr, markup=False, emoji=False, highlight=False)


def print_json(content: Mapping[str, Any]) -> None:
    """The one document on stdout."""
    typer.echo(json.dumps(content, indent=2))  # escapes everything outside ASCII, control characters among it


def exit_code(failure: Failure | None) -> int:
    """What a verb that ended so returns to its caller."""
    if failure is None:
        return FINE
    return REFUSED if isinstance(failure, RefusedError) else NOT_DONE


@contextlib.contextmanager
def failures(on: Screen, verb: str, *, as_json: bool, interrupted: str = "interrupted") -> Iterator[None]:
    """Say what keeps the verb from going on, and end with the exit code for it."""
    try:
        yield
    except (UnusableFileError, UnusableInputError, CredentialError, JournalError) as error:
        on.complain(str(error))
        raise typer.Exit(UNUSABLE) from None
    except (RefusedError, FarEndError) as failure:
        _show(on, verb, failure, as_json=as_json)
        raise typer.Exit(exit_code(failure)) from None
    except KeyboardInterrupt:
        on.complain(interrupted)
        raise typer.Exit(INTERRUPTED) from None


def _show(on: Screen, verb: str, failure: Failure, *, as_json: bool) -> None:
    on.complain_of(failure)
    if as_json:
        print_json(document.of_failure(verb, failure))
