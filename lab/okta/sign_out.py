"""Signing out of the org: `/oauth2/v1/logout` (Okta OAuth API; OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.okta.arrival import UNKNOWN, arrival_of
from lab.okta.authorize_request import redirection
from lab.okta.org import Org
from lab.okta.pages import page
from lab.okta.sessions import COOKIE
from lab.openid.signing import InvalidTokenError

NOT_REGISTERED = "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings."


class SignOut:
    """Ends a person's session; what apps were given stays theirs."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [Route("/oauth2/v1/logout", self.sign_out, methods=["GET", "POST"])]

    async def sign_out(self, request: Request) -> Response:
        """An ID token of the session's own user ends it, even an expired one; an app's redirect is followed."""
        fields = dict(request.query_params)
        if request.method == "POST":
            form = await request.form()
            fields = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
        try:
            claims = self._org.tokens.key.read(fields.get("id_token_hint", ""))
        except InvalidTokenError:
            return page("message.html", 400, title="Bad request", text="Invalid value for 'id_token_hint' parameter.")
        app, target = self._org.apps.get(str(claims.get("aud"))), fields.get("post_logout_redirect_uri")
        if target is not None and (app is None or target not in app.redirect_uris):
            return page("message.html", 400, title="Bad request", text=f"invalid_request: {NOT_REGISTERED}")
        self._end(request, str(claims.get("sub")))
        answer = _bye(target, fields.get("state"))
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def _end(self, request: Request, user_id: str) -> None:
        session = self._org.sessions.use(request.cookies.get(COOKIE, ""))
        if session is None or session.user_id != user_id:
            return
        self._org.sessions.drop(lambda each: each.id == session.id)
        user = self._org.user_by_id(user_id)
        actor = user.as_party() if user is not None else UNKNOWN
        self._org.log.add("user.session.end", arrival_of(request).origin, actor=actor, session=session.id)


def _bye(target: str | None, state: str | None) -> Response:
    if target is None:
        return page("message.html", title="Signed out", text="You are signed out.")
    return RedirectResponse(target if state is None else redirection(target, {"state": state}), 302)
