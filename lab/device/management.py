"""The device's side of its management: check-in, and what the UEM's commands ask for.

A profile is installed with a fresh key each time; a wipe leaves nothing of the company on the device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lab.authority import Credential
from lab.device.device import Device
from lab.device.profile import PinnedGateway
from lab.network import UEM_HOST


@dataclass(slots=True)
class ManagementAgent:
    """What speaks to the UEM on a managed device. `channel_token` came with the enrolment."""

    device: Device
    channel_token: str = field(repr=False)

    async def check_in(
        self, *, passcode_present: bool, compromised: bool = False, encrypted: bool = True, os_version: str = ""
    ) -> list[str]:
        """Report to the UEM, do what its queue says; returns the commands that were done, in the order done.

        Raises httpx.HTTPError when the UEM cannot be reached or says no.
        """
        report = {
            "passcode_present": passcode_present,
            "compromised": compromised,
            "encrypted": encrypted,
            "os_version": os_version,
            "apps": [app.id for app in self.device.apps],
        }
        async with self.device.system_client() as client:
            client.base_url = httpx.URL(f"https://{UEM_HOST}/lab/mdm/")
            client.headers["Authorization"] = f"Bearer {self.channel_token}"
            answer = await _post(client, "check-in", report)
            done = []
            for command in answer.json()["commands"]:
                await self._do(client, command)
                await _post(client, f"commands/{command['id']}/acknowledge", {})
                done.append(command["type"])
            return done

    async def _do(self, client: httpx.AsyncClient, command: dict[str, Any]) -> None:
        match command["type"]:
            case "RemoveProfile":
                self.device.remove_profile()
            case "InstallApplication":
                self.device.install_app(command["app"])
            case "EnterpriseWipe" | "DeviceWipe":
                self.device.remove_profile()
            case _:
                await self._install(client, command["profile"])

    async def _install(self, client: httpx.AsyncClient, profile: dict[str, Any]) -> None:
        gateway = profile["gateway"]
        self.device.install_profile(
            profile["profile_id"],
            profile["version"],
            rules=profile["device_traffic_rules"],
            gateway=PinnedGateway(
                gateway["host"], gateway["port"], gateway["tls_server_certificates"][0]["certificate"]
            ),
            client=await self._certificate(client),
        )

    async def _certificate(self, client: httpx.AsyncClient) -> Credential:
        """A new key that never leaves the device, and the UEM's certificate for it."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.device.name)])
        request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
        answer = await _post(client, "certificate", {"csr": request.public_bytes(Encoding.PEM).decode()})
        key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Credential(answer.json()["certificate"].encode(), key_pem)


async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    return (await client.post(path, json=body)).raise_for_status()
