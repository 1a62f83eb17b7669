"""Notices: exactly one message a transition, in the phone's message list and, where the person has subscribed, in WeChat."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

import msgspec

from core.actor import Actor
from core.clock import BEIJING, Clock
from core.db import IntegrityError, transaction
from core.errors import NotFound
from hall.notices.models import Notice
from hall.notices.templates import TEMPLATES
from wechat.service import MessageRefused


class Messenger(Protocol):
    async def send(self, account_id: str, *, title: str, phrase: str, at: str, reference: str) -> None:
        """Send one subscribe message; raises MessageRefused when the person has not subscribed."""
        ...


class NoticeView(msgspec.Struct, frozen=True):
    id: str
    case_id: str
    kind: str
    title: str
    text: str
    created_at: datetime
    read_at: datetime | None


class Notices:
    def __init__(self, *, clock: Clock, messenger: Messenger) -> None:
        self._clock, self._messenger = clock, messenger

    async def notify(self, key: str, account_id: str, case_id: str, kind: str) -> None:
        """Record and send the message of one transition; `key` names the transition, so a repeat leaves one message (R60).

        Raises UpstreamUnavailable when WeChat does not answer: the relay tries again and the record stays one.
        """
        notice_id = hashlib.sha256(key.encode()).hexdigest()
        now = self._clock.now()
        try:
            async with transaction():
                await Notice.create(id=notice_id, account_id=account_id, case_id=case_id, kind=kind, created_at=now)
        except IntegrityError:
            pass
        notice = await Notice.get(id=notice_id)
        if notice.wechat_state != "pending":
            return
        template = TEMPLATES[kind]
        try:
            await self._messenger.send(
                account_id,
                title=template.title,
                phrase=template.phrase,
                at=f"{notice.created_at.astimezone(BEIJING):%Y-%m-%d %H:%M}",
                reference=case_id[-12:].upper(),
            )
        except MessageRefused:
            await Notice.filter(id=notice_id).update(wechat_state="refused")
        else:
            await Notice.filter(id=notice_id).update(wechat_state="sent")

    async def mine(self, actor: Actor) -> list[NoticeView]:
        rows = await Notice.filter(account_id=actor.id).order_by("-created_at").limit(100)
        return [
            NoticeView(row.id, row.case_id, row.kind, TEMPLATES[row.kind].title, TEMPLATES[row.kind].text, row.created_at, row.read_at)
            for row in rows
        ]

    async def mark_read(self, actor: Actor, notice_id: str) -> None:
        if not await Notice.exists(id=notice_id, account_id=actor.id):
            raise NotFound()
        await Notice.filter(id=notice_id, account_id=actor.id, read_at=None).update(read_at=self._clock.now())
