"""R52. The sandbox's U-keys convince the hall that believes their authority, and no production."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from identity.ukeys.config import UkeyConfig
from identity.ukeys.ports import Refused
from identity.ukeys.service import load_ukeys
from sandbox.app import start
from sandbox.config import SandboxConfig
from sandbox.persons import find_person


async def test_what_is_signed_with_a_person_s_key_names_that_person(tmp_path: Path) -> None:
    path = tmp_path / "authority.pem"
    running = await start(SandboxConfig(ukey_ca_path=path))
    try:
        async with httpx.AsyncClient(base_url=running.base_url, trust_env=False) as web:
            made = (await web.post("/_sandbox/ukeys/sign", json={"person": "li_na", "message": "一段话"})).json()
            assert (await web.post("/_sandbox/ukeys/sign", json={"person": "nobody", "message": "x"})).status_code == 404
            assert (await web.post("/_sandbox/ukeys/sign", json={"person": "li_na"})).status_code == 422
    finally:
        await running.stop()
    certificates, signature = [base64.b64decode(one) for one in made["certificates"]], base64.b64decode(made["signature"])
    holder, person = load_ukeys(path, None).verify(certificates, "一段话".encode(), signature, datetime.now(UTC)), find_person("li_na")
    assert person is not None and (holder.name, holder.id_number) == (person.name, person.id_number)
    with pytest.raises(Refused, match="wrong_signature"):
        load_ukeys(path, None).verify(certificates, "另一段话".encode(), signature, datetime.now(UTC))
    assert any("sandbox" in problem for problem in UkeyConfig(ca_path=path, crl_path=path).production_problems())
