"""What operators of the gateway ask it through, and what it writes down."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from dtr_rules.source import Model
from tunnel_gateway.config.fields import File, HostName, LoopbackEndpoint, Size
from tunnel_gateway.decision_log import OnFailure


class Admin(Model):
    """The endpoint for this machine's operators.

    On a loopback address it is behind a token that is kept in a file; on a Unix socket, which only its owner can open,
    a token is asked for where one is given.
    """

    listen: LoopbackEndpoint | None = None
    socket: File | None = None
    token_file: File | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Admin:
        if (self.listen is None) == (self.socket is None):
            raise ValueError("needs one of listen and socket")
        if self.listen is not None and self.token_file is None:
            raise ValueError("needs token-file: any program of this machine, and any web page in it, reaches loopback")
        return self


class Inspection(Model):
    """Hosts whose tunnels are decrypted, for labs: it breaks FastPass and every phishing-resistant sign-in.

    `directory` gets mitmproxy's authority and what was seen; `ca_file` is for servers of a private authority.
    """

    hosts: Annotated[tuple[HostName, ...], Field(min_length=1)]
    directory: File
    ca_file: File | None = None


class DecisionLogIn(Model):
    """The decision log: its file, the size at which it is rotated, how many old files stay, what a failure means."""

    file: File
    rotate_at: Size = Field(default="100MB", validate_default=True)
    keep: Annotated[int, Field(strict=True, ge=1, le=1000)] = 10
    on_failure: OnFailure = OnFailure.REFUSE

    @model_validator(mode="before")
    @classmethod
    def _one_file(cls, value: Any) -> Any:
        """`decision-log: decisions.jsonl` is short for `decision-log: {file: decisions.jsonl}`."""
        return {"file": value} if isinstance(value, str) else value
