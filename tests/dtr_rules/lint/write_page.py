"""Write the findings into docs/lint.md:  python tests/dtr_rules/lint/write_page.py"""

from __future__ import annotations

import re
from pathlib import Path

from dtr_rules.lint.pages import sections, table

PAGE = Path(__file__).parents[3] / "docs" / "lint.md"
MARKED = re.compile(r"(<!-- findings: .*? -->\n).*(<!-- end of findings -->\n)", re.DOTALL)

if __name__ == "__main__":
    PAGE.write_text(
        MARKED.sub(lambda found: f"{found[1]}\n{table()}\n{sections()}\n{found[2]}", PAGE.read_text(encoding="utf-8")),
        encoding="utf-8",
    )
