"""Refusals of cases."""

from __future__ import annotations

from core.errors import DomainError


class Incomplete(DomainError):
    """`fields` names every gap at once."""

    code = "case.incomplete"
    status = 422
    message = "还有内容没有填写或上传完整。"


class NotSigned(DomainError):
    code = "case.not_signed"
    status = 409
    message = "还有人没有签署承诺书。"


class SamePerson(DomainError):
    """The person who pre-reviewed or accepted may not decide (审查与决定分离)."""

    code = "case.same_person"
    status = 409
    message = "预审、受理与决定不能由同一人办理，请由另一位工作人员决定。"


class GapNotNew(DomainError):
    """R25: what was there at the first request and did not change may not be asked for in a second one (行政许可法 art. 32)."""

    code = "case.gap_not_new"
    status = 409
    message = "这一项在上次审查时已经存在且没有变化，不能再次要求补正。"


class UnknownMaterial(DomainError):
    code = "case.unknown_material"
    status = 422
    message = "这件事不需要这份材料。"


class MaterialRejected(DomainError):
    """The file is not what it says, is broken, too large or hostile; nothing of it is kept."""

    code = "upload.rejected"
    status = 415
    message = "这个文件打不开，请换一份 PDF、JPG 或 PNG 文件。"


class MaterialTooLarge(DomainError):
    code = "upload.too_large"
    status = 413
    message = "文件太大了，单个文件不要超过 10 MB。"


class TooManyMaterials(DomainError):
    code = "case.too_many_materials"
    status = 409
    message = "这份材料的文件太多了，请先删除不需要的。"


class TooManyDrafts(DomainError):
    code = "case.too_many_drafts"
    status = 409
    message = "您没办完的草稿太多了，请先提交或撤回一些再开始新的。"


class InvitationInvalid(DomainError):
    code = "case.invitation_invalid"
    status = 404
    message = "邀请无效、已被使用，或不是发给您的。请核对姓名和身份证号后，请对方重新邀请。"


class IdentityFirst(DomainError):
    code = "case.identity_first"
    status = 409
    message = "请先填写您的姓名和身份证号。"


class PartyExists(DomainError):
    code = "case.party_exists"
    status = 409
    message = "这个人已经在名单里了。"


class NotApplicable(DomainError):
    """By the answers this is the wrong item; the message says why and where to go."""

    code = "case.item_not_applicable"
    status = 422
    message = "按您的回答，这件事不适用本事项。"
