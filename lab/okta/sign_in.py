"""Signing in to an app: /authorize, the form, the session, the app's sign-in policy, the code.

The service's own page talks JSON with `/idp/idx/…`; the lab's is a plain HTML form that posts to
`/lab/sign-in`, with the same outcome. The app's policy is judged at every access: a session makes the form go
away, not the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.okta.application import App
from lab.okta.arrival import UNKNOWN, Arrival, arrival_of, org_url
from lab.okta.authorize_request import AuthorizeRequest, RefusedRequestError, read_authorize_request
from lab.okta.identifiers import new_id
from lab.okta.org import Org
from lab.okta.pages import page
from lab.okta.policy.judgement import Judgement, Verdict
from lab.okta.sessions import COOKIE, Session
from lab.okta.system_log import Party
from lab.okta.tokens import Grant, new_grant_id
from lab.openid.passwords import NOBODY

DENIED: Final = "The resource owner or authorization server denied the request."
NOT_LOGGED_IN: Final = "The client specified not to prompt, but the user is not logged in."
WANTS_MORE: Final = "The client specified not to prompt, but the client app requires re-authentication or MFA."
REFUSED: Final = "Unable to sign in"


@dataclass(frozen=True, slots=True)
class _Access:
    """One access of a session to an app."""

    wanted: AuthorizeRequest
    session: Session
    just_signed_in: bool


class SignIn:
    """The org's pages for people."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        return [
            Route("/oauth2/v1/authorize", self.authorize, methods=["GET"]),
            Route("/lab/sign-in", self.submit, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        app = self._org.apps.get(request.query_params.get("client_id", ""))
        try:
            wanted = read_authorize_request(request.query_params, app.redirect_uris if app else None)
        except RefusedRequestError as refusal:
            return _refuse(refusal)
        session = self._org.sessions.read(request.cookies.get(COOKIE, ""))
        if session is not None and wanted.prompt != "login":
            return self._access(arrival_of(request), _Access(wanted, session, just_signed_in=False))
        if wanted.prompt == "none":
            return _redirect(wanted.answer(error="login_required", error_description=NOT_LOGGED_IN))
        return self._form(wanted)

    async def submit(self, request: Request) -> Response:
        if request.headers.get("origin", org_url(request)) != org_url(request):
            return page("message.html", 403, title="Forbidden", text="This form belongs to another site.")
        form = await request.form()
        fields = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
        ticket = fields.get("stateToken", "")
        wanted = self._org.pending.read(ticket)
        if wanted is None:
            return page("message.html", 400, title="Sign-in expired", text="Go back to the app and try again.")
        session = self._check_password(arrival_of(request), fields.get("username", ""), fields.get("password", ""))
        if session is None:
            return self._form(wanted, ticket=ticket, username=fields.get("username", ""), error=REFUSED)
        self._org.pending.take(ticket)
        answer = self._access(arrival_of(request), _Access(wanted, session, just_signed_in=True))
        answer.set_cookie(
            COOKIE, self._org.sessions.issue(session), path="/", secure=True, httponly=True, samesite="lax"
        )
        return answer

    def _check_password(self, arrival: Arrival, login: str, password: str) -> Session | None:
        user = self._org.user(login)
        digest = user.password if user is not None else NOBODY
        if not digest.matches(password) or user is None:
            actor = user.as_party() if user is not None else UNKNOWN
            self._org.log.add(
                "user.session.start",
                arrival.origin,
                actor=actor,
                outcome="FAILURE",
                reason="INVALID_CREDENTIALS",
            )
            return None
        session = Session(new_id("idx"), user.id, user.login, self._org.clock())
        self._org.log.add("user.session.start", arrival.origin, actor=user.as_party(), session=session.id)
        return session

    def _access(self, arrival: Arrival, access: _Access) -> Response:
        app = self._org.apps[access.wanted.client_id]
        judgement = self._org.judge_access(app, access.session, arrival.zone_ids, arrival.origin.agent.platform)
        self._log_judgement(arrival, access.session, app, judgement)
        wanted = access.wanted
        if judgement.verdict is Verdict.ALLOW:
            return self._code(arrival, access, app)
        if judgement.verdict is Verdict.DENY or access.just_signed_in:
            # The lab cannot ask for a second factor: after a fresh password, a challenge stays unmet.
            return _redirect(wanted.answer(error="access_denied", error_description=DENIED))
        if wanted.prompt == "none":
            return _redirect(wanted.answer(error="login_required", error_description=WANTS_MORE))
        return self._form(wanted)

    def _code(self, arrival: Arrival, access: _Access, app: App) -> Response:
        wanted, session = access.wanted, access.session
        actor = self._actor(session)
        self._org.log.add(
            "user.authentication.sso",
            arrival.origin,
            actor=actor,
            targets=[app.as_party()],
            session=session.id,
        )
        grant = Grant(new_grant_id(), app.id, session.login, wanted.scopes, session.started, wanted.nonce)
        code = self._org.tokens.issue_code(grant, wanted.redirect_uri, wanted.challenge)
        return _redirect(wanted.answer(code=code))

    def _log_judgement(self, arrival: Arrival, session: Session, app: App, judgement: Judgement) -> None:
        rule = judgement.rule
        detail = {"policyRuleFactorMode": rule.factor_mode}
        self._org.log.add(
            "policy.evaluate_sign_on",
            arrival.origin,
            actor=self._actor(session),
            targets=[app.as_party(), Party(rule.id, "Rule", "unknown", rule.name, detail)],
            outcome=judgement.verdict,
            reason=f"Sign-on policy evaluation resulted in {judgement.verdict}",
            session=session.id,
        )

    def _actor(self, session: Session) -> Party:
        user = self._org.user(session.login)
        return user.as_party() if user is not None else UNKNOWN

    def _form(
        self, wanted: AuthorizeRequest, *, ticket: str | None = None, username: str = "", error: str = ""
    ) -> Response:
        return page(
            "sign_in.html",
            401 if error else 200,
            title="Sign in",
            app=self._org.apps[wanted.client_id].label,
            state_token=ticket or self._org.pending.issue(wanted),
            username=username or wanted.login_hint,
            error=error,
        )


def _refuse(refusal: RefusedRequestError) -> Response:
    if refusal.location is not None:
        return _redirect(refusal.location)
    return page("message.html", 400, title="Bad request", text=f"{refusal.error}: {refusal.description}")


def _redirect(location: str) -> Response:
    return RedirectResponse(location, 302, {"Cache-Control": "no-cache, no-store"})
