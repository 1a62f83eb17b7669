"""Work on a verification that stops as soon as somebody ends it: a consent withdrawn in another window, on another server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from core.errors import Conflict
from identity.guardians.service import Guardians
from identity.liveness.errors import ConsentWithdrawn
from identity.liveness.flow import CAPTURING
from identity.liveness.judging import Verdict
from identity.liveness.models import FaceConsent, Verification

LOOK_SECONDS = 0.5
"""How soon at the latest a capture notices that it was ended."""


async def while_held(verification_id: str, version: int, work: Coroutine[Any, Any, Verdict], guardians: Guardians) -> Verdict:
    """The answer of `work`, which is cancelled when `version` no longer holds the verification.

    ConsentWithdrawn if that is why, Conflict if somebody took it over or a clerk ended it; and the errors of `work`.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=LOOK_SECONDS)
            if not task.done() and not await _is_held(verification_id, version):
                break
        if task.done():
            verdict = await task
            if await _is_held(verification_id, version):
                return verdict
    finally:
        if not task.done():
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
    row = await Verification.get(id=verification_id)
    if row.consent_id is not None and await FaceConsent.filter(id=row.consent_id, withdrawn_at__isnull=False).exists():
        raise ConsentWithdrawn()
    if row.guardian_consent_id is not None and not await guardians.is_in_force(row.guardian_consent_id):
        raise ConsentWithdrawn()
    raise Conflict()


async def _is_held(verification_id: str, version: int) -> bool:
    return await Verification.filter(id=verification_id, state=CAPTURING, version=version).exists()
