"""Pure rules of cases: completeness, numbers, who may decide, which correction requests are lawful."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

INVITATION_DAYS = 30
MAX_FILES_PER_MATERIAL = 20
MAX_OPEN_DRAFTS = 10
PARTY_ROLES = {"legal_person": "法定代表人", "shareholder": "股东"}
PAUSE_REASONS = {"hearing": "听证", "inspection": "检验检测", "survey": "现场踏勘", "expert_review": "专家评审"}
REPLY_DAYS = 5
"""Working days within which the applicant hears what must be mended; silence counts as acceptance (行政许可法 art. 32)."""
WARN_DAYS = 1
DEADLINES = {"prereview": "预审答复期限", "prereviewed": "受理答复期限", "accepted": "承诺办结期限"}
"""States in which a clock runs for the clerks, and its name."""


def case_number(implementation_code: str, day: date, serial: int) -> str:
    """43 characters: implementation code (31) + YYYYMMDD + 4-digit serial of the day.

    ValueError when the code has another length or the day's 9,999 numbers are used up.
    """
    if len(implementation_code) != 31:
        raise ValueError("an implementation code has 31 characters")
    if not 1 <= serial <= 9999:
        raise ValueError("a day has at most 9999 case numbers")
    return f"{implementation_code}{day:%Y%m%d}{serial:04d}"


def missing(
    form_problems: Mapping[str, str],
    required_materials: Mapping[str, str],
    held_materials: Iterable[str],
    *,
    has_delivery: bool,
    parties_waiting: int,
    roles_missing: Iterable[str],
) -> dict[str, str]:
    """Every gap of an application at once, keyed `form.<field>`, `materials.<code>`, `parties`, `delivery`; values are sentences (R24)."""
    gaps = {f"form.{name}": sentence for name, sentence in form_problems.items()}
    held = set(held_materials)
    gaps.update({f"materials.{code}": f"请上传{name}。" for code, name in required_materials.items() if code not in held})
    for role in roles_missing:
        gaps[f"parties.{role}"] = f"请邀请{PARTY_ROLES.get(role, role)}一起签署。"
    if parties_waiting:
        gaps["parties"] = f"还有 {parties_waiting} 位签署人没有接受邀请。"
    if not has_delivery:
        gaps["delivery"] = "请填写证照寄送的收件人和地址。"
    return gaps


def needs_delivery(deliveries: Iterable[str]) -> bool:
    """Whether the licence travels, so that an address is needed; otherwise the electronic one is all there is."""
    return "EMS" in deliveries


def subject_digests(form: Mapping[str, Any], materials: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """What each reviewable subject looked like: SHA-256 of its canonical value (files by their own hashes, in order)."""
    found = {f"form.{name}": _digest(value) for name, value in form.items()}
    found.update({f"materials.{code}": _digest(sorted(hashes)) for code, hashes in materials.items()})
    return found


def unlawful_gaps(asked: Iterable[str], previous: Iterable[Mapping[str, str]], current: Mapping[str, str]) -> list[str]:
    """Subjects that may not be asked for in a second round: they looked the same when an earlier request was made.

    `previous` holds the digests of each earlier round in which corrections were asked for. A subject absent then and absent now is also
    "the same". First round: nothing is unlawful.
    """
    return [subject for subject in asked if any(earlier.get(subject) == current.get(subject) for earlier in previous)]


def may_decide(decider_id: str, *others: str | None) -> bool:
    """审查与决定分离: whoever pre-reviewed or accepted is out."""
    return bool(decider_id) and decider_id not in {other for other in others if other}


def tone(last: date, today: date, working_days_left: int) -> Literal["calm", "warn", "overdue"]:
    """How pressing a deadline is; its last day itself is not overdue."""
    if today > last:
        return "overdue"
    return "warn" if working_days_left <= WARN_DAYS else "calm"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
