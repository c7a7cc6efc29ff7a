"""Apps with a part of their own."""

from __future__ import annotations

from dtr_rules.catalogue.known_apps import Part, has_part, known_apps, platforms_of
from dtr_rules.model import Platform


def test_every_entry_says_where_it_is_from() -> None:
    assert all(each.source for each in known_apps().apps)


def test_parts_are_of_a_platform() -> None:
    assert has_part(Part.BROKER, Platform.ANDROID, "com.azure.authenticator")
    assert not has_part(Part.BROKER, Platform.IOS, "com.azure.authenticator")
    assert has_part(Part.BROWSER, Platform.IOS, "COM.APPLE.MOBILESAFARI")
    assert not has_part(Part.BROWSER, Platform.IOS, None)


def test_an_app_that_nobody_knows_may_be_of_any_platform() -> None:
    assert platforms_of("com.azure.authenticator") == {Platform.ANDROID}
    assert platforms_of("com.example.a") == set(Platform)
