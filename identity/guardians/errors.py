"""Refusals about guardians."""

from __future__ import annotations

from core.errors import DomainError


class GuardianNotProven(DomainError):
    code = "guardian.not_proven"
    status = 409
    message = "请先完成您本人的身份核验（刷脸、窗口、视频或 U 盾任选一种），再登记孩子。"


class GuardianTooYoung(DomainError):
    code = "guardian.too_young"
    status = 409
    message = "监护人须年满 18 周岁。"


class OwnGuardian(DomainError):
    code = "guardian.self"
    status = 422
    message = "不能登记自己为被监护人。"


class WardUnknown(DomainError):
    """No account under this name and number; which of the two is wrong is not told."""

    code = "guardian.ward_unknown"
    status = 422
    message = "没有找到这个孩子的账号。请先用孩子的微信登录，填写姓名和证件号码。"


class WardTooOld(DomainError):
    code = "guardian.ward_too_old"
    status = 409
    message = "年满 14 周岁的，由本人决定，不需要监护人登记。"


class GuardianshipOpen(DomainError):
    code = "guardian.already_declared"
    status = 409
    message = "您已经登记过这个孩子。"


class OwnWard(DomainError):
    code = "guardian.own_ward"
    status = 403
    message = "工作人员不能核实与自己有关的监护关系，请由其他工作人员办理。"
