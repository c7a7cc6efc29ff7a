"""The rules of every HTTP exchange: what is repeated, what is refused, what an error says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
import stamina
import stamina.instrumentation

from dtr_rules.credentials import CredentialError, Secret
from okta_zones.errors import FarEndError, LostAnswerError, RejectedError, StrangeAnswerError, UnreachableError
from okta_zones.exchange import Exchange, FixedToken, Limits, user_agent
from okta_zones.okta.problem import read_problem
from okta_zones.okta.rate_limit import rate_limit_wait
from okta_zones.okta.transport import connect

ORG = "https://acme.okta.com"
TOKEN = "very-secret-token"
Script = list[httpx.Response | Exception]


class Server:
    """Answers from a script, its last line for ever."""

    def __init__(self, *script: httpx.Response | Exception) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def exchange(server: Server) -> Exchange:
    return connect(ORG, FixedToken("SSWS", Secret(TOKEN)), transport=httpx.MockTransport(server))


def failure(act: Callable[[], object]) -> FarEndError:
    with pytest.raises(FarEndError) as raised:
        act()
    assert TOKEN not in f"{raised.value} {raised.value!r} {vars(raised.value)}"
    return raised.value


FINE = httpx.Response(200, json={"id": "x"})
PASSING: dict[str, httpx.Response | Exception] = {
    "500": httpx.Response(500),
    "503": httpx.Response(503),
    "423, while Okta reconciles policies": httpx.Response(423, json={"errorCode": "E0000239"}),
    "429": httpx.Response(429),
    "a connection that breaks": httpx.ReadError("broken"),
    "an answer that does not come": httpx.ReadTimeout("late"),
    "a connection that is not made": httpx.ConnectError("refused"),
}


@pytest.mark.parametrize("trouble", PASSING.values(), ids=PASSING.keys())
def test_a_read_is_repeated(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble, trouble, FINE)
    assert exchange(server).read("/x").json == {"id": "x"}
    assert len(server.requests) == 3


@pytest.mark.parametrize("trouble", PASSING.values(), ids=PASSING.keys())
def test_patience_ends(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble)
    failure(lambda: exchange(server).read("/x"))
    assert len(server.requests) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412])
def test_a_plain_refusal_is_not_repeated(status: int) -> None:
    server = Server(httpx.Response(status))
    error = failure(lambda: exchange(server).read("/x"))
    assert isinstance(error, RejectedError)
    assert error.status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("trouble", [httpx.Response(423), httpx.Response(429), httpx.ConnectError("refused")])
def test_a_write_is_repeated_where_the_far_end_certainly_did_not_act(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble, FINE)
    exchange(server).write("PUT", "/x", {})
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "trouble", [httpx.Response(500), httpx.Response(504), httpx.ReadTimeout("late"), httpx.RemoteProtocolError("cut")]
)
def test_a_write_whose_answer_is_lost_is_not_repeated(trouble: httpx.Response | Exception) -> None:
    server = Server(trouble)
    assert isinstance(failure(lambda: exchange(server).write("PUT", "/x", {})), LostAnswerError)
    assert len(server.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    server = Server(httpx.Response(302, headers={"Location": "https://elsewhere.example/"}))
    assert isinstance(failure(lambda: exchange(server).read("/x")), StrangeAnswerError)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://elsewhere.example/x",
        "http://acme.okta.com/x",
        "https://acme.okta.com:8443/x",
        "https://acme.okta.com@elsewhere.example/x",
        "https://me:pw@acme.okta.com/x",
        "//elsewhere.example/x",
        "https://acme.okta.com.elsewhere.example/x",
        "https://[x/",
    ],
)
def test_a_link_to_another_origin_is_not_followed(link: str) -> None:
    server = Server(FINE)
    assert isinstance(failure(lambda: exchange(server).read(link)), StrangeAnswerError)
    assert server.requests == []


def test_the_same_origin_may_say_its_port() -> None:
    server = Server(FINE)
    assert exchange(server).read("https://ACME.okta.com:443/x").json == {"id": "x"}


NO_JSON = {
    "half of it": ('{"id": "x", "ga', "did not answer with JSON: it breaks off or is damaged (15 bytes)"),
    "a page": ("<!doctype html><title>Sign in\x1b[31m</title>", 'answered with a page titled "Sign in'),
    "text": ("no healthy upstream", "did not answer with JSON (19 bytes of something else)"),
    "a number that is none": ('{"id": NaN}', "did not answer with JSON"),
    "a hole": ("[" * 100_000, "did not answer with JSON"),
}


@pytest.mark.parametrize(("body", "words"), NO_JSON.values(), ids=NO_JSON.keys())
def test_an_answer_that_is_no_json(body: str, words: str) -> None:
    server = Server(httpx.Response(200, text=body))
    assert words in str(failure(lambda: exchange(server).read("/x")))


@pytest.mark.parametrize(("body", "words"), NO_JSON.values(), ids=NO_JSON.keys())
def test_a_write_that_is_not_answered_with_json_may_have_been_done(body: str, words: str) -> None:
    lost = failure(lambda: exchange(Server(httpx.Response(200, text=body))).write("PUT", "/x", {}))
    assert isinstance(lost, LostAnswerError)
    assert words in str(lost)


def test_every_request_says_who_asks() -> None:
    server = Server(FINE)
    exchange(server).read("/x")
    (request,) = server.requests
    assert request.headers["User-Agent"] == user_agent()
    assert user_agent().startswith("tunnel-gateway")
    assert request.headers["Authorization"] == f"SSWS {TOKEN}"


def test_an_error_says_what_okta_said() -> None:
    body = {
        "errorCode": "E0000001",
        "errorSummary": "Api validation failed: gateways",
        "errorLink": "E0000001",
        "errorId": "oae",
        "errorCauses": [{"errorSummary": "gateways: too many"}],
    }
    error = failure(lambda: exchange(Server(httpx.Response(400, json=body))).write("PUT", "/api/v1/zones/nzo1", {}))
    assert isinstance(error, RejectedError)
    assert (error.status, error.code, error.causes) == (400, "E0000001", ("gateways: too many",))
    assert str(error) == (
        "Okta: PUT /api/v1/zones/nzo1 answered 400: E0000001 Api validation failed: gateways (gateways: too many)"
    )


@pytest.mark.parametrize("body", ["", "[]", "null", '{"errorCode": 7, "errorCauses": [1, {}]}', "<html>"])
def test_an_error_body_of_any_shape_is_survived(body: str) -> None:
    assert read_problem(httpx.Response(502, text=body)).code is None


# --- Okta's rate limit ---------------------------------------------------------------------------------------------

RATE_LIMITS = {
    "until the reset, one second more": ({"X-Rate-Limit-Reset": "1000060"}, 61.0),
    "by Okta's own clock": (
        {"X-Rate-Limit-Reset": "1000060", "Date": "Mon, 12 Jan 1970 13:47:30 GMT"},  # 1000050
        11.0,
    ),
    "a reset in the past": ({"X-Rate-Limit-Reset": "999000"}, 1.0),
    "no reset": ({}, None),
    "a reset that is no number": ({"X-Rate-Limit-Reset": "soon"}, None),
    "too many at once": ({"X-Rate-Limit-Limit": "0", "X-Rate-Limit-Reset": "1000060"}, None),
}


@pytest.mark.parametrize(("headers", "wait"), RATE_LIMITS.values(), ids=RATE_LIMITS.keys())
def test_rate_limit_wait(headers: dict[str, str], wait: float | None) -> None:
    assert rate_limit_wait(httpx.Headers(headers), now=1_000_000) == wait


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """The waits that were scheduled."""
    scheduled: list[float] = []
    stamina.instrumentation.set_on_retry_hooks([lambda details: scheduled.append(details.wait_for)])
    yield scheduled
    stamina.instrumentation.set_on_retry_hooks(None)


def test_a_wait_that_is_too_long_is_not_waited(waits: list[float]) -> None:
    server = Server(httpx.Response(429, headers={"X-Rate-Limit-Reset": "99999999999"}), FINE)
    error = failure(lambda: exchange(server).read("/x"))
    assert isinstance(error, RejectedError)
    assert error.status == 429
    assert waits == []


# --- TLS -----------------------------------------------------------------------------------------------------------


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with Exchange(f"https://127.0.0.1:{port}", service="Okta", read_problem=read_problem) as closed:
            error = failure(lambda: closed.read("/x"))
    assert isinstance(error, UnreachableError)
    assert f"cannot connect to https://127.0.0.1:{port}" in str(error)


# --- proxies of the environment ------------------------------------------------------------------------------------


def test_requests_go_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def refuse() -> None:
            connection, _ = proxy.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:proxy-password@127.0.0.1:{proxy.getsockname()[1]}")
        limits = Limits(attempts=1)
        with Exchange(ORG, service="Okta", read_problem=read_problem, limits=limits) as through:
            error = failure(lambda: through.read("/x"))
        thread.join()
    assert heard[0].startswith(b"CONNECT acme.okta.com:443 ")
    assert isinstance(error, UnreachableError)
    assert "403" in str(error)
    assert "proxy-password" not in str(error)


@pytest.mark.parametrize("proxy", ["gopher://me:proxy-password@127.0.0.1:1", "http://me:proxy-password@127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(CredentialError, match="names no proxy that can be used") as raised:
        Exchange(ORG, service="Okta", read_problem=read_problem)
    assert "proxy-password" not in str(raised.value)
