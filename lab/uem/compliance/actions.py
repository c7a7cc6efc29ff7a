"""What a compliance policy does to a device that breaks it, and what the API's ActionType calls it.

To mark the device as not compliant is none of them: it is a tick box of its own beside each step's actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActionType(StrEnum):
    """The API's words for actions (OpenAPI document, MDM v1)."""

    SEND_EMAIL = "SendEmail"
    SEND_SMS = "SendSMS"
    SEND_PUSH = "SendPushNotification"
    REMOVE_PROFILE = "BlockRemoveProfile"
    INSTALL_COMPLIANCE_PROFILE = "InstallComplianceProfile"


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the device's user. `by` is one of the three SEND types."""

    by: ActionType = ActionType.SEND_PUSH


@dataclass(frozen=True, slots=True)
class RemoveProfile:
    """Take the profile of this name away, and keep it away while the policy is broken."""

    profile: str


@dataclass(frozen=True, slots=True)
class InstallComplianceProfile:
    """Install the compliance profile of this name, for as long as the policy is broken."""

    profile: str


@dataclass(frozen=True, slots=True)
class RevokeTokens:
    """Revoke the user's sign-ins at Entra. For iOS and Android only, as in the product."""


Action = Notify | RemoveProfile | InstallComplianceProfile | RevokeTokens
