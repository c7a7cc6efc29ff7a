"""One HTML page about runs of scenarios, for people in a meeting: record in, text out, pure.

The page carries everything that it needs: no script, nothing that is fetched, a Content-Security-Policy that says so.
"""

from lab.report.page.rendering import render

__all__ = ["render"]
