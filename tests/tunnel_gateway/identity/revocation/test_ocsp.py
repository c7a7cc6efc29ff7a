"""Which OCSP answers count: to our question, by the issuer or one that it has appointed, of now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from issuing import CLIENT, DAY, HOUR, NOW, leaf, make, make_ocsp

from tunnel_gateway.identity.revocation.ocsp import WITHOUT_NEXT_UPDATE, Question, read_ocsp
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError

ROOT = make(cn="Device Root", ca=True, start=-90 * DAY, end=90 * DAY)
NAMESAKE = make(cn="Device Root", ca=True)
PHONE, OTHER_PHONE = leaf(ROOT), leaf(ROOT)
NONCE = b"n" * 32
QUESTION = Question(PHONE.certificate.serial_number, ROOT.certificate, NONCE)
OCSP_SIGNING = ExtendedKeyUsageOID.OCSP_SIGNING
NO_CHECK = (x509.OCSPNoCheck(), False)


def responder(issuer: Any = ROOT, **options: Any) -> Any:
    return make(issuer, **({"cn": "Responder", "eku": [OCSP_SIGNING], "extra": [NO_CHECK]} | options))


def test_question_is_about_the_certificate() -> None:
    asked = ocsp.load_der_ocsp_request(QUESTION.der())
    reference = ocsp.OCSPRequestBuilder().add_certificate(PHONE.certificate, ROOT.certificate, asked.hash_algorithm)
    assert asked.serial_number == PHONE.certificate.serial_number
    assert (asked.issuer_name_hash, asked.issuer_key_hash) == (
        reference.build().issuer_name_hash,
        reference.build().issuer_key_hash,
    )
    assert asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == NONCE


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="by-the-issuer"),
        pytest.param({"nonce": NONCE}, id="with-our-nonce"),
        pytest.param({"responder": responder()}, id="by-an-appointed-responder"),
    ],
)
@pytest.mark.parametrize("status", [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED], ids=str)
def test_answer_counts(options: dict[str, Any], status: ocsp.OCSPCertStatus) -> None:
    found = read_ocsp(make_ocsp(PHONE, ROOT, status=status, **options), QUESTION, NOW)
    assert found.is_revoked == (status is ocsp.OCSPCertStatus.REVOKED)
    assert found.next_update == NOW + DAY


def test_answer_without_an_end_counts_for_a_short_while() -> None:
    content = make_ocsp(PHONE, ROOT, this_update=timedelta(minutes=-1), next_update=None)
    assert read_ocsp(content, QUESTION, NOW).next_update == NOW - timedelta(minutes=1) + WITHOUT_NEXT_UPDATE
    with pytest.raises(RevocationUnknownError, match="out of date"):
        read_ocsp(content, QUESTION, NOW + WITHOUT_NEXT_UPDATE)


@pytest.mark.parametrize(
    ("words", "content"),
    [
        pytest.param("another certificate", make_ocsp(OTHER_PHONE, ROOT), id="about-another-certificate"),
        pytest.param("nobody whom the issuer has appointed", make_ocsp(PHONE, ROOT, responder=NAMESAKE), id="namesake"),
        pytest.param("nobody", make_ocsp(PHONE, ROOT, responder=responder(NAMESAKE)), id="responder-of-a-namesake"),
        pytest.param("nobody", make_ocsp(PHONE, ROOT, responder=responder(eku=[CLIENT])), id="not-for-ocsp"),
        pytest.param("nobody", make_ocsp(PHONE, ROOT, responder=OTHER_PHONE), id="by-a-device"),
        pytest.param("nobody", make_ocsp(PHONE, ROOT, responder=responder(end=-HOUR)), id="expired-responder"),
        pytest.param("nobody", make_ocsp(PHONE, ROOT, responder=responder(start=HOUR)), id="responder-of-tomorrow"),
        pytest.param("nobody", make_ocsp(PHONE, ROOT, responder=responder(extra=[])), id="responder-to-be-checked"),
        pytest.param(
            "nobody", make_ocsp(PHONE, ROOT, responder=responder(), with_certificate=False), id="responder-unknown"
        ),
        pytest.param(
            "another certificate", make_ocsp(PHONE, NAMESAKE, responder=responder()), id="about-a-namesakes-certificate"
        ),
        pytest.param("nonce", make_ocsp(PHONE, ROOT, nonce=b"x" * 32), id="to-another-question"),
        pytest.param("out of date", make_ocsp(PHONE, ROOT, this_update=-DAY, next_update=-HOUR), id="stale"),
        pytest.param("from the future", make_ocsp(PHONE, ROOT, this_update=HOUR), id="from-the-future"),
        pytest.param(
            "does not know", make_ocsp(PHONE, ROOT, status=ocsp.OCSPCertStatus.UNKNOWN), id="unknown-certificate"
        ),
        pytest.param(
            "unauthorized",
            ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(
                Encoding.DER
            ),
            id="unauthorized",
        ),
        pytest.param("cannot be read", make_ocsp(PHONE, ROOT)[:-1], id="cut-short"),
        pytest.param("cannot be read", b"<html>", id="no-answer-at-all"),
    ],
)
def test_answer_does_not_count(words: str, content: bytes) -> None:
    with pytest.raises(RevocationUnknownError, match=words):
        read_ocsp(content, QUESTION, NOW)


def test_changed_answer_does_not_count() -> None:
    content = bytearray(make_ocsp(PHONE, ROOT, status=ocsp.OCSPCertStatus.REVOKED))
    content[-1] ^= 1
    with pytest.raises(RevocationUnknownError, match=r"nobody|cannot be read"):
        read_ocsp(bytes(content), QUESTION, NOW)
