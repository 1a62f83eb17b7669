"""The base of this product's migrations: Tortoise's, without the copies of the whole state that adding something does not need."""

from __future__ import annotations

from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

__all__ = ["Migration"]

ADDING = (ops.CreateModel, ops.AddField, ops.AddIndex, ops.AddConstraint, ops.RunSQL)
"""Operations that, going forward, look only at what is there afterwards."""


class Migration(migrations.Migration):
    async def apply(
        self, state: State, *, dry_run: bool = False, schema_editor: BaseSchemaEditor | None = None, collect_sql: bool = False
    ) -> State:
        """Apply the operations to `state` and the database. Tortoise copies the state, 60 model classes, before each of them; here only
        those that alter or remove something get such a copy (which leaves a fifth of the time that an empty database took)."""
        if dry_run or schema_editor is None or collect_sql:
            return await super().apply(state, dry_run=dry_run, schema_editor=schema_editor, collect_sql=collect_sql)
        has_transactions = schema_editor.client.capabilities.supports_transactions
        for operation in self.operations:
            before = state if isinstance(operation, ADDING) else state.clone()
            operation.state_forward(self.app_label, state)
            await self._run_database_forward(operation, before, state, schema_editor, has_transactions)
        state.validate_relations_initialized()
        return state
