"""`okta-zones doctor` for an Entra target, against the lab's Entra over real HTTPS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from entra_world import CLIENT_SECRET, EntraWorld, certificate, certificate_pem, pem, running_entra
from typer.testing import CliRunner

from lab.entra import acme
from lab.entra.knobs import Knobs
from okta_zones.cli import app


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EntraWorld]:
    with running_entra(tmp_path, getattr(request, "param", None)) as running:
        yield running


def examined(world: EntraWorld, keys: str, *, tenant: str = acme.TENANT_ID) -> tuple[int, dict[str, Any]]:
    """The exit code, and what is said of the only target."""
    for name, content in (("secret", CLIENT_SECRET.encode()), ("app.pem", pem())):
        (world.directory / name).write_bytes(content)
        (world.directory / name).chmod(0o600)
    path = world.directory / "okta-zones.yaml"
    path.write_text(
        "version: 1\nowned-prefixes: [127.42.0.0/24]\nsources: {addresses: [127.42.0.10]}\n"
        f"requests: {{graph-interval: 0s}}\ntargets:\n- {{name: entra, kind: entra, tenant: {tenant}, "
        f'location: {acme.LOCATION_NAME}, login-url: "{world.url}", graph-url: "{world.url}", '
        f'graph-scope: "https://graph.microsoft.com", client-id: {acme.GRAPH_CLIENT_ID}, {keys}}}\n'
    )
    result = CliRunner().invoke(app, ["doctor", "--config", str(path), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert CLIENT_SECRET not in result.output
    (target,) = json.loads(result.stdout)["targets"]
    return result.exit_code, target


def of_topic(target: dict[str, Any], topic: str) -> list[tuple[str, str]]:
    return [(check["level"], check["text"]) for check in target["checks"] if check["topic"] == topic]


def test_an_app_that_may_everything(world: EntraWorld) -> None:
    code, target = examined(world, "client-secret-file: secret")
    assert code == 0
    assert target["facts"] == {"tenant": acme.TENANT_ID}
    assert {found["able"] for found in target["verbs"].values()} == {"yes"}
    assert target["grant"] == ["Policy.Read.All", "Policy.ReadWrite.ConditionalAccess"]
    assert of_topic(target, "sign-ins") == [("ok", "the sign-in log can be read")]
    assert of_topic(target, "surplus") == []


def test_it_reads_and_nothing_else(world: EntraWorld) -> None:
    examined(world, "client-secret-file: secret")
    posts = {path for path in world.heard.paths if not path.startswith("GET ")}
    assert posts == {f"POST /{acme.TENANT_ID}/oauth2/v2.0/token"}


def test_an_app_that_may_only_read(world: EntraWorld) -> None:
    world.register(roles=frozenset({"Policy.Read.All", "Directory.ReadWrite.All"}))
    code, target = examined(world, "client-secret-file: secret")
    assert code == 1
    assert target["verbs"]["plan"]["able"] == "yes"
    assert target["verbs"]["apply"]["missing"] == ["Policy.ReadWrite.ConditionalAccess"]
    assert of_topic(target, "sign-ins") == [("note", "the sign-in log: not checked, not permitted")]
    assert of_topic(target, "surplus") == [("note", "more than is ever used: Directory.ReadWrite.All")]


def test_an_app_that_may_nothing(world: EntraWorld) -> None:
    world.register(roles=frozenset())
    code, target = examined(world, "client-secret-file: secret")
    assert code == 1
    ((level, text),) = of_topic(target, "target")
    assert level == "problem"
    assert "Authorization_RequestDenied" in text


@pytest.mark.parametrize("world", [Knobs(premium=False)], indirect=True)
def test_a_tenant_without_the_licence_for_sign_in_logs(world: EntraWorld) -> None:
    code, target = examined(world, "client-secret-file: secret")
    assert code == 0
    assert of_topic(target, "sign-ins") == [("note", "the sign-in log: not checked, not available")]


@pytest.mark.parametrize(
    ("days", "level", "code"),
    [(300, "ok", 0), (44, "note", 0), (-1, "problem", 1)],
    ids=["long", "44 days", "ended"],
)
def test_how_long_a_certificate_is_good(world: EntraWorld, days: float, level: str, code: int) -> None:
    (world.directory / "cert.pem").write_bytes(certificate_pem(days))
    shown = certificate(days)
    world.register(certificates=(shown,), secret=None)
    found, target = examined(world, "certificate-file: cert.pem, private-key-file: app.pem")
    assert found == code
    assert [each for each, _ in of_topic(target, "expiry")] == [level]


@pytest.mark.parametrize(("ends", "level"), [("2026-01-01T00:00:00Z", "problem"), ("2099-01-01T00:00:00.123Z", "ok")])
def test_how_long_a_secret_is_good(world: EntraWorld, ends: str, level: str) -> None:
    world.answer_also(
        f"/v1.0/applications(appId='{acme.GRAPH_CLIENT_ID}')",
        {"passwordCredentials": [{"endDateTime": "2025-01-01T00:00:00Z"}, {"endDateTime": ends}, {}]},
    )
    _, target = examined(world, "client-secret-file: secret")
    assert [each for each, _ in of_topic(target, "expiry")] == [level]


def test_another_tenant(world: EntraWorld) -> None:
    code, target = examined(world, "client-secret-file: secret", tenant="00000000-0000-4000-8000-000000000000")
    assert code == 1
    assert target["error"] is not None
    assert world.heard.paths == ["POST /00000000-0000-4000-8000-000000000000/oauth2/v2.0/token"]
