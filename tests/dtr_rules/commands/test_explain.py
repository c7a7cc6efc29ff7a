"""`dtr explain`, each clause of its promise: what a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dtr_rules.cli import app

RULES = """\
version: 1
name: s
mode: per-app
default: bypass
profile-apps: [com.example.a, com.example.oldmail]
rules:
  - {name: legacy-mail, apps: [com.example.oldmail], action: block, to: ["mail.example:993"]}
  - {name: login, platforms: [ios, android], apps: all, action: tunnel, to: ["*.okta.com", mail.example]}
  - {name: again, apps: all, action: tunnel, to: [acme.okta.com]}
  - {name: partner, apps: all, action: block, to: [acme.okta.com]}
"""


@pytest.fixture
def explained(tmp_path: Path) -> str:
    path = tmp_path / "r.yaml"
    path.write_text(RULES, encoding="utf-8")
    return str(path)


def text(file: str, *options: str) -> str:
    ran = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["explain", file, *options])
    assert (ran.exit_code, ran.stderr) == (0, "")
    return ran.stdout


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        pytest.param(
            ("--platform", "ios", "--host", "acme.okta.com", "--app", "com.example.a"),
            (
                "handed over  to the Tunnel client: com.example.a carries the VPN profile",
                "'*.okta.com' matches",
                "still tunnel: rule 3 'again', destination 'acme.okta.com'",
                "rule 4 'partner' (block) matches, too, and would decide otherwise",
            ),
            id="later-rules",
        ),
        pytest.param(
            ("--platform", "ios", "--host", "mail.example", "--app", "com.example.oldmail"),
            ("rule 1 'legacy-mail' (block) would match on port 993",),
            id="near-miss",
        ),
        pytest.param(
            ("--platform", "windows", "--host", "mail.example", "--app", "com.example.a"),
            (
                "for ios or android, and the device is windows; 'mail.example' would match",
                "for com.example.oldmail, and the app is com.example.a; 'mail.example:993' matches the host but not",
            ),
            id="everything-in-the-way",
        ),
        pytest.param(
            ("--platform", "ios", "--host", "acme.okta.com", "--app", "com.example.b"),
            (
                "handed over  no: the app does not carry the VPN profile",
                "if com.example.b carried the VPN profile: tunnel, rule 2 'login', destination '*.okta.com'",
                "not asked; '*.okta.com' would match",
            ),
            id="not-handed-over",
        ),
        pytest.param(
            ("--platform", "ios", "--host", "acme.okta.com", "--app", "com.example.a", "--network", "trusted"),
            (
                "handed over  no: the device is on a trusted network",
                "on another network: tunnel, rule 2 'login', destination '*.okta.com'",
            ),
            id="trusted-network",
        ),
        pytest.param(
            ("--platform", "ios", "--host", "acme.okta.com"),
            ("handed over  to the Tunnel client if the app carries the VPN profile, which nobody says",),
            id="profile-not-known",
        ),
    ],
)
def test_explain_says(explained: str, options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    said = text(explained, *options)
    assert [part for part in parts if part not in said] == [], said
