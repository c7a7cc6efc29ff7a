"""The vocabulary: complete, consistent, and told in the docs as it is."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path

import pytest

from dtr_rules import DecisionReason
from tunnel_gateway.reasons import TABLE, Reason, RefusalError, Stage
from tunnel_gateway.refusal import answer

DOCS = Path(__file__).parents[2] / "docs" / "reasons.md"

# RFC 9209, section 2.3.
ERROR_TYPES = {
    "dns_error",
    "destination_unavailable",
    "destination_ip_prohibited",
    "connection_limit_reached",
    "http_request_error",
    "http_request_denied",
    "proxy_internal_response",
    "proxy_internal_error",
}


def test_every_reason_has_a_meaning() -> None:
    assert set(TABLE) == set(Reason)


def test_rule_engine_speaks_the_same_words() -> None:
    assert {Reason(reason.value).meaning.stage for reason in DecisionReason} == {Stage.DECISION}


@pytest.mark.parametrize("reason", Reason)
def test_answered_reasons_have_a_status_and_an_error_type(reason: Reason) -> None:
    meaning = reason.meaning
    assert (meaning.status is None) == (meaning.error is None)
    if meaning.status is not None:
        assert 400 <= HTTPStatus(meaning.status) < 600
        assert meaning.error in ERROR_TYPES


def test_refusal_is_an_http_answer_that_says_why() -> None:
    refusal = RefusalError(Reason.DEVICE_NOT_COMPLIANT, 'a "detail"\r\nX: y')
    head, _, body = answer(refusal, "d1", "gateway-1").partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        "HTTP/1.1 403 Forbidden",
        'Proxy-Status: gateway-1; error=http_request_denied; details="device-not-compliant"',
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    assert json.loads(body) == {
        "reason": "device-not-compliant",
        "detail": 'a "detail"\r\nX: y',
        "decision_id": "d1",
        "what_to_do": "Open the UEM's app, see why the device is not compliant, mend it, and try again.",
    }


def test_docs_tell_the_table_as_it_is() -> None:
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    assert rows == [row(reason) for reason in Reason]


def row(reason: Reason) -> str:
    meaning = reason.meaning
    cells = [f"`{reason}`", meaning.stage, str(meaning.status or "-"), meaning.error or "-", meaning.mib or "-"]
    return "| " + " | ".join([*cells, meaning.words]) + " |"
