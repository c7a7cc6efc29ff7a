"""How a denial by a policy is told: to the app by a redirect, to a person by a page, to a sign-in widget in JSON."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from lab.okta.authorize_request import AuthorizeRequest
from lab.okta.org import Org, Wanted
from lab.okta.pages import page

TEXT: Final = "You do not have permission to perform the requested action."
TO_APPS: Final = "The resource owner or authorization server denied the request."
ION: Final = "application/ion+json"


def denied(org: Org, request: Request, wanted: Wanted) -> Response:
    """The answer that fits the client and the org's knobs."""
    if ION in request.headers.get("accept", ""):
        return JSONResponse(_idx(), 403, media_type=ION)
    if not org.knobs.denial_is_redirected or not isinstance(wanted, AuthorizeRequest):
        return page("message.html", 403, title="Access denied", text=TEXT)
    location = wanted.answer(error="access_denied", error_description=TO_APPS)
    return RedirectResponse(location, 302, {"Cache-Control": "no-cache, no-store"})


def _idx() -> dict[str, object]:
    """As the Identity Engine answers its widget (okta-signin-widget's recorded answers)."""
    message = {"message": TEXT, "i18n": {"key": "security.access_denied"}, "class": "ERROR"}
    return {"version": "1.0.0", "messages": {"type": "array", "value": [message]}}
