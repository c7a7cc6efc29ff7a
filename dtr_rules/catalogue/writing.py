"""A catalogue of login hosts as YAML, in the form that `read_login_hosts` reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import yaml

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.login_hosts import LoginHost, LoginHosts, LoginNetwork
from dtr_rules.model import Platform

_HEAD: Final = (
    "# Login hosts, written by `dtr hosts --refresh`. The catalogue that comes with dtr explains the words.\n"
)


def as_yaml(catalogue: LoginHosts) -> str:
    """The catalogue's text."""
    data = {
        "version": catalogue.version,
        "date": catalogue.date.isoformat(),
        "hosts": [_host(each) for each in catalogue.hosts],
        "networks": [_network(each) for each in catalogue.networks],
    }
    return _HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)


def write(catalogue: LoginHosts, path: Path) -> None:
    """Write the catalogue to `path`, wholly or not at all. Raises OSError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_text(as_yaml(catalogue), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _host(each: LoginHost) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "host": each.host,
        "provider": each.provider.value,
        "endpoints": [endpoint.value for endpoint in each.endpoints],
        "path": each.path.value,
        "sure": each.sure.value,
        "source": each.source,
    }
    if each.note is not None:
        entry["note"] = each.note
    if each.platforms != tuple(Platform):
        entry["platforms"] = [platform.value for platform in each.platforms]
    return entry


def _network(each: LoginNetwork) -> dict[str, Any]:
    sure = {} if each.sure is Sure.DOCUMENTED else {"sure": each.sure.value}
    return {"network": str(each.network), "provider": each.provider.value, **sure, "source": each.source}
