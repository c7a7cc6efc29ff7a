"""The front channel: pages and redirects of identity providers, until one of them sends the person back to the app.

RFC 6749 section 4.1, RFC 8252. Between two providers (WS-Federation, form_post) pages post themselves, which is to a
simulated browser a form like any other.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from lab.device.cast import Cast
from lab.device.forms import Form, read_page
from lab.device.outcome import BrokenError, DeniedError
from lab.device.person import Person

MAX_STEPS: Final = 20
"""Pages and redirects before a sign-in counts as going in circles."""
PASSWORD, CODE = "password", "code"
_OKTA_VERIFY_FIELD: Final = "oktaVerify"


@dataclass(frozen=True, slots=True)
class Return:
    """The way back to the app: the code, and what the person was asked for on the way, in order."""

    code: str
    asked: tuple[str, ...]


async def browse(cast: Cast, url: str, *, redirect_uri: str, state: str, person: Person | None) -> Return:
    """Open `url` and go where the providers lead; without a `person` nobody is there to fill in a form.

    Raises DeniedError, BrokenError, and httpx.TransportError where somebody cannot be reached.
    """
    answer = await cast.pages(_host(url)).get(url)
    asked: list[str] = []
    for _ in range(MAX_STEPS):
        if answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers.get("location", ""))
            if target.partition("?")[0] == redirect_uri:
                return Return(_code(target, state), tuple(asked))
            answer = await cast.pages(_host(target)).get(target)
            continue
        form = _form_to_fill(answer, asked, person)
        content = _content(cast, form, person)
        answer = await cast.pages(_host(form.action)).post(form.action, data=content)
    raise BrokenError(f"the sign-in took more than {MAX_STEPS} steps")


def _form_to_fill(answer: httpx.Response, asked: list[str], person: Person | None) -> Form:
    """The page's form; what it asks for is written down. A page that asks again has not taken the first answer."""
    page = read_page(answer.text, str(answer.url))
    form = page.form
    if form is None:
        raise DeniedError(page.alert or page.text or f"HTTP {answer.status_code}")
    for wanted, what in ((form.wants_password(), PASSWORD), (form.wants_code(), CODE)):
        if not wanted:
            continue
        if what in asked:
            raise DeniedError(page.alert or page.text or f"HTTP {answer.status_code}")
        if person is None or (what == CODE and not person.code):
            raise DeniedError(f"the provider asks for a {what}, and nobody is there who has one")
        asked.append(what)
    return form


def _content(cast: Cast, form: Form, person: Person | None) -> dict[str, str]:
    content = form.filled(person.user, person.password, person.code) if person else form.filled("", "")
    enrolled = cast.okta_verify
    if enrolled is not None and form.wants_password() and _host(form.action) == enrolled.host:
        content[_OKTA_VERIFY_FIELD] = enrolled.key
    return content


def _host(url: str) -> str:
    """The host that a URL leads to; a provider's redirect can be anything."""
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL as error:
        raise BrokenError(f"the provider leads to an address that is none: {error}") from error


def _code(redirect: str, state: str) -> str:
    query = {name: values[0] for name, values in parse_qs(urlsplit(redirect).query).items()}
    if not secrets.compare_digest(query.get("state", "").encode(), state.encode()):
        raise BrokenError("the redirect does not carry the state that this app sent")
    if "error" in query:
        raise DeniedError(query.get("error_description", query["error"]))
    if "code" not in query:
        raise BrokenError("the redirect carries neither a code nor an error")
    return query["code"]
