"""The line that installs Okta Verify on Windows."""

from __future__ import annotations

from typing import Final

from dtr_rules.catalogue.entry import Sure
from lab.kit.app_configuration import UEM
from lab.kit.configuration import Configuration
from lab.kit.okta_names import WINDOWS_ORG_URL
from lab.kit.piece import Field, Piece

INSTALLER: Final = "OktaVerifySetup-x.x.x.x-yyyyyyy.exe"
"""As Okta's page and the tutorial write it: the version and the build stand in the name of the file."""
_SOURCE: Final = "Okta help, Okta Verify configurations for Windows devices; tutorial"


def windows_piece(configuration: Configuration) -> Piece:
    """The install line."""
    url = f"https://{configuration.login_host}"
    sure = Sure.DOCUMENTED if configuration.custom_domain is None else Sure.INFERRED
    remarks = ["Put the name of the installer that you uploaded in its place."]
    if configuration.custom_domain is not None:
        remarks.append(
            f"With a custom domain people open their dashboard there, so that is the URL here (a practitioner's "
            f"blog says so for macOS; not confirmed for Windows). https://{configuration.org_host} works, too."
        )
    return Piece(
        id="okta-verify-windows",
        title="Okta Verify: install line, Windows",
        console=UEM,
        menu=(
            "Resources > Apps > Native > Internal > Okta Verify > Deployment Options > Install Command "
            "(from memory of the UEM console)"
        ),
        fields=(Field(WINDOWS_ORG_URL, url, _SOURCE, sure), Field("quiet", "/q", _SOURCE)),
        text=f"{INSTALLER} /q {WINDOWS_ORG_URL}={url}\n",
        file="okta-verify-windows.txt",
        remarks=tuple(remarks),
    )
