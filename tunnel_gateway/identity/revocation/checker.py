"""Ask about every certificate of a verified chain, as its authority's policy says."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from cryptography import x509

from tunnel_gateway.identity.remembered import Remembered
from tunnel_gateway.identity.revocation.answers import Answers
from tunnel_gateway.identity.revocation.crl import RevocationList, read_crl
from tunnel_gateway.identity.revocation.endpoints import Endpoints, is_on
from tunnel_gateway.identity.revocation.fetch import Fetch
from tunnel_gateway.identity.revocation.ocsp import MAX_ANSWER, NONCE_BYTES, CertificateStatus, Question, read_ocsp
from tunnel_gateway.identity.revocation.policy import RevocationMode, RevocationPolicy, Trust
from tunnel_gateway.identity.revocation.unknown import RevocationUnknownError
from tunnel_gateway.reasons import Reason, RefusalError

MAX_LISTS: Final = 64
MAX_STATUSES: Final = 10_000
MAX_TOLD: Final = 256

logger = logging.getLogger(__name__)


class Link(Protocol):
    """A certificate that may have been revoked, and who issued it."""

    @property
    def serial_number(self) -> int: ...
    @property
    def is_leaf(self) -> bool: ...
    @property
    def named(self) -> Endpoints: ...
    @property
    def asked(self) -> Endpoints: ...
    @property
    def issuer(self) -> x509.Certificate: ...


class RevocationChecker:
    """Keeps what authorities have answered; one for as long as the gateway runs.

    `clock` gives the time, aware; `fetch` asks the network.
    """

    def __init__(self, fetch: Fetch, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lists: Answers[tuple[str, x509.Certificate], RevocationList] = Answers(MAX_LISTS, clock)
        self._statuses: Answers[tuple[str, x509.Certificate, int], CertificateStatus] = Answers(MAX_STATUSES, clock)
        self._told: Remembered[str, str] = Remembered(MAX_TOLD)

    async def judge(self, links: Sequence[Link], trust: Trust) -> None:
        """Raises RefusalError where a certificate has been revoked, or where that cannot be told and must be known."""
        if trust.policy.mode is RevocationMode.OFF:
            return
        for link in links:
            revoked = self._known(link)
            if revoked is None:
                revoked = await asyncio.ensure_future(self._ask(link, trust))  # with a time limit, which needs a task
            if revoked:
                words = "the certificate" if link.is_leaf else "the certificate of an authority between"
                raise RefusalError(Reason.CLIENT_CERTIFICATE_REVOKED, f"{words} has been revoked")

    def _known(self, link: Link) -> bool | None:
        """What can be said at once; None where it takes a question."""
        for url in link.asked.ocsp:
            status = self._statuses.known((url, link.issuer, link.serial_number))
            return None if status is None else status.is_revoked
        for url in link.asked.crl:
            found = self._lists.known((url, link.issuer))
            if found is not None and found.is_for(is_leaf=link.is_leaf):
                return link.serial_number in found.revoked
        return None

    async def _ask(self, link: Link, trust: Trust) -> bool:
        """The answer, or the last one where there is none and none is needed. Raises RefusalError where one is."""
        try:
            async with asyncio.timeout(2 * trust.policy.timeout):
                return await self.is_revoked(link, trust)
        except (RevocationUnknownError, TimeoutError) as error:
            self._tell(link, trust.policy.mode, str(error) or "no answer in time")
            if trust.policy.mode is RevocationMode.HARD:
                raise RefusalError(Reason.CLIENT_CERTIFICATE_REVOCATION_UNKNOWN) from error
            return self._was_revoked(link)

    def _was_revoked(self, link: Link) -> bool:
        """Whether the last word, though out of date, was that it is revoked: that does not pass with time."""
        statuses = (self._statuses.last((url, link.issuer, link.serial_number)) for url in link.asked.ocsp)
        lists = (self._lists.last((url, link.issuer)) for url in link.asked.crl)
        return any(each is not None and each.is_revoked for each in statuses) or any(
            each is not None and link.serial_number in each.revoked for each in lists
        )

    async def is_revoked(self, link: Link, trust: Trust) -> bool:
        """Ask by OCSP, then by CRL where there was no answer. Raises RevocationUnknownError."""
        failures = []
        for url in link.asked.ocsp:
            try:
                return (await self._status(url, link, trust.policy)).is_revoked
            except RevocationUnknownError as error:
                failures.append(str(error))
        for url in link.asked.crl:
            try:
                return (await self._list(url, link, trust)).is_revoked(link.serial_number, is_leaf=link.is_leaf)
            except RevocationUnknownError as error:
                failures.append(str(error))
        raise RevocationUnknownError("; ".join(failures) or _no_endpoint(link.named))

    async def _status(self, url: str, link: Link, policy: RevocationPolicy) -> CertificateStatus:
        async def ask() -> CertificateStatus:
            question = Question(link.serial_number, link.issuer, secrets.token_bytes(NONCE_BYTES))
            limit = min(MAX_ANSWER, policy.max_bytes)
            content = await self._fetch(url, body=question.der(), within=policy.timeout, max_bytes=limit)
            try:
                return read_ocsp(content, question, self._clock())
            except RevocationUnknownError as error:
                raise RevocationUnknownError(f"{url}: {error}") from None

        return await self._statuses.get((url, link.issuer, link.serial_number), ask, policy.refresh)

    async def _list(self, url: str, link: Link, trust: Trust) -> RevocationList:
        async def ask() -> RevocationList:
            policy = trust.policy
            content = await self._fetch(url, body=None, within=policy.timeout, max_bytes=policy.max_bytes)
            signers = [link.issuer, *(each for each in trust.authorities if each.subject == link.issuer.subject)]
            # A list of a large authority takes its time to read: not the time of the connections.
            return await asyncio.to_thread(read_crl, content, url, signers, self._clock())

        return await self._lists.get((url, link.issuer), ask, trust.policy.refresh)

    def _tell(self, link: Link, mode: RevocationMode, words: str) -> None:
        """Tell the operator, once for each issuer until the words change."""
        issuer = link.issuer.subject.rfc4514_string()
        if self._told.get(issuer) != words:
            self._told.put(issuer, words)
            admitted = "refused" if mode is RevocationMode.HARD else "admitted all the same (revocation: soft)"
            logger.warning("revocation of certificates by %s: %s; such devices are %s", issuer, words, admitted)

    def next_updates(self, hosts: Iterable[str], within: float) -> dict[str, datetime]:
        """By each of `hosts`, when the first of its CRLs must have been renewed.

        Of those that were wanted in the last `within` seconds: nobody asks for the others any more.
        """
        lists = [(url, answer.next_update) for (url, _), answer in self._lists.wanted(within)]
        by_host = {host: [at for url, at in lists if is_on(url, frozenset({host}))] for host in hosts}
        return {host: min(dates) for host, dates in by_host.items() if dates}

    async def close(self) -> None:
        """Give up every question."""
        await self._lists.close()
        await self._statuses.close()


def _no_endpoint(endpoints: Endpoints) -> str:
    named = ", ".join((*endpoints.ocsp, *endpoints.crl)[:8])
    return f"no configured host can be asked; the certificate names {named or 'none'}"
