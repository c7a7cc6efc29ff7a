"""The closed vocabulary of reasons: one word for every way in which a connection is admitted, refused or ended.

Logs, refusals, metrics and reports use these words and no others. `TABLE` says of each what the device is answered
(HTTP status and the error token of RFC 9209, section 2.3), which counter of the vendor's MIB
(OMNISSA-TUNNEL-SERVER-MIB) counts the same, and what a person can do about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Stage(StrEnum):
    """How far a connection had come when its reason arose."""

    CONNECTION = "connection"
    IDENTITY = "identity"
    ADMISSION = "admission"
    DECISION = "decision"
    DESTINATION = "destination"
    GATEWAY = "gateway"
    END = "end"


class Reason(StrEnum):
    """Why. Stable strings: files, dashboards and tests outside this project may rest on them."""

    HANDSHAKE_FAILED = "handshake-failed"
    HANDSHAKE_TIMEOUT = "handshake-timeout"
    HEAD_TIMEOUT = "head-timeout"
    REQUEST_MALFORMED = "request-malformed"

    CLIENT_CERTIFICATE_MISSING = "client-certificate-missing"
    CLIENT_CERTIFICATE_UNTRUSTED = "client-certificate-untrusted"
    CLIENT_CERTIFICATE_EXPIRED = "client-certificate-expired"
    CLIENT_CERTIFICATE_NOT_YET_VALID = "client-certificate-not-yet-valid"
    CLIENT_CERTIFICATE_REVOKED = "client-certificate-revoked"
    CLIENT_CERTIFICATE_REVOCATION_UNKNOWN = "client-certificate-revocation-unknown"
    CLIENT_CERTIFICATE_WEAK = "client-certificate-weak"
    CLIENT_CERTIFICATE_SUPERSEDED = "client-certificate-superseded"
    CLIENT_CERTIFICATE_WITHOUT_DEVICE = "client-certificate-without-device"

    DEVICE_UNKNOWN = "device-unknown"
    DEVICE_NOT_ENROLLED = "device-not-enrolled"
    DEVICE_NOT_COMPLIANT = "device-not-compliant"
    DEVICE_COMPLIANCE_PENDING = "device-compliance-pending"
    DEVICE_COMPROMISED = "device-compromised"
    DEVICE_BLOCKED_BY_ADMIN = "device-blocked-by-admin"
    POSTURE_UNAVAILABLE = "posture-unavailable"
    POSTURE_STALE = "posture-stale"

    RULE = "rule"
    DEFAULT_ACTION = "default-action"
    NOT_IN_VPN_PROFILE = "not-in-vpn-profile"
    SAFARI_HAS_NO_DEFAULT = "safari-has-no-default"
    LOOPBACK = "loopback"
    GO_DIRECT = "go-direct"

    HOST_INVALID = "host-invalid"
    PORT_NOT_ALLOWED = "port-not-allowed"
    ADDRESS_NOT_ALLOWED = "address-not-allowed"
    RESOLUTION_FAILED = "resolution-failed"
    CONNECT_FAILED = "connect-failed"

    EGRESS_UNAVAILABLE = "egress-unavailable"
    OVER_LIMIT = "over-limit"
    SHUTTING_DOWN = "shutting-down"
    DECISION_LOG_FAILED = "decision-log-failed"
    INTERNAL_ERROR = "internal-error"

    CLOSED_BY_DEVICE = "closed-by-device"
    CLOSED_BY_SERVER = "closed-by-server"
    IDLE = "idle"
    TIME_LIMIT = "time-limit"
    SNI_MISMATCH = "sni-mismatch"
    CUT_BY_POSTURE = "cut-by-posture"
    CUT_BY_RULES = "cut-by-rules"
    CUT_BY_CERTIFICATE = "cut-by-certificate"
    CUT_BY_STALENESS = "cut-by-staleness"
    CUT_BY_ADMIN = "cut-by-admin"
    CUT_BY_SHUTDOWN = "cut-by-shutdown"

    @property
    def meaning(self) -> Meaning:
        return TABLE[self]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason means to each of its readers.

    `status` and `error` are None where no HTTP answer is given: the connection just ends. `mib` names the vendor's
    counter of the same event, None where the vendor has none.
    """

    stage: Stage
    status: int | None
    error: str | None
    mib: str | None
    words: str
    what_to_do: str


class RefusalError(Exception):
    """This connection is refused: the reason, and a detail that names the particular (never a secret)."""

    def __init__(self, reason: Reason, detail: str = "", *, status: int | None = None) -> None:
        self.reason = reason
        self.detail = detail or reason.meaning.words
        self.status = status or reason.meaning.status or 403
        super().__init__(f"{reason}: {self.detail}")


_DENIED = "http_request_denied"
_FAILED_HANDSHAKES = "omnTunnelNumFailedHandshakes"
_NOT_IN_ALLOWLIST = "omnTunnelNumNotInAllowlist"
_NON_COMPLIANT = "omnTunnelNumNonCompliant"
_NON_MANAGED = "omnTunnelNumNonManaged"
_ZTNA = "omnTunnelNumConnBlockedByZTNA"
_OUTBOUND_FAILED = "omnTunnelNumOutboundConnFailed"

_ASK_ADMIN = "Ask your administrator; give the decision id."
_GET_CERTIFICATE = "Reinstall the VPN profile from the UEM's app, so that the device gets a new certificate."
_CHECK_HUB = "Open the UEM's app, see why the device is not compliant, mend it, and try again."
_TRY_LATER = "Try again in a few minutes; if it stays, tell your administrator."


def _identity(words: str, what_to_do: str = _GET_CERTIFICATE) -> Meaning:
    return Meaning(Stage.IDENTITY, 403, _DENIED, _NOT_IN_ALLOWLIST, words, what_to_do)


def _admission(mib: str | None, words: str, what_to_do: str) -> Meaning:
    return Meaning(Stage.ADMISSION, 403, _DENIED, mib, words, what_to_do)


def _no_posture(words: str) -> Meaning:
    return Meaning(Stage.ADMISSION, 503, "proxy_internal_response", None, words, _TRY_LATER)


def _decision(words: str) -> Meaning:
    return Meaning(Stage.DECISION, 403, _DENIED, _ZTNA, words, "This destination does not go through the tunnel.")


def _end(words: str, what_to_do: str = "Nothing: this is how a connection ends.") -> Meaning:
    return Meaning(Stage.END, None, None, None, words, what_to_do)


TABLE: Mapping[Reason, Meaning] = MappingProxyType(
    {
        Reason.HANDSHAKE_FAILED: Meaning(
            Stage.CONNECTION,
            None,
            None,
            _FAILED_HANDSHAKES,
            "the TLS handshake failed",
            "Check that the client speaks TLS 1.2 or later and trusts the gateway.",
        ),
        Reason.HANDSHAKE_TIMEOUT: Meaning(
            Stage.CONNECTION,
            None,
            None,
            "omnTunnelNumClosedHandshakes",
            "the TLS handshake did not finish in time",
            _TRY_LATER,
        ),
        Reason.HEAD_TIMEOUT: Meaning(
            Stage.CONNECTION,
            None,
            None,
            None,
            "no whole request came in time",
            _TRY_LATER,
        ),
        Reason.REQUEST_MALFORMED: Meaning(
            Stage.CONNECTION,
            400,
            "http_request_error",
            None,
            "the request is not a well-formed CONNECT",
            "Use a client that speaks HTTP/1.1 CONNECT.",
        ),
        Reason.CLIENT_CERTIFICATE_MISSING: _identity("the device showed no certificate"),
        Reason.CLIENT_CERTIFICATE_UNTRUSTED: _identity("the certificate is not from a device authority"),
        Reason.CLIENT_CERTIFICATE_EXPIRED: _identity("the certificate, or one it rests on, has expired"),
        Reason.CLIENT_CERTIFICATE_NOT_YET_VALID: _identity(
            "the certificate, or one it rests on, is not valid yet",
            "Check the date and time of the device.",
        ),
        Reason.CLIENT_CERTIFICATE_REVOKED: _identity("the certificate has been revoked"),
        Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN: _identity(
            "whether the certificate has been revoked cannot be told",
            _TRY_LATER,
        ),
        Reason.CLIENT_CERTIFICATE_WEAK: _identity("the certificate's key or signature is too weak"),
        Reason.CLIENT_CERTIFICATE_SUPERSEDED: _identity("the device has a newer certificate"),
        Reason.CLIENT_CERTIFICATE_WITHOUT_DEVICE: _identity("the certificate names no device, or more than one"),
        Reason.DEVICE_UNKNOWN: _admission(_NON_MANAGED, "the UEM does not know the device", "Enrol the device."),
        Reason.DEVICE_NOT_ENROLLED: _admission(_NON_MANAGED, "the device is not enrolled", "Enrol the device."),
        Reason.DEVICE_NOT_COMPLIANT: _admission(_NON_COMPLIANT, "the device is not compliant", _CHECK_HUB),
        Reason.DEVICE_COMPLIANCE_PENDING: _admission(
            _NON_COMPLIANT,
            "the UEM has not yet judged the device's compliance",
            "Wait until the UEM's app has checked the device, then try again.",
        ),
        Reason.DEVICE_COMPROMISED: _admission(_NON_COMPLIANT, "the device is compromised", _ASK_ADMIN),
        Reason.DEVICE_BLOCKED_BY_ADMIN: _admission(
            "omnTunnelNumBlockedByAdm", "an administrator has blocked the device", _ASK_ADMIN
        ),
        Reason.POSTURE_UNAVAILABLE: _no_posture("the device's posture cannot be had"),
        Reason.POSTURE_STALE: _no_posture("what is known of the device's posture is too old"),
        Reason.RULE: _decision("a device traffic rule decided"),
        Reason.DEFAULT_ACTION: _decision("no rule matched: the default action decided"),
        Reason.NOT_IN_VPN_PROFILE: _decision("the app does not carry the VPN profile"),
        Reason.SAFARI_HAS_NO_DEFAULT: _decision("no rule matched, and the default action leaves Safari out"),
        Reason.LOOPBACK: _decision("the destination is the device itself"),
        Reason.GO_DIRECT: _decision("the destination is reached directly, without the tunnel"),
        Reason.HOST_INVALID: Meaning(
            Stage.DESTINATION,
            400,
            "http_request_error",
            None,
            "the host is not a valid name or address",
            "Check the spelling of the host.",
        ),
        Reason.PORT_NOT_ALLOWED: Meaning(
            Stage.DESTINATION,
            403,
            _DENIED,
            _ZTNA,
            "the port may not be tunnelled",
            _ASK_ADMIN,
        ),
        Reason.ADDRESS_NOT_ALLOWED: Meaning(
            Stage.DESTINATION,
            403,
            "destination_ip_prohibited",
            _ZTNA,
            "the host leads to an address that may not be reached",
            _ASK_ADMIN,
        ),
        Reason.RESOLUTION_FAILED: Meaning(
            Stage.DESTINATION,
            502,
            "dns_error",
            _OUTBOUND_FAILED,
            "the host's name cannot be resolved",
            _TRY_LATER,
        ),
        Reason.CONNECT_FAILED: Meaning(
            Stage.DESTINATION,
            502,
            "destination_unavailable",
            _OUTBOUND_FAILED,
            "the host does not answer",
            _TRY_LATER,
        ),
        Reason.EGRESS_UNAVAILABLE: Meaning(
            Stage.GATEWAY,
            503,
            "proxy_internal_error",
            _OUTBOUND_FAILED,
            "no egress address of the gateway can be used",
            _TRY_LATER,
        ),
        Reason.OVER_LIMIT: Meaning(
            Stage.GATEWAY,
            503,
            "connection_limit_reached",
            "omnTunnelNumDDoSRejected",
            "the gateway has no room for another connection",
            _TRY_LATER,
        ),
        Reason.SHUTTING_DOWN: Meaning(
            Stage.GATEWAY,
            503,
            "proxy_internal_response",
            None,
            "the gateway is stopping",
            _TRY_LATER,
        ),
        Reason.DECISION_LOG_FAILED: Meaning(
            Stage.GATEWAY,
            503,
            "proxy_internal_error",
            None,
            "the gateway cannot write its decision log, and admits nobody without",
            _TRY_LATER,
        ),
        Reason.INTERNAL_ERROR: Meaning(
            Stage.GATEWAY,
            500,
            "proxy_internal_error",
            None,
            "the gateway failed; it admitted nothing",
            _ASK_ADMIN,
        ),
        Reason.CLOSED_BY_DEVICE: _end("the device closed the connection"),
        Reason.CLOSED_BY_SERVER: _end("the server closed the connection"),
        Reason.IDLE: _end("nothing was sent for too long"),
        Reason.TIME_LIMIT: _end("the tunnel reached its time limit"),
        Reason.SNI_MISMATCH: _end("the TLS server name inside the tunnel is not the host that was asked for"),
        Reason.CUT_BY_POSTURE: _end("the device's posture changed", _CHECK_HUB),
        Reason.CUT_BY_RULES: _end("the rules changed", _ASK_ADMIN),
        Reason.CUT_BY_CERTIFICATE: _end("the certificate expired or was revoked", _GET_CERTIFICATE),
        Reason.CUT_BY_STALENESS: _end("what is known of the device's posture became too old", _TRY_LATER),
        Reason.CUT_BY_ADMIN: _end("an administrator cut the tunnel", _ASK_ADMIN),
        Reason.CUT_BY_SHUTDOWN: _end("the gateway stopped", _TRY_LATER),
    }
)
