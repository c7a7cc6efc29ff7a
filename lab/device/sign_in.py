"""A sign-in as the person sees it: how it ended, in whose words."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from lab.device.cast import Cast
from lab.device.openid import Client, Tokens, code_flow
from lab.device.outcome import FAILURES, Outcome, ending
from lab.device.person import Person
from lab.device.refusal import Refusal

__all__ = ["Client", "Outcome", "Person", "SignIn", "sign_in", "sign_in_as"]


@dataclass(frozen=True, slots=True)
class SignIn:
    """The result. `words` are the provider's own where it spoke, or what kept the app from reaching it."""

    outcome: Outcome
    words: str = ""
    subject: str = ""
    """Who the provider says signed in; empty unless allowed."""
    refusal: Refusal | None = None
    asked: tuple[str, ...] = ()
    """What the person was asked for on the way in (password, code); nothing, where a session was still good."""
    tokens: Tokens | None = field(default=None, repr=False)

    @classmethod
    def allowed(cls, tokens: Tokens) -> SignIn:
        return cls(Outcome.ALLOWED, subject=tokens.subject, asked=tokens.asked, tokens=tokens)

    @classmethod
    def failed(cls, error: Exception) -> SignIn:
        """For one of FAILURES."""
        found = ending(error)
        return cls(found.outcome, found.words, refusal=found.refusal)


async def sign_in(http: httpx.AsyncClient, client: Client, person: Person) -> SignIn:
    """Sign in once, all in a web view of the app itself. Never raises for what others do: that is the result."""
    return await sign_in_as(Cast.alone(http), client, person)


async def sign_in_as(cast: Cast, client: Client, person: Person | None) -> SignIn:
    """The same with a cast; without a `person` only by a session that is there."""
    try:
        return SignIn.allowed(await code_flow(cast, client, person))
    except FAILURES as error:
        return SignIn.failed(error)
