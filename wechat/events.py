from __future__ import annotations

from core.outbox import Event


class CallbackReceived(Event, frozen=True, tag="wechat.callback_received"):
    """WeChat pushed something new; `kind` is its MsgType, or `event.<Event>`."""

    receipt_id: str
    kind: str
