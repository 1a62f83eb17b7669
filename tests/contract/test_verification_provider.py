"""What every verification provider in the registry owes, against the sandbox over HTTP (R51, R52)."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.clock import ManualClock
from core.errors import UpstreamUnavailable
from identity.liveness.providers import remote, wechat_face
from identity.liveness.providers.errors import ProviderUnavailable
from identity.liveness.providers.ports import ProviderTicket
from identity.liveness.providers.reasons import UNFINISHED
from identity.liveness.providers.registry import PROVIDERS
from identity.liveness.reasons import PROVIDER_REASONS
from tests.factories.face_providers import WORDS, Provided, provided, subject
from tests.factories.onnx_models import CALIBRATION
from tests.factories.sandbox import break_next, lever

pytestmark = pytest.mark.parametrize("name", sorted(PROVIDERS))


@pytest.fixture
async def given(name: str, clock: ManualClock) -> AsyncIterator[Provided]:
    async with provided(name, clock) as ready:
        yield ready


async def begun(given: Provided, person: str = "张伟") -> ProviderTicket:
    return await given.provider.begin(subject(person), secrets.token_hex(16))


async def test_a_person_passes(given: Provided) -> None:
    await given.provider.check()
    ticket = await begun(given)
    assert ticket.client and ticket.expires_at > datetime.now(UTC)
    result = await given.provider.result(ticket.ticket)
    assert (result.state, result.reasons) == ("passed", ())
    assert result.provider_code
    assert (await given.provider.result(ticket.ticket)).state == "passed"


@pytest.mark.parametrize("end", ["failed", "pending", "cancelled", "unknown"])
async def test_its_words_become_ours(given: Provided, end: str) -> None:
    """What is not in the table is looked at by a clerk; it never passes."""
    word = getattr(given.words, end)
    await given.script(word)
    result = await given.provider.result((await begun(given)).ticket)
    expected = {
        "failed": ("failed", ("PROVIDER_OTHER_PERSON",)),
        "pending": ("pending", ()),
        "cancelled": ("pending", ("PROVIDER_CANCELLED",)),
        "unknown": ("review", ("PROVIDER_UNSURE",)),
    }[end]
    assert (result.state, result.reasons, result.provider_code) == (*expected, word)


async def test_somebody_without_a_picture_on_file_is_for_a_clerk(given: Provided) -> None:
    result = await given.provider.result((await begun(given, "王建国")).ticket)
    assert (result.state, result.reasons) == ("review", ("PROVIDER_NO_SOURCE",))


async def test_a_name_that_does_not_belong_to_the_number_fails(given: Provided) -> None:
    ticket = await given.provider.begin(subject(name="李四"), secrets.token_hex(16))
    result = await given.provider.result(ticket.ticket)
    assert (result.state, result.reasons) == ("failed", ("PROVIDER_NAME_OR_NUMBER",))


@pytest.mark.parametrize("kind", ["timeout", "502", "truncated", "accepted_no_reply"])
async def test_a_missing_or_broken_answer_decides_nothing(given: Provided, kind: str) -> None:
    ticket = await begun(given)
    await break_next(given.sandbox, given.words.result, kind, 9, delay_seconds=2)
    with pytest.raises(UpstreamUnavailable):
        await given.provider.result(ticket.ticket)
    await break_next(given.sandbox, given.words.begin, kind, 9, delay_seconds=2)
    with pytest.raises(UpstreamUnavailable):
        await begun(given)


async def test_an_answer_about_another_reference_is_not_believed(given: Provided) -> None:
    """Neither another's ticket under our reference, nor an answer that names another."""
    ours, other = await begun(given), await begun(given, "李娜")
    mixed = {**msgspec.json.decode(ours.ticket)}
    for key in ("verify_id", "session"):
        if key in mixed:
            mixed[key] = msgspec.json.decode(other.ticket)[key]
    try:
        state = (await given.provider.result(msgspec.json.encode(mixed).decode())).state
    except UpstreamUnavailable:
        state = "review"
    assert state == "review"


async def test_wrong_keys_are_noticed(name: str, clock: ManualClock) -> None:
    wrong = {"wechat": {"appid": "wx_of_somebody_else"}, "remote": {"secret": "another"}}[name]
    async with provided(name, clock, **wrong) as given:
        with pytest.raises(UpstreamUnavailable):
            await given.provider.check()
        with pytest.raises(UpstreamUnavailable):
            await begun(given)
        assert given.sandbox.state.face_sessions == {}


async def test_the_circuit_opens_and_closes(given: Provided) -> None:
    ticket = await begun(given)
    path = given.words.result
    await break_next(given.sandbox, path, "502", 99)
    for _ in range(3):
        with pytest.raises(UpstreamUnavailable):
            await given.provider.result(ticket.ticket)
    asked = given.calls(path)
    with pytest.raises(ProviderUnavailable) as left_alone:
        await given.provider.result(ticket.ticket)
    with pytest.raises(ProviderUnavailable):
        await begun(given)
    assert left_alone.value.headers() == {"Retry-After": "30"} and given.calls(path) == asked
    given.clock.advance(seconds=30)
    with pytest.raises(UpstreamUnavailable):
        await given.provider.result(ticket.ticket)
    assert given.calls(path) > asked, "half open: one call tries"
    asked = given.calls(path)
    with pytest.raises(ProviderUnavailable):
        await given.provider.result(ticket.ticket)
    assert given.calls(path) == asked
    given.sandbox.state.faults.clear()
    given.clock.advance(seconds=30)
    assert (await given.provider.result(ticket.ticket)).state == "passed"
    assert (await begun(given)).ticket


async def test_a_reference_opens_one_session(given: Provided) -> None:
    """A repeated reference gives the same session or none, and never one for somebody else."""
    reference = secrets.token_hex(16)
    await given.provider.begin(subject(), reference)
    with pytest.raises(UpstreamUnavailable):
        await given.provider.begin(subject("李娜"), reference)
    assert len(given.sandbox.state.face_sessions) == 1


async def test_neither_journal_nor_repr_holds_the_person(given: Provided, capfd: pytest.CaptureFixture[str]) -> None:
    ticket = await begun(given)
    told = await given.provider.result(ticket.ticket)
    who = subject()
    text = repr((list(given.sandbox.state.journal), given.sandbox.state.face_sessions, ticket, told, who)) + "".join(capfd.readouterr())
    assert all(secret not in text for secret in (who.name, who.id_number, who.openid or "-"))


def test_every_reason_of_the_tables_is_explained(name: str) -> None:
    tables: dict[str, dict[Any, Any]] = {"wechat": dict(wechat_face.RESULTS), "remote": dict(remote.RESULTS)}
    table = tables[name]
    for word, (state, reasons) in table.items():
        verdicts = set(PROVIDER_REASONS)
        known: set[str] = {"pending": set(UNFINISHED), "failed": verdicts, "review": verdicts, "passed": set()}[state]
        assert set(reasons) <= known, word
        if state == "failed":
            assert {PROVIDER_REASONS[reason].outcome for reason in reasons} <= {"retry", "reject"}
    assert [word for word, (state, _) in table.items() if state == "passed"] == [10000 if name == "wechat" else "passed"]


async def test_it_is_calibrated_only_with_measured_figures(name: str, clock: ManualClock, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    for figures, expected in ((None, False), ({}, True), ({"fmr": 0.01}, False), ({"impostor_pairs": 200}, False)):
        if figures is not None:
            path.write_bytes(msgspec.json.encode({**CALIBRATION, "threshold": None, **figures}))
        async with provided(name, clock, calibration_path=None if figures is None else path) as given:
            assert given.provider.capabilities.calibrated is expected
            assert given.provider.capabilities.population.startswith("not calibrated") is not expected


def test_the_registry_and_the_words_of_the_tests_agree(name: str) -> None:
    assert name in WORDS


async def test_the_lever_refuses_nonsense(given: Provided) -> None:
    with pytest.raises(Exception, match="404"):
        await lever(given.sandbox, "faces/script", {"person": "nobody", "provider": given.name, "answer": "1"})
