"""The sandbox's people. All invented; the ID numbers have a valid check digit (GB 11643-1999) and sequence numbers 001 to 003."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """`portrait` is the key of a picture in `sandbox.faces`, None where the authority has no picture on file."""

    key: str
    name: str
    role: str
    city: str
    openid: str
    phone: str
    id_number: str
    portrait: str | None
    is_courier: bool = False


PERSONS: tuple[Person, ...] = (
    Person("zhang_wei", "张伟", "企业法定代表人", "成都市", "oSandbox000000000000zhangwei", "19900000001", "51010419920315001X", "a"),
    Person("li_na", "李娜", "股东", "重庆市", "oSandbox0000000000000000lina", "19900000002", "500103199807220025", "b"),
    Person("wang_jianguo", "王建国", "七旬老人", "成都市", "oSandbox000000000wangjianguo", "19900000003", "510100195005180011", None),
    Person(
        "ji_xiangyun", "𠮷祥云", "姓名含生僻字的市民", "成都市", "oSandbox0000000000jixiangyun", "19900000004", "51010719910909003X", None
    ),
    Person("li_xiaoyu", "李小雨", "上小学的孩子", "重庆市", "oSandbox000000000000lixiaoyu", "19900000006", "50010320190612002X", None),
    Person("zhao_shifu", "赵师傅", "快递员", "成都市", "oSandbox00000000000zhaoshifu", "19900000005", "510106199304010019", None, True),
)


def find_person(key_or_name: str) -> Person | None:
    return next((person for person in PERSONS if key_or_name in (person.key, person.name)), None)


def by_openid(openid: str) -> Person | None:
    return next((person for person in PERSONS if person.openid == openid), None)


def by_id_number(id_number: str) -> Person | None:
    return next((person for person in PERSONS if person.id_number == id_number.upper()), None)
