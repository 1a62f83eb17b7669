"""Citizens' accounts: first login, real names, one person one account."""

from __future__ import annotations

import asyncio

import pytest

from core import audit
from core.actor import Actor, Role
from core.errors import NotFound, TooManyRequests, UpstreamUnavailable
from identity.accounts.errors import AlreadyDeclared, IdentityNotMatched, IdNumberInvalid, IdNumberTaken, NotDeclared, PhoneInvalid
from identity.accounts.models import Account
from tests.factories.identity import LI, RARE, UIGHUR, ZHANG, CodeUsed, IdentityWorld


async def test_the_first_login_opens_an_account_and_the_next_finds_it(identity: IdentityWorld) -> None:
    first = await identity.accounts.login_wechat(identity.wechat.code_for("o1"))
    second = await identity.accounts.login_wechat(identity.wechat.code_for("o1"))
    assert first.account.account_id == second.account.account_id and first.token != second.token
    assert first.account.level == "L0" and not first.account.is_declared
    assert (await audit.verify(f"account:{first.account.account_id}")).length == 1


async def test_a_used_code_is_refused_by_its_own_error(identity: IdentityWorld) -> None:
    code = identity.wechat.code_for("o1")
    await identity.accounts.login_wechat(code)
    with pytest.raises(CodeUsed):
        await identity.accounts.login_wechat(code)


async def test_ten_first_logins_at_once_open_one_account(identity: IdentityWorld) -> None:
    logins = await asyncio.gather(*(identity.accounts.login_wechat(identity.wechat.code_for("o1")) for _ in range(10)))
    assert len({login.account.account_id for login in logins}) == 1 == await Account.all().count()
    assert len({login.token for login in logins}) == 10


async def test_logins_from_one_address_are_limited(identity: IdentityWorld) -> None:
    for _ in range(120):
        await identity.accounts._cache.increment("limit:login:203.0.113.9", ttl=60)
    with pytest.raises(TooManyRequests):
        await identity.accounts.login_wechat(identity.wechat.code_for("o1"), ip="203.0.113.9")


@pytest.mark.parametrize("person", [ZHANG, RARE, UIGHUR])
async def test_a_declared_identity_is_masked_and_sealed(identity: IdentityWorld, person: tuple[str, str]) -> None:
    actor = await identity.citizen(person)
    profile = await identity.accounts.profile(actor)
    assert profile.level == "L2" and profile.is_declared
    assert profile.name is not None and profile.name[0] == person[0][0] and person[0] not in profile.name
    assert profile.id_number == f"{person[1][:4]}**********{person[1][-4:]}"
    row = await Account.get(id=actor.id)
    for sealed in (row.name_sealed, row.id_number_sealed, row.openid_sealed):
        assert sealed is not None
        assert person[0].encode() not in sealed and person[1].encode() not in sealed and b"openid" not in sealed
    holder = await identity.accounts.identity_of(actor.id)
    assert (holder.name, holder.id_number) == person
    assert person[0] not in repr(holder) and person[1] not in repr(holder)
    assert await identity.accounts.find_by_id_number(person[1].lower()) == actor.id


async def test_a_wrong_check_digit_never_reaches_the_register(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    with pytest.raises(IdNumberInvalid):
        await identity.accounts.declare_identity(actor, "张伟", "510104199203150011")
    assert identity.register.asked == 0 and not (await identity.accounts.profile(actor)).is_declared


async def test_a_name_the_register_does_not_know_is_refused(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    for name, number in ((LI[0], ZHANG[1]), ("无名", "510104199001010019")):
        with pytest.raises(IdentityNotMatched):
            await identity.accounts.declare_identity(actor, name, number)
    assert (await Account.get(id=actor.id)).name_sealed is None


async def test_a_silent_register_decides_nothing(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    identity.register.is_down = True
    with pytest.raises(UpstreamUnavailable):
        await identity.accounts.declare_identity(actor, *ZHANG)
    assert not (await identity.accounts.profile(actor)).is_declared
    identity.register.is_down = False
    assert (await identity.accounts.declare_identity(actor, *ZHANG)).level == "L2"


async def test_guessing_names_is_limited(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    for _ in range(5):
        with pytest.raises(IdentityNotMatched):
            await identity.accounts.declare_identity(actor, "无名", ZHANG[1])
    with pytest.raises(TooManyRequests):
        await identity.accounts.declare_identity(actor, *ZHANG)


async def test_one_id_number_belongs_to_one_account(identity: IdentityWorld) -> None:
    await identity.citizen(ZHANG)
    other = await identity.citizen()
    with pytest.raises(IdNumberTaken):
        await identity.accounts.declare_identity(other, *ZHANG)
    assert not (await identity.accounts.profile(other)).is_declared


async def test_two_accounts_declaring_one_number_at_once_leave_one(identity: IdentityWorld) -> None:
    actors = [await identity.citizen() for _ in range(4)]
    outcomes = await asyncio.gather(*(identity.accounts.declare_identity(actor, *ZHANG) for actor in actors), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IdNumberTaken"] * 3 + ["Profile"]


async def test_declaring_again_is_harmless_and_another_person_is_refused(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    assert (await identity.accounts.declare_identity(actor, *ZHANG)).level == "L2"
    with pytest.raises(AlreadyDeclared):
        await identity.accounts.declare_identity(actor, *LI)
    assert (await identity.accounts.identity_of(actor.id)).name == "张伟"


async def test_a_phone_raises_the_level_to_one_and_never_lowers_it(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    profile = await identity.accounts.bind_phone(actor, identity.wechat.code_for("19900000001"))
    assert profile.level == "L1" and profile.phone == "199****0001"
    declared = await identity.citizen(ZHANG)
    assert (await identity.accounts.bind_phone(declared, identity.wechat.code_for("19900000002"))).level == "L2"
    with pytest.raises(PhoneInvalid):
        await identity.accounts.bind_phone(actor, identity.wechat.code_for("no number"))


async def test_unknown_and_other_kinds_of_actors_have_no_profile(identity: IdentityWorld) -> None:
    actor = await identity.citizen()
    for stranger in (Actor(Role.CITIZEN, "account_none"), Actor(Role.COURIER, actor.id), Actor(Role.CLERK, actor.id)):
        with pytest.raises(NotFound):
            await identity.accounts.profile(stranger)
    with pytest.raises(NotDeclared):
        await identity.accounts.identity_of(actor.id)
    with pytest.raises(NotFound):
        await identity.accounts.identity_of("account_none")
