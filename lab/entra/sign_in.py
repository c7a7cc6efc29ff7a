"""Signing in to an app: /authorize, the form, the session, conditional access, the code.

The service's page is a program that talks to itself; the lab's is a plain HTML form with the same field names.
Conditional access is judged at every sign-in, with or without a session. A blocked person sees a page; only an app
that asked for no page (`prompt=none`) gets the error itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.entra.access import judged, refusal, written_down
from lab.entra.authorize_request import AuthorizeRequest, mistake_in, read_authorize_request
from lab.entra.conditional_access import Judgement
from lab.entra.errors import MFA_NEEDED, WRONG_PASSWORD, SignInError
from lab.entra.federation import federated_user, passive_request, ticket_of
from lab.entra.pages import page
from lab.entra.sign_in_log import Origin
from lab.entra.tenant import Session, Tenant, User
from lab.entra.tokens import Code, Grant
from lab.openid.passwords import NOBODY
from lab.openid.self_posting import self_posting_page

COOKIE = "ESTSAUTH"


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a person is shown, and why."""

    error: SignInError
    title: str
    app: str
    address: str


class SignInPages:
    """The tenant's pages for people."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self.authorize, methods=["GET"]),
            Route("/{tenant}/login", self.submit, methods=["POST"]),
            Route("/{tenant}/verify", self.verify, methods=["POST"]),
            Route("/login.srf", self.from_federation, methods=["POST"]),
            Route("/{tenant}/oauth2/v2.0/logout", self.log_out, methods=["GET"]),
        ]

    async def authorize(self, request: Request) -> Response:
        wanted = read_authorize_request(request.query_params)
        stranger = self._stranger(request, wanted)
        if stranger is not None:
            return _show(stranger, 400)
        mistake = mistake_in(wanted, request.query_params)
        if mistake is not None:
            return _tell_error(wanted, self._tenant.error(*mistake))
        session = self._session(request)
        if session is not None and wanted.prompt not in ("login", "select_account"):
            return self._access(origin_of(request), wanted, session)
        if wanted.prompt == "none":
            text = "Session information is not sufficient for single-sign-on."
            return _tell_error(wanted, self._tenant.error("login_required", 50058, text))
        return self._form(wanted)

    async def submit(self, request: Request) -> Response:
        fields = await form_fields(request)
        ticket = fields.get("flowToken", "")
        wanted = self._tenant.flows.read(ticket)
        if wanted is None or _is_foreign(request):
            return self._expired(request)
        federated = self._tenant.federated_domain(fields.get("login", ""))
        if federated is not None:
            return RedirectResponse(passive_request(federated, fields["login"], ticket), 302)
        if "passwd" not in fields:
            return self._form(wanted, ticket=ticket, username=fields.get("login", ""), asks_password=True)
        user = self._check_password(request, wanted, fields.get("login", ""), fields["passwd"])
        if user is None:
            name = fields.get("login", "")
            return self._form(wanted, ticket=ticket, username=name, asks_password=True, failed=True)
        self._tenant.flows.take(ticket)
        return self._enter(request, wanted, Session(user.id, self._tenant.clock()))

    async def verify(self, request: Request) -> Response:
        """The second factor, where conditional access asked for it."""
        fields = await form_fields(request)
        ticket = fields.get("flowToken", "")
        found = self._tenant.verifying.read(ticket)
        if found is None or _is_foreign(request):
            return self._expired(request)
        wanted, session = found
        user = self._tenant.users[session.user_id]
        if user.second_factor is None or not user.second_factor.matches(fields.get("otc", "")):
            return self._factor_form(wanted, ticket, failed=True)
        self._tenant.verifying.take(ticket)
        return self._enter(request, wanted, replace(session, controls=session.controls | {"mfa"}))

    async def from_federation(self, request: Request) -> Response:
        """What another identity provider says of somebody, brought by the browser (WS-Federation, passive)."""
        fields = await form_fields(request)
        wanted = self._tenant.flows.take(ticket_of(fields.get("wctx", "")))
        if wanted is None:
            return self._expired(request)
        try:
            user, controls = federated_user(self._tenant, fields.get("wresult", ""))
        except SignInError as error:
            return _show(_Refusal(error, "Sign in", wanted.client_id, origin_of(request).address), 400)
        return self._enter(request, wanted, Session(user.id, self._tenant.clock(), controls))

    async def log_out(self, request: Request) -> Response:
        """End the session; an app's own redirect is not followed, so that nobody can use it to send people away."""
        self._tenant.sessions.take(request.cookies.get(COOKIE, ""))
        answer = page("signed_out.html", title="Signed out")
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def _session(self, request: Request) -> Session | None:
        session = self._tenant.sessions.read(request.cookies.get(COOKIE, ""))
        if session is None or self._tenant.revocations.revoked(session.user_id, session.started):
            return None
        return session

    def _stranger(self, request: Request, wanted: AuthorizeRequest) -> _Refusal | None:
        """A refusal where the app is not known well enough to be told."""
        app = self._tenant.apps.get(wanted.client_id)
        try:
            self._tenant.check_name(request.path_params["tenant"])
        except SignInError as error:
            return _Refusal(error, "Sign in", wanted.client_id, origin_of(request).address)
        if app is not None and wanted.redirect_uri in app.redirect_uris:
            return None
        mismatch = self._tenant.error("invalid_request", 50011, "The redirect URI does not match those of the app.")
        found = mismatch if app is not None else unknown_app(self._tenant, wanted.client_id)
        return _Refusal(found, "Sign in", wanted.client_id, origin_of(request).address)

    def _check_password(self, request: Request, wanted: AuthorizeRequest, name: str, password: str) -> User | None:
        user = self._tenant.user_named(name)
        digest = user.password if user is not None else NOBODY
        if digest.matches(password) and user is not None:
            return user
        if user is not None:
            app = self._tenant.apps[wanted.client_id]
            self._tenant.log.add(
                origin_of(request),
                user=user.logged,
                app=(app.id, app.display_name),
                judgement=Judgement(()),
                error_code=WRONG_PASSWORD,
                failure_reason="Invalid username or password or Invalid on-premises username or password.",
            )
        return None

    def _enter(self, request: Request, wanted: AuthorizeRequest, session: Session) -> Response:
        answer = self._access(origin_of(request), wanted, session)
        ticket = self._tenant.sessions.issue(session)
        answer.set_cookie(COOKIE, ticket, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    def _access(self, origin: Origin, wanted: AuthorizeRequest, session: Session) -> Response:
        user, app = self._tenant.users[session.user_id], self._tenant.apps[wanted.client_id]
        grant = Grant(
            client_id=app.id,
            user_id=user.id,
            scopes=wanted.scopes,
            authenticated=session.started,
            nonce=wanted.nonce,
            controls=session.controls,
            capabilities=wanted.client_capabilities,
        )
        judgement = judged(self._tenant, origin, user, grant)
        error = refusal(self._tenant, judgement, "access_denied")
        written_down(self._tenant, origin, user, grant, judgement=judgement, error=error, interactive=True)
        if error is None:
            code = self._tenant.tokens.codes.issue(Code(grant, wanted.redirect_uri, wanted.challenge))
            return _tell(wanted, {"code": code})
        if wanted.prompt == "none":
            return _tell_error(wanted, error)
        if error.number == MFA_NEEDED and user.second_factor is not None:
            return self._factor_form(wanted, self._tenant.verifying.issue((wanted, session)))
        return _show(_Refusal(error, "You cannot access this right now", app.display_name, origin.address), 200)

    def _expired(self, request: Request) -> Response:
        error = self._tenant.error("invalid_request", 50089, "The flow token has expired or is not ours.")
        return _show(_Refusal(error, "Sign in again", "", origin_of(request).address), 400)

    def _factor_form(self, wanted: AuthorizeRequest, ticket: str, *, failed: bool = False) -> Response:
        return page(
            "verify.html",
            title="Enter code",
            action=f"/{self._tenant.id}/verify",
            app=self._tenant.apps[wanted.client_id].display_name,
            flow_token=ticket,
            error="You didn't enter the expected verification code." if failed else "",
        )

    def _form(
        self,
        wanted: AuthorizeRequest,
        *,
        ticket: str | None = None,
        username: str = "",
        asks_password: bool = False,
        failed: bool = False,
    ) -> Response:
        """Name and password at once; the name first, where it may lead to another provider."""
        identifier_first = self._tenant.federated_domains and not asks_password
        return page(
            "identifier.html" if identifier_first else "sign_in.html",
            title="Sign in to your account",
            action=f"/{self._tenant.id}/login",
            app=self._tenant.apps[wanted.client_id].display_name,
            flow_token=ticket or self._tenant.flows.issue(wanted),
            username=username or wanted.login_hint,
            error="Your account or password is incorrect." if failed else "",
        )


def unknown_app(tenant: Tenant, client_id: str) -> SignInError:
    """700016."""
    text = f"Application with identifier '{client_id}' was not found in the directory '{tenant.display_name}'."
    return tenant.error("unauthorized_client", 700016, text)


def origin_of(request: Request) -> Origin:
    """The connecting address: forwarded ones do not count here."""
    assert request.client is not None
    return Origin(request.client.host, request.headers.get("user-agent", ""))


async def form_fields(request: Request) -> Mapping[str, str]:
    """The fields of a posted form."""
    form = await request.form()
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def _is_foreign(request: Request) -> bool:
    own = f"https://{request.headers['host']}"
    return request.headers.get("origin", own) != own


def _show(shown: _Refusal, status: int) -> Response:
    error = shown.error
    return page(
        "error.html",
        status,
        title=shown.title,
        message=str(error),
        number=str(error.number),
        request_id=error.trace_id,
        correlation_id=error.correlation_id,
        timestamp=error.timestamp,
        app=shown.app,
        address=shown.address,
    )


def _tell_error(wanted: AuthorizeRequest, error: SignInError) -> Response:
    return _tell(wanted, {"error": error.error, "error_description": error.description})


def _tell(wanted: AuthorizeRequest, parameters: Mapping[str, str]) -> Response:
    """Bring an answer to the app, the way it asked for."""
    if wanted.response_mode == "form_post":
        return self_posting_page(wanted.redirect_uri, wanted.with_state(parameters))
    return RedirectResponse(wanted.answer(**parameters), 302, {"Cache-Control": "no-store, no-cache"})
