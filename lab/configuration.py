"""The files of the lab's directory: what an administrator of the gateway and of the zones would have written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.authority import Credential, write_private
from lab.network import Addresses

SYNC_EVERY: Final = "250ms"
EVENTS_USER: Final = "uem"


@dataclass(frozen=True, slots=True)
class Directory:
    """The lab's files by name. The directory is readable to its owner alone."""

    path: Path

    @property
    def gateway(self) -> Path:
        return self.path / "gateway.yaml"

    @property
    def zones(self) -> Path:
        return self.path / "okta-zones.yaml"

    @property
    def rules(self) -> Path:
        return self.path / "rules.yaml"

    @property
    def authority(self) -> Path:
        return self.path / "lab-ca.pem"

    @property
    def ready(self) -> Path:
        return self.path / "ready.json"

    @property
    def decisions(self) -> Path:
        return self.path / "decisions.jsonl"

    @property
    def gateway_log(self) -> Path:
        return self.path / "gateway.log"

    def device(self, name: str) -> Path:
        """A device's own storage, made on first use."""
        storage = self.path / f"device-{name}"
        storage.mkdir(mode=0o700, exist_ok=True)
        return storage

    def secret(self, name: str, value: str) -> str:
        """Write a secret (0600); returns its name, as the configuration files name it."""
        write_private(self.path / name, f"{value}\n".encode())
        return name

    def document(self, path: Path, content: Mapping[str, Any]) -> None:
        """Write a YAML file (0600)."""
        write_private(path, yaml.safe_dump(dict(content), sort_keys=False).encode())


@dataclass(frozen=True, slots=True)
class UemAccess:
    """What the gateway must know to read the UEM's inventory."""

    url: str
    client_id: str
    client_secret: str
    tenant_code: str


def write_gateway(
    directory: Directory,
    *,
    rules: str,
    server: Credential,
    device_authority_pem: bytes,
    uem: UemAccess,
    admin_token: str,
    events_password: str,
    addresses: Addresses,
    admin: Mapping[str, str],
    events: Mapping[str, Any],
    connect_to: Mapping[str, str],
    changes: Mapping[str, Any],
) -> None:
    """gateway.yaml with everything that it names; `changes` are laid over it.

    `admin` and `events` say where these two endpoints listen.
    """
    server.write(directory.path, "gateway")
    write_private(directory.path / "uem-ca.pem", device_authority_pem)
    write_private(directory.rules, rules.encode())
    directory.document(
        directory.gateway,
        laid_over(
            {
                "version": 1,
                "name": "lab-gateway",
                "listen": f"{addresses.gateway}:{addresses.port}",
                "tls": {"certificate": "gateway.pem", "key": "gateway.key"},
                "device-authorities": [
                    {
                        "certificate": "uem-ca.pem",
                        "udid": {"from": "san-uri", "pattern": "urn:uem:device:{udid}"},
                        "revocation": "off",
                    }
                ],
                "rules": directory.rules.name,
                "egress": [*addresses.egress, {"address": addresses.standby, "state": "disabled"}],
                "connect-to": dict(connect_to),
                "allowed-addresses": [addresses.servers],
                "posture": {
                    "uem": {
                        "url": f"{uem.url}/API",
                        "token-url": f"{uem.url}/oauth/token",
                        "client-id": uem.client_id,
                        "client-secret-file": directory.secret("uem.secret", uem.client_secret),
                        "tenant-code-file": directory.secret("tenant.code", uem.tenant_code),
                        "ca-file": directory.authority.name,
                    },
                    "sync-every": SYNC_EVERY,
                    "max-age": "12h",
                    "compliance": {
                        "pending": "refuse",
                        "not-available": "refuse",
                        "unknown": "refuse",
                        "quarantined": "refuse",
                    },
                    "events": {
                        **events,
                        "user": EVENTS_USER,
                        "password-file": directory.secret("events.password", events_password),
                    },
                },
                "decision-log": directory.decisions.name,
                "admin": {**admin, "token-file": directory.secret("admin.token", admin_token)},
                "ready-file": directory.ready.name,
                "refusal": "explain",
                "limits": {"drain": "200ms"},
            },
            changes,
        ),
    )


def write_zones(
    directory: Directory,
    *,
    admin_url: str,
    owned: str,
    targets: Sequence[Mapping[str, Any]],
    changes: Mapping[str, Any],
) -> None:
    """okta-zones.yaml: the gateway as the source, `targets` as they are; `changes` are laid over it.

    `owned` is the block of addresses that are the gateway's to have.
    """
    directory.document(
        directory.zones,
        laid_over(
            {
                "version": 1,
                "owned-prefixes": [owned],
                "sources": {"gateway": {"admin": admin_url, "token-file": "admin.token"}},
                "targets": [dict(target) for target in targets],
                "requests": {"graph-interval": "0s"},  # the emulated tenant has no other apps
                "safety": {"accept": ["not-public"]},  # the lab's world is loopback
                "propagation": "0s",
            },
            changes,
        ),
    )


def laid_over(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`content` with `changes`: mappings are merged, everything else takes its place, null takes away."""
    merged = dict(content)
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = laid_over(merged[key], value)
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged
