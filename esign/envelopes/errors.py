"""Refusals of the signing ceremony."""

from __future__ import annotations

from core.errors import DomainError


class AlreadySigned(DomainError):
    code = "esign.already_signed"
    status = 409
    message = "您已经签过这份文件了。"


class HandwritingUnusable(DomainError):
    code = "esign.handwriting_unusable"
    status = 422
    message = "没有看清您的签名，请重新手写一遍。"


class ConsentOutdated(DomainError):
    code = "esign.consent_outdated"
    status = 409
    message = "签署说明已更新，请重新阅读后再签。"


class ReadFirst(DomainError):
    """The document was not shown to its end, or not for the minimum time."""

    code = "esign.read_first"
    status = 409
    message = "请先把文件看完再签名。"
