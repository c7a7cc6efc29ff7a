"""What the kit holds: every piece, its values, the order, and where the secret goes."""

from __future__ import annotations

import datetime as dt
import json
import plistlib
from pathlib import Path

import pytest
from acme_kit import HINT

from dtr_rules import UnusableFileError
from dtr_rules.catalogue.entry import Sure
from lab.kit.check.checking import check
from lab.kit.check.expected import expected_of
from lab.kit.configuration import load, read_hint
from lab.kit.directory import DirectoryError, write
from lab.kit.making import Kit, make
from lab.kit.piece import Piece
from lab.kit.placeholders import MANAGEMENT_HINT

DAY = dt.date(2026, 11, 26)


def kit_of(path: Path, hint: str = MANAGEMENT_HINT) -> Kit:
    return make(load(path), hint=hint, today=DAY)


def piece(kit: Kit, name: str) -> Piece:
    return next(each for each in kit.pieces if each.id == name)


def test_a_whole_configuration_gives_every_piece_in_pasting_order(kit_file: Path) -> None:
    made = kit_of(kit_file)
    assert [each.id for each in made.pieces] == [
        "okta-verify-ios",
        "okta-verify-android",
        "sso-extension-ios",
        "sso-extension-macos",
        "okta-verify-macos",
        "okta-verify-windows",
        "traffic-rules-mobile-logins",
        "okta-zone",
        "entra-location",
        "okta-policy",
        "entra-policy",
    ]
    assert made.findings == ()
    assert made.left_out == ()


def test_the_hint_is_a_placeholder_until_it_is_asked_for(kit_file: Path) -> None:
    without, with_it = kit_of(kit_file), kit_of(kit_file, HINT)
    assert HINT not in repr(without)
    values = plistlib.loads((piece(with_it, "okta-verify-ios").text or "").encode())
    assert values["managementHint"] == HINT
    assert values["udid"] == "{DeviceUid}"
    assert HINT not in repr([each.fields for each in with_it.pieces])
    assert MANAGEMENT_HINT in (piece(without, "sso-extension-ios").text or "")


def test_what_is_not_confirmed_says_so(kit_file: Path) -> None:
    fields = {each.name: each.sure for each in piece(kit_of(kit_file), "okta-verify-ios").fields}
    assert fields == {
        "managementHint": Sure.DOCUMENTED,
        "udid": Sure.MEMORY,
        "serialNumber": Sure.MEMORY,
        "OktaVerify.OrgUrl": Sure.INFERRED,
    }


def test_the_custom_domain_stands_beside_the_orgs_own_host(kit_file: Path) -> None:
    profile = plistlib.loads((piece(kit_of(kit_file), "sso-extension-macos").text or "").encode())
    assert profile["PayloadContent"][0]["Hosts"] == ["acme.okta.com", "login.acme.example"]


def test_egress_addresses_are_gateways_and_never_proxies(kit_file: Path) -> None:
    zone = json.loads(piece(kit_of(kit_file), "okta-zone").text or "")
    assert zone["gateways"] == [{"type": "RANGE", "value": "203.0.113.10-203.0.113.11"}]
    assert "proxies" not in zone


def test_the_policy_ends_with_a_catch_all_that_denies(kit_file: Path) -> None:
    rules = json.loads(piece(kit_of(kit_file), "okta-policy").text or "")
    told = [(rule["name"], rule["actions"]["appSignOn"]["access"]) for rule in rules]
    assert told == [("Break glass", "ALLOW"), ("From the tunnel", "ALLOW"), ("Catch-all Rule", "DENY")]
    assert rules[1]["conditions"]["network"] == {"connection": "ZONE", "include": ["nzo1tunnelegress0001"]}


def test_deny_comes_after_the_way_in_was_seen_to_work(kit_file: Path) -> None:
    steps = [step.what for step in kit_of(kit_file).checklist]
    admits = next(number for number, what in enumerate(steps) if "admits the zone" in what)
    works = next(number for number, what in enumerate(steps) if what.startswith("Sign in. "))
    denies = next(number for number, what in enumerate(steps) if "catch-all rule: Denied" in what)
    assert admits < works < denies


def test_rules_that_miss_the_org_are_found(kit_file: Path) -> None:
    rules = kit_file.with_name("rules.yaml")
    rules.write_text(rules.read_text().replace("[acme.okta.com, acme.mtls", '["*.acme.okta.com", acme.mtls'))
    found = kit_of(kit_file).findings
    assert any("acme.okta.com" in each.finding.message and each.place.line == 11 for each in found)


def test_what_is_written_passes_its_own_check(kit_file: Path) -> None:
    configuration = load(kit_file)
    written = write(kit_of(kit_file, HINT), kit_file.parent / "out")
    assert len(written) == 12
    assert HINT not in written[0].read_text()
    for path in written[1:]:
        checked = check(path, expected_of(configuration), DAY)
        assert [str(each) for each in checked.findings if each.counts] == [], path.name


def test_a_placeholder_does_not_pass(kit_file: Path) -> None:
    configuration = load(kit_file)
    written = {path.name: path for path in write(kit_of(kit_file), kit_file.parent / "out")}
    for name in ("okta-verify-ios.plist", "okta-verify-android.json", "sso-extension-ios.xml"):
        assert check(written[name], expected_of(configuration), DAY).fails


def test_files_are_for_their_owner_alone(kit_file: Path) -> None:
    out = kit_file.parent / "out"
    written = write(kit_of(kit_file, HINT), out)
    assert out.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    out.chmod(0o755)
    with pytest.raises(DirectoryError, match="chmod 700"):
        write(kit_of(kit_file), out)


def test_a_symbolic_link_is_not_followed(kit_file: Path) -> None:
    out = kit_file.parent / "out"
    out.mkdir(mode=0o700)
    target = kit_file.parent / "elsewhere"
    target.write_text("mine")
    (out / "okta-verify-ios.plist").symlink_to(target)
    with pytest.raises(DirectoryError, match="symbolic link"):
        write(kit_of(kit_file, HINT), out)
    assert target.read_text() == "mine"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "https://acme.okta.com",
            "http://acme.okta.com",
            ":2:10: org-url 'http://acme.okta.com': must start with https",
        ),
        (
            "https://acme.okta.com",
            "https://acme-admin.okta.com",
            "admin console's host; the org is at https://acme.okta.com",
        ),
        ("https://acme.okta.com", "https://login.acme.example", ":2:10: must be the org's own host"),
        ("https://acme.okta.com", "https://other.okta.com", ":6:8: okta-zones.yaml has no target of kind okta"),
        ("login.acme.example", "https://login.acme.example", ":3:16: custom-domain"),
        ("login.acme.example", "acme.okta.com", ":3:16: this is an Okta org's own host"),
        ("zones: okta-zones.yaml", "egress: [203.0.113.10]", ":6:9: of no use without 'zones'"),
        ("zones: okta-zones.yaml", "zones: okta-zones.yaml\negress: [203.0.113.10]", ":7:9: okta-zones.yaml lists"),
        ("rules: [rules.yaml]", "rules: [missing.yaml]", "missing.yaml:1:1: cannot read this file"),
        ("rules:", "rule:", "unknown key 'rule' (did you mean 'rules'?)"),
        ("management-hint-env", "management-hint", "unknown key 'management-hint'"),
    ],
)
def test_mistakes_in_the_configuration_have_their_place(kit_file: Path, old: str, new: str, told: str) -> None:
    kit_file.write_text(kit_file.read_text().replace(old, new, 1))
    with pytest.raises(UnusableFileError) as caught:
        load(kit_file)
    assert told in str(caught.value)


def test_addresses_of_a_gateway_have_to_be_written_down(kit_file: Path) -> None:
    zones = kit_file.with_name("okta-zones.yaml")
    asked = 'sources: {gateway: {admin: "http://127.0.0.1:9400", token-file: admin.token}}'
    zones.write_text(zones.read_text().replace("sources: {addresses: [203.0.113.10, 203.0.113.11]}", asked))
    with pytest.raises(UnusableFileError, match="write them here as 'egress"):
        load(kit_file)
    kit_file.write_text(kit_file.read_text() + "egress: [203.0.113.10]\n")
    assert str(load(kit_file).addresses) == "203.0.113.10"


def test_a_short_or_open_hint_is_refused_without_being_told(kit_file: Path) -> None:
    configuration = load(kit_file)
    with pytest.raises(UnusableFileError) as caught:
        read_hint(configuration, {"KIT_TEST_HINT": "s3cret"})
    assert "s3cret" not in str(caught.value)
    hint = kit_file.with_name("hint")
    hint.write_text(HINT)
    hint.chmod(0o644)
    kit_file.write_text(
        kit_file.read_text().replace("management-hint-env: KIT_TEST_HINT", "management-hint-file: hint")
    )
    with pytest.raises(UnusableFileError, match="chmod 600"):
        read_hint(load(kit_file), {})
    hint.chmod(0o600)
    assert read_hint(load(kit_file), {}).reveal() == HINT


def test_without_rules_and_zones_it_says_what_is_left_out(kit_file: Path) -> None:
    kit_file.write_text("version: 1\norg-url: https://acme.okta.com\nplatforms: [ios]\n")
    made = kit_of(kit_file)
    assert [each.id for each in made.pieces] == ["okta-verify-ios", "sso-extension-ios"]
    assert len(made.left_out) == 2
