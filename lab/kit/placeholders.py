"""What stands where a value is still to be put in. The check of a file knows these words and asks for the value."""

from __future__ import annotations

from typing import Final

MANAGEMENT_HINT: Final = "PUT-THE-MANAGEMENT-HINT-HERE"
ZONE_ID: Final = "PUT-THE-ZONE-ID-HERE"
LOCATION_ID: Final = "PUT-THE-LOCATION-ID-HERE"
BREAK_GLASS_GROUP: Final = "PUT-THE-BREAK-GLASS-GROUP-ID-HERE"

WHAT_FOR: Final = {
    MANAGEMENT_HINT: "the secret key that Okta shows under Security > Device integrations > Endpoint management",
    ZONE_ID: "the id of the network zone (nzo…), which okta-zones show prints",
    LOCATION_ID: "the id of the named location (a GUID), which okta-zones show prints",
    BREAK_GLASS_GROUP: "the id of the group of your emergency accounts",
}
