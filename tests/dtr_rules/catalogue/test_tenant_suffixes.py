"""Who can answer for a host."""

from __future__ import annotations

import pytest

from dtr_rules.catalogue.tenant_suffixes import is_private, owner, registrable_domain, suffix_below, tenant


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.b.acme.example", "acme.example"),
        ("acme.co.uk", "acme.co.uk"),
        ("co.uk", None),
        ("com", None),
        ("a.acme.okta.com", "acme.okta.com"),
        ("acme.okta.com", "acme.okta.com"),
        ("okta.com", None),
        ("login.microsoftonline.com", "microsoftonline.com"),
        ("store.blob.core.windows.net", "store.blob.core.windows.net"),
        ("sts.windows.net", "windows.net"),
        ("a.corp.internal", "corp.internal"),
    ],
)
def test_owner(name: str, expected: str | None) -> None:
    assert owner(name) == expected


def test_the_public_suffix_list_alone_takes_all_orgs_for_one_owners() -> None:
    assert registrable_domain("acme.okta.com") == registrable_domain("evil.okta.com") == "okta.com"
    assert tenant("acme.okta.com") != tenant("evil.okta.com")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("okta.com", "okta.com"),
        ("salesforce.com", "my.salesforce.com"),
        ("acme.okta.com", None),
        ("microsoftonline.com", None),
    ],
)
def test_suffixes_below(name: str, expected: str | None) -> None:
    assert suffix_below(name) == expected


def test_a_public_suffix_that_lies_below_a_domain() -> None:
    assert str(suffix_below("windows.net")).endswith(".windows.net")


def test_names_that_nobody_can_register() -> None:
    assert is_private("a.internal")
    assert is_private("host.home.arpa")
    assert not is_private("internal.example")
