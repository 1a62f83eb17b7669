"""Client retries: the same `Idempotency-Key` from the same actor on the same route gets the first answer, and the work is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from core.clock import Clock
from core.crypto import Cipher
from core.db import IntegrityError, transaction
from core.errors import Conflict, DomainError
from core.models import IdempotencyRecord

KEEP = timedelta(days=2)


class KeyReused(DomainError):
    code = "request.idempotency_key_reused"
    status = 422
    message = "这次提交与之前同一编号的提交内容不同，请重新提交。"


class Idempotency:
    def __init__(self, cipher: Cipher, clock: Clock) -> None:
        self._cipher, self._clock = cipher, clock

    async def once(self, scope: str, key: str, request: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """Run `work` inside one transaction with the record of its answer; a repeat gets that answer, a different request KeyReused.

        The record is inserted first: on PostgreSQL a concurrent twin waits for it, on SQLite transactions take turns anyway. When `work`
        raises, everything is rolled back and the key is free again.
        """
        record_id = hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()
        digest = hashlib.sha256(request).hexdigest()
        try:
            async with transaction():
                try:
                    async with transaction():
                        await IdempotencyRecord.create(id=record_id, request_hash=digest, created_at=self._clock.now())
                except IntegrityError:
                    raise _Seen from None
                answer = await work()
                sealed = self._cipher.seal(answer, context=f"idempotency:{record_id}")
                await IdempotencyRecord.filter(id=record_id).update(response=sealed)
                return answer
        except _Seen:
            record = await IdempotencyRecord.get_or_none(id=record_id)
        if record is None or record.response is None:
            raise Conflict()
        if record.request_hash != digest:
            raise KeyReused()
        return self._cipher.open(record.response, context=f"idempotency:{record_id}")

    async def forget_old(self) -> int:
        return await IdempotencyRecord.filter(created_at__lt=self._clock.now() - KEEP).delete()


class _Seen(Exception):
    pass
