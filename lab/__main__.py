"""Where the program starts: Ctrl-C is quiet from the first moment, while the rest is still being imported."""

import sys


def main() -> None:
    """The console script, and `python -m lab`."""
    try:
        from lab.cli import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
