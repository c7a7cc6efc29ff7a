"""`dtr hosts` as people and programs use it."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from dtr_rules.catalogue.login_hosts import built_in_login_hosts, read_login_hosts
from dtr_rules.cli import app


def dtr(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, [str(each) for each in arguments])


def endpoints(path: Path) -> Path:
    file = path / "endpoints.json"
    sets = [{"id": 56, "urls": ["login.new.example"], "ips": ["20.190.128.0/18"]}, {"id": 59, "urls": ["*.msauth.net"]}]
    file.write_text(json.dumps(sets), encoding="utf-8")
    return file


def test_it_shows_every_class_with_sources() -> None:
    ran = dtr("hosts")
    assert (ran.exit_code, ran.stderr) == (0, "")
    for part in (
        "judged: the address is judged here",
        "strict-cae: same path only under strict location enforcement",
        "never: never needed",
        "entra: sign-in, token, device; documented",
        "Microsoft 365 endpoints, id 56",
        f"catalogue of {built_in_login_hosts().date}",
    ):
        assert part in ran.stdout


def test_a_part_of_it_as_json() -> None:
    document = json.loads(dtr("hosts", "--provider", "entra", "--class", "strict-cae", "--json").stdout)
    assert document["v"] == 1
    assert {each["path"] for each in document["hosts"]} == {"strict-cae"}
    assert "graph.microsoft.com" in {each["host"] for each in document["hosts"]}
    assert {"network": "40.126.0.0/18", "provider": "entra"}.items() <= document["networks"][1].items()


def test_refresh_writes_a_catalogue_that_lint_reads(tmp_path: Path) -> None:
    written = tmp_path / "new.yaml"
    ran = dtr("hosts", "--refresh", endpoints(tmp_path), "--write", written, "--on", "2027-01-15")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "new  login.new.example" in ran.stdout
    assert "gone loginex.microsoftonline.com" in ran.stdout
    assert str(read_login_hosts(written).date) == "2027-01-15"

    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nname: s\nmode: per-app\ndefault: bypass\nrules: []\n", encoding="utf-8")
    found = json.loads(dtr("lint", rules, "--idp", "entra", "--catalogue", written, "--json").stdout)
    assert found["login_hosts"] == "2027-01-15"
    assert any("login.new.example" in each["message"] for each in found["findings"])


def test_refresh_again_writes_over_its_own_catalogue(tmp_path: Path) -> None:
    written = tmp_path / "new.yaml"
    arguments = ("hosts", "--refresh", endpoints(tmp_path), "--write", written, "--on", "2027-01-15", "--json")
    assert json.loads(dtr(*arguments).stdout)["added"] == ["login.new.example"]
    again = json.loads(dtr(*arguments, "--catalogue", written).stdout)
    assert (again["added"], again["gone"]) == ([], [])


def test_refresh_writes_over_nothing_else(tmp_path: Path) -> None:
    other = tmp_path / "rules.yaml"
    other.write_text("precious: true\n", encoding="utf-8")
    ran = dtr("hosts", "--refresh", endpoints(tmp_path), "--write", other)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert other.read_text(encoding="utf-8") == "precious: true\n"


def test_refresh_says_what_it_cannot_read_or_write(tmp_path: Path) -> None:
    assert "cannot read" in dtr("hosts", "--refresh", tmp_path / "absent.json").stderr
    ran = dtr("hosts", "--refresh", endpoints(tmp_path), "--write", tmp_path / "no" / "such" / "place.yaml")
    assert ran.exit_code == 2
    assert "cannot write this file" in ran.stderr
