"""The names that Okta Verify and its SSO extension go by, and the keys that they read.

From Okta's help pages "Integrate Okta with your MDM software", "Configure an SSO extension on iOS devices" (and the one
for macOS), "Okta Verify configurations for macOS devices" and "… for Windows devices".
"""

from __future__ import annotations

from typing import Final

TEAM_IDENTIFIER: Final = "B7F62B65BN"
BUNDLE_IDENTIFIER: Final = "com.okta.mobile"
"""Okta Verify on iOS and macOS, and the first of the two preference domains on macOS."""
EXTENSION_IDENTIFIER: Final = "com.okta.mobile.auth-service-extension"
"""The SSO extension, and the second preference domain on macOS."""
REALM: Final = "Okta Device"
ANDROID_PACKAGE: Final = "com.okta.android.auth"

MANAGEMENT_HINT: Final = "managementHint"
ORG_URL: Final = "OktaVerify.OrgUrl"
SHORTEST_HINT: Final = 8
LONGEST_HINT: Final = 256
"""Characters of a secret key (Okta help, "Configure Device Management for mobile devices")."""

APP_KEYS: Final = (
    MANAGEMENT_HINT,
    ORG_URL,
    "OktaVerify.DeviceHealthOptions",
    "OktaVerify.EnrollmentOptions",
    "OktaVerify.ReportDiagnostics",
    "OktaVerify.LaunchOptions",
    "OktaVerify.UserPrincipalName",
    "OktaVerify.PasswordSyncClientID",
    "OktaVerify.Plugins",
    "OktaVerify.EnableOSQueryCustomChecks",
    "OktaVerify.OSQueryCustomChecksTimeout",
    "OktaVerify.OSQueryAllowedDomains",
    "PlatformSSO.ProtocolVersion",
)

WINDOWS_ORG_URL: Final = "OrgUrl"
WINDOWS_OPTIONS: Final = (
    WINDOWS_ORG_URL,
    "AuthenticatorOperationMode",
    "AutoUpdateDeferredByDays",
    "BluetoothEnrollmentBootstrapping",
    "DeviceHealthOptions",
    "EnrollInBetaProgram",
    "ReportDiagnostics",
    "SKU",
    "ClientId",
    "ClientSecret",
)
"""Not the whole list: only what a public page was found for."""

UDID_LOOKUP: Final = "{DeviceUid}"
SERIAL_LOOKUP: Final = "{DeviceSerialNumber}"
LOOKUPS: Final = (
    UDID_LOOKUP,
    SERIAL_LOOKUP,
    "{DeviceFriendlyName}",
    "{DeviceReportedName}",
    "{DevicePlatform}",
    "{DeviceModel}",
    "{DeviceAssetNumber}",
    "{DeviceWLANMac}",
    "{EnrollmentUser}",
    "{EmailAddress}",
    "{EmailUserName}",
    "{EmailDomain}",
    "{UserPrincipalName}",
    "{FirstName}",
    "{LastName}",
    "{GroupIdentifier}",
)
"""Look-up values of the UEM: single braces, letters as here. From memory of its console, which lists them."""
