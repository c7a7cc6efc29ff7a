"""The page as text: templates filled in, every name escaped and without invisible characters."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from typing import Any, Final

import jinja2
from markupsafe import Markup

from lab.record import Run
from lab.report.page.view import RunView, views_of
from lab.report.plain import plain_line


def _harmless(value: Any) -> Any:
    """Names are data: what is not printable (escape sequences, direction marks) is shown as such."""
    return plain_line(value) if type(value) is str else value


_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("lab.report", "page"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    finalize=_harmless,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _breakable(text: str) -> Markup:
    """A host name or an identifier, which may be broken after its dots."""
    return Markup(".<wbr>").join(plain_line(text).split("."))


_TEMPLATES.filters["breakable"] = _breakable


def render(runs: Sequence[Run], *, version: str) -> str:
    """One self-contained HTML document about `runs`, in their order; `version` is that of the program."""
    style = style_sheet()
    views = views_of(runs)
    return _TEMPLATES.get_template("page.html.j2").render(
        title=_title(views),
        policy=f"default-src 'none'; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704 - a file of our own
        views=views,
        as_expected=sum(view.run.as_expected for view in views),
        version=version,
    )


def style_sheet(*names: str) -> str:
    """The style sheets `names` of this package, by default all that the page needs."""
    here = resources.files("lab.report.page")
    return "".join((here / name).read_text(encoding="utf-8") for name in names or ("page.css", "diagram.css"))


def _title(views: Sequence[RunView]) -> str:
    if len(views) == 1:
        return views[0].run.title
    return f"{len(views)} scenarios, {sum(view.run.as_expected for view in views)} as expected"


def _digest(style: str) -> str:
    """What a Content-Security-Policy allows the style sheet by (CSP Level 3, 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"
