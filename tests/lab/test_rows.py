"""A row of the demo tells the truth about what differs."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from lab.demo import EXPECTED
from lab.device import Path, Refusal
from lab.device.sign_in import Outcome
from lab.evidence import Admission, GatewayView, ProviderView
from lab.rows import Observation, ProviderResult, Row, Whose, whose

EGRESS, PHONE = "127.42.0.10", "127.43.0.11"
OKTA, ENTRA = "acme.okta.com", "login.microsoftonline.com"


def allowed(by: str = "", zone: str = "") -> ProviderResult:
    return ProviderResult(Outcome.ALLOWED, "", ProviderView(Outcome.ALLOWED, (EGRESS,), by, zone))


def never(words: str = "") -> ProviderResult:
    return ProviderResult(Outcome.NEVER_REACHED, words, ProviderView(Outcome.NEVER_REACHED))


GOOD = Observation(
    paths={OKTA: Path.TUNNEL, ENTRA: Path.TUNNEL},
    routing="tunnel by rule identity-providers",
    gateway=GatewayView(Admission.ADMITTED, ("rule",), ("identity-providers",)),
    refusal=None,
    addresses={EGRESS: Whose.EGRESS},
    okta=allowed("From the tunnel", "Tunnel egress"),
    entra=allowed(),
)
FIRST = EXPECTED[0]


def test_a_row_that_is_as_expected_has_no_differences() -> None:
    assert Row(FIRST, GOOD).differences == ()
    assert GOOD.why == "in the zone"


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param(
            {"paths": {OKTA: Path.TUNNEL, ENTRA: Path.DIRECT}},
            "path: expected tunnel, was tunnel and direct",
            id="one-host-goes-direct",
        ),
        pytest.param({"paths": {}}, "path: expected tunnel, was none", id="no-connection-at-all"),
        pytest.param(
            {"gateway": GatewayView(Admission.NOT_ASKED)}, "gateway: expected admitted, was not asked", id="not-asked"
        ),
        pytest.param(
            {"gateway": GatewayView(Admission.ADMITTED, ("default-action",))},
            "gateway's reason: expected rule, was default-action",
            id="another-reason",
        ),
        pytest.param(
            {"addresses": {EGRESS: Whose.EGRESS, PHONE: Whose.DEVICE}},
            "address: expected egress, was egress and device's own",
            id="the-device-s-own-address-leaked",
        ),
        pytest.param(
            {"okta": ProviderResult(Outcome.DENIED, "no", ProviderView(Outcome.DENIED, (EGRESS,)))},
            "Okta: expected allowed, was denied (no)",
            id="denied-with-the-provider-s-words",
        ),
        pytest.param(
            {"okta": allowed("Catch-all Rule", "Tunnel egress")},
            "Okta's rule: expected From the tunnel, was Catch-all Rule",
            id="allowed-by-another-rule",
        ),
        pytest.param(
            {"okta": allowed("From the tunnel")}, "Okta's zone: expected Tunnel egress, was none", id="outside-the-zone"
        ),
        pytest.param(
            {"entra": allowed("Somebody's policy")},
            "Entra's policy: expected none, was Somebody's policy",
            id="a-policy-that-should-not-apply",
        ),
        pytest.param(
            {"entra": ProviderResult(Outcome.ALLOWED, "", ProviderView(Outcome.DENIED, (EGRESS,)))},
            "Entra: allowed for the app, but Entra's own log says denied",
            id="the-app-and-the-log-disagree",
        ),
    ],
)
def test_every_difference_is_named(change: dict[str, Any], difference: str) -> None:
    assert difference in Row(FIRST, dataclasses.replace(GOOD, **change)).differences


def test_a_refusal_is_the_whole_story() -> None:
    refusal = Refusal(403, reason="device-not-compliant", detail="the UEM says no")
    refused = dataclasses.replace(GOOD, refusal=refusal, okta=never("the UEM says no"), entra=never("the UEM says no"))
    assert refused.why == "the UEM says no"


def test_a_direct_way_says_why_it_was_taken() -> None:
    direct = dataclasses.replace(
        GOOD, paths={OKTA: Path.DIRECT}, routing="no VPN profile is installed", okta=allowed(zone="")
    )
    assert direct.why == "no VPN profile is installed; outside the zone"


def test_a_network_error_is_told_once() -> None:
    gone = dataclasses.replace(GOOD, okta=never("connection refused"), entra=never("connection refused"))
    assert gone.why == "connection refused"


@pytest.mark.parametrize(
    ("address", "expected"),
    [(EGRESS, Whose.EGRESS), (PHONE, Whose.DEVICE), ("127.0.0.1", Whose.UNKNOWN)],
)
def test_whose_address_it_is(address: str, expected: Whose) -> None:
    assert whose(address, egress=[EGRESS], device=PHONE) is expected


def test_the_five_rows_stand_in_order() -> None:
    assert [expected.number for expected in EXPECTED] == [1, 2, 3, 4, 5]
