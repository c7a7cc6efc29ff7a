"""Bring the catalogue of login hosts up to date from a file of Microsoft's endpoints service.

The file is what `https://endpoints.office.com/endpoints/worldwide` answers: a JSON list of endpoint sets, each with
`id`, `urls` and `ips`. Sets 56 and 59 are the hosts and addresses of Entra's sign-in. What a person has written down
about a host stays; new hosts come in as listed, with nothing known of them; hosts that only this list had named and
that are gone from it are dropped.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.login_hosts import Endpoint, LoginHost, LoginHosts, LoginNetwork, PathClass, ProviderKind
from dtr_rules.destinations import AddressRange, NamePattern, parse_destination
from dtr_rules.mistakes import Mistake, Place, UnusableFileError
from dtr_rules.source import Model, read_text

SETS: Final = (56, 59)
"""The endpoint sets that hold the hosts of Entra's sign-in."""


class EndpointSet(Model):
    """One set of the list. Keys that are not read here may be there, too."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    urls: tuple[Annotated[str, Field(max_length=300)], ...] = ()
    ips: tuple[Annotated[str, Field(max_length=100)], ...] = ()


_SETS: Final = TypeAdapter(tuple[EndpointSet, ...])


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A catalogue brought up to date, and what changed."""

    catalogue: LoginHosts
    added: tuple[str, ...]
    gone: tuple[str, ...]
    kept: int


def read_endpoints(path: Path) -> tuple[EndpointSet, ...]:
    """The endpoint sets in the file at `path`. Raises UnusableFileError."""
    text = read_text(path)
    try:
        sets = _SETS.validate_python(json.loads(text))
    except json.JSONDecodeError as error:
        raise _unusable(path, f"not JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise _unusable(path, "not a list of endpoint sets: nested too deeply") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise _unusable(path, f"not Microsoft's list of endpoint sets: {where}: {first['msg']}") from None
    missing = [number for number in SETS if number not in {each.id for each in sets}]
    if missing:
        numbers = " and ".join(map(str, missing))
        raise _unusable(path, f"holds no endpoint set {numbers}; download /endpoints/worldwide whole")
    for each in _wanted(sets):
        _check(path, each)
    return sets


def refreshed(catalogue: LoginHosts, sets: tuple[EndpointSet, ...], today: dt.date) -> Refreshed:
    """`catalogue` with the hosts and addresses of `sets`, dated `today`."""
    listed = {url.lower(): each.id for each in _wanted(sets) for url in each.urls}
    known = {each.host for each in catalogue.hosts if each.provider is ProviderKind.ENTRA}
    gone = tuple(each.host for each in catalogue.hosts if _is_gone(each, listed))
    added = tuple(url for url in listed if url not in known and not _is_covered(url, known))
    hosts = (*(each for each in catalogue.hosts if not _is_gone(each, listed)), *(_new(url, listed) for url in added))
    networks = (
        *(each for each in catalogue.networks if each.provider is not ProviderKind.ENTRA),
        *_networks(sets),
    )
    updated = catalogue.model_copy(update={"date": today, "hosts": hosts, "networks": networks})
    return Refreshed(updated, added, gone, len(catalogue.hosts) - len(gone))


def _wanted(sets: tuple[EndpointSet, ...]) -> Iterator[EndpointSet]:
    return (each for each in sets if each.id in SETS)


def _is_gone(entry: LoginHost, listed: dict[str, int]) -> bool:
    """Whether nothing but the list had named it, and the list names it no more."""
    only_listed = any(entry.source == _source(number) for number in SETS)
    return entry.provider is ProviderKind.ENTRA and only_listed and entry.host not in listed


def _is_covered(url: str, known: set[str]) -> bool:
    """Whether it is a pattern around hosts that the catalogue knows one by one (`*.microsoftonline.com`)."""
    return url.startswith("*.") and any(host.endswith(url[1:]) for host in known)


def _new(url: str, listed: dict[str, int]) -> LoginHost:
    return LoginHost.model_validate(
        {
            "host": url,
            "provider": ProviderKind.ENTRA,
            "endpoints": (Endpoint.SIGN_IN,),
            "path": PathClass.JUDGED,
            "sure": Sure.LISTED,
            "source": _source(listed[url]),
        }
    )


def _networks(sets: tuple[EndpointSet, ...]) -> Iterator[LoginNetwork]:
    for each in _wanted(sets):
        for address in dict.fromkeys(each.ips):
            yield LoginNetwork.model_validate(
                {"network": address, "provider": ProviderKind.ENTRA, "source": _source(each.id)}
            )


def _source(number: int) -> str:
    return f"Microsoft 365 endpoints, id {number}"


def _check(path: Path, endpoints: EndpointSet) -> None:
    for text, kind in (*((url, NamePattern) for url in endpoints.urls), *((ip, AddressRange) for ip in endpoints.ips)):
        what = "host" if kind is NamePattern else "network"
        try:
            fits = isinstance(parse_destination(text).target, kind)
        except ValueError as error:
            raise _unusable(path, f"endpoint set {endpoints.id}: {text!r} {error}") from None
        if not fits or text == "*":
            raise _unusable(path, f"endpoint set {endpoints.id}: {text!r} is no {what}")


def _unusable(path: Path, message: str, line: int = 1, column: int = 1) -> UnusableFileError:
    return UnusableFileError([Mistake(Place(str(path), line, column), message)])
