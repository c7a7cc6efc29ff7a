"""Mistakes in files that are in use: each found at its place, with its mend; and what is right is left alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import plistlib
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from examples import tried
from hypothesis import given
from hypothesis import strategies as st

from dtr_rules import UnusableFileError
from lab.kit.check.checking import Checked, check
from lab.kit.check.expected import Expected, expected_of
from lab.kit.configuration import load

DAY = dt.date(2026, 11, 26)
HINT = "Xk3!correct-horse_Battery9"
GOOD_APP = {"managementHint": HINT, "udid": "{DeviceUid}", "serialNumber": "{DeviceSerialNumber}"}
GOOD_SSO = {
    "ExtensionIdentifier": "com.okta.mobile.auth-service-extension",
    "TeamIdentifier": "B7F62B65BN",
    "Type": "Credential",
    "Realm": "Okta Device",
    "Hosts": ["acme.okta.com", "login.acme.example"],
    "PayloadType": "com.apple.extensiblesso",
}


@pytest.fixture
def expected(kit_file: Path) -> Expected:
    return expected_of(load(kit_file))


def judged(tmp_path: Path, content: str | bytes, expected: Expected) -> Checked:
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return check(path, expected, DAY)


def told(checked: Checked) -> list[str]:
    return [f"{each.severity}: {each.message} -> {each.fix}" for each in checked.findings]


def changed(good: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """`good` with keys renamed (`old="new"` where new is a key), values replaced, or dropped (None)."""
    merged = {**good, **changes}
    return {key: value for key, value in merged.items() if value is not None}


APP_CASES = {
    "as it should be": (GOOD_APP, []),
    "the tutorial's misspelling": (
        {"managmentHint": HINT, "udid": "{DeviceUid}"},
        ["error: 'managmentHint' is not read (did you mean 'managementHint'?) -> write managementHint"],
    ),
    "wrong case": (
        {"ManagementHint": HINT, "udid": "{DeviceUid}"},
        ["error: 'ManagementHint' is not read (did you mean 'managementHint'?) -> write managementHint"],
    ),
    "no hint": ({"udid": "{DeviceUid}"}, ["error: 'managementHint' is missing"]),
    "no udid": ({"managementHint": HINT}, ["warning: nothing tells Okta the UDID"]),
    "hint with a line break": (changed(GOOD_APP, managementHint=HINT + "\n"), ["error: managementHint: white space"]),
    "hint in quotation marks": (changed(GOOD_APP, managementHint=f'"{HINT}"'), ["error: managementHint: quotation"]),
    "hint too short": (changed(GOOD_APP, managementHint="abc"), ["error: managementHint: a secret key has 8 to 256"]),
    "hint as a number": (
        changed(GOOD_APP, managementHint=12345678),
        ["error: managementHint: the management hint has"],
    ),
    "manual's example as hint": (
        changed(GOOD_APP, managementHint="{Your-Okta-Secret-Key}"),
        ["error: managementHint: this is a manual's example"],
    ),
    "our placeholder as hint": (
        changed(GOOD_APP, managementHint="PUT-THE-MANAGEMENT-HINT-HERE"),
        ["error: managementHint: 'PUT-THE-MANAGEMENT-HINT-HERE' is still a placeholder"],
    ),
    "double braces": (changed(GOOD_APP, udid="{{DeviceUid}}"), ["error: udid: '{{DeviceUid}}' is no look-up value"]),
    "round brackets": (changed(GOOD_APP, udid="(DeviceUid)"), ["error: udid: '(DeviceUid)' is no look-up value"]),
    "no braces": (changed(GOOD_APP, udid="DeviceUid"), ["error: udid: 'DeviceUid' is no look-up value"]),
    "a space in the braces": (changed(GOOD_APP, udid="{ DeviceUid }"), ["error: udid: '{ DeviceUid }' is no look-up"]),
    "small letters": (changed(GOOD_APP, udid="{deviceuid}"), ["error: udid: '{deviceuid}' is no look-up value"]),
    "Jamf's form": (changed(GOOD_APP, udid="$UDID"), ["-> write {DeviceUid}"]),
    "Intune's form": (changed(GOOD_APP, serialNumber="{{serialnumber}}"), ["-> write {DeviceSerialNumber}"]),
    "the secret in the wrong field": (
        changed(GOOD_APP, udid="Xk3!{wrong}field"),
        ["no look-up value of the UEM: every"],
    ),
    "the other look-up": (
        changed(GOOD_APP, udid="{DeviceSerialNumber}"),
        ["is another look-up value than the key says"],
    ),
    "a fixed value": (
        changed(GOOD_APP, udid="00008101-000A1C2E3F40001E"),
        ["no look-up value of the UEM: every device"],
    ),
    "org URL with http": (
        changed(GOOD_APP, **{"OktaVerify.OrgUrl": "http://acme.okta.com"}),
        ["error: OktaVerify.OrgUrl: the URL starts with http:// -> write https://acme.okta.com"],
    ),
    "org URL of the console": (
        changed(GOOD_APP, **{"OktaVerify.OrgUrl": "https://acme-admin.okta.com"}),
        ["is the Admin Console's host -> write https://acme.okta.com"],
    ),
    "org URL with a path": (
        changed(GOOD_APP, **{"OktaVerify.OrgUrl": "https://acme.okta.com/app/UserHome"}),
        ["something follows the host -> write https://acme.okta.com"],
    ),
    "org URL with a slip": (
        changed(GOOD_APP, **{"OktaVerify.OrgUrl": "https://amce.okta.com"}),
        ["'amce.okta.com' is no host of your org (did you mean 'acme.okta.com'?)"],
    ),
    "org URL under a wrong key": (
        changed(GOOD_APP, **{"OktaVerify.OrgURL": "https://acme.okta.com"}),
        ["error: 'OktaVerify.OrgURL' is not read (did you mean 'OktaVerify.OrgUrl'?)"],
    ),
    "diagnostics as text": (
        changed(GOOD_APP, **{"OktaVerify.ReportDiagnostics": "true"}),
        ["error: OktaVerify.ReportDiagnostics: has to be true or false"],
    ),
}


FORMS = ("plist", "binary plist", "json", "android managed properties", "android xml")


def _says(form: str, content: dict[str, Any]) -> bool:
    """Whether the form can hold it: Android's XML has no types but text."""
    return form != "android xml" or all(isinstance(value, str) for value in content.values())


@pytest.mark.parametrize(
    ("form", "content", "findings"),
    [
        pytest.param(form, content, findings, id=f"{form}: {name}")
        for form in FORMS
        for name, (content, findings) in APP_CASES.items()
        if _says(form, content)
    ],
)
def test_application_configuration(
    tmp_path: Path, expected: Expected, form: str, content: dict[str, Any], findings: list[str]
) -> None:
    if form == "android xml":
        parms = "".join(f"<parm name={quoteattr(key)} value={quoteattr(value)} />" for key, value in content.items())
        text: str | bytes = f'<characteristic type="com.okta.android.auth">{parms}</characteristic>'
    elif form == "json":
        text = json.dumps(content)
    elif form == "android managed properties":
        listed = [{"key": key, "valueString": value} for key, value in content.items()]
        text = json.dumps({"kind": "androidenterprise#managedConfiguration", "managedProperty": listed})
    else:
        text = plistlib.dumps(
            content, fmt=plistlib.FMT_XML if form == "plist" else plistlib.FMT_BINARY, sort_keys=False
        )
    found = told(judged(tmp_path, text, expected))
    assert len(found) == len(findings), found
    assert all(fragment in line for line, fragment in zip(found, findings, strict=True)), found


SSO_CASES = {
    "as it should be": (GOOD_SSO, []),
    "no team": (changed(GOOD_SSO, TeamIdentifier=None), ["error: 'TeamIdentifier' is missing"]),
    "wrong team": (changed(GOOD_SSO, TeamIdentifier="B7F62B65BM"), ["error: TeamIdentifier is 'B7F62B65BM'"]),
    "the app's identifier": (
        changed(GOOD_SSO, ExtensionIdentifier="com.okta.mobile"),
        ["error: ExtensionIdentifier is 'com.okta.mobile'"],
    ),
    "misspelt key": (
        changed(GOOD_SSO, ExtensionIdentifier=None, ExtensionIdentifer="com.okta.mobile.auth-service-extension"),
        ["error: 'ExtensionIdentifer' is not read (did you mean 'ExtensionIdentifier'?)"],
    ),
    "redirect": (changed(GOOD_SSO, Type="Redirect"), ["error: Type is 'Redirect'; for FastPass"]),
    "type in small letters": (changed(GOOD_SSO, Type="credential"), ["(did you mean 'Credential'?)"]),
    "realm in small letters": (changed(GOOD_SSO, Realm="okta device"), ["error: Realm is 'okta device'"]),
    "host as URL": (
        changed(GOOD_SSO, Hosts=["https://acme.okta.com", "login.acme.example"]),
        ["is missing", "is a URL; a host stands here -> write acme.okta.com"],
    ),
    "custom domain forgotten": (
        changed(GOOD_SSO, Hosts=["acme.okta.com"]),
        ["error: 'login.acme.example' is missing: sign-ins there"],
    ),
    "hosts as one text": (changed(GOOD_SSO, Hosts="acme.okta.com"), ["error: Hosts has to be a list"]),
    "admin host": (
        changed(GOOD_SSO, Hosts=["acme.okta.com", "login.acme.example", "acme-admin.okta.com"]),
        ["is the Admin Console's host"],
    ),
    "no hosts": (changed(GOOD_SSO, Hosts=None), ["error: 'Hosts' is missing"]),
    "denied bundles as text": (
        changed(GOOD_SSO, DeniedBundleIdentifiers="com.example.app"),
        ["error: DeniedBundleIdentifiers has to be a list"],
    ),
    "misspelt hint inside": (
        changed(GOOD_SSO, ExtensionData={"managmentHint": HINT}),
        ["(did you mean 'managementHint'?)"],
    ),
    "platform SSO": (
        changed(
            GOOD_SSO,
            Type="Redirect",
            PlatformSSO={"AuthenticationMethod": "Password"},
            URLs=["https://acme.okta.com/device-access/api/v1/nonce", "https://acme.okta.com/oauth2/v1/token"],
        ),
        [],
    ),
    "platform SSO without https": (
        changed(GOOD_SSO, Type="Redirect", PlatformSSO={}, URLs=["acme.okta.com/oauth2/v1/token"]),
        ["is no https:// URL"],
    ),
}


@pytest.mark.parametrize(("payload", "findings"), SSO_CASES.values(), ids=SSO_CASES)
@pytest.mark.parametrize("form", ["mobileconfig", "payload"])
def test_sso_extension(
    tmp_path: Path, expected: Expected, form: str, payload: dict[str, Any], findings: list[str]
) -> None:
    around = {
        "PayloadContent": [payload],
        "PayloadIdentifier": "example.profile",
        "PayloadType": "Configuration",
        "PayloadUUID": "0D6C2D8F-5B0F-4A0E-9F39-4F5A2C1B7E11",
        "PayloadVersion": 1,
    }
    text = plistlib.dumps(around if form == "mobileconfig" else payload, sort_keys=False)
    found = told(judged(tmp_path, text, expected))
    assert len(found) == len(findings), found
    assert all(fragment in line for line, fragment in zip(found, findings, strict=True)), found


WINDOWS_CASES = {
    "as it should be": ("OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=https://login.acme.example", []),
    "capital letters": ("OktaVerifySetup-6.7.1.0-15309a5.exe /q SKU=ALL ORGURL=https://acme.okta.com", []),
    "the tutorial's host": (
        "OktaVerifySetup-x.x.x.x-yyyyyyy.exe /q OrgUrl=https://{org}.org.com",
        ["note: the name of the installer", "error: this is a manual's example"],
    ),
    "no URL": ("OktaVerifySetup-6.7.1.0-15309a5.exe /q", ["error: OrgUrl is missing"]),
    "http": ("OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=http://acme.okta.com", ["starts with http://"]),
    "admin": ("OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=https://acme-admin.okta.com", ["Admin Console's host"]),
    "not quiet": ("OktaVerifySetup-6.7.1.0-15309a5.exe OrgUrl=https://acme.okta.com", ["warning: not quiet"]),
    "no scheme": ("OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=acme.okta.com", ["warning: without https://"]),
    "spaces around the sign": (
        "OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl = https://acme.okta.com",
        ["error: an option is written OrgUrl=VALUE"],
    ),
    "a dash in front": (
        "OktaVerifySetup-6.7.1.0-15309a5.exe /q -OrgUrl=https://acme.okta.com",
        ["error: an option is written OrgUrl=VALUE"],
    ),
    "misspelt": (
        "OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUri=https://acme.okta.com",
        ["error: 'OrgUri' is no option (did you mean 'OrgUrl'?)"],
    ),
    "typographic quotation marks": (
        "OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=“https://acme.okta.com”",
        ["error: typographic quotation", "error: spaces or quotation marks"],
    ),
    "a secret in the line": (
        "OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=https://acme.okta.com CLIENTSECRET=abcdefgh",
        ["warning: a secret on a command line"],
    ),
    "a secret in the line, with spaces": (
        "OktaVerifySetup-6.7.1.0-15309a5.exe /q OrgUrl=https://acme.okta.com CLIENTSECRET = abcdefgh",
        ["error: an option is written ClientSecret=VALUE", "warning: a secret on a command line"],
    ),
}


@pytest.mark.parametrize(("line", "findings"), WINDOWS_CASES.values(), ids=WINDOWS_CASES)
def test_windows_install_line(tmp_path: Path, expected: Expected, line: str, findings: list[str]) -> None:
    found = told(judged(tmp_path, f"rem install\n{line}\n", expected))
    assert len(found) == len(findings), found
    assert all(sum(fragment in each for each in found) == 1 for fragment in findings), found
    assert "abcdefgh" not in "".join(found)


ZONE = {"type": "IP", "name": "Tunnel", "gateways": [{"type": "RANGE", "value": "203.0.113.10-203.0.113.11"}]}
RULE = {
    "name": "From the tunnel",
    "priority": 0,
    "conditions": {"network": {"connection": "ZONE", "include": ["nzo1tunnelegress0001"]}},
    "actions": {"appSignOn": {"access": "ALLOW"}},
}
CATCH_ALL = {"name": "Catch-all Rule", "priority": 99, "system": True, "actions": {"appSignOn": {"access": "DENY"}}}
OPEN = {**CATCH_ALL, "actions": {"appSignOn": {"access": "ALLOW"}}}
ANYWHERE = {**RULE, "name": "x", "conditions": {"network": {"connection": "ANYWHERE"}}}
LOCATION = {
    "@odata.type": "#microsoft.graph.ipNamedLocation",
    "isTrusted": False,
    "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.10/31"}],
}
ACCESS = {
    "state": "enabled",
    "conditions": {
        "clientAppTypes": ["all"],
        "users": {"includeUsers": ["All"], "excludeGroups": ["0d6c2d8f-5b0f-4a0e-9f39-4f5a2c1b7e11"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": ["9f1a3c55-2d0e-4b0e-8f5b-6c3f1f7d2a10"]},
    },
    "grantControls": {"operator": "OR", "builtInControls": ["block"]},
}


def inside(good: dict[str, Any], part: str, **changes: Any) -> dict[str, Any]:
    conditions = good["conditions"]
    return {**good, "conditions": {**conditions, part: {**conditions[part], **changes}}}


JSON_CASES: dict[str, tuple[Any, list[str]]] = {
    "zone as it should be": (ZONE, []),
    "zone that misses an address": (
        changed(ZONE, gateways=[{"type": "RANGE", "value": "203.0.113.10"}]),
        ["error: egress addresses are missing: 203.0.113.11"],
    ),
    "zone with a private address": (
        changed(ZONE, gateways=[*ZONE["gateways"], {"type": "CIDR", "value": "10.0.0.0/24"}]),
        ["error: 10.0.0.0-10.0.0.255: an address of a private", "note: addresses that are not the gateway's"],
    ),
    "zone with the egress as a proxy": (
        changed(ZONE, proxies=[{"type": "CIDR", "value": "203.0.113.10/32"}]),
        ["error: 203.0.113.10: an egress address as a trusted proxy"],
    ),
    "zone that blocks": (changed(ZONE, usage="BLOCKLIST"), ["error: a blocklist"]),
    "zone that sleeps": (changed(ZONE, status="INACTIVE"), ["error: the zone is not active"]),
    "zone of another type": (changed(ZONE, type="DYNAMIC"), ["egress addresses stand in a zone of type IP"]),
    "zone with a slip": (
        changed(ZONE, gateways=[*ZONE["gateways"], {"type": "CIDR", "value": "203.0.113.300/32"}]),
        ["is not a CIDR block"],
    ),
    "rules as they should be": ([RULE, CATCH_ALL], []),
    "catch-all left on allow": ([RULE, OPEN], ["error: the catch-all rule allows"]),
    "no catch-all": ([RULE, {**RULE, "name": "other"}], ["error: no catch-all rule at the end"]),
    "allow from anywhere first": (
        [ANYWHERE, {**RULE, "priority": 1}, CATCH_ALL],
        ["error: every rule after this one is never reached", "error: this admits people from anywhere"],
    ),
    "zone under exclude": (
        [{**RULE, "conditions": {"network": {"connection": "ZONE", "exclude": ["nzo1"]}}}, CATCH_ALL],
        ["error: this admits everybody who is NOT in the zone", "error: no rule admits a zone"],
    ),
    "another zone": (
        [{**RULE, "conditions": {"network": {"connection": "ZONE", "include": ["nzo1other"]}}}, CATCH_ALL],
        ["error: 'nzo1other' is not the zone that okta-zones keeps"],
    ),
    "managed without registered": (
        [{**RULE, "conditions": {**RULE["conditions"], "device": {"managed": True}}}, CATCH_ALL],
        ["error: a condition on managed devices needs registered devices"],
    ),
    "location as it should be": (LOCATION, []),
    "location without a prefix length": (
        changed(LOCATION, ipRanges=[{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.10"}]),
        ["error: egress addresses are missing", "has no prefix length; Graph refuses it -> write 203.0.113.10/32"],
    ),
    "trusted location": (changed(LOCATION, isTrusted=True), ["warning: trusted"]),
    "policy as it should be": (ACCESS, []),
    "policies of a list": ({"value": [{**ACCESS, "state": "disabled"}]}, ["error: the policy is off"]),
    "policy in report-only": ({**ACCESS, "state": "enabledForReportingButNotEnforced"}, ["note: report-only"]),
    "policy that grants": (
        {**ACCESS, "grantControls": {"builtInControls": ["mfa"]}},
        ["error: the policy does not block"],
    ),
    "policy without exclusion": (
        inside(ACCESS, "locations", excludeLocations=[]),
        ["error: no location is excluded: everybody is blocked"],
    ),
    "policy with AllTrusted": (
        inside(ACCESS, "locations", excludeLocations=["AllTrusted"]),
        ["warning: every trusted location is let in"],
    ),
    "policy without emergency accounts": (
        inside(ACCESS, "users", excludeGroups=[]),
        ["error: no emergency account is excluded"],
    ),
    "policy with our placeholder": (
        inside(ACCESS, "users", excludeGroups=["PUT-THE-BREAK-GLASS-GROUP-ID-HERE"]),
        ["is still a placeholder"],
    ),
}


@pytest.mark.parametrize(("value", "findings"), JSON_CASES.values(), ids=JSON_CASES)
def test_zones_and_policies(tmp_path: Path, expected: Expected, value: Any, findings: list[str]) -> None:
    found = told(judged(tmp_path, json.dumps(value, indent=1), expected))
    assert len(found) == len(findings), found
    assert all(sum(fragment in each for each in found) == 1 for fragment in findings), found


TABLE = (
    "rank,rule,platforms,applications,action,destinations\n"
    '1,idp,"iOS,Android",All Applications,Tunnel,"{hosts}"\n'
    ",default action,,,Bypass,*\n"
)
HOSTS = (
    "acme.okta.com,acme.mtls.okta.com,acme-admin.okta.com,login.acme.example,login.microsoftonline.com,login.windows.net,"
    "login.microsoft.com,sts.windows.net"
)


def test_table_of_rules(tmp_path: Path, expected: Expected) -> None:
    assert [each for each in judged(tmp_path, TABLE.format(hosts=HOSTS), expected).findings if each.counts] == []
    missed = judged(tmp_path, TABLE.format(hosts=HOSTS.replace("acme.okta.com,", "*.acme.okta.com,", 1)), expected)
    assert any("acme.okta.com" in each.message and str(each.place).endswith(":2:45") for each in missed.findings), told(
        missed
    )
    spaced = judged(tmp_path, TABLE.format(hosts=HOSTS.replace(",", ", ", 1)), expected)
    assert any("spaces between the destinations" in each for each in told(spaced))


def test_uems_own_json_is_judged_by_lint(tmp_path: Path, expected: Expected) -> None:
    example = Path(__file__).parents[3] / "docs" / "examples" / "tunnel-profile.json"
    checked = check(example, expected, DAY)
    assert checked.kind == "device traffic rules"
    assert any("login.acme.example" in each.message for each in checked.findings if each.counts)


def test_places_are_those_of_the_file(tmp_path: Path, expected: Expected) -> None:
    text = "<dict>\n\t<key>managmentHint</key>\n\t<string>{Your-Okta-Secret-Key}</string>\n</dict>\n"
    places = [str(each.place).rpartition("file")[2] for each in judged(tmp_path, text, expected).findings]
    assert places == [":1:1", ":2:2", ":3:2"]


def test_both_preference_domains_are_needed(tmp_path: Path, expected: Expected) -> None:
    payload = {
        "PayloadType": "com.apple.ManagedClient.preferences",
        "PayloadContent": {
            "com.okta.mobile": {"Forced": [{"mcx_preference_settings": {"OktaVerify.OrgUrl": "https://acme.okta.com"}}]}
        },
    }
    found = told(judged(tmp_path, plistlib.dumps(payload), expected))
    assert found == [
        (
            "error: the preference domain com.okta.mobile.auth-service-extension is missing: Okta's page asks for both"
            " -> add the same keys for com.okta.mobile.auth-service-extension"
        )
    ]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        pytest.param(bytes.fromhex("30820a0a06092a864886f70d010702a08209fb") + b"rest", "signed profile", id="signed"),
        pytest.param(b"-----BEGIN PKCS7-----\n", "signed profile", id="signed, as text"),
        pytest.param(b"bplist00broken", "not a binary property list", id="broken binary plist"),
        pytest.param(b"hello", "nothing that is known here", id="something else"),
        pytest.param(b"action\rdestinations", "nothing that is known here", id="a lone carriage return"),
        pytest.param(
            b"action,destinations\nTunnel,a.example\rb\n", ":2:1: not CSV", id="a lone carriage return in a table"
        ),
        pytest.param(b'{"a": [1, 2}', "not JSON", id="broken JSON"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="another encoding"),
        pytest.param(b"<" + b"x" * (1024 * 1024), "larger than 1 MiB", id="too large"),
        pytest.param(b'<characteristic type="a"><!DOCTYPE', "not XML", id="broken Android XML"),
        pytest.param(
            b"rank,action,destinations\n1,Tunnel,a.example,b.example\n,Bypass,*\n", ":2:1: 4 cells", id="commas"
        ),
        pytest.param(
            b"rank,action,destinations\n1,Tunnel,a.example\n", "the last row is not the default", id="no default"
        ),
    ],
)
def test_what_cannot_be_used_is_said_so(tmp_path: Path, expected: Expected, raw: bytes, words: str) -> None:
    with pytest.raises(UnusableFileError, match=words):
        judged(tmp_path, raw, expected)


def _binary_with(**parts: bytes) -> bytes:
    """A binary plist whose top is a dictionary of one key, built by hand."""
    objects = b"\xd1\x01\x02" + parts["key"] + parts["value"]
    offsets = bytes([8, 11, 11 + len(parts["key"])])
    trailer = bytes(6) + b"\x01\x01" + (3).to_bytes(8) + (0).to_bytes(8) + (8 + len(objects)).to_bytes(8)
    return b"bplist00" + objects + offsets + trailer


def test_binary_plist_with_a_key_that_is_no_text(tmp_path: Path, expected: Expected) -> None:
    with pytest.raises(UnusableFileError, match="a key of a dictionary is no text"):
        judged(tmp_path, _binary_with(key=b"\x10\x07", value=b"\x09"), expected)


def test_binary_plist_that_holds_itself_many_times(tmp_path: Path, expected: Expected) -> None:
    lists = b"".join(bytes([0xA2, number + 1, number + 1]) for number in range(40))
    objects = lists + b"\x51x"
    offsets = bytes(8 + 3 * number for number in range(41))
    trailer = bytes(6) + b"\x01\x01" + (41).to_bytes(8) + (0).to_bytes(8) + (8 + len(objects)).to_bytes(8)
    with pytest.raises(UnusableFileError, match="more than"):
        judged(tmp_path, b"bplist00" + objects + offsets + trailer, expected)


NAMES = st.sampled_from(
    [
        "managementHint",
        "udid",
        "OktaVerify.OrgUrl",
        "PayloadContent",
        "PayloadType",
        "ExtensionIdentifier",
        "Hosts",
        "URLs",
        "Type",
        "ExtensionData",
        "Configuration",
        "AssociatedDomains",
        "com.okta.mobile",
        "Forced",
        "mcx_preference_settings",
        "gateways",
        "proxies",
        "type",
        "status",
        "actions",
        "appSignOn",
        "access",
        "conditions",
        "network",
        "include",
        "exclude",
        "people",
        "priority",
        "ipRanges",
        "cidrAddress",
        "grantControls",
        "locations",
        "excludeLocations",
        "users",
        "excludeGroups",
        "value",
        "managedProperty",
        "key",
    ]
)
WORDS = st.sampled_from(
    ["IP", "ALLOW", "Redirect", "com.apple.extensiblesso", "https://acme.okta.com", "{DeviceUid}", ""]
)
ANYTHING = st.recursive(
    WORDS | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@tried(80)
@given(value=st.dictionaries(NAMES, ANYTHING, min_size=1, max_size=5) | st.lists(ANYTHING, min_size=1, max_size=3))
def test_whatever_a_file_holds_is_a_finding_or_a_mistake(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any] | list[Any]
) -> None:
    directory = tmp_path_factory.mktemp("any")
    for content in (json.dumps(value), plistlib.dumps(value)):
        with contextlib.suppress(UnusableFileError):
            judged(directory, content, Expected("acme.okta.com", "login.acme.example"))


def test_without_a_configuration_what_is_not_known_is_not_asked(tmp_path: Path) -> None:
    assert told(judged(tmp_path, plistlib.dumps(changed(GOOD_SSO, Hosts=["other.okta.com"])), Expected())) == []
    found = judged(tmp_path, TABLE.format(hosts=HOSTS), Expected())
    assert "no configuration was given" in told(found)[0]
    assert not found.fails
