"""Refusals of the development login; none of them can happen in production, where it does not exist."""

from __future__ import annotations

from core.errors import DomainError


class NotThisMachine(DomainError):
    code = "dev.not_this_machine"
    status = 403
    message = "演示登录只能在运行服务的这台电脑上使用。要在手机上试，请把设置 ZT_DEV_LOGIN_REMOTE 改为 1，再重新启动服务。"


class NoDemoAccounts(DomainError):
    code = "dev.no_demo_accounts"
    status = 404
    message = "还没有演示账号，请先运行：zerotrip seed --demo。"


class NoSandbox(DomainError):
    code = "dev.no_sandbox"
    status = 404
    message = "这里没有模拟微信，请用真实的微信登录。"
