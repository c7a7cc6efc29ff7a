"""The lab's name resolution."""

from __future__ import annotations

import pytest

from lab.network import HostUnknownError, Network


def test_a_host_leads_to_its_server_in_any_spelling_that_means_the_same() -> None:
    network = Network()
    network.lead("acme.okta.com", "127.40.0.10", 4711)
    for name in ("acme.okta.com", "ACME.Okta.com", "acme.okta.com."):
        assert network.resolve(name, 443) == ("127.40.0.10", 4711)
    assert network.connect_to() == {"acme.okta.com:443": "127.40.0.10:4711"}


@pytest.mark.parametrize(("host", "port"), [("nowhere.example", 443), ("acme.okta.com", 80)])
def test_anything_else_does_not_resolve(host: str, port: int) -> None:
    network = Network()
    network.lead("acme.okta.com", "127.40.0.10", 4711)
    with pytest.raises(HostUnknownError, match=host):
        network.resolve(host, port)
