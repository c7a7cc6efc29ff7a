"""okta-zones.yaml: what it may hold, and how its mistakes read."""

from __future__ import annotations

from pathlib import Path

import pytest

from dtr_rules.source import UnusableFileError
from okta_zones.addresses import parse_addresses
from okta_zones.config import EntraSettings, OktaSettings, Settings, load
from okta_zones.config.entra_credential import AppSecret
from okta_zones.config.okta_credential import ApiToken
from okta_zones.errors import Refusal

WHOLE = """\
version: 1
owned-prefixes: [203.0.113.0/28, "2001:db8::/48"]
sources:
  addresses: [203.0.113.10, 203.0.113.12-203.0.113.13]
  gateway: {admin: "http://127.0.0.1:9400", token-file: admin.token}
targets:
  - {name: okta, kind: okta, org-url: "https://acme.okta.com/", org-id: 00oacme, zone: Tunnel, token-file: okta.token}
  - name: entra
    kind: entra
    tenant: 5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa
    location: Tunnel egress
    client-id: 1c9d6f3e-0d0e-4b43-8a55-5d0a2f6f8f10
    client-secret-env: ENTRA_SECRET
"""
TENANT = "5f0e5a5c-7c1c-4d6f-9a51-3a0a9fd2c1aa"
OKTA = "{name: okta, kind: okta, org-url: 'https://acme.okta.com', org-id: 00oacme, zone: Z, token-env: T}"
ENTRA = f"{{name: e, kind: entra, tenant: {TENANT}, location: L, client-id: c, client-secret-env: T}}"


@pytest.fixture(autouse=True)
def _secrets(tmp_path: Path) -> None:
    for name, secret in (("admin.token", "admin-token"), ("okta.token", "okta-token\n")):
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)


def read(directory: Path, text: str) -> Settings:
    path = directory / "okta-zones.yaml"
    path.write_text(text)
    return load(path, {"ENTRA_SECRET": "entra-secret", "T": "t-secret"})


def mistakes(directory: Path, text: str) -> list[str]:
    with pytest.raises(UnusableFileError) as unusable:
        read(directory, text)
    return [str(each).removeprefix(f"{directory}/") for each in unusable.value.mistakes]


def with_target(target: str) -> str:
    return (
        f"version: 1\nowned-prefixes: [203.0.113.0/28]\nsources: {{addresses: [203.0.113.10]}}\ntargets:\n- {target}\n"
    )


def test_a_whole_file(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    assert settings.owned == parse_addresses("203.0.113.0/28") | parse_addresses("2001:db8::/48")
    assert settings.sources.addresses == parse_addresses("203.0.113.10") | parse_addresses("203.0.113.12/31")
    assert [gateway.token.reveal() for gateway in settings.sources.gateways] == ["admin-token"]
    assert settings.journal == tmp_path / "okta-zones.journal"
    assert (settings.propagation, settings.accepted) == (60.0, frozenset())
    okta, entra = settings.targets
    assert isinstance(okta, OktaSettings)
    assert (okta.org_url, okta.org_id, okta.zone) == ("https://acme.okta.com", "00oacme", "Tunnel")
    assert isinstance(okta.credential, ApiToken)
    assert okta.credential.token.reveal() == "okta-token"
    assert isinstance(entra, EntraSettings)
    assert (entra.login_url, entra.graph_url) == ("https://login.microsoftonline.com", "https://graph.microsoft.com")
    assert entra.graph_scope == "https://graph.microsoft.com/.default"
    assert isinstance(entra.credential, AppSecret)
    assert entra.credential.secret.reveal() == "entra-secret"


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, WHOLE))
    assert not any(secret in shown for secret in ("admin-token", "okta-token", "entra-secret"))


MISTAKES = {
    "an org without TLS": (
        OKTA.replace("https:", "http:"),
        "5:37: org-url 'http://acme.okta.com': must start with https://",
    ),
    "the admin console's host": (
        OKTA.replace("acme.okta", "acme-admin.okta"),
        "org-url 'https://acme-admin.okta.com': this is the admin console's host; the org is at https://acme.okta.com",
    ),
    "a path behind the org": (OKTA.replace(".com", ".com/api/v1"), "must be a plain origin"),
    "a user in the org's address": (OKTA.replace("//acme", "//me@acme"), "must be a plain origin"),
    "an unknown kind": (
        OKTA.replace("kind: okta", "kind: octa"),
        "unknown kind 'octa' (did you mean 'okta'?); allowed: okta, entra",
    ),
    "an unknown key": (OKTA.replace("zone:", "zones:"), "unknown key 'zones' (did you mean 'zone'?)"),
    "a key of the other kind": (
        OKTA.replace("zone: Z", "zone: Z, location: L"),
        "'location' has no meaning for kind 'okta'",
    ),
    "an org that is not pinned": (
        OKTA.replace(" org-id: 00oacme,", ""),
        "'org-id' is missing: pin the org by the id that https://acme.okta.com/.well-known/okta-organization shows",
    ),
    "no zone": (OKTA.replace(" zone: Z,", ""), "5:3: 'zone' is missing"),
    "no secret": (OKTA.replace(", token-env: T", ""), "write either 'token-file' or 'token-env'"),
    "two secrets": (OKTA.replace("}", ", token-file: okta.token}"), "write either 'token-file' or 'token-env'"),
    "an unset variable": (OKTA.replace("token-env: T", "token-env: NONE"), "the environment variable NONE is not set"),
    "no location": (ENTRA.replace("location: L, ", ""), "'location' is missing (or pin one with location-id)"),
    "no tenant of one's own": (ENTRA.replace(TENANT, "common"), "tenant 'common': must be the tenant's id (a GUID)"),
    "a tenant by its domain": (ENTRA.replace(TENANT, "acme.example"), "which pins the tenant as a domain does not"),
    "a tenant that leads elsewhere": (ENTRA.replace(TENANT, "'../x'"), "must be the tenant's id"),
    "Graph without TLS": (
        ENTRA.replace("}", ", graph-url: 'http://127.0.0.1:1'}"),
        "graph-url 'http://127.0.0.1:1': must start with https://",
    ),
}


@pytest.mark.parametrize(("target", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_in_a_target(tmp_path: Path, target: str, message: str) -> None:
    (found,) = mistakes(tmp_path, with_target(target))
    assert found.startswith("okta-zones.yaml:5:")
    assert message in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "203.0.113.0/28",
            "203.0.113.1/28",
            "2:18: an item of owned-prefixes '203.0.113.1/28': must be an address or a CIDR",
        ),
        ("203.0.113.0/28", "0.0.0.0/0", "too wide to be owned; at least /8"),
        ("203.0.113.10,", "203.0.113.256,", "must be an IP address, a CIDR block or a range"),
        ("http://127.0.0.1:9400", "http://gateway.acme.example", "http:// only for a loopback address"),
        ("http://127.0.0.1:9400", "http://127.0.0.1.acme.example", "http:// only for a loopback address"),
        ("name: entra", "name: okta", "a second target is called 'okta'"),
        ("version: 1", "version: 2", "unknown version 2; allowed: 1"),
    ],
    ids=[
        "host bits",
        "everything",
        "no address",
        "plain http",
        "look-alike loopback",
        "one name twice",
        "a version to come",
    ],
)
def test_mistakes_elsewhere(tmp_path: Path, old: str, new: str, message: str) -> None:
    (found,) = mistakes(tmp_path, WHOLE.replace(old, new))
    assert message in found


SOURCES = {
    "one gateway twice": (
        "{gateway: {admin: 'http://[::1]:1', token-env: T}, gateways: [{admin: 'http://[::1]:2', token-env: T}]}",
        "write either 'gateway' or 'gateways'",
    ),
    "a socket without a path": ("{gateway: {admin: 'unix://x', token-env: T}}", "must be a socket's path"),
    "a gateway elsewhere, in the clear": (
        "{gateway: {admin: 'http://192.0.2.1', token-env: T}}",
        "must start with https",
    ),
    "a command that is a text": ("{exec: {command: terraform output}}", "must be a list"),
    "a command that may take hours": ("{exec: {command: [x], timeout: 2h}}", "less than or equal to 600"),
    "a name that is none": ("{dns: [not a name]}", "an item of dns"),
    "the log of a target that is none": (
        "{okta-log: {target: okat, user: u}}",
        "there is no target 'okat' of kind okta (did you mean 'okta'?)",
    ),
}


@pytest.mark.parametrize(("sources", "words"), SOURCES.values(), ids=SOURCES.keys())
def test_mistakes_in_sources(tmp_path: Path, sources: str, words: str) -> None:
    (found,) = mistakes(tmp_path, with_target(OKTA).replace("{addresses: [203.0.113.10]}", sources))
    assert found.startswith("okta-zones.yaml:3:")
    assert words in found


def test_a_danger_is_accepted_by_its_name(tmp_path: Path) -> None:
    text = with_target(OKTA)
    assert read(tmp_path, f"{text}safety: {{accept: [not-public]}}").accepted == {Refusal.NOT_PUBLIC}
    (found,) = mistakes(tmp_path, f"{text}safety: {{accept: [not-publik]}}")
    assert "no danger that can be accepted (did you mean 'not-public'?); allowed: " in found


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    text = WHOLE.replace("token-file: okta.token", "token-file: none").replace("ENTRA_SECRET", "NONE")
    assert len(mistakes(tmp_path, text)) == 2


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "okta.token").chmod(mode)
    (found,) = mistakes(tmp_path, WHOLE)
    assert found.startswith("okta-zones.yaml:7:")
    assert f"can be read by others (mode {mode:04o}); run: chmod 600" in found
    assert "okta-token" not in found


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("one\ntwo", "more than one secret"),
        ("caf\u00e9", "more than one secret"),
    ],
    ids=["empty", "blank", "two lines", "not ASCII"],
)
def test_a_secret_that_fits_no_header(tmp_path: Path, secret: str, words: str) -> None:
    (tmp_path / "okta.token").write_text(secret)
    (found,) = mistakes(tmp_path, WHOLE)
    assert words in found
    assert "two" not in found


def test_a_secret_must_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "okta.token").unlink()
    (tmp_path / "okta.token").mkdir(mode=0o700)
    (found,) = mistakes(tmp_path, WHOLE)
    assert "is not a regular file" in found
