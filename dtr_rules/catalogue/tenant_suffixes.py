"""Whose host is it? Registrable domains (Public Suffix List) and tenants of shared suffixes (a list of our own).

The Public Suffix List holds neither okta.com nor microsoftonline.com, so it takes all Okta orgs for one owner's.
"""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import Final

from publicsuffixlist import PSLFILE, PublicSuffixList

from dtr_rules import source
from dtr_rules.catalogue.entry import HERE, Entry
from dtr_rules.source import FormatVersion, Model

# Names that nobody can register: RFC 6762 (local), RFC 8375 (home.arpa), ICANN's reservation of 2024 (internal),
# and names that networks use on their own and ICANN has put off for good (corp, home, mail), or never delegated (lan).
PRIVATE: Final = frozenset({"internal", "local", "localdomain", "home.arpa", "corp", "home", "lan", "localhost"})


class TenantSuffix(Entry):
    """A suffix below which everybody can have a name."""

    suffix: str


class TenantSuffixes(Model):
    """The list."""

    version: FormatVersion
    date: date
    suffixes: tuple[TenantSuffix, ...]


@functools.cache
def tenant_suffixes() -> TenantSuffixes:
    """The list that comes with the program."""
    return source.read(HERE / "tenant-suffixes.yaml", TenantSuffixes).content


@functools.cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@functools.cache
def _tenant_names() -> frozenset[str]:
    return frozenset(each.suffix for each in tenant_suffixes().suffixes)


def tenant_suffix(name: str) -> str | None:
    """The longest listed tenant suffix that `name` is or lies below; None where there is none."""
    return next((each for each in _upwards(name) if each in _tenant_names()), None)


def public_suffix(name: str) -> str:
    """The public suffix of `name`; the last label where the list has no rule (its own default rule)."""
    private = next((each for each in _upwards(name) if each in PRIVATE), None)
    return private or _public_suffixes().publicsuffix(name) or name.rpartition(".")[2]


def registrable_domain(name: str) -> str | None:
    """The domain that somebody registered: the public suffix and one label. None for a public suffix itself."""
    return _one_below(name, public_suffix(name))


def tenant(name: str) -> str | None:
    """The tenant that `name` belongs to (`acme.okta.com`); None where it belongs to none."""
    suffix = tenant_suffix(name)
    return None if suffix is None else _one_below(name, suffix)


def owner(name: str) -> str | None:
    """Who can answer for `name`: its tenant where it lies below a tenant suffix, else its registrable domain."""
    return tenant(name) if tenant_suffix(name) else registrable_domain(name)


def is_private(name: str) -> bool:
    """Whether no stranger can get a name below the last labels of `name`."""
    return any(each in PRIVATE for each in _upwards(name))


def _one_below(name: str, suffix: str) -> str | None:
    if name == suffix:
        return None
    return f"{name.removesuffix(f'.{suffix}').rpartition('.')[2]}.{suffix}"


def _upwards(name: str) -> list[str]:
    labels = name.split(".")
    return [".".join(labels[index:]) for index in range(len(labels))]


def suffix_below(name: str) -> str | None:
    """A suffix at or below `name` under which strangers have names: `windows.net` gives `blob.core.windows.net`."""
    shared = _tenant_names()
    return next((each for each in sorted(shared) if each == name or each.endswith(f".{name}")), None) or (
        _shared_below().get(name)
    )


@functools.cache
def _shared_below() -> dict[str, str]:
    """For each registrable domain or name below it, a public suffix that lies deeper."""
    found: dict[str, str] = {}
    with Path(PSLFILE).open(encoding="utf-8") as lines:
        for line in lines:
            suffix = line.strip().removeprefix("*.")
            if not suffix or not suffix.isascii() or suffix.startswith(("/", "!")):
                continue
            for above in _upwards(suffix):
                found.setdefault(above, suffix)
    return found
