"""What access tokens are for: Graph, and the sample resource that evaluates access continuously."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

GRAPH: Final = "https://graph.microsoft.com"


@dataclass(frozen=True, slots=True)
class Resource:
    """An API of the tenant's; `uri` is the audience of its tokens. `continuous` ones can take tokens of 28 hours."""

    id: str
    uri: str
    display_name: str
    continuous: bool = False


MICROSOFT_GRAPH: Final = Resource("00000003-0000-0000-c000-000000000000", GRAPH, "Microsoft Graph")
SAMPLE: Final = Resource("5a1d0c1e-0f6b-4b8e-9a55-3f7d2c9e8b40", "api://acme-sample", "Acme sample", continuous=True)
KNOWN: Final = (MICROSOFT_GRAPH, SAMPLE)


def resource_of(scopes: Iterable[str]) -> Resource:
    """The resource that scopes ask for; plain names such as `User.Read` are Graph's."""
    for scope in scopes:
        for resource in KNOWN:
            if scope.startswith(f"{resource.uri}/"):
                return resource
    return MICROSOFT_GRAPH
