"""What a mutual-TLS CONNECT costs: this gateway beside stock mitmproxy and Squid, in one run.

    python tests/bench/connect [--tiny] [--only connects,latency,bulk,idle,reload,cut] [--rounds N] [--no-setup]

One far end, one set of certificates, one client; the servers take turns in every round, and the figure is the median of
the rounds. Squid is installed from the distribution (`squid-openssl`) where that is allowed and it is not there yet.
"""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE.parent), str(HERE.parents[1] / "support")]

import rows  # noqa: E402
from servers import direct, gateway, mitmproxy, squid  # noqa: E402
from setup import install_squid  # noqa: E402
from stopwatch import machine  # noqa: E402
from surroundings import world  # noqa: E402
from table import Table  # noqa: E402

PARTS = {
    "connects": rows.connects,
    "latency": rows.latency,
    "bulk": rows.bulk,
    "idle": rows.idle,
    "reload": rows.reload,
    "cut": rows.cut,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--only", default=",".join(PARTS), help="which parts, with commas between them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-setup", action="store_true", help="install nothing; leave out what is not there")
    arguments = parser.parse_args()
    tiny = arguments.tiny
    print(machine(seconds=0.002 if tiny else 0.1))
    print(f"load average {' '.join(f'{each:.2f}' for each in os.getloadavg())}")
    peers = [gateway, mitmproxy]
    if without := install_squid(allowed=not (tiny or arguments.no_setup)):
        print(without)
    else:
        peers.append(squid)
    table = Table()
    with world(20 if tiny else 1000) as around, ExitStack() as running:
        servers = [running.enter_context(start(around)) for start in peers]
        for part in arguments.only.split(","):
            PARTS[part](around, direct(around), servers, table, rows.TINY if tiny else rows.Sizes(arguments.rounds))
    print(table.text())
    print(f"load average {' '.join(f'{each:.2f}' for each in os.getloadavg())}")
    return 0 if tiny or table.all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
