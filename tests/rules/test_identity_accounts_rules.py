"""Names, ID numbers and masks."""

from __future__ import annotations

from datetime import date

import pytest

from identity.accounts.errors import IdNumberInvalid, NameInvalid
from identity.accounts.rules import age_on, birth_date, clean_id_number, clean_name, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("51010419920315001X", "51010419920315001X"),
        (" 51010419920315001x ", "51010419920315001X"),
        ("510104 19920315 001X", "51010419920315001X"),
        ("51010419920315001Ｘ", "51010419920315001X"),
    ],
)
def test_an_id_number_is_put_right(written: str, meant: str) -> None:
    assert clean_id_number(written) == meant


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "510104199203150011",  # check character
        "51010419920315001",  # length
        "510104920315001",  # the fifteen digits of the first generation
        "51010419920230001X",  # 30 February
        "99999919920315001X",  # no such area
        "5101041992O315001X",  # the letter O
        "51010419920315001X\n0",
        "٥١٠١٠٤١٩٩٢٠٣١٥٠٠١X",  # digits of another script
        "51010419920315001X" * 50,
    ],
)
def test_a_wrong_id_number_is_refused(wrong: str) -> None:
    with pytest.raises(IdNumberInvalid) as caught:
        clean_id_number(wrong)
    assert "id_number" in caught.value.fields and (not wrong or wrong not in str(caught.value))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("张伟", "张伟"),
        (" 张 伟 ", "张伟"),
        ("𠮷祥云", "𠮷祥云"),
        ("㐂〇䶮", "㐂〇䶮"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽·买买提·艾力", "阿依古丽·买买提·艾力"),
        ("Maria  da Silva", "Maria da Silva"),
    ],
)
def test_names_as_on_documents(written: str, meant: str) -> None:
    assert clean_name(written) == meant


def test_a_compatibility_ideograph_is_not_changed() -> None:
    """Unicode normalisation would turn U+FA11 into another surname."""
    assert clean_name("\ufa11本") == "\ufa11本"


@pytest.mark.parametrize("wrong", ["", "张", "张伟1", "张伟<script>", "·张伟", "张伟·", "阿··买", "张\u200b伟", "张😀", "x" * 51])
def test_what_is_no_name_is_refused(wrong: str) -> None:
    with pytest.raises(NameInvalid):
        clean_name(wrong)


def test_masks_hide_enough() -> None:
    assert mask_name("张伟") == "张*"
    assert mask_name("𠮷祥云") == "𠮷**"
    assert mask_name("阿依古丽·买买提") == "阿***·***"
    assert mask_id_number("51010419920315001X") == "5101**********001X"
    assert mask_phone("19900000001") == "199****0001"


def test_age_counts_full_years() -> None:
    assert birth_date("51010419920315001X", date(2026, 11, 23)) == date(1992, 3, 15)
    assert age_on(date(2026, 3, 14), date(2012, 3, 15)) == 13
    assert age_on(date(2026, 3, 15), date(2012, 3, 15)) == 14
    assert age_on(date(2026, 2, 28), date(2012, 2, 29)) == 13
