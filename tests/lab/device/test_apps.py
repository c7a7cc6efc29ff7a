"""The catalogue of apps."""

from __future__ import annotations

import pytest

from dtr_rules import Platform
from dtr_rules.catalogue.known_apps import Part, known_apps
from lab.device import AppUnknownError, Surface, apps_on, find_app
from lab.device.apps import Role, is_out_of_reach, system_browser

EVERY = pytest.mark.parametrize("platform", list(Platform), ids=str)


@EVERY
def test_an_app_is_found_by_key_and_by_identifier(platform: Platform) -> None:
    for app in apps_on(platform):
        assert find_app(platform, app.key) == app
    outlook = find_app(platform, "outlook")
    assert find_app(platform, outlook.id) == outlook


@EVERY
def test_no_key_stands_twice_and_every_login_leads_to_an_app_that_is_there(platform: Platform) -> None:
    keys = [app.key for app in apps_on(platform)]
    assert len(keys) == len(set(keys))
    for app in apps_on(platform):
        goes_through = app.surface in (Surface.BROKER, Surface.SSO_EXTENSION, Surface.NATIVE_MAIL)
        assert (app.through in keys) == goes_through, app.key


@EVERY
def test_every_platform_has_a_browser_and_one_tunnel_client(platform: Platform) -> None:
    assert system_browser(platform).role is Role.BROWSER
    assert len([app for app in apps_on(platform) if app.role is Role.TUNNEL_CLIENT]) == 1


def test_it_agrees_with_the_catalogue_that_rules_are_checked_by() -> None:
    for known in known_apps().apps:
        app = find_app(known.platform, known.app)
        assert app.id == known.app
        if known.part is Part.NATIVE_MAIL:
            assert app.surface is Surface.NATIVE_MAIL
        if known.part is Part.BROWSER:
            assert app == system_browser(known.platform)
        if known.part is Part.BROKER:
            served = {each.through for each in apps_on(known.platform) if each.surface is Surface.BROKER}
            assert app.key in served or known.platform is Platform.ANDROID, "Android has two; apps here use the first"


def test_an_app_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(
        AppUnknownError, match=r"no app 'outlok' on ios \(did you mean 'outlook'\?\); there are .*boxer"
    ):
        find_app(Platform.IOS, "outlok")
    with pytest.raises(AppUnknownError, match="no app 'mail' on android"):
        find_app(Platform.ANDROID, "mail")


def test_native_mail_and_the_settings_behind_it_are_out_of_every_profile_s_reach() -> None:
    out = [app.key for app in apps_on(Platform.IOS) if is_out_of_reach(Platform.IOS, app.id)]
    assert out == ["mail", "settings"]
