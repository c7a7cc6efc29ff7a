"""`okta-zones doctor`, as a person runs it, against the lab's Okta and Entra over real HTTPS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from okta_world import ALL_SCOPES, API_TOKEN, PRIVATE_KEY, OktaWorld, pem, running_okta, signing
from typer.testing import CliRunner, Result

from lab.okta import acme
from lab.okta.knobs import Knobs
from lab.okta.network_restriction import NetworkRestriction
from okta_zones.cli import app


@dataclass
class Patient:
    """An org, and a file with one target of it."""

    okta: OktaWorld

    def configure(self, keys: str, *, org_id: str = acme.ORG_ID, zone: str = f'zone: "{acme.ZONE_NAME}"') -> Path:
        for name, content in (("okta.pem", pem(PRIVATE_KEY)), ("okta.token", API_TOKEN.encode())):
            (self.okta.directory / name).write_bytes(content)
            (self.okta.directory / name).chmod(0o600)
        path = self.okta.directory / "okta-zones.yaml"
        path.write_text(
            "version: 1\nowned-prefixes: [127.42.0.0/24]\nsources: {addresses: [127.42.0.10]}\n"
            f'targets:\n- {{name: okta, kind: okta, org-url: "{self.okta.url}", org-id: {org_id}, {zone}, {keys}}}\n'
        )
        return path

    def with_app(self, scopes: frozenset[str] = ALL_SCOPES, **more: Any) -> Path:
        client_id = self.okta.app(signing(), scopes, **more).client_id
        return self.configure(f"client-id: {client_id}, private-key-file: okta.pem, key-id: key-1")

    @property
    def zone_id(self) -> str:
        return self.okta.org.zones.named(acme.ZONE_NAME).id


@pytest.fixture
def patient(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Patient]:
    with running_okta(tmp_path, getattr(request, "param", None)) as running:
        yield Patient(running)


def run(path: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, ["doctor", "--config", str(path), *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert API_TOKEN not in result.output
    assert "PRIVATE KEY" not in result.output
    return result


def document(path: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and what is said of the only target."""
    result = run(path, "--json", *arguments)
    assert result.stderr == ""
    whole = json.loads(result.stdout)
    assert (whole["v"], whole["verb"], whole["error"]) == (1, "doctor", None)
    (target,) = whole["targets"]
    return result.exit_code, target


def levels(target: dict[str, Any]) -> dict[str, str]:
    return {check["topic"]: check["level"] for check in target["checks"]}


def text_of(target: dict[str, Any], topic: str) -> str:
    return "; ".join(check["text"] for check in target["checks"] if check["topic"] == topic)


def test_a_service_app_that_may_everything(patient: Patient) -> None:
    code, target = document(patient.with_app(dpop_bound=True), "--ask-to-write")
    assert code == 0
    assert target["facts"] == {"org_id": acme.ORG_ID, "engine": "identity-engine"}
    assert {verb: found["able"] for verb, found in target["verbs"].items()} == dict.fromkeys(target["verbs"], "yes")
    shown = levels(target)
    assert {shown[topic] for topic in ("organization", "dpop", "policies", "sign-ins", "clock", "rate-limit")} == {"ok"}
    assert target["grant"][:2] == ["okta.networkZones.read", "okta.networkZones.manage"]


def test_it_reads_and_nothing_else(patient: Patient) -> None:
    run(patient.with_app())
    others = {path for path in patient.okta.heard.paths if not path.startswith("GET ")}
    assert others <= {"POST /oauth2/v1/token", "POST /api/v1/policies/simulate"}
    assert not any(event["eventType"].startswith("zone.") for event in patient.okta.org.log.events)


def test_people_see_what_each_verb_can_and_what_to_grant(patient: Patient) -> None:
    result = run(patient.with_app(frozenset({"okta.networkZones.read", "okta.policies.read"})), "--ask-to-write")
    assert result.exit_code == 1
    shown = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert f"ok the org is {acme.ORG_ID}, on the Identity Engine" in shown
    assert "cannot apply, retire, rotate, watch: okta.networkZones.manage is missing" in shown
    assert any(line.startswith("can show, adopt") for line in shown)
    assert any(line.startswith("grant okta.networkZones.read, okta.networkZones.manage; admin") for line in shown)
    assert "note the System Log: not checked, not permitted" in shown
    assert "fix: grant okta.logs.read" in shown


def test_an_app_that_may_not_even_read_is_told_what_it_needs(patient: Patient) -> None:
    result = run(patient.with_app(frozenset({"okta.users.read"})))
    assert result.exit_code == 1
    assert "was not granted okta.networkZones.read" in result.stdout
    assert "okta.networkZones.read, okta.networkZones.manage" in result.stdout


def test_an_api_token(patient: Patient) -> None:
    code, target = document(patient.configure("token-file: okta.token"))
    assert code == 0
    assert target["credential"] == "API token"
    assert target["verbs"]["plan"]["able"] == "yes"
    assert target["verbs"]["apply"]["able"] == "unknown"
    assert "write the token's id as token-id" in [check["fix"] for check in target["checks"]]


@pytest.mark.parametrize("with_another", [False, True], ids=["alone", "beside another"])
def test_a_token_that_is_bound_to_the_zone_it_rewrites(patient: Patient, with_another: bool) -> None:
    here = {"type": "CIDR", "value": "127.0.0.0/24"}
    zones, token = patient.okta.org.zones, patient.okta.org.api_tokens.all()[0]
    zones.named(acme.ZONE_NAME).details["gateways"].append(here)
    home = zones.create({"type": "IP", "name": "Here", "gateways": [here]})
    bound = (patient.zone_id, home.id) if with_another else (patient.zone_id,)
    patient.okta.org.api_tokens.restrict(token.id, NetworkRestriction("ZONE", include=bound))
    code, target = document(patient.configure(f"token-file: okta.token, token-id: {token.id}"))
    assert (code, levels(target)["network-restriction"]) == ((0, "note") if with_another else (1, "problem"))
    assert "depends on the zone that it rewrites" in text_of(target, "network-restriction")


@pytest.mark.parametrize("patient", [Knobs(requests_per_minute=6, principal_share=1.0)], indirect=True)
def test_a_rate_limit_that_is_nearly_used_up(patient: Patient) -> None:
    _, target = document(patient.configure("token-file: okta.token"))
    assert ("note", "/api/v1: 1 of 6 requests are left for now") in [
        (check["level"], check["text"]) for check in target["checks"]
    ]


def test_another_org(patient: Patient) -> None:
    code, target = document(patient.configure("token-file: okta.token", org_id="00oanother"))
    assert code == 1
    assert target["error"]["reason"] == "other-org"
    assert patient.okta.heard.paths == ["GET /.well-known/okta-organization"]


def test_a_token_that_okta_does_not_know(patient: Patient) -> None:
    path = patient.configure("token-file: okta.token")
    (patient.okta.directory / "okta.token").write_text("another-token")
    result = run(path)
    assert result.exit_code == 1
    assert "E0000011 Invalid token provided (the API token is wrong, revoked, or expired" in result.stdout


def test_a_zone_that_must_not_be_written(patient: Patient) -> None:
    code, target = document(patient.configure("token-file: okta.token", zone="zone: BlockedIpZone"))
    assert code == 1
    assert text_of(target, "target").startswith("system-zone: ")


def test_a_zone_pinned_by_its_id_is_read_and_never_listed(patient: Patient) -> None:
    code, target = document(patient.configure("token-file: okta.token", zone=f"zone-id: {patient.zone_id}"))
    assert code == 0
    assert levels(target)["target"] == "ok"
    assert "GET /api/v1/zones" not in patient.okta.heard.paths


def test_an_org_that_does_not_answer(patient: Patient) -> None:
    path = patient.configure("token-file: okta.token")
    path.write_text(path.read_text().replace(patient.okta.url, "https://127.0.0.1:1"))
    assert run(path).exit_code == 3


def test_a_file_that_cannot_be_used(patient: Patient) -> None:
    path = patient.configure("token-file: none")
    result = run(path)
    assert (result.exit_code, result.stdout) == (2, "")
