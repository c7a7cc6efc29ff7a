"""The console without a browser: who may ask, what steps do to the world, and how a page catches up."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from running_lab import WITHIN, RunningLab, running_lab

from lab.record import run_from_json

pytestmark = pytest.mark.once

JSON = {"Content-Type": "application/json"}
SIGN_IN = {"sign-in": {"device": "iphone", "app": "outlook", "at": "okta"}}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("up")) as lab:
        yield lab


@pytest.fixture(scope="module")
def session(lab: RunningLab) -> Iterator[httpx.Client]:
    with lab.session() as client:
        yield client


def state(session: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = session.get("/api/state").raise_for_status().json()
    return found


def device(session: httpx.Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in state(session)["world"]["devices"] if each["name"] == name)
    return found


def do(session: httpx.Client, verb: str, content: Any) -> dict[str, Any]:
    answer = session.post("/api/steps", json={verb: content})
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def login(session: httpx.Client, name: str, app: str = "outlook", at: str = "okta") -> dict[str, Any]:
    (found,) = do(session, "sign-in", {"device": name, "app": app, "at": at})["logins"]
    record: dict[str, Any] = found
    return record


# --- who may ask --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param({"Host": "rebound.example:8080"}, 421, id="a name that was made to lead here"),
        pytest.param({"Origin": "https://evil.example"}, 403, id="a page of another site"),
        pytest.param({"Origin": "null"}, 403, id="a page without an origin"),
        pytest.param({"Origin": "http://127.0.0.1:1"}, 403, id="a page of another port of this machine"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="a picture or a form of another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="another server of this machine"),
        pytest.param({"Cookie": ""}, 401, id="no session"),
        pytest.param({"Cookie": "tunnel-lab-{port}=guessed"}, 401, id="a guessed session"),
        pytest.param({"Content-Type": "text/plain"}, 415, id="what a form can send without being asked"),
        pytest.param({}, 422, id="who may ask, for nothing"),
    ],
)
@pytest.mark.parametrize("path", ["/api/steps", "/api/proxies", "/api/scenarios/no-such-scenario"])
def test_who_may_not_ask_is_refused_before_anything_else(
    session: httpx.Client, fields: dict[str, str], status: int, path: str
) -> None:
    named = {name: value.format(port=session.base_url.port) for name, value in fields.items()}
    answer = session.post(path, content=b"{}", headers={**JSON, **named})
    assert answer.status_code == (404 if status == 422 and path.endswith("no-such-scenario") else status)


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/api/state", "/api/events", "/api/record", "/nothing"])
def test_nothing_is_shown_without_a_session(lab: RunningLab, path: str) -> None:
    with httpx.Client(trust_env=False) as client, client.stream("GET", lab.url + path) as answer:
        assert answer.status_code == 401  # before it is read: events have no end
        assert "link" in answer.read().decode()
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_link_works_once_and_guessing_is_limited_without_shutting_the_owner_out(lab: RunningLab) -> None:
    link = lab.new_link()
    with httpx.Client(trust_env=False) as stranger:
        answer = stranger.get(link)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"]
        assert re.fullmatch(
            rf"tunnel-lab-{httpx.URL(lab.url).port}=\S{{43}}; HttpOnly; Path=/; SameSite=strict", cookie
        )
        lab.said["link"] = lab.next_line()["link"]
        assert lab.said["link"] != link
        stranger.cookies.clear()
        assert stranger.get(link).status_code == 401
        guesses = [stranger.get(f"{lab.url}/?key={number}").status_code for number in range(40)]
        assert guesses[0] == 401
        assert guesses[-1] == 429
    with lab.session() as client:
        assert client.get("/api/state").status_code == 200


def test_every_answer_says_what_the_page_may_do(session: httpx.Client) -> None:
    for path, kind in (("/", "text/html"), ("/page/main.js", "text/javascript"), ("/api/state", "application/json")):
        answer = session.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
    assert session.get("/page/..%2findex.html").status_code == 404


# --- what can be asked --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"sing-in": {}}, "sing-in", id="no such verb"),
        pytest.param({"check-in": "iphone", "discard-profile": "iphone"}, "one thing", id="two verbs"),
        pytest.param({"check-in": "iphnoe"}, "did you mean 'iphone'", id="no such device"),
        pytest.param(
            {"sign-in": {"device": "iphone", "app": "otlook", "at": "okta"}}, "did you mean 'outlook'", id="no such app"
        ),
        pytest.param({"publish-rules": "/etc/passwd"}, "not for the console", id="a file of this machine"),
        pytest.param({"okta-zones": "apply --yes"}, "okta-zones is run with", id="an option"),
        pytest.param({"okta-zones": "plan '"}, "No closing quotation", id="a quote that does not end"),
        pytest.param({"check-in": "iphone", "expect": {}}, "one thing", id="an expectation"),
        pytest.param([], "the body", id="no object"),
    ],
)
def test_what_cannot_be_asked_is_said(session: httpx.Client, body: Any, words: str) -> None:
    answer = session.post("/api/steps", json=body)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_a_long_body_is_cut_off(session: httpx.Client) -> None:
    assert session.post("/api/steps", content=b" " * 20_000, headers=JSON).status_code == 413


# --- what steps do ------------------------------------------------------------------------------------


def test_compliance_decides_who_signs_in_and_the_reason_is_told(session: httpx.Client) -> None:
    allowed = login(session, "iphone")
    assert allowed["outcome"] == "allowed"
    assert {entry["address"] for entry in allowed["entries"]} <= {"127.42.0.10", "127.42.0.11"}
    do(session, "passcode", {"device": "iphone", "present": False})
    assert device(session, "iphone")["compliance"] == "NonCompliant"
    refused = login(session, "iphone")
    assert (refused["outcome"], refused["refusal"]["reason"]) == ("never reached", "device-not-compliant")
    assert refused["entries"] == []
    do(session, "passcode", {"device": "iphone", "present": True})
    assert login(session, "iphone")["outcome"] == "allowed"


def test_administrators_of_entra_work_before_and_after_hours_that_were_skipped(session: httpx.Client) -> None:
    do(session, "revoke-sessions", {"user": "anna", "at": "entra"})
    do(session, "advance", "4h")
    do(session, "revoke-sessions", {"user": "anna", "at": "entra"})


def test_hours_later_the_compliance_policy_takes_the_profile_away(session: httpx.Client) -> None:
    do(session, "passcode", {"device": "laptop", "present": False})
    assert device(session, "laptop")["profile"] is not None
    do(session, "advance", "4h")
    do(session, "check-in", "laptop")
    assert device(session, "laptop")["profile"] is None
    assert login(session, "laptop")["connections"][0]["path"] == "direct"
    do(session, "passcode", {"device": "laptop", "present": True})
    assert login(session, "laptop")["outcome"] == "allowed"


def test_profile_and_block_are_switched(session: httpx.Client) -> None:
    do(session, "profile", {"device": "android", "present": False})
    assert device(session, "android")["profile"] is None
    direct = login(session, "android")
    assert (direct["outcome"], direct["connections"][0]["path"]) == ("denied", "direct")
    do(session, "profile", {"device": "android", "present": True})
    do(session, "block-at-gateway", {"device": "android", "reason": "lost"})
    assert device(session, "android")["blocked"] == "lost"
    assert login(session, "android")["refusal"]["reason"] == "device-blocked-by-admin"
    do(session, "allow-at-gateway", "android")
    assert login(session, "android")["outcome"] == "allowed"


def test_a_stranger_with_a_stolen_or_a_forged_certificate(session: httpx.Client) -> None:
    assert login(session, "stranger", "edge")["outcome"] == "denied"
    do(session, "forge-certificate", {"thief": "stranger", "victim": "mac"})
    assert login(session, "stranger", "edge")["refusal"]["reason"] == "client-certificate-untrusted"
    do(session, "discard-profile", "stranger")
    assert device(session, "stranger")["profile"] is None
    do(session, "profile", {"device": "mac", "present": False})
    answer = session.post("/api/steps", json={"steal-certificate": {"thief": "stranger", "victim": "mac"}})
    assert answer.status_code == 409
    assert answer.json()["error"] == "mac has no VPN profile, and so no certificate"
    do(session, "profile", {"device": "mac", "present": True})


def test_a_change_of_the_zone_is_on_its_way_until_its_time_has_passed(session: httpx.Client) -> None:
    def zone() -> dict[str, Any]:
        found: dict[str, Any] = state(session)["world"]["lists"][0]
        return found

    assert zone()["written_by"] == "Org Admin"
    assert do(session, "okta-zones", "plan")["step"]["said"][-1] == "exit code 0"
    ours = next(entry for entry in zone()["entries"] if entry.startswith("127.42.0.10"))
    do(session, "another-writer", {"remove": [ours]})
    found = zone()
    assert ours not in found["entries"]
    assert ours in found["in_force"]
    assert found["due"] > state(session)["world"]["now"]
    assert found["written_by"] == "SOC playbook"
    assert login(session, "laptop")["outcome"] == "allowed"
    do(session, "advance", "60s")
    assert ours not in zone()["in_force"]
    assert zone()["due"] is None
    assert login(session, "laptop")["outcome"] == "denied"
    done = do(session, "okta-zones", "apply")
    assert done["step"]["said"][-1] == "exit code 0"
    do(session, "advance", "60s")
    assert login(session, "laptop")["outcome"] == "allowed"


def test_a_scenario_is_played_in_a_world_of_its_own(session: httpx.Client) -> None:
    before = state(session)
    session.post("/api/scenarios/admin-block", json={}).raise_for_status()
    assert session.post("/api/scenarios/admin-block", json={}).status_code == 409
    run = next(content for name, content in events(session, before["last_event_id"]) if name == "run")
    assert (run["scenario"], run["as_expected"]) == ("admin-block", True)
    assert run["learn"]
    after = state(session)
    assert after["world"]["devices"] == before["world"]["devices"]
    assert after["logins"] == before["logins"]
    assert session.post("/api/scenarios/nothing", json={}).status_code == 404
    report = session.get("/report/admin-block")
    assert run["title"] in report.text
    assert "sandbox" in report.headers["content-security-policy"]
    assert "script-src" not in report.headers["content-security-policy"]
    assert session.get("/report/compliant-ios").status_code == 404


def test_everything_that_happened_can_be_saved_as_a_record(session: httpx.Client) -> None:
    login(session, "iphone", at="entra")
    run = run_from_json(session.get("/api/record").text, "console.json")
    assert run.logins[-1].at == "entra"
    assert run.logins[-1].step == run.steps[-1].number
    assert "Outlook" in session.get("/report").text
    assert [moment.kind for moment in run.zones[:2]] == ["network zone", "named location"]


def test_a_program_behind_a_devices_proxy_is_that_device(lab: RunningLab, session: httpx.Client) -> None:
    (proxy,) = [each["proxy"] for each in lab.said["browsers"] if each["device"] == "android"]
    before = state(session)["last_event_id"]
    trust = ssl.create_default_context(cafile=lab.said["authority"])
    with httpx.Client(proxy=proxy, verify=trust, trust_env=False) as browser:
        assert browser.get("https://acme.okta.com/.well-known/openid-configuration").status_code == 200
    visit = next(content for name, content in events(session, before) if name == "login")
    assert (visit["kind"], visit["device"], visit["app_name"]) == ("visit", "android", "Chrome")
    assert visit["outcome"] == "allowed"
    assert [each["source"] for each in visit["connections"]] == [each["egress"] for each in visit["decisions"]]
    do(session, "block-at-gateway", {"device": "android", "reason": "lost"})
    before = state(session)["last_event_id"]
    with httpx.Client(proxy=proxy, verify=trust, trust_env=False) as browser, pytest.raises(httpx.ProxyError):
        browser.get("https://acme.okta.com/")
    visit = next(content for name, content in events(session, before) if name == "login")
    assert (visit["outcome"], visit["refusal"]["reason"]) == ("never reached", "device-blocked-by-admin")
    do(session, "allow-at-gateway", "android")


def test_a_proxy_is_opened_for_any_app_of_a_device(lab: RunningLab, session: httpx.Client) -> None:
    opened = session.post("/api/proxies", json={"device": "iphone", "app": "boxer"}).raise_for_status().json()
    assert session.post("/api/proxies", json={"device": "iphone", "app": "boxer"}).json() == opened
    assert opened in state(session)["proxies"]
    before = state(session)["last_event_id"]
    with httpx.Client(
        proxy=opened["proxy"], verify=ssl.create_default_context(cafile=lab.said["authority"]), trust_env=False
    ) as program:
        assert program.get("https://acme.okta.com/.well-known/openid-configuration").status_code == 200
    visit = next(content for name, content in events(session, before) if name == "login")
    assert (visit["device"], visit["app_name"], visit["outcome"]) == ("iphone", "Boxer", "allowed")
    for wish, words in (
        ({"device": "iphnoe", "app": "boxer"}, "did you mean 'iphone'"),
        ({"device": "iphone", "app": "bxer"}, "did you mean 'boxer'"),
        ({"device": "iphone"}, "app"),
    ):
        answer = session.post("/api/proxies", json=wish)
        assert answer.status_code == 422
        assert words in answer.json()["error"]


# --- events -------------------------------------------------------------------------------------------


def events(session: httpx.Client, after: str) -> Iterator[tuple[str, Any]]:
    """What a page is told after the event `after`, as its browser would ask for it when it comes back."""
    with session.stream("GET", "/api/events", headers={"Last-Event-ID": after}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name, deadline = "", time.monotonic() + WITHIN
        for line in answer.iter_lines():  # the signs of life come for ever
            assert time.monotonic() < deadline, "what should be told is not"
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


def test_a_page_that_comes_back_gets_what_it_missed(session: httpx.Client) -> None:
    before = state(session)["last_event_id"]
    number = login(session, "iphone")["number"]
    told = events(session, before)
    found = [next(told) for _ in range(5)]
    told.close()
    assert [name for name, _ in found] == ["busy", "login", "step", "world", "busy"]
    assert found[1][1]["number"] == number


@pytest.mark.parametrize("after", ["", "nonsense", "0a0b0c0d-3", "{world}-99999999", "{world}--1"])
def test_a_page_that_missed_too_much_is_told_to_begin_anew(session: httpx.Client, after: str) -> None:
    world = state(session)["last_event_id"].partition("-")[0]
    told = events(session, after.format(world=world))
    assert next(told) == ("reset", {})
    told.close()


# --- the command --------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_said(program_environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "lab", "up", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=WITHIN,
            env=program_environment,
        )
    assert done.returncode == 3
    assert done.stderr == f"cannot listen on 127.0.0.1:{port}: {os.strerror(errno.EADDRINUSE)}\n"
