"""The device traffic rules, as they are typed into the UEM's console, and the same as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from dtr_rules import RuleSetFile
from dtr_rules.formats import console
from lab.kit.app_configuration import UEM
from lab.kit.piece import Piece

COLUMNS: Final = ("tab", "rank", "rule", "platforms", "applications", "action", "proxy", "destinations")
ALL_APPS: Final = "All Applications"
DEFAULT: Final = "default action"


def traffic_rules_piece(file: RuleSetFile) -> Piece:
    """One rule set. The text is a table (CSV) whose last row is the default action, as in the console."""
    typing = console.typing(file.rule_set)
    name = re.sub(r"[^a-z0-9]+", "-", file.rule_set.name.lower()).strip("-") or "rules"
    return Piece(
        id=f"traffic-rules-{name}",
        title=f"Device traffic rules: {file.rule_set.name}, {typing.tab}",
        console=UEM,
        menu="Configurations > Tunnel > Device Traffic Rules (the tutorial does not print this way)",
        text=_table(typing),
        file=f"traffic-rules-{name}.csv",
        remarks=(
            console.NO_API,
            *(f"rank {row.rank}: {remark}" for row in typing.rows for remark in row.remarks),
            console.PUBLISH,
        ),
    )


def _table(typing: console.Typing) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in typing.rows:
        apps = ALL_APPS if row.apps is None else ",".join(row.apps)
        cells = (row.rank, row.rule, ",".join(row.platforms), apps, row.action, row.proxy or "", row.destinations)
        writer.writerow((typing.tab, *cells))
    writer.writerow((typing.tab, "", DEFAULT, "", "", typing.default, typing.default_proxy or "", "*"))
    return out.getvalue()
