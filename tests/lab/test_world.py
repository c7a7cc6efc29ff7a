"""A whole world with the real gateway and zone controller, seen with curl: what a person without our client sees."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from lab import okta
from lab.authority import Credential
from lab.demo import PHONE, PHONE_UDID, demo_world
from lab.device.forms import read_page
from lab.device.self_signed import self_signed
from lab.device.sign_in import Outcome
from lab.evidence import Admission, decision, gateway_view, okta_entry, okta_view
from lab.logbooks import Mark, mark, pages_since
from lab.network import LOOPBACK
from lab.operations import Operations
from lab.process import run
from lab.record import At
from lab.world import OUTLOOK, World, running_world

pytestmark = [pytest.mark.anyio, pytest.mark.once]

RULES = (resources.files("lab") / "demo-rules.yaml").read_text()
OKTA = "https://acme.okta.com"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A world whose phone is enrolled and compliant."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with running_world(demo_world(RULES)) as world:
        await Operations(world).fleet.enrol(PHONE)
        yield world
    assert files(tmp_path) == []


@dataclass
class Curl:
    """curl behind the gateway, with a certificate of its own and one cookie jar."""

    world: World
    certificate: Path
    key: Path
    jar: Path

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        gateway = self.world.gateway
        authority = str(self.world.directory.authority)
        start = ["curl", "--silent", "--show-error", "--max-time", "20", "--cookie", str(self.jar)]
        start += ["--cookie-jar", str(self.jar), "--cacert", authority]
        start += ["--proxy", f"https://{gateway.address}:{gateway.port}", "--proxy-cacert", authority]
        start += ["--proxy-cert", str(self.certificate), "--proxy-key", str(self.key)]
        start += ["--proxy-header", f"Tunnel-App: {OUTLOOK}"]
        result = await run([*start, *arguments], {"PATH": os.environ["PATH"]}, 30)
        return result.code, result.out, result.err


def curl(world: World, credential: Credential | None = None) -> Curl:
    storage = world.devices[PHONE].storage
    certificate, key = (
        (storage / "client.pem", storage / "client.key")
        if credential is None
        else credential.write(storage, "impostor")
    )
    return Curl(world, certificate, key, world.directory.path / "cookies.txt")


async def test_curl_signs_in_at_okta_through_the_gateway(world: World) -> None:
    await Operations(world).zones.changes("apply")
    browse = curl(world)
    begin = mark(world)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(12)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode(
        {
            "client_id": okta.acme.CLIENT_ID,
            "redirect_uri": okta.acme.REDIRECT_URI,
            "response_type": "code",
            "scope": "openid",
            "state": state,
            "nonce": "n",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
    _, html, _ = await browse(f"{OKTA}/oauth2/v1/authorize?{query}")
    form = read_page(html, OKTA).form
    assert form is not None
    fields = form.filled(world.people["anna"].user, world.people["anna"].password)
    posted = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
    _, head, _ = await browse(*posted, "--output", "/dev/null", "--dump-header", "-", form.action)
    target = re.findall(r"(?im)^location: (\S+)", head)[-1]
    assert target.startswith(okta.acme.REDIRECT_URI)
    answer = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    assert answer["state"] == state
    exchange = {
        "grant_type": "authorization_code",
        "client_id": okta.acme.CLIENT_ID,
        "redirect_uri": okta.acme.REDIRECT_URI,
        "code": answer["code"],
        "code_verifier": verifier,
    }
    _, body, _ = await browse("--data", urlencode(exchange), f"{OKTA}/oauth2/v1/token")
    assert {"access_token", "id_token"} <= set(json.loads(body))

    seen = okta_view(map(okta_entry, (await pages_since(world, begin)).okta_events))
    assert (seen.outcome, seen.zone) == (Outcome.ALLOWED, "Tunnel egress")
    assert set(seen.addresses) <= set(LOOPBACK.egress)


async def test_curl_with_a_certificate_of_its_own_making_reaches_nobody(world: World) -> None:
    browse = curl(world, self_signed("anna", san_uri=f"urn:uem:device:{PHONE_UDID}"))
    begin = mark(world)
    code, out, err = await browse("--write-out", "%{http_connect}", f"{OKTA}/oauth2/v1/keys")
    assert code != 0
    assert out == "403"
    assert "403" in err
    assert await refused(world, begin) == ("client-certificate-untrusted",)


async def test_curl_may_not_go_where_no_rule_sends_it(world: World) -> None:
    browse = curl(world)
    begin = mark(world)
    code, _, _ = await browse("https://graph.microsoft.com/v1.0/")
    assert code != 0
    assert await refused(world, begin) == ("go-direct",)


async def refused(world: World, begin: Mark) -> tuple[str, ...]:
    """The reasons of the gateway's refusals; Okta heard of nothing."""
    pages = await pages_since(world, begin, tunnels=1)
    view = gateway_view(map(decision, pages.decisions))
    assert view.admission is Admission.REFUSED
    assert pages.okta_events == ()
    return view.reasons


async def test_the_world_s_files_are_private_and_nothing_stays(world: World) -> None:
    assert modes(world.directory.path) == {"directory": {0o700}, "file": {0o600}}


def files(directory: Path) -> list[str]:
    return [entry.name for entry in directory.iterdir()]


def modes(directory: Path) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {"directory": {stat.S_IMODE(directory.stat().st_mode)}, "file": set()}
    for entry in directory.rglob("*"):
        found["directory" if entry.is_dir() else "file"].add(stat.S_IMODE(entry.stat().st_mode))
    return found


async def test_two_worlds_at_once_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with running_world(demo_world(RULES)) as first, running_world(demo_world(RULES)) as second:
        assert first.directory != second.directory
        assert first.gateway.port != second.gateway.port
        login, _ = await asyncio.gather(
            Operations(second).logins.sign_in(PHONE, "outlook", At.OKTA), Operations(first).fleet.wait_for_gateway()
        )
        assert login.outcome is Outcome.DENIED
        assert first.servers.okta.log.of_type("policy.evaluate_sign_on") == []
    assert files(tmp_path) == []
