"""Logging in."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.errors import TooManyRequests
from core.http.routes import Audience, Call, Routes
from identity.accounts.errors import ActivationWrong, CourierUnknown, CredentialsWrong
from identity.accounts.service import Accounts, Couriers, Staff
from identity.accounts.views import CourierLoginView, LoginView, StaffLoginView

routes = Routes("accounts", "/api/open/login", Audience.OPEN)

LoginCode = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class WechatLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code` from `wx.login`; works once, for five minutes. `device_token` from an earlier login on this phone."""

    code: LoginCode
    device_token: Annotated[str, msgspec.Meta(max_length=128)] | None = None


class StaffCredentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    username: Annotated[str, msgspec.Meta(max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=128)]
    totp: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")]


class CourierCredentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`activation_code` is needed once, at the first login."""

    code: LoginCode
    activation_code: Annotated[str, msgspec.Meta(max_length=32)] | None = None


@routes.post("/wechat", body=WechatLogin, returns=LoginView, summary="市民微信登录", errors=(TooManyRequests,))
async def login_wechat(call: Call, body: WechatLogin) -> LoginView:
    login = await call.service(Accounts).login_wechat(body.code, ip=call.client_ip, device_token=body.device_token)
    return LoginView(login.token, login.account, login.device_token)


@routes.post("/staff", body=StaffCredentials, returns=StaffLoginView, summary="工作人员登录", errors=(CredentialsWrong, TooManyRequests))
async def login_staff(call: Call, body: StaffCredentials) -> StaffLoginView:
    account, token = await call.service(Staff).login_staff(body.username, body.password, body.totp, ip=call.client_ip)
    return StaffLoginView(token, account)


@routes.post(
    "/courier",
    body=CourierCredentials,
    returns=CourierLoginView,
    summary="快递员登录",
    errors=(ActivationWrong, CourierUnknown, TooManyRequests),
)
async def login_courier(call: Call, body: CourierCredentials) -> CourierLoginView:
    account, token = await call.service(Couriers).login_courier(body.code, body.activation_code, ip=call.client_ip)
    return CourierLoginView(token, account)
