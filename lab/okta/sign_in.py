"""Signing in to an app: /authorize, the password, the global session policy, the app's sign-in policy, the code.

The service's own page talks JSON with `/idp/idx/…`; the lab's is a plain HTML form that posts to `/lab/sign-in` and
`/lab/verify`, with the same outcomes. A session makes the form go away and is never asked about again; the app's
policy is judged at every access.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.okta.arrival import UNKNOWN, Arrival, arrival_of, org_url
from lab.okta.authorize_request import RefusedRequestError, read_authorize_request
from lab.okta.client_limits import ClientLimits, with_device_cookie
from lab.okta.denial import denied
from lab.okta.identifiers import new_id
from lab.okta.office365 import PASSIVE, Office365App, PassiveRequest, read_passive_request
from lab.okta.okta_verify import OktaVerify
from lab.okta.org import Org, PeoplesApp, Wanted
from lab.okta.pages import page
from lab.okta.policy.judgement import Judgement, Verdict
from lab.okta.session_policy import judge_session
from lab.okta.sessions import COOKIE, Session, session_times
from lab.okta.system_log import Party
from lab.okta.tokens import Grant, new_grant_id
from lab.okta.user import User
from lab.okta.wsfed_token import token_response
from lab.openid.passwords import NOBODY
from lab.openid.self_posting import self_posting_page

NOT_LOGGED_IN = "The client specified not to prompt, but the user is not logged in."
WANTS_MORE = "The client specified not to prompt, but the client app requires re-authentication or MFA."
REFUSED = "Unable to sign in"
KNOWLEDGE, POSSESSION = "knowledge", "possession"


class SignIn:
    """The org's pages for people."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._okta_verify = OktaVerify(org)
        self._limits = ClientLimits(org)

    def routes(self) -> list[Route]:
        return [
            Route("/oauth2/v1/authorize", self.authorize, methods=["GET"]),
            Route(PASSIVE, self.office365, methods=["GET"]),
            Route("/lab/sign-in", self.submit, methods=["POST"]),
            Route("/lab/verify", self.verify, methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        app = self._org.apps.get(request.query_params.get("client_id", ""))
        try:
            wanted = read_authorize_request(request.query_params, app.redirect_uris if app else None)
        except RefusedRequestError as refusal:
            return _refuse(refusal)
        limited = self._limits.refusal(request, wanted.client_id)
        if limited is not None:
            return limited
        session = self._org.sessions.use(request.cookies.get(COOKIE, ""))
        if session is None and wanted.prompt == "none":
            return _redirect(wanted.answer(error="login_required", error_description=NOT_LOGGED_IN))
        return self._begin(request, wanted, session)

    async def office365(self, request: Request) -> Response:
        """Microsoft's sign-in sends people of a federated domain here (WS-Federation, passive)."""
        key = request.path_params["key"]
        app = next((each for each in self._org.office365.values() if each.key == key), None)
        wanted = read_passive_request(app, request.query_params) if app is not None else None
        if wanted is None:
            return page("message.html", 400, title="Bad request", text="This is no sign-in request of Office 365.")
        limited = self._limits.refusal(request, wanted.client_id)
        if limited is not None:
            return limited
        return self._begin(request, wanted, self._org.sessions.use(request.cookies.get(COOKIE, "")))

    async def submit(self, request: Request) -> Response:
        fields = await _fields(request)
        if request.headers.get("origin", org_url(request)) != org_url(request):
            return page("message.html", 403, title="Forbidden", text="This form belongs to another site.")
        ticket = fields.get("stateToken", "")
        wanted = self._org.pending.read(ticket)
        if wanted is None or self._org.app(wanted.client_id) is None:
            return _expired()
        user = self._check_password(arrival_of(request), fields.get("username", ""), fields.get("password", ""))
        if user is None:
            return self._form(wanted, ticket=ticket, username=fields.get("username", ""), error=REFUSED)
        self._org.pending.take(ticket)
        session = self._new_session(user, fields.get("oktaVerify", ""))
        judgement = self._judge_session(request, wanted, session)
        if judgement is None or judgement.verdict is Verdict.DENY:
            return denied(self._org, request, wanted)
        idle, lifetime = session_times(judgement.rule.session)
        session = replace(session, idle=idle, lifetime=lifetime)
        if judgement.verdict is Verdict.CHALLENGE:
            return self._ask_for_factor(request, wanted, session)
        self._log_start(request, session)
        return self._remember(session, self._access(request, wanted, session))

    async def verify(self, request: Request) -> Response:
        fields = await _fields(request)
        ticket = fields.get("stateToken", "")
        found = self._org.verifying.read(ticket)
        if found is None or request.headers.get("origin", org_url(request)) != org_url(request):
            return _expired()
        wanted, session = found
        user, origin = self._org.user_by_id(session.user_id), arrival_of(request).origin
        good = (
            user is not None and user.second_factor is not None and user.second_factor.matches(fields.get("answer", ""))
        )
        outcome = "SUCCESS" if good else "FAILURE"
        self._org.log.add("user.authentication.auth_via_mfa", origin, actor=self._actor(session), outcome=outcome)
        if not good:
            return self._factor_form(wanted, ticket, error="Your code doesn't match our records.")
        self._org.verifying.take(ticket)
        session = replace(session, factors=frozenset({KNOWLEDGE, POSSESSION}))
        self._log_start(request, session)
        return self._remember(session, self._access(request, wanted, session))

    def _begin(self, request: Request, wanted: Wanted, session: Session | None) -> Response:
        if session is not None and wanted.prompt != "login":
            return self._access(request, wanted, session)
        return with_device_cookie(request, self._form(wanted))

    # --- who it is --------------------------------------------------------------------------------

    def _check_password(self, arrival: Arrival, login: str, password: str) -> User | None:
        user = self._org.user(login)
        digest = user.password if user is not None else NOBODY
        if digest.matches(password) and user is not None and user.status == "ACTIVE":
            return user
        actor = user.as_party() if user is not None else UNKNOWN
        event, reason = "user.session.start", "INVALID_CREDENTIALS"
        self._org.log.add(event, arrival.origin, actor=actor, outcome="FAILURE", reason=reason)
        return None

    def _new_session(self, user: User, key: str) -> Session:
        device = self._okta_verify.device(key, user.id)
        factors = {KNOWLEDGE, POSSESSION} if device is not None else {KNOWLEDGE}
        return Session(
            id=new_id("idx"),
            user_id=user.id,
            login=user.login,
            started=self._org.clock(),
            factors=frozenset(factors),
            device_id=device.id if device is not None else None,
        )

    def _judge_session(self, request: Request, wanted: Wanted, session: Session) -> Judgement | None:
        """What lets in is logged with the app's policy, as one event; what does not is logged here."""
        arrival = arrival_of(request)
        platform = arrival.origin.agent.platform
        context = self._org.context(session.user_id, arrival.zone_ids, platform, session.device_id)
        judgement = judge_session(self._org, context, session.factors)
        if judgement is not None and judgement.verdict is not Verdict.ALLOW:
            self._log_judgement(request, session, self._app(wanted), judgement)
        return judgement

    # --- what it gets -----------------------------------------------------------------------------

    def _access(self, request: Request, wanted: Wanted, session: Session) -> Response:
        app, arrival = self._app(wanted), arrival_of(request)
        if self._org.sessions.has_moved(session, arrival.origin.address):
            event, actor = "user.session.context.change", self._actor(session)
            self._org.log.add(event, arrival.origin, actor=actor, session=session.id)
        platform = arrival.origin.agent.platform
        context = self._org.context(session.user_id, arrival.zone_ids, platform, session.device_id)
        judgement = self._org.judge_access(app, session, context)
        self._log_judgement(request, session, app, judgement)
        if judgement.verdict is Verdict.ALLOW:
            return self._let_in(request, wanted, session, app)
        if judgement.verdict is Verdict.DENY:
            return denied(self._org, request, wanted)
        if wanted.prompt == "none" and not isinstance(wanted, PassiveRequest):
            return _redirect(wanted.answer(error="login_required", error_description=WANTS_MORE))
        return self._form(wanted) if judgement.too_old else self._ask_for_factor(request, wanted, session)

    def _let_in(self, request: Request, wanted: Wanted, session: Session, app: PeoplesApp) -> Response:
        origin, actor = arrival_of(request).origin, self._actor(session)
        targets = [app.as_party()]
        self._org.log.add("user.authentication.sso", origin, actor=actor, targets=targets, session=session.id)
        user = self._org.user_by_id(session.user_id)
        if isinstance(wanted, PassiveRequest):
            assert isinstance(app, Office365App)
            assert user is not None
            result = token_response(app, user, session, self._org.clock())
            return self_posting_page(app.reply_to, {"wa": "wsignin1.0", "wresult": result, "wctx": wanted.context})
        grant = Grant(
            new_grant_id(), app.id, session.login, wanted.scopes, session.started, wanted.nonce, session.factors
        )
        code = self._org.tokens.issue_code(grant, wanted.redirect_uri, wanted.challenge)
        return _redirect(wanted.answer(code=code))

    def _ask_for_factor(self, request: Request, wanted: Wanted, session: Session) -> Response:
        """Somebody who has none to show is denied."""
        user = self._org.user_by_id(session.user_id)
        if user is None or user.second_factor is None:
            return denied(self._org, request, wanted)
        return self._factor_form(wanted, self._org.verifying.issue((wanted, session)))

    # --- what is written down, and shown ----------------------------------------------------------

    def _log_start(self, request: Request, session: Session) -> None:
        origin, actor = arrival_of(request).origin, self._actor(session)
        self._org.log.add("user.session.start", origin, actor=actor, session=session.id)

    def _log_judgement(self, request: Request, session: Session, app: PeoplesApp, judgement: Judgement) -> None:
        rule = judgement.rule
        detail = {"policyRuleFactorMode": rule.factor_mode}
        self._org.log.add(
            "policy.evaluate_sign_on",
            arrival_of(request).origin,
            actor=self._actor(session),
            targets=[app.as_party(), Party(rule.id, "Rule", "unknown", rule.name, detail)],
            outcome=judgement.verdict,
            reason=f"Sign-on policy evaluation resulted in {judgement.verdict}",
            session=session.id,
        )

    def _app(self, wanted: Wanted) -> PeoplesApp:
        app = self._org.app(wanted.client_id)
        assert app is not None
        return app

    def _actor(self, session: Session) -> Party:
        user = self._org.user(session.login)
        return user.as_party() if user is not None else UNKNOWN

    def _remember(self, session: Session, answer: Response) -> Response:
        ticket = self._org.sessions.issue(session)
        answer.set_cookie(COOKIE, ticket, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def _form(self, wanted: Wanted, *, ticket: str | None = None, username: str = "", error: str = "") -> Response:
        return page(
            "sign_in.html",
            401 if error else 200,
            title="Sign in",
            app=self._app(wanted).label,
            state_token=ticket or self._org.pending.issue(wanted),
            username=username or wanted.login_hint,
            error=error,
        )

    def _factor_form(self, wanted: Wanted, ticket: str, *, error: str = "") -> Response:
        app = self._app(wanted).label
        status = 401 if error else 200
        return page("verify.html", status, title="Verify", app=app, state_token=ticket, error=error)


async def _fields(request: Request) -> Mapping[str, str]:
    form = await request.form()
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def _expired() -> Response:
    return page("message.html", 400, title="Sign-in expired", text="Go back to the app and try again.")


def _refuse(refusal: RefusedRequestError) -> Response:
    if refusal.location is not None:
        return _redirect(refusal.location)
    return page("message.html", 400, title="Bad request", text=f"{refusal.error}: {refusal.description}")


def _redirect(location: str) -> Response:
    return RedirectResponse(location, 302, {"Cache-Control": "no-cache, no-store"})
