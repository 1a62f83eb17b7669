"""Maintainers: write the next migration from the models. `make migration NAME=add_case_priority`."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence

from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from core.db import APP, Database


async def pending(models: Sequence[str]) -> list[MigrationWriter]:
    """What the models have and the history has not; looks at files only and connects to nothing."""
    config = Database("sqlite://:memory:", models).tortoise_config(migrating=True)
    async with TortoiseContext() as context:
        await context.init(config=config)
        if context.apps is None:
            raise RuntimeError("Tortoise loaded no models")
        for model in context.apps.get_models_iterable():
            # Tortoise takes the docstring for a table comment, and cuts the SQL apart at the first semicolon in it.
            model._meta.table_description = ""
        return await MigrationAutodetector(context.apps, config["apps"]).changes()


def main() -> None:
    from api.wiring import MODELS

    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,60}", name):
        sys.exit("give it a name that says what changes: make migration NAME=add_case_priority")
    writers = [writer for writer in asyncio.run(pending(MODELS)) if writer.app_label == APP]
    if not writers:
        print("the history has all that the models have; nothing to write")
    for writer in writers:
        writer.name = format_migration_name(int(writer.name.split("_")[0]), name)
        written = writer.write()
        text = written.read_text("utf-8")
        written.write_text(text.replace("from tortoise import migrations\n", "from core import migrations\n"), "utf-8")
        print(f"wrote {written.name}; read it, mind the traps in docs/decisions/0003-tortoise-migrations.md, try it on both databases")


if __name__ == "__main__":
    main()
