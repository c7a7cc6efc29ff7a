"""Who opens which host in a sign-in, and whose address the providers see: surface by surface.

The CONNECT server leaves from an address that Okta and Entra admit; the device's own is one that both deny.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from dtr_rules import Mode, Platform
from lab import entra, federation, okta
from lab.device import Device, NotSignedInError, Path, RunningApp
from lab.device.okta_verify_enrolment import enrol_okta_verify
from lab.device.sign_in import Client, Outcome, Person
from lab.entra.policy import State
from lab.entra.resources import SAMPLE
from lab.entra.sample_resource import create_sample_resource
from lab.https_server import HttpsServer
from lab.okta.network_restriction import NetworkRestriction
from lab.openid.passwords import SecretDigest

pytestmark = [pytest.mark.anyio, pytest.mark.once]

PHONE, EGRESS, CODE = "127.43.0.50", "127.42.0.99", "271828"
OKTA_HOST, ENTRA_HOST, API_HOST = "acme.okta.com", "login.microsoftonline.com", "api.acme.example"
AT_OKTA = Client(
    f"https://{OKTA_HOST}/.well-known/openid-configuration",
    okta.acme.CLIENT_ID,
    okta.acme.REDIRECT_URI,
    "openid profile offline_access",
    asks_userinfo=True,
)
AT_ENTRA = Client(
    f"https://{ENTRA_HOST}/{entra.acme.TENANT_ID}/v2.0/.well-known/openid-configuration",
    entra.acme.CLIENT_ID,
    entra.acme.REDIRECT_URI,
    "openid profile offline_access",
    asks_userinfo=False,
)
AT_THE_API = replace(AT_ENTRA, scope=f"openid profile offline_access {SAMPLE.uri}/Read", capabilities=("cp1",))


def rules(apps: Iterable[str], *hosts: str, platform: Platform = Platform.IOS) -> str:
    """Tunnel `hosts`, both providers' without any, for these apps; everything else goes direct."""
    listed = ", ".join(repr(host) for host in hosts or (OKTA_HOST, ENTRA_HOST))
    return f"""\
version: 1
name: login
mode: per-app
default: bypass
profile-apps: [{", ".join(apps)}]
rules:
  - {{name: login, platforms: [{platform}], apps: all, action: tunnel, to: [{listed}]}}
"""


OUTLOOK, AUTHENTICATOR = "com.microsoft.Office.Outlook", "com.microsoft.azureauthenticator"
CRM, FIELD_SERVICE, BOXER, MAIL = (
    "com.acme.crm",
    "com.acme.field-service",
    "com.air-watch.boxer",
    "com.apple.mobilemail",
)
SAFARI, SETTINGS, OKTA_VERIFY = "com.apple.mobilesafari", "com.apple.Preferences", "com.okta.mobile"


def run(device: Device, app: str) -> RunningApp:
    return RunningApp(device, device.app(app))


def opened(device: Device) -> list[tuple[str, str, Path]]:
    """Which app opened which host, on which way; each once, in order."""
    return list(dict.fromkeys((each.app, each.host, each.route.path) for each in device.journal))


@pytest.mark.parametrize(
    ("app", "client", "profile", "expected"),
    [
        pytest.param(
            "boxer",
            AT_OKTA,
            [BOXER],
            [(BOXER, OKTA_HOST, Path.TUNNEL)],
            id="own-web-view-opens-everything",
        ),
        pytest.param(
            "crm",
            AT_OKTA,
            [CRM, SAFARI],
            [(CRM, OKTA_HOST, Path.TUNNEL), (SAFARI, OKTA_HOST, Path.TUNNEL)],
            id="system-browser-shows-the-page",
        ),
        pytest.param(
            "outlook",
            AT_ENTRA,
            [OUTLOOK, AUTHENTICATOR],
            [(AUTHENTICATOR, ENTRA_HOST, Path.TUNNEL), (OUTLOOK, ENTRA_HOST, Path.TUNNEL)],
            id="broker-shows-the-page-and-the-app-asks",
        ),
        pytest.param(
            "outlook",
            AT_OKTA,
            [OUTLOOK],
            [(OUTLOOK, OKTA_HOST, Path.TUNNEL)],
            id="a-broker-does-not-serve-okta",
        ),
        pytest.param(
            "field-service",
            AT_OKTA,
            [FIELD_SERVICE, OKTA_VERIFY],
            [(FIELD_SERVICE, OKTA_HOST, Path.TUNNEL), (OKTA_VERIFY, OKTA_HOST, Path.TUNNEL)],
            id="okta-verify-answers-for-the-org",
        ),
        pytest.param(
            "field-service",
            AT_ENTRA,
            [FIELD_SERVICE, SAFARI],
            [(FIELD_SERVICE, ENTRA_HOST, Path.TUNNEL), (SAFARI, ENTRA_HOST, Path.TUNNEL)],
            id="and-for-nobody-else",
        ),
    ],
)
async def test_who_opens_what(
    company: Any, app: str, client: Client, profile: list[str], expected: list[tuple[str, str, Path]]
) -> None:
    device = company.device(Platform.IOS, rules(profile))
    result = await run(device, app).sign_in(client, company.anna)
    assert (result.outcome, result.words) == (Outcome.ALLOWED, "")
    assert opened(device) == expected


async def test_a_login_page_in_the_system_browser_leaves_a_rule_for_the_app_alone(company: Any) -> None:
    device = company.device(Platform.IOS, rules([CRM]))
    result = await run(device, "crm").sign_in(AT_OKTA, company.anna)
    assert result.outcome is Outcome.DENIED
    assert company.okta_saw() == [("DENY", PHONE)]
    assert opened(device) == [(CRM, OKTA_HOST, Path.TUNNEL), (SAFARI, OKTA_HOST, Path.DIRECT)]


async def test_to_tunnel_only_the_broker_is_not_enough(company: Any) -> None:
    """The person signs in at the broker, inside; the app is then judged by its own address."""
    device = company.device(Platform.IOS, rules([AUTHENTICATOR]))
    result = await run(device, "outlook").sign_in(AT_ENTRA, company.anna)
    assert result.outcome is Outcome.DENIED
    assert "AADSTS53003" in result.words
    assert company.entra_saw() == [(0, EGRESS, True), (53003, PHONE, False)]


async def test_without_its_broker_the_login_leaves_the_app_for_the_browser(company: Any) -> None:
    device = company.device(Platform.IOS, rules([OUTLOOK, AUTHENTICATOR]))
    device.remove_app("authenticator")
    assert (await run(device, "outlook").sign_in(AT_ENTRA, company.anna)).outcome is Outcome.DENIED
    assert company.entra_saw() == [(53003, PHONE, True)]
    assert (SAFARI, ENTRA_HOST, Path.DIRECT) in opened(device)


@pytest.mark.parametrize("profile", [[MAIL], [MAIL, SETTINGS, SAFARI]], ids=["mail", "whatever-the-profile-says"])
async def test_native_mail_gets_its_token_past_every_rule(company: Any, profile: list[str]) -> None:
    device = company.device(Platform.IOS, rules(profile))
    assert (await run(device, "mail").sign_in(AT_ENTRA, company.anna)).outcome is Outcome.DENIED
    assert company.entra_saw() == [(53003, PHONE, True)]
    assert opened(device) == [(SETTINGS, ENTRA_HOST, Path.DIRECT)]


async def test_full_device_leaves_no_app_out(company: Any) -> None:
    everything = (
        rules([], platform=Platform.WINDOWS).replace("per-app", "full-device").replace("profile-apps: []\n", "")
    )
    device = company.device(Platform.WINDOWS, everything)
    result = await run(device, "crm").sign_in(AT_OKTA, company.anna)
    assert result.outcome is Outcome.ALLOWED
    assert device.mode is Mode.FULL_DEVICE
    assert {path for _, _, path in opened(device)} == {Path.TUNNEL}
    assert len({app for app, _, _ in opened(device)}) == 2, "the app, and Edge for the page"


# --- federation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "outcome", "at_okta", "at_entra"),
    [
        pytest.param(
            (OKTA_HOST, ENTRA_HOST), Outcome.ALLOWED, [("ALLOW", EGRESS)], [(0, EGRESS, True)], id="both-hosts"
        ),
        pytest.param((OKTA_HOST,), Outcome.DENIED, [("ALLOW", EGRESS)], [(53003, PHONE, True)], id="okta-alone"),
        pytest.param((ENTRA_HOST,), Outcome.DENIED, [("DENY", PHONE)], [], id="entra-alone"),
    ],
)
async def test_a_federated_login_is_judged_twice(
    company: Any, hosts: tuple[str, ...], outcome: Outcome, at_okta: list[Any], at_entra: list[Any]
) -> None:
    device = company.device(Platform.IOS, rules([BOXER], *hosts))
    ben = Person(federation.LOGIN, company.known.password)
    assert (await run(device, "boxer").sign_in(AT_ENTRA, ben)).outcome is outcome
    assert (company.okta_saw(), company.entra_saw()) == (at_okta, at_entra)


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        pytest.param("outlook", [(AUTHENTICATOR, ENTRA_HOST), (AUTHENTICATOR, OKTA_HOST)], id="broker-opens-both"),
        pytest.param("field-service", [(SAFARI, ENTRA_HOST), (OKTA_VERIFY, OKTA_HOST)], id="extension-opens-its-own"),
        pytest.param("crm", [(SAFARI, ENTRA_HOST), (SAFARI, OKTA_HOST)], id="browser-opens-both"),
    ],
)
async def test_who_opens_the_two_hosts_of_a_federated_login(
    company: Any, app: str, expected: list[tuple[str, str]]
) -> None:
    everybody = [OUTLOOK, AUTHENTICATOR, CRM, FIELD_SERVICE, SAFARI, OKTA_VERIFY]
    device = company.device(Platform.IOS, rules(everybody))
    running = run(device, app)
    assert (
        await running.sign_in(AT_ENTRA, Person(federation.LOGIN, company.known.password))
    ).outcome is Outcome.ALLOWED
    assert [(who, host) for who, host, _ in opened(device) if who != running.app.id] == expected


@pytest.mark.parametrize(
    ("platform", "okta_os", "okta_device", "entra_os"),
    [
        pytest.param(Platform.IOS, "iOS", "Mobile", "iOS", id="ios"),
        pytest.param(Platform.ANDROID, "Android", "Mobile", "android", id="android"),
        pytest.param(Platform.WINDOWS, "Windows 10", "Computer", "windows", id="windows"),
        pytest.param(Platform.MACOS, "Mac OS X", "Computer", "macOS", id="macos"),
    ],
)
async def test_providers_read_the_platform_from_what_browsers_and_apps_call_themselves(
    company: Any, platform: Platform, okta_os: str, okta_device: str, entra_os: str
) -> None:
    everything = rules([], platform=platform).replace("per-app", "full-device").replace("profile-apps: []\n", "")
    crm = run(company.device(platform, everything), "crm")
    for client in (AT_OKTA, AT_ENTRA):
        assert (await crm.sign_in(client, company.anna)).outcome is Outcome.ALLOWED
    granted = company.servers.okta.log.of_type("app.oauth2.token.grant.access_token")
    judged = company.servers.okta.log.of_type("policy.evaluate_sign_on")
    for event in (*granted, *judged):
        assert (event["client"]["userAgent"]["os"], event["client"]["device"]) == (okta_os, okta_device)
    [entry] = company.servers.entra.log.entries
    assert (entry["deviceDetail"]["operatingSystem"], entry["clientAppUsed"]) == (entra_os, "Browser")


# --- sessions, tokens, resources -------------------------------------------------------------------------------------


async def test_a_session_outlives_the_app_and_belongs_to_who_showed_the_page(company: Any) -> None:
    device = company.device(Platform.IOS, rules([CRM, SAFARI, BOXER]))
    crm, boxer = run(device, "crm"), run(device, "boxer")
    assert (await crm.sign_in(AT_OKTA, company.anna)).asked == ("password",)
    again = await run(device, "crm").sign_in(AT_OKTA, company.anna)
    assert (again.outcome, again.asked) == (Outcome.ALLOWED, ())
    assert (await run(device, "safari").resume(AT_OKTA)).outcome is Outcome.ALLOWED, "the cookie is Safari's"
    alone = await boxer.resume(AT_OKTA)
    assert (alone.outcome, "not logged in" in alone.words) == (Outcome.DENIED, True)
    crm.start_anew()
    assert (await crm.resume(AT_OKTA)).outcome is Outcome.DENIED


async def test_a_session_is_judged_again_where_the_device_goes(company: Any) -> None:
    """The session stays good; the app's policy is judged at every access."""
    device = company.device(Platform.IOS, rules([BOXER]))
    boxer = run(device, "boxer")
    await boxer.sign_in(AT_OKTA, company.anna)
    device.remove_profile()
    assert (await boxer.sign_in(AT_OKTA, company.anna)).outcome is Outcome.DENIED
    assert company.okta_saw() == [("ALLOW", EGRESS), ("DENY", PHONE)]


async def test_a_renewal_is_the_app_s_own_affair(company: Any) -> None:
    device = company.device(Platform.IOS, rules([CRM, SAFARI]))
    crm = run(device, "crm")
    await crm.sign_in(AT_OKTA, company.anna)
    device.journal.clear()
    device.exchanges.clear()
    assert (await crm.renew(AT_OKTA)).outcome is Outcome.ALLOWED
    assert opened(device) == [(CRM, OKTA_HOST, Path.TUNNEL)]
    assert ("POST", "/oauth2/v1/token") in [(each.method, each.path) for each in device.exchanges]


async def test_okta_renews_outside_the_zone_and_entra_does_not(company: Any) -> None:
    device = company.device(Platform.IOS, rules([BOXER]))
    boxer = run(device, "boxer")
    for client in (AT_OKTA, AT_ENTRA):
        assert (await boxer.sign_in(client, company.anna)).outcome is Outcome.ALLOWED
    device.remove_profile()
    renewed = await boxer.renew(AT_OKTA)
    assert (renewed.outcome, renewed.asked) == (Outcome.ALLOWED, ()), "nobody is asked for a password again"
    refused = await boxer.renew(AT_ENTRA)
    assert (refused.outcome, "AADSTS53003" in refused.words) == (Outcome.DENIED, True)


async def test_a_client_s_own_network_binds_its_renewals_at_okta(company: Any) -> None:
    device = company.device(Platform.IOS, rules([BOXER]))
    boxer = run(device, "boxer")
    await boxer.sign_in(AT_OKTA, company.anna)
    org = company.servers.okta
    restricted = NetworkRestriction("ZONE", (org.zones.named(okta.acme.ZONE_NAME).id,))
    org.apps[okta.acme.CLIENT_ID] = replace(org.apps[okta.acme.CLIENT_ID], network=restricted)
    assert (await boxer.renew(AT_OKTA)).outcome is Outcome.ALLOWED
    device.remove_profile()
    assert (await boxer.renew(AT_OKTA)).outcome is Outcome.DENIED


async def test_nothing_is_renewed_or_used_that_nobody_signed_in_for(company: Any) -> None:
    boxer = run(company.device(Platform.IOS, None), "boxer")
    for errand in (boxer.renew(AT_OKTA), boxer.use(AT_OKTA, "https://x/"), boxer.sign_out(AT_OKTA)):
        with pytest.raises(NotSignedInError, match="Boxer"):
            await errand


async def test_signing_out_ends_the_session_where_the_page_was(company: Any) -> None:
    device = company.device(Platform.IOS, rules([CRM, SAFARI]))
    crm = run(device, "crm")
    for client in (AT_OKTA, AT_ENTRA):
        await crm.sign_in(client, company.anna)
        assert (await crm.sign_out(client)).outcome is Outcome.ALLOWED
        assert (await crm.resume(client)).outcome is Outcome.DENIED
    assert [event["outcome"]["result"] for event in company.servers.okta.log.of_type("user.session.end")] == ["SUCCESS"]


async def _strict(company: Any) -> None:
    [policy] = company.servers.entra.policies.all()
    controls = {"continuousAccessEvaluation": {"mode": "strictLocation"}}
    company.servers.entra.policies.install(replace(policy, session_controls=controls))


@pytest.mark.parametrize(
    ("hosts", "strict", "challenged", "outcome"),
    [
        pytest.param((ENTRA_HOST, API_HOST), False, False, Outcome.ALLOWED, id="both-tunnelled"),
        pytest.param((ENTRA_HOST,), False, True, Outcome.ALLOWED, id="login-only-gets-a-token-for-an-hour"),
        pytest.param((ENTRA_HOST,), True, True, Outcome.DENIED, id="login-only-under-strict-enforcement"),
    ],
)
async def test_a_resource_that_looks_at_addresses_itself(
    company: Any, hosts: tuple[str, ...], strict: bool, challenged: bool, outcome: Outcome
) -> None:
    device = company.device(Platform.IOS, rules([BOXER], *hosts))
    boxer = run(device, "boxer")
    if strict:
        await _strict(company)
    credential = company.authority.issue_server([API_HOST], [])
    async with HttpsServer(
        create_sample_resource(company.servers.entra), address="127.40.0.22", credential=credential
    ) as api:
        company.network.lead(API_HOST, "127.40.0.22", api.port)
        assert (await boxer.sign_in(AT_THE_API, company.anna)).outcome is Outcome.ALLOWED
        use = await boxer.use(AT_THE_API, f"https://{API_HOST}/v1/me")
    assert (use.outcome, use.challenged) == (outcome, challenged)


# --- what people show beside the password ----------------------------------------------------------------------------


def _ask_for_two_factors(company: Any) -> None:
    tenant = company.servers.entra
    anna = tenant.user_named(entra.acme.LOGIN)
    tenant.users[anna.id] = replace(anna, second_factor=SecretDigest.of(CODE))
    [policy] = tenant.policies.all()
    conditions = {**policy.conditions, "locations": None}
    grant = {**policy.grant_controls, "builtInControls": ["mfa"]}
    more = replace(
        policy, id="p2", display_name="Two", state=State.ENABLED, conditions=conditions, grant_controls=grant
    )
    tenant.policies.install(more)


async def test_a_second_factor_is_typed_where_a_page_asks_for_it(company: Any) -> None:
    _ask_for_two_factors(company)
    device = company.device(Platform.IOS, rules([BOXER]))
    assert (await run(device, "boxer").sign_in(AT_ENTRA, company.anna)).asked == ("password", "code")
    wrong = await run(device, "safari").sign_in(AT_ENTRA, replace(company.anna, code="000000"))
    assert wrong.outcome is Outcome.DENIED


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("000000", "expected verification code", id="a-wrong-code-is-not-tried-twice"),
        pytest.param("", "asks for a code, and nobody is there who has one", id="nobody-has-a-code"),
    ],
)
async def test_a_second_factor_that_is_not_good(company: Any, code: str, words: str) -> None:
    _ask_for_two_factors(company)
    device = company.device(Platform.IOS, rules([BOXER]))
    result = await run(device, "boxer").sign_in(AT_ENTRA, replace(company.anna, code=code))
    assert (result.outcome, words in result.words) == (Outcome.DENIED, True), result.words


async def test_okta_asks_for_the_second_factor_on_a_page_of_its_own(company: Any) -> None:
    org = company.servers.okta
    org.add_user(replace(org.user(okta.acme.LOGIN), second_factor=SecretDigest.of(CODE)))
    _change_zone_rule(company, actions={"appSignOn": {"access": "ALLOW", "verificationMethod": {"factorMode": "2FA"}}})
    boxer = run(company.device(Platform.IOS, rules([BOXER])), "boxer")
    assert (await boxer.sign_in(AT_OKTA, company.anna)).asked == ("password", "code")
    again = await boxer.sign_in(AT_OKTA, company.anna)
    assert (again.outcome, again.asked) == (Outcome.ALLOWED, ()), "the session has both factors"


def _change_zone_rule(company: Any, conditions: dict[str, Any] | None = None, **changes: Any) -> None:
    org = company.servers.okta
    policy = org.policies.get(org.apps[okta.acme.CLIENT_ID].policy_id)
    [(place, rule)] = [(place, rule) for place, rule in enumerate(policy.rules) if rule.name == okta.acme.ZONE_RULE]
    policy.rules[place] = replace(rule, conditions={**rule.conditions, **(conditions or {})}, **changes)


async def test_okta_verify_enrols_by_its_own_connection_and_shows_its_key(company: Any) -> None:
    device = company.device(Platform.IOS, rules([OKTA_VERIFY, BOXER]))
    org = company.servers.okta
    enrolled = await enrol_okta_verify(device, company.anna, host=OKTA_HOST, managed=True)
    assert (enrolled.outcome, opened(device)) == (Outcome.ALLOWED, [(OKTA_VERIFY, OKTA_HOST, Path.TUNNEL)])
    [known] = org.devices.all()
    assert (known.profile["udid"], known.facts.managed) == ("UDID", True)
    _change_zone_rule(company, conditions={"device": {"registered": True, "managed": True}})
    assert (await run(device, "boxer").sign_in(AT_OKTA, company.anna)).outcome is Outcome.ALLOWED
    device.remove_app("okta-verify")
    boxer = run(device, "boxer")
    boxer.start_anew()
    assert (await boxer.sign_in(AT_OKTA, company.anna)).outcome is Outcome.DENIED


async def test_an_enrolment_with_a_wrong_password_is_told_in_the_org_s_words(company: Any) -> None:
    device = company.device(Platform.IOS, None)
    result = await enrol_okta_verify(device, replace(company.anna, password="guess"), host=OKTA_HOST, managed=False)
    assert (result.outcome, result.words, device.okta_verify) == (Outcome.DENIED, "Authentication failed", None)


async def test_no_secret_shows_in_a_result_or_on_a_device(company: Any) -> None:
    device = company.device(Platform.IOS, rules([BOXER]))
    boxer = run(device, "boxer")
    result = await boxer.sign_in(AT_OKTA, company.anna)
    assert result.tokens is not None
    shown = repr([result, boxer, device.exchanges, company.anna])
    for secret in (result.tokens.access, result.tokens.refresh, result.tokens.identity, company.known.password, CODE):
        assert secret not in shown
