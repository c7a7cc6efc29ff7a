"""The UEM's API as it is read: paging, emptiness, tokens, failures, and words that this version does not know."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import httpx
import pytest

from dtr_rules import Platform
from tunnel_gateway.posture import uem
from tunnel_gateway.posture.budget import Budget
from tunnel_gateway.posture.errors import UemError, UnusableAnswerError
from tunnel_gateway.posture.inventory import Inventory
from tunnel_gateway.posture.model import Compliance, DevicePosture, Ownership
from tunnel_gateway.posture.record import read_device
from tunnel_gateway.posture.sweep import sweep
from tunnel_gateway.posture.uem import UemAccess, UemClient

ACCESS = UemAccess("https://uem.example/API", "https://uem.example/oauth/token", "gateway", "s3cret", "tenantc0de")
Handler = Callable[[httpx.Request], httpx.Response]


def device(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "Udid": f"UDID-{number:06d}",
        "Platform": "Apple",
        "EnrollmentStatus": "Enrolled",
        "ComplianceStatus": "Compliant",
        "CompromisedStatus": False,
    } | fields


def ask(handler: Handler, question: Callable[[UemClient], Any]) -> Any:
    """`question` to a client whose requests `handler` answers."""

    async def main() -> Any:
        client = UemClient(ACCESS, ssl.create_default_context(), Budget(100_000, monotonic))
        await client.close()
        client._http = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        try:
            return await question(client)
        finally:
            await client.close()

    return asyncio.run(main())


async def devices(client: UemClient) -> dict[str, DevicePosture]:
    """All that a full synchronisation reads."""

    async def changed(_: Iterable[str]) -> None: ...

    inventory = Inventory()
    await sweep(client, inventory, monotonic, changed)
    return {udid: record.posture for udid, record in inventory}


def token(request: httpx.Request) -> httpx.Response | None:
    if request.url.path != "/oauth/token":
        return None
    assert b"grant_type=client_credentials" in request.content
    return httpx.Response(200, json={"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600})


def test_all_pages_are_read_and_every_call_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uem, "PAGE_SIZE", 2)
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        if (found := token(request)) is not None:
            return found
        assert request.url.path == "/API/mdm/devices/search"
        assert request.headers["authorization"] == "Bearer t0ken"
        assert request.headers["aw-tenant-code"] == "tenantc0de"
        assert request.headers["accept"] == "application/json;version=1"
        page = int(request.url.params["page"])
        asked.append(page)
        shown = [device(number) for number in range(5)][page * 2 : page * 2 + 2]
        return httpx.Response(200, json={"Devices": shown, "Page": page, "PageSize": 2, "Total": 5})

    found = ask(answer, devices)
    assert sorted(found) == [f"udid-{number:06d}" for number in range(5)]
    assert asked == [0, 1, 2]


def test_nothing_found_is_204_with_no_body() -> None:
    assert ask(lambda r: token(r) or httpx.Response(204), devices) == {}
    assert ask(lambda r: token(r) or httpx.Response(204), lambda client: client.device("x")) is None
    missing = httpx.Response(404, json={"errorCode": 5002, "message": "Device not found", "activityId": "x"})
    assert ask(lambda r: token(r) or missing, lambda client: client.device("x")) is None


def test_revoked_token_is_asked_for_again_once() -> None:
    tokens: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if token(request) is not None:
            tokens.append(f"t{len(tokens)}")
            return httpx.Response(200, json={"access_token": tokens[-1], "expires_in": 3600})
        if request.headers["authorization"] == "Bearer t0":
            return httpx.Response(401)
        return httpx.Response(200, json={"Devices": [device(1)], "Total": 1})

    assert len(ask(answer, devices)) == 1
    assert tokens == ["t0", "t1"]


def _half(request: httpx.Request) -> httpx.Response:
    if request.url.params["page"] == "0":
        return httpx.Response(200, json={"Devices": [device(1)], "Total": 2})
    return httpx.Response(204)


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Connection refused")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        pytest.param("failed: Connection refused", _refuse, id="unreachable"),
        pytest.param("token request answered 400", lambda r: httpx.Response(400), id="bad-credentials"),
        pytest.param("without a token", lambda r: httpx.Response(200, json={}), id="no-token"),
        pytest.param("answered 404", lambda r: token(r) or httpx.Response(404), id="wrong-base-url"),
        pytest.param("ended after 1 of 2 devices", lambda r: token(r) or _half(r), id="half-an-inventory"),
        pytest.param(
            "ended after 0 of 7 devices",
            lambda r: token(r) or httpx.Response(200, json={"Devices": [], "Total": 7}),
            id="none-of-an-inventory",
        ),
        pytest.param(
            "answered 403 with error code 1013",
            lambda r: token(r) or httpx.Response(403, json={"errorCode": 1013, "message": "s3cret"}),
            id="error-body",
        ),
        pytest.param(
            "answered 302", lambda r: token(r) or httpx.Response(302, headers={"Location": "https://x"}), id="redirect"
        ),
        pytest.param("not JSON", lambda r: token(r) or httpx.Response(200, text="<html>"), id="a-page"),
        pytest.param("no object", lambda r: token(r) or httpx.Response(200, json=[]), id="a-list"),
        pytest.param("without Devices", lambda r: token(r) or httpx.Response(200, json={"Total": 1}), id="no-devices"),
        pytest.param(
            "no object", lambda r: token(r) or httpx.Response(200, json={"Devices": [1], "Total": 1}), id="no-device"
        ),
    ],
)
def test_failure_is_said_without_secrets(words: str, answer: Handler) -> None:
    with pytest.raises(UemError, match=words) as error:
        ask(answer, devices)
    assert not any(secret in str(error.value) for secret in ("s3cret", "t0ken", "tenantc0de"))


@pytest.mark.parametrize(("status", "of_all"), [(400, False), (404, False), (401, True), (403, True), (503, True)])
def test_refusal_of_one_question_is_told_from_one_of_all(status: int, of_all: bool) -> None:
    with pytest.raises(UemError) as error:
        ask(lambda r: token(r) or httpx.Response(status), lambda uem: uem.blocks_access("a-uuid", urgent=True))
    assert isinstance(error.value, UnusableAnswerError) is not of_all


def test_look_up_without_a_device_is_no_answer_and_no_unknown_device() -> None:
    with pytest.raises(UnusableAnswerError, match="without a device"):
        ask(lambda r: token(r) or httpx.Response(200, json={"Devices": [], "Total": 7}), lambda uem: uem.device("x"))


def test_look_up_of_another_device_is_no_answer() -> None:
    answer: Handler = lambda r: token(r) or httpx.Response(200, json=device(2))  # noqa: E731
    with pytest.raises(UemError, match="another device"):
        ask(answer, lambda client: client.device("UDID-000001"))


def test_body_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uem, "MAX_BODY", 1000)
    with pytest.raises(UemError, match="more than 1000 bytes"):
        ask(lambda r: token(r) or httpx.Response(200, content=b"x" * 1001), devices)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Compliant", Compliance.COMPLIANT),
        ("COMPLIANT", Compliance.COMPLIANT),
        ("NonCompliant", Compliance.NOT_COMPLIANT),
        ("NOT_COMPLIANT", Compliance.NOT_COMPLIANT),
        ("PendingComplianceCheck", Compliance.PENDING),
        ("PENDING_COMPLIANCE_CHECK_FOR_A_POLICY", Compliance.PENDING_FOR_A_POLICY),
        ("NotAvailable", Compliance.NOT_AVAILABLE),
        ("NOT_APPLICABLE", Compliance.NOT_APPLICABLE),
        ("QUARANTINED", Compliance.QUARANTINED),
        ("ALLOWED", Compliance.ALLOWED),
        ("UNKNOWN", Compliance.UNKNOWN),
        ("Unrecognised", Compliance.UNRECOGNISED),
        ("", Compliance.UNRECOGNISED),
        (None, Compliance.UNRECOGNISED),
        (True, Compliance.UNRECOGNISED),
        (3, Compliance.UNRECOGNISED),
    ],
)
def test_compliance_words(word: object, expected: Compliance) -> None:
    found = read_device(device(1, ComplianceStatus=word))
    assert found is not None
    assert found.compliance is expected


@pytest.mark.parametrize(
    ("records", "compliance"),
    [
        pytest.param([{}, {"ComplianceStatus": "NonCompliant"}], Compliance.UNRECOGNISED, id="good-then-bad"),
        pytest.param([{"ComplianceStatus": "NonCompliant"}, {}], Compliance.UNRECOGNISED, id="bad-then-good"),
        pytest.param([{}, {}], Compliance.COMPLIANT, id="the-same-twice"),
        pytest.param(
            [{}, {"EnrollmentStatus": "Unenrolled", "ComplianceStatus": "NotAvailable"}],
            Compliance.COMPLIANT,
            id="an-old-enrolment-behind",
        ),
        pytest.param([{"EnrollmentStatus": "Unenrolled"}, {}], Compliance.COMPLIANT, id="an-old-enrolment-before"),
    ],
)
def test_two_records_of_one_device(records: list[dict[str, Any]], compliance: Compliance) -> None:
    shown = [device(1, **fields) for fields in records]
    answer: Handler = lambda r: token(r) or httpx.Response(200, json={"Devices": shown, "Total": 2})  # noqa: E731
    (found,) = ask(answer, devices).values()
    assert (found.enrolled, found.compliance) == (True, compliance)


def test_fields_that_are_missing_are_no_good_news() -> None:
    found = read_device({"Udid": "ABC"})
    assert found is not None
    assert (found.platform, found.enrolled, found.compromised) == (None, False, None)
    assert read_device({"Udid": ""}) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), (None, None), ("", None), ("Compromised", True), ("true", True), (1, True)],
    ids=repr,
)
def test_word_on_compromise_that_is_not_known_is_no_silence(value: object, expected: bool | None) -> None:
    """Silence admits on platforms that never report it; a word that nobody understands does not."""
    found = read_device(device(1, CompromisedStatus=value))
    assert found is not None
    assert found.compromised is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Apple", Platform.IOS),
        ("Android", Platform.ANDROID),
        ("AppleOsX", Platform.MACOS),
        ("WinRT", Platform.WINDOWS),
        ("LINUX", None),
    ],
)
def test_platform_words(word: str, expected: Platform | None) -> None:
    found = read_device(device(1, Platform=word))
    assert found is not None
    assert found.platform is expected


@pytest.mark.parametrize("status", [429, 500, 503])
def test_synchronisation_asks_again_when_the_uem_wants_to_be_asked_later(status: int) -> None:
    answers = [httpx.Response(status, headers={"Retry-After": "0"}), httpx.Response(status), httpx.Response(204)]
    answers[1].headers["Retry-After"] = "0"
    assert ask(lambda r: token(r) or answers.pop(0), devices) == {}
    assert answers == []


def test_somebody_who_waits_is_not_kept_waiting_by_a_uem_in_trouble() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        if (found := token(request)) is not None:
            return found
        asked.append(request)
        return httpx.Response(503)

    with pytest.raises(UemError, match="answered 503"):
        ask(answer, lambda client: client.device("x"))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({"block_access": True, "reason": "lost"}, True, id="blocked"),
        pytest.param({"block_access": False}, False, id="allowed"),
        pytest.param({"reason": ""}, None, id="no-word"),
        pytest.param({"block_access": "false"}, None, id="no-boolean"),
    ],
)
def test_tunnel_services_word(answer: dict[str, Any], expected: bool | None) -> None:
    def far_end(request: httpx.Request) -> httpx.Response:
        if (found := token(request)) is not None:
            return found
        assert request.url.raw_path == b"/API/mdm/tunnel/devices/9%2F..%2F/action"
        return httpx.Response(200, json=answer)

    question = lambda client: client.blocks_access("9/../", urgent=True)  # noqa: E731
    if expected is None:
        with pytest.raises(UemError, match="without block_access"):
            ask(far_end, question)
    else:
        assert ask(far_end, question) is expected


def test_group_and_ownership_are_what_the_record_says() -> None:
    group = {"Id": {"Value": 570}, "Name": "Sales", "Uuid": "6D0D-1"}
    found = read_device(device(1, LocationGroupId=group, LocationGroupName="Sales", Ownership="E", Uuid="AB-1"))
    assert found is not None
    assert (found.group, found.group_uuid, found.ownership, found.uuid) == (
        "Sales",
        "6d0d-1",
        Ownership.EMPLOYEE,
        "ab-1",
    )
    bare = read_device(device(1, LocationGroupId=570))
    assert bare is not None
    assert (bare.group, bare.group_uuid, bare.ownership, bare.uuid) == ("", "", Ownership.UNDEFINED, "")
