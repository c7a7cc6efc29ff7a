"""An Okta target's credential: an API token, or a service app that signs with its private key.

`token-file` or `token-env` (and `token-id`, for the check of its network restriction); or `client-id`,
`private-key-file` or `private-key-env`, and `key-id`. The key is read once, here.
"""

from __future__ import annotations

from dataclasses import dataclass

from dtr_rules import credentials, source
from dtr_rules.credentials import CredentialError, Secret
from okta_zones.config.credential_keys import CredentialEntry
from okta_zones.config.reading import NO_SECRET, Reading, key
from okta_zones.signing_key import SigningKey, new_key, read_key


@dataclass(frozen=True, slots=True)
class ApiToken:
    """An API token of an Okta org (SSWS). `id`: under which Okta lists it, where the file says it."""

    token: Secret
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceApp:
    """An OAuth service app of an Okta org, which authenticates with its private key."""

    client_id: str
    key: SigningKey


OktaCredential = ApiToken | ServiceApp


def okta_credential(entry: CredentialEntry, reading: Reading, path: source.KeyPath) -> OktaCredential:
    """An API token or a service app, never both."""
    token = entry.written("token_file", "token_env", "token_id")
    app = entry.written("client_id", "private_key_file", "private_key_env", "key_id")
    if not app and not token:
        reading.add("write either 'token-file' or 'token-env', or 'client-id' and 'private-key-file'", *path)
        return ApiToken(NO_SECRET)
    if not app:
        return ApiToken(reading.secret("token", entry.token_file, entry.token_env, path), entry.token_id)
    if token:
        reading.add(f"two credentials: '{key(token[0])}' and '{key(app[0])}'; keep one", *path)
    reading.need(entry, ("client_id",), path)
    return ServiceApp(entry.client_id or "", _private_key(entry, reading, path))


def _private_key(entry: CredentialEntry, reading: Reading, path: source.KeyPath) -> SigningKey:
    file, variable = entry.private_key_file, entry.private_key_env
    if (file is None) == (variable is None):
        reading.add("write either 'private-key-file' or 'private-key-env'", *path)
        return new_key()
    try:
        found = _from_file(file, entry, reading) if file is not None else _from_variable(variable, entry, reading)
    except CredentialError as error:
        reading.add(str(error), *path, f"private-key-{'env' if file is None else 'file'}")
        return new_key()
    if found.id is None:
        reading.add("'key-id' is missing: the id (kid) that Okta shows beside the app's public key", *path)
    return found


def _from_file(file: str, entry: CredentialEntry, reading: Reading) -> SigningKey:
    path = reading.directory / file
    return read_key(credentials.private_bytes(path), str(path), entry.key_id)


def _from_variable(variable: str | None, entry: CredentialEntry, reading: Reading) -> SigningKey:
    text = reading.environment.get(variable or "")
    if not text:
        raise CredentialError(f"the environment variable {variable} is not set")
    return read_key(text.encode(), f"the environment variable {variable}", entry.key_id)
