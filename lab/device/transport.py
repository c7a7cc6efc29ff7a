"""How an app reaches the network: httpx on httpcore's pool, every connection routed by the device."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import anyio
import httpcore
import httpx

from dtr_rules.hosts import HostError, parse_host
from lab.device.refusal import Refusal, TunnelRefusedError
from lab.device.routing import Path, Route
from lab.device.streams import DeviceStream, translated
from lab.device.tunnel import open_tunnel
from lab.network import HostUnknownError, Network


class BlockedError(httpx.ConnectError):
    """The installed rules do not let this connection out."""

    def __init__(self, host: str, route: Route) -> None:
        super().__init__(f"{host}: {route.why}")
        self.route: Final = route


class UnresolvedError(httpcore.ConnectError):
    """The name leads nowhere."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One connection that an app asked for: the way it went, and what kept it from its end, if anything did.

    `app` is the identifier of the app that asked, `source` the device's own address, from which it goes direct or to
    the gateway. `refusal` is the gateway's; `failure` says in words what went wrong, a refusal included.
    """

    app: str
    host: str
    route: Route
    refusal: Refusal | None = None
    port: int = 443
    source: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was answered, without its query and its content, which hold secrets."""

    app: str
    method: str
    host: str
    path: str
    status: int


class DeviceNetwork(httpcore.AsyncNetworkBackend):
    """Connections of one app. `router` is asked about each; `observer` hears of each, refused ones too."""

    def __init__(
        self,
        network: Network,
        source: str,
        app: str,
        router: Callable[[str, int], Route],
        observer: Callable[[Attempt], None],
    ) -> None:
        self._network = network
        self._source = source
        self.app: Final = app
        self._router = router
        self._observer = observer

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del local_address, socket_options  # the device's own address is the only one it has
        return await self.connect(host, port, timeout)

    async def connect(self, host: str, port: int, patience: float | None) -> DeviceStream:
        """A stream to `host:port` on the way that the device sends this app; each step gets `patience` seconds.

        Raises BlockedError, TunnelRefusedError, GatewayUntrustedError, and httpcore's errors where nobody answers.
        """
        host = _canonical(host)
        route = self._router(host, port)
        attempt = Attempt(self.app, host, route, port=port, source=self._source)
        try:
            stream = await self._open(route, host, port, patience)
        except TunnelRefusedError as error:
            self._observer(replace(attempt, refusal=error.refusal, failure=str(error)))
            raise
        except Exception as error:
            self._observer(replace(attempt, failure=str(error) or type(error).__name__))
            raise
        self._observer(attempt)
        return stream

    def turn_away(self, host: str, port: int, failure: str) -> None:
        """Write down a connection that cannot be made for reasons of its own."""
        route = Route(Path.BLOCKED, failure)
        self._observer(Attempt(self.app, host, route, port=port, source=self._source, failure=failure))

    async def _open(self, route: Route, host: str, port: int, patience: float | None) -> DeviceStream:
        if route.path is Path.BLOCKED:
            raise BlockedError(host, route)
        if route.path is Path.DIRECT:
            try:
                address, real_port = self._network.resolve(host, port)
            except HostUnknownError as error:
                raise UnresolvedError(str(error)) from error
            self._network.announce(self._source, address, real_port, tunnelled=False)
            return await self._tcp(address, real_port, patience)
        assert route.profile is not None
        gateway = route.profile.gateway
        with contextlib.suppress(HostUnknownError):  # the gateway will say so
            self._network.announce(self._source, *self._network.resolve(host, port), tunnelled=True)
        tcp = await self._tcp(gateway.address, gateway.port, patience)
        return await open_tunnel(tcp, route.profile, host=host, port=port, app=self.app, patience=patience)

    async def _tcp(self, address: str, port: int, patience: float | None) -> DeviceStream:
        with translated(httpcore.ConnectError, httpcore.ConnectTimeout), anyio.fail_after(patience):
            return DeviceStream(await self._network.connect(self._source, address, port))


def _canonical(host: str) -> str:
    """One form of each host, for names and addresses that can be written in several; what is no host stays as it is."""
    try:
        return str(parse_host(host))
    except HostError:
        return host


class DeviceTransport(httpx.AsyncBaseTransport):
    """An httpx transport over a pool of its own, on the device's network; `observer` hears of each answer."""

    def __init__(self, network: DeviceNetwork, trust: ssl.SSLContext, observer: Callable[[Exchange], None]) -> None:
        self._app: Final = network.app
        self._observer: Final = observer
        self._pool: Final = httpcore.AsyncConnectionPool(ssl_context=trust, network_backend=network)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _in_words_of_httpx():
            answer = await self._pool.handle_async_request(asked)
        self._observer(Exchange(self._app, request.method, url.host, url.path, answer.status))
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_words_of_httpx():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


_WORDS: Final[dict[type[Exception], type[httpx.TransportError]]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
}


@contextmanager
def _in_words_of_httpx() -> Iterator[None]:
    try:
        yield
    except tuple(_WORDS) as error:
        word = next(_WORDS[kind] for kind in type(error).__mro__ if kind in _WORDS)
        raise word(str(error)) from error
