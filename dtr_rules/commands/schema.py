"""`dtr schema`: JSON Schema of the files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from dtr_rules.commands.speaking import JsonOption, print_json
from dtr_rules.formats.schema import rule_set_schema, test_file_schema


def schema(
    tests: Annotated[bool, typer.Option("--tests", help="The schema of *.test.yaml files.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the JSON Schema of rule set files, with which an editor completes and checks while you write.

    Exit codes: 0 always.
    """
    document = test_file_schema() if tests else rule_set_schema()
    print_json({"v": 1, "schema": document} if as_json else document)
