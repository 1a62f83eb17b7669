"""Refusals about U-keys."""

from __future__ import annotations

from core.errors import DomainError


class UkeyMissing(DomainError):
    code = "ukey.not_offered"
    status = 404
    message = "这里还没有开通 U 盾核验，可以刷脸、视频核验或到窗口办理。"


class UkeyRefused(DomainError):
    """Wrong signature, unknown or expired authority or certificate, a revoked one, a weak key. Which of them is on record, not told."""

    code = "ukey.refused"
    status = 422
    message = "这把 U 盾没有通过核验，请检查是否过期、是否由认可的机构签发，或改用其他方式。"


class UkeyOfAnother(DomainError):
    code = "ukey.other_person"
    status = 409
    message = "U 盾证书上的姓名或证件号码与您的账号不一致。"


class UkeyChallengeOver(DomainError):
    code = "ukey.challenge_over"
    status = 409
    message = "这次 U 盾核验已用过或已超时，请重新开始。"
