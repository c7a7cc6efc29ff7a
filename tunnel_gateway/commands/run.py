"""`tunnel-gateway run`."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import closing

from dtr_rules.source import UnusableFileError
from tunnel_gateway.assembly import assemble
from tunnel_gateway.commands.speaking import NOT_DONE, UNUSABLE, ConfigOption, fail
from tunnel_gateway.process import CannotStartError, serve


def run(config: ConfigOption) -> None:
    """Run the gateway until it is interrupted. It starts without posture, says so, and admits nobody until it has some.

    Exit codes: 0 ended as told, 2 the configuration cannot be used, 3 a port or an address cannot be had.
    """
    logging.basicConfig(level=logging.WARNING, format="tunnel-gateway: %(message)s", stream=sys.stderr)
    logging.getLogger("tunnel_gateway").setLevel(logging.INFO)
    try:
        assembled = assemble(config)
        with closing(assembled.state):
            asyncio.run(serve(assembled, config))
    except UnusableFileError as error:
        fail(str(error), UNUSABLE)
    except CannotStartError as error:
        fail(str(error), NOT_DONE)
