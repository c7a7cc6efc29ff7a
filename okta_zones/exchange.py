"""One HTTP exchange after another with one origin, by the rules that hold for every far end.

- Credentials go to that origin and nowhere else: redirects and links to other origins are refused, not followed.
- TLS is always verified (`SSL_CERT_FILE` names a private authority).
- A request that certainly changed nothing is repeated: reads after a failure, any request after a 423 or a
  429 (the far end did not act) or a connection that was never made. A write whose answer was lost is never
  repeated here.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stamina

from dtr_rules.credentials import CredentialError
from okta_zones.errors import LostAnswerError, RejectedError, StrangeAnswerError, UnreachableError

TIMEOUT: Final = httpx.Timeout(60, connect=10)  # seconds; Graph needs long for lists of a hundred ranges
ATTEMPTS: Final = 5
PATIENCE: Final = 180  # seconds for all attempts of one request
LONGEST_WAIT: Final = 90  # seconds; Okta's windows are one minute long

_PASSING: Final = frozenset({423, 429, 500, 502, 503, 504})
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Problem:
    """What the body and the headers of an error say, in the words of the service."""

    code: str | None = None
    summary: str = ""
    causes: tuple[str, ...] = ()
    wait: float | None = None
    """Seconds to wait before the next request, where the service says so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: its JSON (None for an empty body) and its links by relation."""

    json: Any
    links: Mapping[str, str]


def user_agent() -> str:
    """`tunnel-gateway/VERSION (okta-zones)`, which administrators find in Okta's System Log."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return f"tunnel-gateway/{importlib.metadata.version('tunnel-gateway')} (okta-zones)"
    return "tunnel-gateway (okta-zones)"


class Exchange:
    """Requests to one origin. Raises FarEndError; CredentialError for authorities that cannot be loaded."""

    def __init__(
        self,
        origin: str,
        *,
        service: str,
        read_problem: Callable[[httpx.Response], Problem],
        authorization: Callable[[], str] | None = None,
        first_wait: float = 0.5,
        transport: httpx.BaseTransport | None = None,
        use_environment: bool = True,
    ) -> None:
        """`first_wait`: seconds before the first repetition, doubled for each further one."""
        self.origin: Final = httpx.URL(origin)
        self.service: Final = service
        self._read_problem = read_problem
        self._authorization = authorization
        self._first_wait = first_wait
        try:
            self._client = httpx.Client(
                headers={"User-Agent": user_agent(), "Accept": "application/json"},
                timeout=TIMEOUT,
                follow_redirects=False,
                transport=transport,
                trust_env=use_environment,
            )
        except OSError as error:  # ssl.SSLError is one
            where = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "the system's list"
            raise CredentialError(f"cannot load certificate authorities from {where}: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, url: str) -> Answer:
        """GET a path of this origin, or a link that it gave."""
        return self._send("GET", url, changes=False)

    def write(self, method: str, url: str, body: Mapping[str, object]) -> Answer:
        """Send JSON that changes something. Raises LostAnswerError when it may have been done or not."""
        return self._send(method, url, changes=True, json=body)

    def ask(self, url: str, form: Mapping[str, str]) -> Answer:
        """POST a form that changes nothing, such as a request for a token."""
        return self._send("POST", url, changes=False, data=form)

    def _send(self, method: str, url: str, *, changes: bool, **body: Any) -> Answer:
        target = self._within_origin(url)
        headers = {"Authorization": self._authorization()} if self._authorization else {}
        attempts = stamina.retry_context(
            on=_may_repeat,
            attempts=ATTEMPTS,
            timeout=PATIENCE,
            wait_initial=self._first_wait,
            wait_max=30,
            wait_jitter=self._first_wait,
        )
        for attempt in attempts:
            with attempt:
                return self._once(self._client.build_request(method, target, headers=headers, **body), changes)
        raise AssertionError("the last attempt either returns or raises")

    def _once(self, request: httpx.Request, changes: bool) -> Answer:
        label = f"{request.method} {request.url.path}"
        try:
            response = self._client.send(request)
        except _NEVER_SENT as error:
            raise self._no_connection(error) from None
        except httpx.HTTPError as error:
            message = f"no answer to {label} ({_describe(error)})"
            if changes:
                raise LostAnswerError(self.service, f"{message}: it may have been done or not") from None
            raise UnreachableError(self.service, message, passing=True) from None
        return self._judge(label, response, changes)

    def _judge(self, label: str, response: httpx.Response, changes: bool) -> Answer:
        if response.is_redirect:
            raise StrangeAnswerError(self.service, f"{label} redirects elsewhere; redirects are never followed")
        if not response.is_success:
            problem = self._read_problem(response)
            rejected = RejectedError(
                self.service,
                label,
                response.status_code,
                code=problem.code,
                summary=problem.summary,
                causes=problem.causes,
                wait=problem.wait,
            )
            if changes and response.is_server_error:
                raise LostAnswerError(self.service, f"{label} may have been done or not: {rejected}")
            raise rejected
        links = {rel: link["url"] for rel, link in response.links.items() if rel and "url" in link}
        return Answer(self._json(label, response), links)

    def _json(self, label: str, response: httpx.Response) -> Any:
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise StrangeAnswerError(self.service, f"{label} did not answer with JSON") from None

    def _within_origin(self, url: str) -> httpx.URL:
        try:
            target = self.origin.join(url)
        except httpx.InvalidURL:
            raise StrangeAnswerError(self.service, "gave a link that is no URL") from None
        if _origin(target) != _origin(self.origin) or target.userinfo:
            message = f"gave a link to another origin ({target.scheme}://{target.host}); it is not followed"
            raise StrangeAnswerError(self.service, message)
        return target

    def _no_connection(self, error: httpx.HTTPError) -> UnreachableError:
        where = f"{self.origin.scheme}://{self.origin.netloc.decode()}"
        untrusted = _untrusted(error)
        if untrusted is None:
            message = f"cannot connect to {where}: {_describe(error)}"
            return UnreachableError(self.service, message, passing=True)
        message = f"the certificate of {where} is not trusted: {untrusted} (SSL_CERT_FILE names a private authority)"
        return UnreachableError(self.service, message, passing=False)


def _may_repeat(error: Exception) -> bool | float:
    if isinstance(error, UnreachableError):
        return error.passing
    if not isinstance(error, RejectedError) or error.status not in _PASSING:
        return False
    if error.wait is None:
        return True
    return error.wait if error.wait <= LONGEST_WAIT else False


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _describe(error: Exception) -> str:
    return str(error) or type(error).__name__


def _untrusted(error: BaseException | None) -> str | None:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return None
