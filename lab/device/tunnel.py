"""The tunnel client: TLS to the pinned gateway with the device's certificate, then CONNECT."""

from __future__ import annotations

from typing import Final

import httpcore
import httpx

from lab.device.profile import InstalledProfile
from lab.device.refusal import MAX_BODY, TunnelRefusedError, parse_refusal
from lab.device.streams import DeviceStream

SERVER_NAME: Final = "tunnel-gateway"  # httpcore wants a URL for the CONNECT; the gateway reads the target only


class GatewayUntrustedError(httpx.ConnectError):
    """What answered at the gateway's address did not show the pinned certificate."""


class Tunnel(DeviceStream):
    """What is inside a tunnel. Bytes that came with the gateway's answer come first."""

    def __init__(self, tls: DeviceStream, inside: httpcore.AsyncNetworkStream) -> None:
        super().__init__(tls.stream)
        self._inside: Final = inside

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 (httpcore's)
        return await self._inside.read(max_bytes, timeout)


async def open_tunnel(
    tcp: DeviceStream, profile: InstalledProfile, *, host: str, port: int, app: str, patience: float | None
) -> DeviceStream:
    """A stream to `host:port` through the gateway at the other end of `tcp`.

    Raises TunnelRefusedError, GatewayUntrustedError, or httpcore's errors where nobody can be talked to.
    """
    tls = await tcp.start_tls(profile.tls, None, patience)
    try:
        _check_pin(tls, profile)
        return await _connect(tls, host=host, port=port, app=app, patience=patience)
    except BaseException:
        await tls.aclose()
        raise


def _check_pin(tls: DeviceStream, profile: InstalledProfile) -> None:
    """The handshake accepts what the pinned certificate signed, too; the pin means the certificate itself."""
    shown = tls.get_extra_info("ssl_object").getpeercert(binary_form=True)
    if shown != profile.gateway.certificate_der:
        raise GatewayUntrustedError("the gateway did not show the certificate that the profile pins")


async def _connect(tls: DeviceStream, *, host: str, port: int, app: str, patience: float | None) -> DeviceStream:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    gateway = httpcore.URL(scheme=b"https", host=SERVER_NAME.encode(), port=443, target=target.encode())
    headers = [(b"Host", target.encode()), (b"Tunnel-App", app.encode())]
    deadlines = {"timeout": {"connect": patience, "read": patience, "write": patience}}
    connection = httpcore.AsyncHTTP11Connection(gateway.origin, tls)
    answer = await connection.handle_async_request(
        httpcore.Request(b"CONNECT", gateway, headers=headers, extensions=deadlines)
    )
    if 200 <= answer.status < 300:
        return Tunnel(tls, answer.extensions["network_stream"])
    raise TunnelRefusedError(parse_refusal(answer.status, list(answer.headers), await _body(answer)))


async def _body(answer: httpcore.Response) -> bytes:
    body = b""
    async for part in answer.aiter_stream():
        body += part
        if len(body) > MAX_BODY:
            break
    return body
