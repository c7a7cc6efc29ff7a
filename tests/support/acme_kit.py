"""A configuration of a whole org, complete enough that nothing of its kit is left to be filled in."""

from __future__ import annotations

from pathlib import Path

ZONES = """\
version: 1
owned-prefixes: [203.0.113.0/28]
sources: {addresses: [203.0.113.10, 203.0.113.11]}
targets:
  - {name: okta, kind: okta, org-url: "https://acme.okta.com", org-id: 00o1a2b3c4d5e6f7g8h9, zone: Tunnel egress,
     zone-id: nzo1tunnelegress0001, token-file: okta.token}
  - {name: entra, kind: entra, tenant: 5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa, location: Tunnel egress,
     location-id: 9f1a3c55-2d0e-4b0e-8f5b-6c3f1f7d2a10, client-id: 1c9d6f3e-0d0e-4b43-8a55-5d0a2f6f8f10,
     client-secret-file: entra.secret}
"""
RULES = """\
version: 1
name: mobile logins
mode: per-app
default: bypass
profile-apps: [com.microsoft.Office.Outlook, com.azure.authenticator, com.apple.mobilesafari]
rules:
  - name: identity-providers
    platforms: [ios, android]
    apps: all
    action: tunnel
    to: [acme.okta.com, acme.mtls.okta.com, acme-admin.okta.com, login.acme.example, login.microsoftonline.com,
         login.windows.net, login.microsoft.com, sts.windows.net]
"""
KIT = """\
version: 1
org-url: https://acme.okta.com
custom-domain: login.acme.example
management-hint-env: KIT_TEST_HINT
rules: [rules.yaml]
zones: okta-zones.yaml
break-glass: {okta-group: 00g1emergency0000001, entra-group: 0d6c2d8f-5b0f-4a0e-9f39-4f5a2c1b7e11}
"""
HINT = "Xk3!correct-horse_Battery9"


def write_kit(directory: Path) -> Path:
    """Write the configuration and the files that it names; its path."""
    (directory / "okta-zones.yaml").write_text(ZONES)
    (directory / "rules.yaml").write_text(RULES)
    path = directory / "kit.yaml"
    path.write_text(KIT)
    return path
