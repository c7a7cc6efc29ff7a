"""Identity providers as a person names them: `okta:acme.okta.com`, `okta-custom:login.acme.example`, `entra`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dtr_rules.catalogue.login_hosts import LoginHost, LoginHosts, ProviderKind
from dtr_rules.hosts import HostError, Name, parse_host

OKTA_SUFFIXES: Final = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")
_EXAMPLE: Final = "okta:acme.okta.com, okta-custom:login.acme.example or entra"


class ProviderError(ValueError):
    """A text that names no identity provider. Its message says what to write."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An identity provider: its kind and, for Okta, the org's host or the custom domain."""

    kind: ProviderKind
    host: Name | None = None

    def __str__(self) -> str:
        return self.kind.value if self.host is None else f"{self.kind}:{self.host}"


@dataclass(frozen=True, slots=True)
class NamedHost:
    """A host of the catalogue as a named provider has it. `name` may start with `*.`."""

    name: str
    provider: IdentityProvider
    entry: LoginHost

    @property
    def example(self) -> Name:
        """The host itself, or one host where the catalogue holds a pattern."""
        return Name(self.name.replace("*", "example", 1))


def parse_provider(text: str) -> IdentityProvider:
    """Read one `--idp`. Raises ProviderError."""
    word, colon, rest = text.partition(":")
    try:
        kind = ProviderKind(word)
    except ValueError:
        raise ProviderError(f"unknown identity provider '{text}'; write {_EXAMPLE}") from None
    if kind is ProviderKind.ENTRA:
        if colon:
            raise ProviderError(f"every tenant of Entra has the same hosts; write 'entra' instead of '{text}'")
        return IdentityProvider(kind)
    if not rest:
        raise ProviderError(f"'{text}' needs a host; write {_EXAMPLE}")
    return IdentityProvider(kind, _okta_host(kind, rest))


def hosts_of(provider: IdentityProvider, catalogue: LoginHosts) -> tuple[NamedHost, ...]:
    """The hosts that the catalogue holds for `provider`, its own names put in."""
    words = _words(provider)
    return tuple(
        NamedHost(entry.host.format_map(words), provider, entry)
        for entry in catalogue.hosts
        if entry.provider is provider.kind
    )


def _words(provider: IdentityProvider) -> dict[str, str]:
    if provider.host is None:
        return {}
    tenant, _, suffix = provider.host.text.partition(".")
    return {"org": provider.host.text, "domain": provider.host.text, "tenant": tenant, "suffix": suffix}


def _okta_host(kind: ProviderKind, text: str) -> Name:
    try:
        host = parse_host(text)
    except HostError as error:
        raise ProviderError(f"'{text}' {error}") from error
    if not isinstance(host, Name):
        raise ProviderError(f"'{text}' is an address; name the host")
    tenant, _, suffix = host.text.partition(".")
    is_org = suffix in OKTA_SUFFIXES
    if kind is ProviderKind.OKTA and not is_org:
        raise ProviderError(
            f"'{text}' is no Okta org's host (TENANT.okta.com); for a custom domain write okta-custom:{text}"
        )
    if kind is ProviderKind.OKTA_CUSTOM and (is_org or host.text in OKTA_SUFFIXES):
        raise ProviderError(f"'{text}' is an Okta org's own host; write okta:{text}")
    if tenant.endswith("-admin") and is_org:
        own = f"{tenant.removesuffix('-admin')}.{suffix}"
        raise ProviderError(f"'{text}' is the Admin Console's host; name the org's own: okta:{own}")
    return host
