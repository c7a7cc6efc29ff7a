"""Which app on which platform sent it: for captures that do not say so themselves.

    version: 1
    apps:
      - client: 192.168.1.20              # the device's address, network or range
        platform: ios
      - user-agent: "*Outlook-iOS*"       # of HTTP requests; * is any text
        to: ["*.office365.com", "acme.okta.com"]
        app: com.microsoft.Office.Outlook

An entry speaks of what fits all that it names. Platform and app each come from the first entry that fits and gives
one, else from the command line. What the capture itself says goes before both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, model_validator

from dtr_rules import source
from dtr_rules.destinations import AddressRange, Destination, parse_destination
from dtr_rules.formats.fields import AppId, NonEmpty, from_text
from dtr_rules.model import Platform
from dtr_rules.replay.visit import Visit

_MAX_AGENT: Final = 1000  # characters of a user agent that are looked at


def _addresses(text: str) -> AddressRange:
    destination = parse_destination(text)
    if not isinstance(destination.target, AddressRange) or destination.ports is not None:
        raise ValueError("must be an address, a network or a range of addresses, without a port")
    return destination.target


class AppEntry(source.Model):
    """Whom an entry speaks of, and what it says of them."""

    client: Annotated[AddressRange, from_text(_addresses)] | None = None
    user_agent: Annotated[str, Field(min_length=1, max_length=_MAX_AGENT)] | None = None
    to: Annotated[list[Annotated[Destination, from_text(parse_destination)]], NonEmpty] | None = None
    platform: Platform | None = None
    app: AppId | None = None

    @model_validator(mode="after")
    def _says_something(self) -> AppEntry:
        if self.platform is None and self.app is None:
            raise ValueError("says nothing; give it a platform, an app or both")
        return self


class AppsFile(source.Model):
    """A mapping file."""

    version: source.FormatVersion
    apps: list[AppEntry]


def _fits(entry: AppEntry, visit: Visit) -> bool:
    if entry.client is not None and (visit.client is None or visit.client not in entry.client):
        return False
    if entry.user_agent is not None and not is_like((visit.user_agent or "")[:_MAX_AGENT], entry.user_agent):
        return False
    return entry.to is None or any(each.matches(visit.host, visit.port, visit.address) for each in entry.to)


def is_like(text: str, pattern: str) -> bool:
    """Whether `text` is as `pattern` says, in which `*` is any text, nothing included. Letters compare exactly."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    for part in rest[:-1]:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])


class Apps:
    """Fills in what a visit does not say of its platform and app."""

    def __init__(
        self, platform: Platform | None = None, app: str | None = None, entries: tuple[AppEntry, ...] = ()
    ) -> None:
        self._platform = platform
        self._app = app
        self._entries = entries

    def fill_in(self, visit: Visit) -> None:
        for each in self._entries:
            if visit.platform is not None and visit.app is not None:
                return
            if _fits(each, visit):
                visit.platform = visit.platform or each.platform
                visit.app = visit.app or each.app
        visit.platform = visit.platform or self._platform
        visit.app = visit.app or self._app


def read_apps(path: Path) -> tuple[AppEntry, ...]:
    """The entries of a mapping file. Raises UnusableFileError with every mistake in it."""
    return tuple(source.read(path, AppsFile).content.apps)
