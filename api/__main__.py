"""`zerotrip`, also as `python -m api`."""

from __future__ import annotations


def main() -> None:
    from api.cli import cli

    cli(prog_name="zerotrip")


if __name__ == "__main__":
    main()
