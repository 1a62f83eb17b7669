"""What is decoded from a request's body, and what is said of what cannot be stored. R82: the person is told where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidInput
from core.http.routes import parse_json

TURNED = "\\u202e"


@pytest.mark.parametrize(
    ("body", "places"),
    [
        (f'{{"values": {{"shop_name": "a{TURNED}b", "seats": 3}}}}', ["values.shop_name"]),
        (f'{{"people": [{{"name": "a"}}, {{"name": "{TURNED}"}}]}}', ["people[1].name"]),
        (f'{{"values": {{"a{TURNED}": 1, "b": "\\u0000"}}}}', ["values", "values.b"]),
        (f'"{TURNED}"', ["body"]),
        (f'{{"{"k" * 99}": "{TURNED}"}}', ["k" * 64]),
        ("[" + ",".join(['"\\u0007"'] * 99) + "]", [f"[{number}]" for number in range(20)]),
    ],
)
def test_hidden_characters_are_named_by_their_place(body: str, places: list[str]) -> None:
    """Neither a value nor a name that holds one is repeated."""
    with pytest.raises(InvalidInput) as refused:
        parse_json(body.encode(), Any)
    assert list(refused.value.fields) == places
    assert "看不见的特殊字符" in str(refused.value) and all("看不见的特殊字符" in words for words in refused.value.fields.values())


def test_lines_and_tabs_are_text() -> None:
    assert parse_json('{"note": "一\\n二\\t三\\r\\n"}'.encode(), Any) == {"note": "一\n二\t三\r\n"}


def test_every_refused_character_is_noticed_raw_and_escaped() -> None:
    """The quick look at the bytes lets none of them through (R82)."""
    from core.http import routes

    for sign in sorted(routes._REFUSED):
        for text in ({sign} if ord(sign) >= 32 else set()) | {f"\\u{ord(sign):04x}"}:
            with pytest.raises(InvalidInput):
                parse_json(f'["a{text}b"]'.encode(), Any)
    for short in ("\\b", "\\f"):
        with pytest.raises(InvalidInput):
            parse_json(f'["a{short}b"]'.encode(), Any)
    assert parse_json('["a\\tb\\nc𠮷·—…“”"]'.encode(), Any) == ["a\tb\nc𠮷·—…“”"]


def test_a_body_larger_than_any_form_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_json(b'{"code":[' + b"[]," * 1_000_000 + b"0]}", Any)
    assert "太多" in refused.value.message
