"""Refusals about accounts and logins."""

from __future__ import annotations

from core.errors import DomainError


class CredentialsWrong(DomainError):
    """One answer for an unknown user, a wrong password, a wrong or used TOTP code, a locked and a switched-off account."""

    code = "auth.credentials_wrong"
    status = 401
    message = "用户名、密码或动态口令不正确。连续输错 5 次，账号将锁定 15 分钟。"


class ActivationWrong(DomainError):
    code = "auth.activation_wrong"
    status = 401
    message = "激活码不正确、已用过或已过期，请向所在快递公司的管理员重新索取。"


class CourierUnknown(DomainError):
    code = "auth.courier_unknown"
    status = 401
    message = "这个微信还没有绑定快递员账号，请先输入激活码。"


class IdNumberInvalid(DomainError):
    code = "identity.id_number_invalid"
    status = 422
    message = "证件号码不正确，请对照证件核对。身份证、居住证和永久居留身份证都可以填写。"


class NameInvalid(DomainError):
    code = "identity.name_invalid"
    status = 422
    message = "请填写证件上的姓名，2 到 50 个字；少数民族姓名中间用“·”。"


class PhoneInvalid(DomainError):
    code = "identity.phone_invalid"
    status = 422
    message = "没有取得可用的手机号码，请重新授权。"


class IdentityNotMatched(DomainError):
    """The register does not know this pair of name and number; which of the two is wrong is not told."""

    code = "identity.not_matched"
    status = 422
    message = "姓名与身份证号码不一致，请核对后重新填写。"


class IdNumberTaken(DomainError):
    code = "identity.id_number_taken"
    status = 409
    message = "这个身份证号码已在另一个账号实名。如果不是您本人操作，请到窗口核实处理。"


class AlreadyDeclared(DomainError):
    code = "identity.already_declared"
    status = 409
    message = "您的账号已经实名。需要更改姓名或证件号码，请到窗口办理。"


class DocumentExpired(DomainError):
    code = "identity.document_expired"
    status = 422
    message = "这份证件已过有效期，请填写新证件的有效期。"


class NotDeclared(DomainError):
    code = "identity.not_declared"
    status = 409
    message = "请先填写姓名和身份证号码，完成实名。"


class UsernameTaken(DomainError):
    code = "staff.username_taken"
    status = 409
    message = "这个用户名已经有人使用。"


class StaffPersonTaken(DomainError):
    code = "staff.person_taken"
    status = 409
    message = "这位工作人员已经有账号。"


class OwnAccount(DomainError):
    code = "staff.own_account"
    status = 409
    message = "不能停用或重置自己的账号，请由另一位管理员操作。"


class CourierTaken(DomainError):
    code = "courier.employee_taken"
    status = 409
    message = "这家快递公司的这个工号已经登记。"
