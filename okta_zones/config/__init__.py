"""okta-zones.yaml: whose addresses these are, who reports them, and where they go.

    version: 1
    owned-prefixes: [203.0.113.0/28]
    sources:
      addresses: [203.0.113.10]
      gateway: {admin: "http://127.0.0.1:9400", token-file: admin.token}
    targets:
      - name: okta
        kind: okta
        org-url: https://acme.okta.com
        org-id: 00o1a2b3c4d5e6f7g8h9
        zone: Tunnel egress
        token-file: okta.token
      - name: entra
        kind: entra
        tenant: 5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa
        location: Tunnel egress
        client-id: 1c9d6f3e-0d0e-4b43-8a55-5d0a2f6f8f10
        client-secret-file: entra.secret

One section of the file, one module here: what the section may hold, the value it becomes, and the way from one
to the other. Every secret may stand in a file (`token-file`, `client-secret-file`) or in the environment
(`token-env`, `client-secret-env`). Paths are relative to the file.
"""

from okta_zones.config.file import Settings, load
from okta_zones.config.sources import CommandSettings, GatewaySettings, OktaLogSettings, SourceSettings
from okta_zones.config.targets import EntraSettings, OktaSettings, TargetSettings

__all__ = [
    "CommandSettings",
    "EntraSettings",
    "GatewaySettings",
    "OktaLogSettings",
    "OktaSettings",
    "Settings",
    "SourceSettings",
    "TargetSettings",
    "load",
]
