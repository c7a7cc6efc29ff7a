"""A rule set as an administrator would write it, for tests that need a whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

LOGIN_RULES = """\
version: 1
name: okta-and-entra-login
mode: per-app
default: bypass
rules:
  - name: identity-providers
    platforms: [ios, android]
    apps: all
    action: tunnel
    to:
      - acme.okta.com
      - login.microsoftonline.com
      - 203.0.113.0/24:443
  - name: legacy-mail
    apps: [com.example.oldmail]
    action: block
    to: ["outlook.office365.com:993"]
  - name: partner
    apps: all
    action: proxy
    proxy: proxy.acme.example:8080
    to: ["*.partner.example", "acme.okta.com"]
tests:
  - name: Outlook signs in through the tunnel
    flow: {platform: ios, app: com.microsoft.Office.Outlook, host: acme.okta.com}
    expect: {action: tunnel, rule: identity-providers}
"""


@pytest.fixture
def login_rules() -> str:
    """The text of a good rule set file."""
    return LOGIN_RULES


@pytest.fixture
def login_file(tmp_path: Path) -> Path:
    """A good rule set file."""
    path = tmp_path / "rules.yaml"
    path.write_text(LOGIN_RULES, encoding="utf-8")
    return path
