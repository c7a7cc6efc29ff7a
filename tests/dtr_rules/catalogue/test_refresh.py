"""The catalogue brought up to date from a downloaded file of Microsoft's endpoints service."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from dtr_rules.catalogue.entry import Sure
from dtr_rules.catalogue.login_hosts import PathClass, built_in_login_hosts
from dtr_rules.catalogue.refresh import read_endpoints, refreshed
from dtr_rules.source import UnusableFileError

TODAY = dt.date(2027, 1, 15)
KNOWN = [each.host for each in built_in_login_hosts().hosts if "id 56" in each.source or "id 59" in each.source]


def downloaded(path: Path, urls: list[str], ips: list[str] | None = None) -> Path:
    file = path / "endpoints.json"
    common = {"serviceArea": "Common", "serviceAreaDisplayName": "…", "tcpPorts": "80,443", "required": True}
    sets = [
        {"id": 1, "serviceArea": "Exchange", "urls": ["outlook.office.com"], "category": "Optimize"},
        {"id": 56, **common, "urls": urls, "ips": ips or ["20.190.128.0/18", "2603:1006:2000::/48"]},
        {"id": 59, **common, "urls": ["*.msauth.net"]},
    ]
    file.write_text(json.dumps(sets), encoding="utf-8")
    return file


def test_new_hosts_come_in_as_listed(tmp_path: Path) -> None:
    sets = read_endpoints(downloaded(tmp_path, [*KNOWN, "login.new.example", "outlook.unrelated.example"]))
    done = refreshed(built_in_login_hosts(), sets, TODAY)
    assert done.added == ("login.new.example", "outlook.unrelated.example")
    new = {each.host: each for each in done.catalogue.hosts}["login.new.example"]
    assert (new.path, new.sure, new.source) == (PathClass.JUDGED, Sure.LISTED, "Microsoft 365 endpoints, id 56")
    assert done.catalogue.date == TODAY


def test_what_a_person_wrote_down_stays(tmp_path: Path) -> None:
    done = refreshed(built_in_login_hosts(), read_endpoints(downloaded(tmp_path, KNOWN)), TODAY)
    assert (done.added, done.gone) == ((), ())
    assert done.catalogue.hosts == built_in_login_hosts().hosts
    assert done.kept == len(built_in_login_hosts().hosts)


def test_hosts_that_only_the_list_had_named_go_with_it(tmp_path: Path) -> None:
    left = [host for host in KNOWN if host != "loginex.microsoftonline.com"]
    done = refreshed(built_in_login_hosts(), read_endpoints(downloaded(tmp_path, left)), TODAY)
    assert done.gone == ("loginex.microsoftonline.com",)
    documented = refreshed(built_in_login_hosts(), read_endpoints(downloaded(tmp_path, ["*.msauth.net"])), TODAY)
    assert "login.microsoftonline.com" in {each.host for each in documented.catalogue.hosts}


def test_patterns_around_known_hosts_bring_nothing_new(tmp_path: Path) -> None:
    sets = read_endpoints(downloaded(tmp_path, [*KNOWN, "*.microsoftonline.com"]))
    assert refreshed(built_in_login_hosts(), sets, TODAY).added == ()


def test_networks_are_those_of_the_list(tmp_path: Path) -> None:
    sets = read_endpoints(downloaded(tmp_path, KNOWN, ["40.126.0.0/18", "2603:1006:2000::/48"]))
    networks = refreshed(built_in_login_hosts(), sets, TODAY).catalogue.networks
    assert [str(each.network) for each in networks] == ["40.126.0.0/18", "2603:1006:2000::/48"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("<html>", "not JSON", id="no-json"),
        pytest.param("{}", "not Microsoft's list of endpoint sets", id="no-list"),
        pytest.param("[1]", "not Microsoft's list of endpoint sets", id="no-sets"),
        pytest.param("[]", "holds no endpoint set 56 and 59", id="no-login-sets"),
        pytest.param('[{"id": 56, "urls": ["a b"]}, {"id": 59}]', "'a b' contains a space", id="no-host"),
        pytest.param('[{"id": 56, "urls": ["*"]}, {"id": 59}]', "'*' is no host", id="star"),
        pytest.param('[{"id": 56, "ips": ["a.example"]}, {"id": 59}]', "'a.example' is no network", id="no-network"),
        pytest.param("[" * 100_000, "not", id="brackets"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: Any, message: str) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UnusableFileError) as caught:
        read_endpoints(file)
    assert message in str(caught.value)
