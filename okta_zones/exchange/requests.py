"""One request after another to one origin."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
import stamina

from dtr_rules.credentials import CredentialError
from okta_zones.errors import FarEndError, LostAnswerError, RejectedError, StrangeAnswerError, UnreachableError
from okta_zones.exchange import throttle as throttling
from okta_zones.exchange.answer import Answer, Form, Problem
from okta_zones.exchange.authorization import Authorization
from okta_zones.exchange.body import UnusableBodyError, parse, read_whole
from okta_zones.exchange.limits import Limits
from okta_zones.exchange.repeat import date_of, may_repeat
from okta_zones.exchange.throttle import Hold, Throttle
from okta_zones.exchange.user_agent import user_agent

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_KEPT: Final = ("date", "dpop-nonce", "www-authenticate")
"""The headers of an error that somebody may need to mend it."""

Make = Callable[[], Mapping[str, Any]]
"""Makes what httpx needs for one attempt beside method and address."""


class Exchange:
    """Requests to one origin. Raises FarEndError; CredentialError for authorities that cannot be loaded."""

    def __init__(
        self,
        origin: str,
        *,
        service: str,
        read_problem: Callable[[httpx.Response], Problem],
        authorization: Authorization | None = None,
        throttle: Throttle | None = None,
        limits: Limits | None = None,
        first_wait: float = 0.5,
        transport: httpx.BaseTransport | None = None,
        use_environment: bool = True,
        hold: Hold | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`first_wait`: seconds before the first repetition, doubled for each further one. `clock`: epoch seconds."""
        self.origin: Final = httpx.URL(origin)
        self.service: Final = service
        self.clock_offset = 0.0
        """Seconds that the far end's clock is ahead of ours, as far as its answers told."""
        self._read_problem = read_problem
        self._authorization = authorization
        self._throttle = throttle
        self._limits = limits or Limits()
        self._first_wait = first_wait
        self._hold = hold
        self._clock = clock
        try:
            self._client = httpx.Client(
                headers={"User-Agent": user_agent(), "Accept": "application/json"},
                timeout=httpx.Timeout(self._limits.silence, connect=self._limits.connect),
                follow_redirects=False,
                transport=transport,
                verify=_trusted(self.origin, use_environment=use_environment),
                trust_env=use_environment,
            )
        except OSError as error:  # ssl.SSLError is one
            where = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "the system's list"
            raise CredentialError(f"cannot load certificate authorities from {where}: {error}") from None
        except (ValueError, httpx.InvalidURL, ImportError):  # whose text may hold the proxy's password
            words = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names no proxy that can be used; write http://HOST:PORT"
            raise CredentialError(words) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, url: str) -> Answer:
        """GET a path of this origin, or a link that it gave."""
        return self._send("GET", url, dict, changes=False)

    def query(self, url: str, body: Mapping[str, object]) -> Answer:
        """POST JSON that changes nothing, such as a question that is too long for an address."""
        return self._send("POST", url, lambda: {"json": body}, changes=False)

    def write(self, method: str, url: str, body: Mapping[str, object]) -> Answer:
        """Send JSON that changes something. Raises LostAnswerError when it may have been done or not."""
        return self._send(method, url, lambda: {"json": body}, changes=True)

    def ask(self, url: str, make: Callable[[], Form]) -> Answer:
        """POST a form that changes nothing, such as a request for a token; made anew for every attempt."""

        def once() -> Mapping[str, Any]:
            form = make()
            return {"data": form.fields, "headers": form.headers}

        return self._send("POST", url, once, changes=False)

    def url(self, path: str) -> str:
        """The full address of a path here."""
        return str(self._within_origin(path))

    def far_time(self) -> float:
        """The far end's time in epoch seconds, as its last answer told it; ours may be minutes off."""
        return self._clock() + self.clock_offset

    def _send(self, method: str, url: str, make: Make, *, changes: bool) -> Answer:
        target = self._within_origin(url)
        if self._authorization is not None:
            self._authorization.ready()
        try:
            return self._attempts(method, target, make, changes)
        except RejectedError as rejected:
            if self._authorization is None or not self._authorization.renewed_after(rejected):
                raise
        self._authorization.ready()
        return self._attempts(method, target, make, changes)

    def _attempts(self, method: str, target: httpx.URL, make: Make, changes: bool) -> Answer:
        attempts = stamina.retry_context(
            on=lambda error: may_repeat(error, self._limits.longest_wait),
            attempts=self._limits.attempts,
            timeout=self._limits.patience,
            wait_initial=self._first_wait,
            wait_max=30,
            wait_jitter=self._first_wait,
        )
        for attempt in attempts:
            with attempt:
                self._slow_down(target.path)
                return self._once(self._request(method, target, make()), changes)
        raise AssertionError("the last attempt either returns or raises")

    def _request(self, method: str, target: httpx.URL, parts: Mapping[str, Any]) -> httpx.Request:
        headers = dict(parts.get("headers", {}))
        if self._authorization is not None:
            headers |= self._authorization.headers(method, target)
        return self._client.build_request(method, target, **{**parts, "headers": headers})

    def _slow_down(self, path: str) -> None:
        if self._throttle is None:
            return
        wait = self._throttle.wait(path, time.monotonic())
        if 0 < wait <= self._limits.longest_wait:
            (self._hold or throttling.hold)(wait, f"{self.service}: {self._throttle.why}")

    def _once(self, request: httpx.Request, changes: bool) -> Answer:
        label = f"{request.method} {request.url.path}"
        try:
            response = self._client.send(request, stream=True)
            try:
                self._learn(request.url.path, response.headers)
                body = read_whole(response, self._limits.answer, time.monotonic)
            finally:
                response.close()
        except _NEVER_SENT as error:
            raise self._no_connection(error) from None
        except httpx.HTTPError as error:
            raise self._no_answer(label, error, changes) from None
        except UnusableBodyError as error:
            raise self._unusable(label, str(error), changes) from None
        return self._judge(label, _complete(response, body), changes)

    def _learn(self, path: str, headers: httpx.Headers) -> None:
        if self._throttle is not None:
            self._throttle.learn(path, headers, time.monotonic())
        date = date_of(headers.get("Date"))
        if date is not None:
            self.clock_offset = date - self._clock()

    def _no_answer(self, label: str, error: httpx.HTTPError, changes: bool) -> FarEndError:
        message = f"no answer to {label} ({_describe(error)})"
        if changes:
            return LostAnswerError(self.service, f"{message}: it may have been done or not")
        return UnreachableError(self.service, message, passing=True)

    def _unusable(self, label: str, what: str, changes: bool) -> FarEndError:
        if changes:
            return LostAnswerError(self.service, f"{label} {what}: it may have been done or not")
        return StrangeAnswerError(self.service, f"{label} {what}")

    def _judge(self, label: str, response: httpx.Response, changes: bool) -> Answer:
        if response.is_redirect:
            raise StrangeAnswerError(self.service, f"{label} redirects elsewhere; redirects are never followed")
        if not response.is_success:
            rejected = self._rejected(label, response)
            if changes and response.is_server_error:
                raise LostAnswerError(self.service, f"{label} may have been done or not: {rejected}")
            raise rejected
        links = {rel: link["url"] for rel, link in response.links.items() if rel and "url" in link}
        try:
            return Answer(parse(response.content), links)
        except UnusableBodyError as error:
            raise self._unusable(label, str(error), changes) from None

    def _rejected(self, label: str, response: httpx.Response) -> RejectedError:
        problem = self._read_problem(response)
        return RejectedError(
            self.service,
            label,
            response.status_code,
            code=problem.code,
            summary=problem.summary,
            causes=(*problem.causes, *self._too_long(problem.wait)),
            wait=problem.wait,
            headers={name: response.headers[name] for name in _KEPT if name in response.headers},
        )

    def _too_long(self, wait: float | None) -> tuple[str, ...]:
        if wait is None or wait <= self._limits.longest_wait:
            return ()
        return (
            f"it asks to wait {wait:.0f} s, longer than requests.longest-wait of {self._limits.longest_wait:.0f} s",
        )

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


def _trusted(origin: httpx.URL, *, use_environment: bool) -> ssl.SSLContext | bool:
    """The authorities. Their list takes long to read, and plain HTTP without a proxy meets no certificate."""
    plain = origin.scheme == "http" and not use_environment
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True  # which trusts nobody


def _complete(response: httpx.Response, body: bytes) -> httpx.Response:
    """The response with its body, which is decoded already."""
    headers = [(name, value) for name, value in response.headers.multi_items() if name != "content-encoding"]
    return httpx.Response(response.status_code, headers=headers, content=body, request=response.request)


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
