"""Filter expressions, away from any list."""

from __future__ import annotations

import pytest

from lab.okta.scim_filter import FilterError, read_filter

DEVICE = {
    "id": "guo1",
    "status": "ACTIVE",
    "count": 3,
    "profile": {"serialNumber": "C02", "udid": None, "registered": True},
    "tags": [{"name": "red"}, {"name": "blue"}],
}


@pytest.mark.parametrize(
    ("text", "selects"),
    [
        pytest.param('status eq "ACTIVE"', True, id="equal"),
        pytest.param('STATUS EQ "active"', True, id="case-does-not-count"),
        pytest.param('profile.serialNumber sw "C0"', True, id="nested"),
        pytest.param('tags.name eq "blue"', True, id="any-of-a-list"),
        pytest.param("profile.registered eq true", True, id="boolean"),
        pytest.param('profile.registered eq "true"', False, id="text-is-no-boolean"),
        pytest.param("count gt 2 and count le 3", True, id="numbers"),
        pytest.param('count gt "2"', False, id="text-is-no-number"),
        pytest.param("profile.udid pr", False, id="null-is-not-present"),
        pytest.param("profile.nothing pr", False, id="absent"),
        pytest.param('status ne "ACTIVE" or id co "uo"', True, id="or"),
        pytest.param('id eq "x" or id eq "y" and status eq "ACTIVE"', False, id="and-binds-closer"),
        pytest.param('(id eq "guo1" or id eq "y") and not status eq "GONE"', True, id="parentheses"),
        pytest.param('id eq "say \\"guo1\\""', False, id="escaped-quotes"),
    ],
)
def test_what_an_expression_selects(text, selects):
    assert read_filter(text)(DEVICE) is selects


@pytest.mark.parametrize(
    "text",
    ["", "id", "id eq", "id is 3", 'id eq "x" and', '(id eq "x"', 'id eq "x" id', "id eq x", 'id eq "', "(" * 50],
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(FilterError):
        read_filter(text)


def test_only_what_may_be_compared_is():
    assert read_filter('ID eq "guo1"', ["id"])(DEVICE)
    with pytest.raises(FilterError):
        read_filter('name eq "guo1"', ["id"])
