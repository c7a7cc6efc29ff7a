"""`tunnel-gateway check` as an operator runs it: what it finds, what it leaves alone, how it ends."""

from __future__ import annotations

import asyncio
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from running_gateway import EGRESS, PHONE, Surroundings, call_gateway, configuration, run_gateway

from lab.authority import Credential, write_private
from tunnel_gateway.assembly.whole import draft
from tunnel_gateway.checking import Level, Subject
from tunnel_gateway.checking.certificates import certificates
from tunnel_gateway.checking.files import files
from tunnel_gateway.checking.rules import rules


def check(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return call_gateway("check", "--config", str(config), *arguments)


def findings(done: subprocess.CompletedProcess[str], section: str) -> dict[str, tuple[str, str | None]]:
    """Level and reason of each thing that a section looked at."""
    document = json.loads(done.stdout)
    assert document["v"] == 1
    found = next(each["findings"] for each in document["sections"] if each["name"] == section)
    return {each["subject"]: (each["level"], each["reason"]) for each in found}


def certificate_file(directory: Path, credential: Credential) -> Path:
    path = directory / "phone.pem"
    path.write_bytes(credential.certificate_pem + credential.key_pem)
    return path


def test_good_configuration_is_fine_and_nothing_is_created(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path)
    before = {each.name: each.stat().st_mtime_ns for each in tmp_path.iterdir()}
    done = run_gateway("check", "--config", str(config))
    assert (done.returncode, done.stderr) == (0, "")
    for words in ("CN=gateway", EGRESS[0], "login (", "nobody is asked", "--online asks"):
        assert words in done.stdout
    assert {each.name: each.stat().st_mtime_ns for each in tmp_path.iterdir()} == before


def test_online_asks_the_uem(surroundings: Surroundings, tmp_path: Path) -> None:
    done = check(configuration(surroundings, tmp_path), "--online", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert findings(done, "uem") == {"UEM": ("ok", None)}


@pytest.mark.parametrize("spoil", ["wrong-secret", "nobody-listens"])
def test_uem_that_cannot_be_asked(surroundings: Surroundings, tmp_path: Path, spoil: str) -> None:
    config = configuration(surroundings, tmp_path)
    if spoil == "wrong-secret":
        (tmp_path / "uem.secret").write_text("wrong")
    else:
        config.write_text(config.read_text().replace(surroundings.uem_url, "https://127.40.0.30:1"))
    done = check(config, "--online", "--json")
    assert done.returncode == 3
    assert findings(done, "uem") == {"UEM": ("not-done", None)}


def test_certificate_of_the_event_listener_and_what_only_reports_are_listed(
    surroundings: Surroundings, tmp_path: Path
) -> None:
    config = configuration(surroundings, tmp_path)
    write_private(tmp_path / "events.password", b"a-password-for-events")
    file = yaml.safe_load(config.read_text())
    file["posture"]["events"] = {
        "listen": "127.41.0.1:0",
        "tls": file["tls"],
        "user": "uem",
        "password-file": "events.password",
    }
    file["rules"] = {"file": "rules.yaml", "report-only": "rules.yaml", "report-only-rules": ["mail"]}
    config.write_text(yaml.safe_dump(file))
    subject = Subject(draft(config), datetime.now(UTC))
    found = asyncio.run(certificates(subject)) + asyncio.run(rules(subject))
    assert [(each.subject, each.words.split(" (")[0].split(" is valid")[0]) for each in found] == [
        ("gateway", "CN=gateway"),
        ("event listener", "CN=gateway"),
        ("device authority", "CN=ACME Device Root"),
        ("all devices", "login"),
        ("report-only", "rules.yaml is judged beside them and never applied"),
        ("report-only", "rules that only report: mail"),
    ]
    assert "event-listener-certificate" in {each.what for each in subject.draft.expiries}


def test_problems_are_found_together(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path, egress=[EGRESS[0], "192.0.2.7"], state="state.sqlite")
    (tmp_path / "state.sqlite").write_text("junk " * 100)
    done = check(config, "--json")
    assert done.returncode == 1
    assert findings(done, "egress")["egress"] == ("problem", None)
    assert findings(done, "files")["state"] == ("problem", None)
    assert (tmp_path / "state.sqlite").read_text() == "junk " * 100


@pytest.mark.parametrize(
    ("changes", "subject", "words"),
    [
        pytest.param(
            {"admin": {"socket": "a" * 108}}, "admin", "longer than the 107 bytes", id="socket-of-a-long-name"
        ),
        pytest.param({"admin": {"socket": "rules.yaml"}}, "admin", "is no socket", id="socket-that-is-a-file"),
        pytest.param({"admin": {"socket": "no/where"}}, "admin", "No such file", id="socket-nowhere"),
        pytest.param(
            {"inspection": {"hosts": ["a.example"], "directory": "rules.yaml"}},
            "inspection",
            "is no directory",
            id="inspection-into-a-file",
        ),
    ],
)
def test_places_that_cannot_be_used(
    surroundings: Surroundings, tmp_path: Path, changes: dict[str, object], subject: str, words: str
) -> None:
    looked_at = Subject(draft(configuration(surroundings, tmp_path, **changes)), datetime.now(UTC))
    found = {each.subject: each for each in asyncio.run(files(looked_at))}
    assert found[subject].level is Level.PROBLEM
    assert words in found[subject].words


def test_mistakes_are_shown_with_their_places(surroundings: Surroundings, tmp_path: Path) -> None:
    (tmp_path / "thumbprints.txt").write_text("abcd\n")
    config = configuration(surroundings, tmp_path, **{"device-certificates": {"allow-list": "thumbprints.txt"}})
    file = yaml.safe_load(config.read_text())
    del file["device-authorities"][0]["revocation"]
    config.write_text(yaml.safe_dump(file))
    done = check(config, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{tmp_path}/thumbprints.txt:1:1: a thumbprint has 40 hex digits" in done.stderr
    assert "nobody is named who could say whether a certificate has been revoked" in done.stderr


def test_every_check_of_a_device_is_listed(surroundings: Surroundings, tmp_path: Path) -> None:
    config = configuration(surroundings, tmp_path)
    path = certificate_file(tmp_path, surroundings.device_certificate())
    done = check(config, "--client-cert", str(path), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    passed, skipped = ("ok", None), ("skipped", None)
    assert findings(done, "client-certificate") == {
        "chain": passed,
        "authority": passed,
        "validity": passed,
        "usage": passed,
        "key": passed,
        "signature": passed,
        "profile": passed,
        "udid": passed,
        "revocation": skipped,
        "newest": passed,
        "allow-list": skipped,
    }
    assert PHONE in done.stdout
    assert "PRIVATE KEY" not in done.stdout


def test_refusal_names_the_reason(surroundings: Surroundings, tmp_path: Path) -> None:
    stranger = surroundings.authority.issue_device("\x1b[31manna [bold]", san_uris=[f"urn:uem:device:{PHONE}"])
    path = certificate_file(tmp_path, stranger)
    done = check(configuration(surroundings, tmp_path), "--client-cert", str(path))
    assert done.returncode == 1
    assert "(client-certificate-untrusted)" in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot read this file: No such file"), (b"junk", "holds no certificate in PEM form")],
)
def test_certificate_that_cannot_be_read(
    surroundings: Surroundings, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "phone.pem"
    if content is not None:
        path.write_bytes(content)
    done = check(configuration(surroundings, tmp_path), "--client-cert", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{path}:1:1: {words}")
