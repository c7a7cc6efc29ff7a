"""The catalogue of login hosts that comes with the program, and its reader."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.login_hosts import (
    Endpoint,
    PathClass,
    ProviderKind,
    built_in_login_hosts,
    read_login_hosts,
)
from dtr_rules.catalogue.providers import hosts_of, parse_provider
from dtr_rules.catalogue.writing import as_yaml
from dtr_rules.source import UnusableFileError

SAMPLES = {
    ProviderKind.OKTA: "okta:acme.okta.com",
    ProviderKind.OKTA_CUSTOM: "okta-custom:login.acme.example",
    ProviderKind.ENTRA: "entra",
}


def test_every_entry_says_where_it_is_from() -> None:
    known = built_in_login_hosts()
    assert known.date > dt.date(2026, 1, 1)
    assert all(each.source.strip() and each.endpoints and each.platforms for each in known.hosts)
    assert len({(each.provider, each.host) for each in known.hosts}) == len(known.hosts)


@pytest.mark.parametrize("kind", ProviderKind)
def test_every_provider_has_sign_in_token_and_device_hosts(kind: ProviderKind) -> None:
    judged = [
        each.entry
        for each in hosts_of(parse_provider(SAMPLES[kind]), built_in_login_hosts())
        if each.entry.path is PathClass.JUDGED and each.entry.sure is Sure.DOCUMENTED
    ]
    found = {endpoint for each in judged for endpoint in each.endpoints}
    assert {Endpoint.SIGN_IN, Endpoint.TOKEN, Endpoint.DEVICE} <= found


@pytest.mark.parametrize("kind", ProviderKind)
def test_every_host_is_a_host_once_the_names_are_put_in(kind: ProviderKind) -> None:
    for each in hosts_of(parse_provider(SAMPLES[kind]), built_in_login_hosts()):
        assert "{" not in each.name
        assert each.example.text.replace("example", "*", 1) == each.name or each.example.text == each.name


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "hosts.yaml"
    path.write_text(as_yaml(built_in_login_hosts()), encoding="utf-8")
    assert read_login_hosts(path) == built_in_login_hosts()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("{host: a.example}", "'source' is missing", id="no-source"),
        pytest.param("{host: a.example, path: maybe}", "unknown path 'maybe'", id="unknown-class"),
    ],
)
def test_a_catalogue_with_mistakes(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "hosts.yaml"
    path.write_text(f"version: 1\ndate: 2026-11-01\nhosts:\n  - {line}\n", encoding="utf-8")
    with pytest.raises(UnusableFileError) as caught:
        read_login_hosts(path)
    assert message in str(caught.value)
