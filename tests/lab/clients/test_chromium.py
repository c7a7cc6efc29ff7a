"""Debian's Chromium as an app of a device, by its proxy and by its PAC file: allowed, denied, refused.

The browser's own profile trusts the lab's authority; no certificate error is ignored.
"""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import Queue
from typing import Any

import msal
import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib_program import AuthlibProgram
from chromium import Browser, chromium, needed
from client_lab import CHANGES, COMPLIANT, ClientLab
from loopback_return import LoopbackReturn, loopback_return
from rich.console import Console

from lab import entra, okta
from lab.authority import utc_now
from lab.device import Path
from lab.logbooks import Pages
from lab.network import ENTRA_HOST, LOOK_ALIKE_HOST, LOOPBACK, OKTA_HOST
from lab.report.connections import ForPrograms
from lab.report.progress import Progress

pytestmark = pytest.mark.browser

USERNAME, PASSWORD, CODE = "input[name=username]", "input[name=password]", "input[name=answer]"
LOGIN = "input[name=login]"
BUTTON = "button[type=submit]"


@pytest.fixture(scope="session", autouse=True)
def browser_first() -> None:
    """No world is started where there is no browser."""
    needed()


@pytest.fixture(scope="module")
def browser(lab: ClientLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One that is told of the proxy of a device that changes."""
    network = f"--proxy-server={lab.proxies[CHANGES].url}"
    with chromium(tmp_path_factory.mktemp("proxy"), network, lab.authority) as browser:
        yield browser


@pytest.fixture(autouse=True)
def fresh(lab: ClientLab, browser: Browser) -> None:
    """Nobody is signed in, and the device has joined its network anew: no connection of another test is used again."""
    browser.open("about:blank")
    browser.forget_cookies()
    device = lab.world.devices[CHANGES]
    lab.portal.call(lambda: device.move(device.address, trusted=False))


@pytest.fixture(scope="module")
def callback(lab: ClientLab) -> Iterator[LoopbackReturn]:
    """Where a program on the computer waits for the browser; the org knows it."""
    with loopback_return() as callback:
        apps = lab.world.servers.okta.apps
        app = apps[okta.acme.CLIENT_ID]
        apps[app.id] = replace(app, redirect_uris=app.redirect_uris | {callback.redirect_uri})
        yield callback


def begin_at_okta(lab: ClientLab, device: str, callback: LoopbackReturn) -> str:
    """The URL that a program opens in the browser; its callback's page says how the sign-in ended."""
    program = AuthlibProgram(lab, device, callback.redirect_uri)

    def finish(back: Any) -> str:
        try:
            return f"Signed in as {program.finish(back)['userinfo']['preferred_username']}"
        except OAuthError as error:
            return f"{error.error}: {error.description}"

    callback.finish = finish
    return program.begin()


def show(browser: Browser, url: str) -> None:
    """What a link does: a page that cannot be had is a page, too."""
    browser.run("location.assign(arguments[0])", url)


def sign_in_at_okta(browser: Browser, lab: ClientLab, person: str) -> None:
    who = lab.world.people[person]
    browser.until(lambda: browser.texts(PASSWORD), "the org's login page")
    browser.fill(USERNAME, who.user)
    browser.fill(PASSWORD, who.password)
    browser.click(BUTTON)
    if who.code:
        browser.until(lambda: browser.texts(CODE), "the page for the second factor")
        browser.fill(CODE, who.code)
        browser.click(BUTTON)


def said(browser: Browser) -> str:
    """What the program's own page says, once the browser is back there."""
    browser.until(lambda: browser.texts("#said"), "the program's page")
    [text] = browser.texts("#said")
    return text


def hosts(found: Pages) -> dict[str, Path]:
    """Where the browser was, and which way; what it asks for by itself is left out."""
    return {each.host: each.route.path for each in found.attempts if each.host in (OKTA_HOST, ENTRA_HOST)}


def evaluations(found: Pages) -> list[tuple[str, str]]:
    return [
        (event["outcome"]["result"], event["client"]["ipAddress"])
        for event in found.okta_events
        if event["eventType"] == "policy.evaluate_sign_on"
    ]


# --- by the proxy -------------------------------------------------------------------------------------


def test_signs_in_at_okta_with_a_second_factor(lab: ClientLab, browser: Browser, callback: LoopbackReturn) -> None:
    begin = lab.mark()
    browser.open(begin_at_okta(lab, CHANGES, callback))
    sign_in_at_okta(browser, lab, "anna")
    assert said(browser) == f"Signed in as {okta.acme.LOGIN}"
    found = lab.pages_since(begin)
    assert hosts(found) == {OKTA_HOST: Path.TUNNEL}
    assert {(record.admitted, record.rule) for record in found.decisions} == {(True, "identity-providers")}
    assert [result for result, _ in evaluations(found)] == ["CHALLENGE", "ALLOW"]
    assert {address for _, address in evaluations(found)} <= set(LOOPBACK.egress)


@pytest.fixture
def msal_program(lab: ClientLab) -> Iterator[msal.PublicClientApplication]:
    """A program on the device, whose redirect URI the tenant knows."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = lab.authority
        session.proxies = {"https": lab.proxies[CHANGES].url}
        authority = f"https://{ENTRA_HOST}/{entra.acme.TENANT_ID}"
        yield msal.PublicClientApplication(entra.acme.CLIENT_ID, authority=authority, http_client=session)


def test_signs_in_at_federated_office_365_for_msal(
    lab: ClientLab,
    browser: Browser,
    msal_program: msal.PublicClientApplication,
    free_port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MSAL opens the browser and waits on loopback; Microsoft sends Ben to Okta; the browser carries its token back."""
    apps = lab.world.servers.entra.apps
    app = apps[entra.acme.CLIENT_ID]
    apps[app.id] = replace(app, redirect_uris=app.redirect_uris | {f"http://localhost:{free_port}"})
    wanted, begin = Queue[str](), lab.mark()
    monkeypatch.setattr(webbrowser, "open", lambda url: wanted.put(url) is None)
    with ThreadPoolExecutor(1) as executor:
        result = executor.submit(msal_program.acquire_token_interactive, ["User.Read"], port=free_port, timeout=60)
        browser.open(wanted.get(timeout=20))
        browser.fill(LOGIN, lab.world.people["ben"].user)
        browser.click(BUTTON)
        browser.until(lambda: browser.location.startswith(f"https://{OKTA_HOST}/"), "the way to Okta")
        sign_in_at_okta(browser, lab, "ben")
        browser.until(lambda: "Authentication complete" in browser.texts("body")[0], "MSAL's own last page")
        tokens = result.result(timeout=20)
    assert tokens["id_token_claims"]["preferred_username"] == lab.world.people["ben"].user
    found = lab.pages_since(begin)
    assert hosts(found) == {ENTRA_HOST: Path.TUNNEL, OKTA_HOST: Path.TUNNEL}
    assert {record.host for record in found.decisions if record.admitted} == {ENTRA_HOST, OKTA_HOST}
    assert {result for result, _ in evaluations(found)} == {"ALLOW"}
    assert [entry["status"]["errorCode"] for entry in found.entra_sign_ins] == [0]
    assert {entry["ipAddress"] for entry in found.entra_sign_ins} <= set(LOOPBACK.egress)


def test_a_device_that_is_not_compliant_is_refused_by_the_gateway(lab: ClientLab, browser: Browser) -> None:
    lab.wait_for(lambda: lab.operations.fleet.set_passcode(CHANGES, present=False))
    lines: list[str] = []
    teller = ForPrograms(lines.append, Progress(Console(quiet=True)))
    device = lab.world.devices[CHANGES]
    device.observers.append(lambda attempt: teller.connection(attempt, utc_now()))
    try:
        begin = lab.mark()
        show(browser, f"https://{OKTA_HOST}/.well-known/openid-configuration")
        browser.until(lambda: "ERR_TUNNEL_CONNECTION_FAILED" in browser.texts("body")[0], "Chromium's page for it")
        found = lab.pages_since(begin)
    finally:
        device.observers.clear()
        lab.wait_for(lambda: lab.operations.fleet.set_passcode(CHANGES, present=True))
    shown = [told for line in lines if (told := json.loads(line))["host"] == OKTA_HOST]
    assert {(each["path"], each["refusal"]["status"], each["refusal"]["reason"]) for each in shown} == {
        ("tunnel", 403, "device-not-compliant")
    }
    assert all(each["refusal"]["what_to_do"] for each in shown)
    assert {(record.admitted, record.reason) for record in found.decisions} == {(False, "device-not-compliant")}
    assert found.okta_events == ()


@pytest.fixture
def without_profile(lab: ClientLab) -> Iterator[None]:
    async def have(*, present: bool) -> None:
        await lab.operations.uem.set_profile(CHANGES, present=present)
        await lab.operations.fleet.check_in(CHANGES)

    lab.wait_for(lambda: have(present=False))
    yield
    lab.wait_for(lambda: have(present=True))


def test_a_device_without_profile_is_denied_by_okta(
    lab: ClientLab, browser: Browser, callback: LoopbackReturn, without_profile: None
) -> None:
    begin = lab.mark()
    browser.open(begin_at_okta(lab, CHANGES, callback))
    sign_in_at_okta_in_vain(browser, lab, "anna")
    assert said(browser) == "access_denied: The resource owner or authorization server denied the request."
    assert_denied(lab, lab.pages_since(begin))


def test_office_365_without_profile_is_denied_on_okta_s_page(
    lab: ClientLab, browser: Browser, msal_program: msal.PublicClientApplication, without_profile: None
) -> None:
    begin = lab.mark()
    flow = msal_program.initiate_auth_code_flow(
        ["User.Read"], redirect_uri=entra.acme.REDIRECT_URI, response_mode="form_post"
    )
    browser.open(flow["auth_uri"])
    browser.fill(LOGIN, lab.world.people["ben"].user)
    browser.click(BUTTON)
    sign_in_at_okta_in_vain(browser, lab, "ben")
    browser.until(lambda: "denied" in browser.texts("body")[0], "the page that says no")
    found = lab.pages_since(begin)
    assert found.entra_sign_ins == ()
    assert_denied(lab, found)


def sign_in_at_okta_in_vain(browser: Browser, lab: ClientLab, person: str) -> None:
    """Who is outside the zone is denied after the password; nobody asks for a second factor."""
    who = lab.world.people[person]
    browser.until(lambda: browser.texts(PASSWORD), "the org's login page")
    browser.fill(USERNAME, who.user)
    browser.fill(PASSWORD, who.password)
    browser.click(BUTTON)


def assert_denied(lab: ClientLab, found: Pages) -> None:
    """By Okta, which saw the device's own address; the gateway has not heard of it."""
    assert set(hosts(found).values()) == {Path.DIRECT}
    assert found.decisions == ()
    assert evaluations(found) == [("DENY", lab.world.devices[CHANGES].address)]


# --- by the PAC file ----------------------------------------------------------------------------------


def test_by_the_pac_file(lab: ClientLab, callback: LoopbackReturn, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the rules block leads to no proxy at all; everything else to the device's."""
    begin = lab.mark()
    network = f"--proxy-pac-url={lab.proxies[COMPLIANT].pac_url}"
    with chromium(tmp_path_factory.mktemp("pac"), network, lab.authority) as browser:
        browser.open(begin_at_okta(lab, COMPLIANT, callback))
        sign_in_at_okta(browser, lab, "anna")
        assert said(browser) == f"Signed in as {okta.acme.LOGIN}"
        show(browser, f"https://{LOOK_ALIKE_HOST}/")
        browser.until(lambda: "ERR_PROXY_CONNECTION_FAILED" in browser.texts("body")[0], "Chromium's page for it")
    found = lab.pages_since(begin)
    assert hosts(found) == {OKTA_HOST: Path.TUNNEL}
    assert {record.admitted for record in found.decisions} == {True}
    assert not [each for each in found.attempts if each.host == LOOK_ALIKE_HOST]
