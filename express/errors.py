from __future__ import annotations

from core.errors import Conflict, DomainError, Forbidden, InvalidInput, UpstreamUnavailable


class RecipientInvalid(InvalidInput):
    code = "express.recipient_invalid"
    message = "收件信息有几处需要修改。"


class NoCarrier(Conflict):
    """No registered carrier may carry this class of document."""

    code = "express.no_carrier"
    message = "没有可以寄送这类文件的快递公司，请改为到窗口领取。"


class CarrierRefused(DomainError):
    """The carrier understood and said no; asking again with the same data will not help."""

    code = "express.carrier_refused"
    status = 502
    message = "快递公司没有接受这个订单，工作人员会处理。"


class CarrierUnclear(UpstreamUnavailable):
    code = "express.carrier_unclear"
    message = "快递公司的回复无法识别，系统会再次确认。"


class PushForged(Forbidden):
    code = "express.push_forged"
    message = "推送的签名不正确。"


class HandoffCodeWrong(InvalidInput):
    code = "express.handoff_code_wrong"
    message = "交接码无效，请扫描窗口屏幕上的最新二维码。"


class HandoffCodeStale(Conflict):
    code = "express.handoff_code_stale"
    message = "交接码已过期或已使用，请扫描窗口屏幕上的最新二维码。"


class HandoffTaken(Conflict):
    code = "express.handoff_taken"
    message = "这个快件已经由其他快递员接收。"


class PickupCodeWrong(InvalidInput):
    code = "express.pickup_code_wrong"
    message = "取件码不对，请向收件人再核对一次。"

    def __init__(self, tries_left: int) -> None:
        super().__init__(fields={"code": f"取件码不对，还可以再试{tries_left}次。"})


class PickupLocked(Conflict):
    code = "express.pickup_locked"
    message = "取件码输错次数过多，已锁定。请联系办事大厅处理。"


class PickupNotReady(Conflict):
    code = "express.pickup_not_ready"
    message = "快件由快递员接收后才会有取件码。"
