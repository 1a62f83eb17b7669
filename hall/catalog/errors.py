"""Refusals of the catalogue."""

from __future__ import annotations

from core.errors import DomainError, InvalidInput


class ItemNotListed(DomainError):
    """清单之外不得办理 (R15): unknown, draft and withdrawn items alike."""

    code = "catalog.item_not_listed"
    status = 403
    message = "这个事项不在政务服务事项清单里，不能办理。"


class ItemRejected(InvalidInput):
    """The data file does not pass the checks; `fields` maps an element to what must be mended."""

    code = "catalog.item_rejected"
    message = "事项没有通过检查，不能发布。"


class VersionFixed(DomainError):
    """A stored version may not be changed, and an older one may not follow a newer one."""

    code = "catalog.version_fixed"
    status = 409
    message = "已经入库的版本不能修改，请增加版本号后再导入。"


class OfficeUnknown(DomainError):
    code = "catalog.office_unknown"
    status = 404
    message = "没有这个办事大厅。"
