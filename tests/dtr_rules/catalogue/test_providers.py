"""Identity providers as a person names them."""

from __future__ import annotations

import pytest

from dtr_rules.catalogue.login_hosts import built_in_login_hosts
from dtr_rules.catalogue.providers import ProviderError, hosts_of, parse_provider


@pytest.mark.parametrize(
    "text", ["okta:acme.okta.com", "okta:acme.oktapreview.com", "okta-custom:login.acme.example", "entra"]
)
def test_what_is_named_reads_back(text: str) -> None:
    assert str(parse_provider(text)) == text


def test_names_are_normalised() -> None:
    assert str(parse_provider("okta:ACME.Okta.com.")) == "okta:acme.okta.com"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("okta", "needs a host", id="no-host"),
        pytest.param("okta:", "needs a host", id="empty-host"),
        pytest.param(
            "okta:login.acme.example", "for a custom domain write okta-custom:login.acme.example", id="custom"
        ),
        pytest.param("okta:a.b.okta.com", "is no Okta org's host", id="two-labels"),
        pytest.param("okta:okta.com", "is no Okta org's host", id="suffix"),
        pytest.param("okta-custom:acme.okta.com", "write okta:acme.okta.com", id="org-as-custom"),
        pytest.param("okta:acme-admin.okta.com", "okta:acme.okta.com", id="admin"),
        pytest.param("okta:192.0.2.1", "is an address", id="address"),
        pytest.param("okta:https://acme.okta.com", "is a URL", id="url"),
        pytest.param("entra:acme.example", "write 'entra'", id="entra-with-host"),
        pytest.param("ping", "unknown identity provider 'ping'", id="unknown"),
    ],
)
def test_what_names_no_provider(text: str, message: str) -> None:
    with pytest.raises(ProviderError, match=r".") as caught:
        parse_provider(text)
    assert message in str(caught.value)


def test_the_names_of_an_org() -> None:
    found = [each.name for each in hosts_of(parse_provider("okta:acme.oktapreview.com"), built_in_login_hosts())]
    assert found[:3] == ["acme.oktapreview.com", "acme-admin.oktapreview.com", "acme.mtls.oktapreview.com"]
