"""The keys of a target that make its credential; which of them go together, each side says for itself."""

from __future__ import annotations

from typing import Final

from dtr_rules import source
from okta_zones.config.names import FileName, Text


class CredentialEntry(source.Model):
    """The keys of both kinds."""

    token_file: FileName | None = None
    token_env: Text | None = None
    token_id: Text | None = None
    client_id: Text | None = None
    client_secret_file: FileName | None = None
    client_secret_env: Text | None = None
    private_key_file: FileName | None = None
    private_key_env: Text | None = None
    key_id: Text | None = None
    certificate_file: FileName | None = None
    federated_token_file: FileName | None = None

    def written(self, *names: str) -> list[str]:
        """Those of the fields `names` that the file writes."""
        return [name for name in names if getattr(self, name) is not None]


OKTA_KEYS: Final = (
    "token_file",
    "token_env",
    "token_id",
    "client_id",
    "private_key_file",
    "private_key_env",
    "key_id",
)
ENTRA_KEYS: Final = (
    "client_id",
    "client_secret_file",
    "client_secret_env",
    "certificate_file",
    "private_key_file",
    "federated_token_file",
)
