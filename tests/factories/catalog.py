"""The packaged catering filing, and answers to its questions."""

from __future__ import annotations

from typing import Any

import msgspec

from hall.catalog.item import Item
from hall.catalog.packaged import packaged_items

CATERING_CODE = "11519900MB1A2C345F3510131016001"


def catering() -> Item:
    return next(item for item in packaged_items() if item.code == CATERING_CODE)


def item_with(**changes: Any) -> Item:
    """The catering filing with some elements replaced."""
    return msgspec.structs.replace(catering(), **changes)


def catering_answers(**changes: Any) -> dict[str, Any]:
    """A company with a rented shop of 86 m²; a change to None leaves that answer out."""
    answers: dict[str, Any] = {
        "applicant_kind": "company",
        "area_sqm": 86,
        "premises": "rent",
        "makes_high_risk_food": False,
        "makes_cold_dishes": False,
        "has_cooking_fumes": True,
        "sells_online": True,
        "handled_by": "self",
    }
    answers.update(changes)
    return {name: value for name, value in answers.items() if value is not None}


def catering_form(**changes: Any) -> dict[str, Any]:
    """A complete form of the same shop."""
    form: dict[str, Any] = {
        "shop_name": "锦川市临江区老巷面馆有限公司",
        "uscc": "91510100MA6A2B3C49",
        "applicant_kind": "company",
        "business_address": "锦川市临江区老巷 12 号 1 楼",
        "area_sqm": 86,
        "premises": "rent",
        "lease_until": "2028-12-31",
        "seats": 30,
        "food_kind": "noodles",
        "makes_cold_dishes": False,
        "sells_online": True,
        "platform_names": "某外卖平台",
        "staff_count": 5,
        "opens_on": "2026-12-15",
        "share_percent": 40,
        "contact_phone": "13800138000",
    }
    form.update(changes)
    return {name: value for name, value in form.items() if value is not None}
