"""`verify` of an Okta target: whom and what simulate is asked about after a write.

verify: {app-id: 0oa1gjh63g214q0Hq0g4, user-id: 00u8w1c6x4TnQ8uHT0g7, outside: 192.0.2.1}
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainValidator

from dtr_rules import source
from okta_zones.config.names import Text


@dataclass(frozen=True, slots=True)
class VerificationSettings:
    """The app and the person of the question, and an address from which nobody may sign in."""

    app_id: str
    user_id: str
    outside: str


def _address(value: object) -> str:
    try:
        return str(ipaddress.ip_address(value if isinstance(value, str) else ""))
    except ValueError:
        raise ValueError("must be an IP address") from None


Address = Annotated[str, PlainValidator(_address)]


class VerificationEntry(source.Model):
    """`verify`."""

    app_id: Text
    user_id: Text
    outside: Address = "192.0.2.1"

    def settings(self) -> VerificationSettings:
        return VerificationSettings(self.app_id, self.user_id, self.outside)
