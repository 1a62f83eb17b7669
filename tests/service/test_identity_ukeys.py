"""The U-key, of equal rank with the face: real keys and certificates, forged and borrowed ones (R52)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from core import audit
from core.errors import NotFound
from identity.config import IdentityConfig
from identity.liveness.models import Verification
from identity.liveness.service import Identifications
from identity.ukeys.errors import UkeyChallengeOver, UkeyMissing, UkeyOfAnother, UkeyRefused
from identity.ukeys.ports import Refused, UkeyVerifier
from identity.ukeys.service import Ukeys, load_ukeys
from identity.ukeys.views import UkeyPassed
from identity.ukeys.x509_keys import X509Ukeys
from tests.factories.identity import LI, UIGHUR, ZHANG, IdentityWorld
from tests.factories.ukeys import Issuer, Ukey, authority, issued, new_key, revocations, ukey


def ukeys_of(identity: IdentityWorld, verifier: UkeyVerifier | None) -> Ukeys:
    made = Identifications(clock=identity.clock, accounts=identity.accounts, config=IdentityConfig())
    return Ukeys(clock=identity.clock, cache=identity.cache, accounts=identity.accounts, verifier=verifier, identifications=made)


async def proved(identity: IdentityWorld, ukeys: Ukeys, actor: Any, key: Ukey, *others: bytes) -> UkeyPassed:
    asked = await ukeys.challenge(actor, application_id="case_1", document_sha256="d" * 64)
    return await ukeys.prove(actor, asked.id, certificates=[key.der, *others], signature=key.sign(asked.message))


@pytest.mark.parametrize("kind", ["p256", "rsa2048"])
@pytest.mark.parametrize("in_extension", [False, True])
async def test_the_holder_s_key_yields_the_same_assertion_as_a_face(identity: IdentityWorld, kind: str, in_extension: bool) -> None:
    now, actor = identity.clock.now(), await identity.citizen(UIGHUR)
    root = authority(now)
    ukeys = ukeys_of(identity, X509Ukeys([root.certificate]))
    open_check = await identity.start(actor)
    done = await proved(identity, ukeys, actor, ukey(root, UIGHUR, now, kind, in_extension=in_extension))
    assert (await identity.accounts.profile(actor)).level == "L3"
    assert (await identity.verifications.get(actor, open_check.id)).state == "expired"
    issued_token = await identity.verifications.assertion(actor, done.verification_id)
    facts = await identity.verifications.consume(
        issued_token.assertion, application_id="case_1", document_sha256="d" * 64, account_id=actor.id
    )
    assert facts.method == "ukey" and facts.engine is None
    assert identity.vision.calls == 0
    assert (await audit.verify(f"account:{actor.id}")).is_intact


async def test_a_path_over_an_authority_in_between(identity: IdentityWorld) -> None:
    now, actor = identity.clock.now(), await identity.citizen(ZHANG)
    root = authority(now)
    between = authority(now, "示例二级 CA", root)
    ukeys = ukeys_of(identity, X509Ukeys([root.certificate]))
    key, sent = ukey(between, ZHANG, now), between.certificate.public_bytes(Encoding.DER)
    assert (await proved(identity, ukeys, actor, key, sent)).verification_id
    with pytest.raises(UkeyRefused):
        await proved(identity, ukeys, actor, key)
    short = authority(now, "短 CA", path_length=0)
    below = authority(now, "不该有的 CA", short)
    with pytest.raises(UkeyRefused):
        await proved(
            identity,
            ukeys_of(identity, X509Ukeys([short.certificate])),
            actor,
            ukey(below, ZHANG, now),
            below.certificate.public_bytes(Encoding.DER),
        )


async def test_what_is_refused_and_why_is_on_record(identity: IdentityWorld) -> None:
    now, actor = identity.clock.now(), await identity.citizen(ZHANG)
    root, stranger = authority(now), authority(now)
    holder = ukey(root, ZHANG, now)
    by_holder = Issuer(holder.key, holder.certificate)
    ukeys = ukeys_of(identity, X509Ukeys([root.certificate]))
    expired = ukey(root, ZHANG, now, days=0)
    bad: dict[str, tuple[Ukey, list[bytes]]] = {
        "unknown_authority": (ukey(stranger, ZHANG, now), []),
        "not_an_authority": (ukey(by_holder, ZHANG, now), [holder.der]),
        "an_authority_s": (Ukey(root.key, root.certificate), []),
        "wrong_use": (ukey(root, ZHANG, now, use=False), []),
        "weak_key": (ukey(root, ZHANG, now, "p384"), []),
        "wrong_signature": (Ukey(new_key(), holder.certificate), []),
        "unnamed": (Ukey(nobody := new_key(), issued([], nobody, root, now)), []),
    }
    for key, others in bad.values():
        with pytest.raises(UkeyRefused):
            await proved(identity, ukeys, actor, key, *others)
    identity.clock.advance(seconds=1)
    with pytest.raises(UkeyRefused):
        await proved(identity, ukeys, actor, expired)
    with pytest.raises(UkeyOfAnother):
        await proved(identity, ukeys, actor, ukey(root, LI, now))
    reasons = [link.data for link in await audit.links(f"account:{actor.id}") if link.action == "identity.ukey_refused"]
    for reason in (*bad, "out_of_time", "other_person"):
        assert sum(f'"{reason}"' in str(data) for data in reasons) == 1, reason
    assert await Verification.all().count() == 0 and (await identity.accounts.profile(actor)).level == "L2"


async def test_a_challenge_serves_once_for_its_account_and_in_time(identity: IdentityWorld) -> None:
    now, actor, other = identity.clock.now(), await identity.citizen(ZHANG), await identity.citizen(LI)
    root = authority(now)
    key, ukeys = ukey(root, ZHANG, now), ukeys_of(identity, X509Ukeys([root.certificate]))
    asked = await ukeys.challenge(actor, application_id="case_1", document_sha256=None)
    signature = key.sign(asked.message)
    with pytest.raises(NotFound):
        await ukeys.prove(other, asked.id, certificates=[key.der], signature=signature)
    tries = [ukeys.prove(actor, asked.id, certificates=[key.der], signature=signature) for _ in range(3)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["UkeyChallengeOver", "UkeyChallengeOver", "UkeyPassed"]
    second = await ukeys.challenge(actor, application_id="case_1", document_sha256=None)
    with pytest.raises(UkeyRefused):
        await ukeys.prove(actor, second.id, certificates=[key.der], signature=signature)
    with pytest.raises(UkeyChallengeOver):
        await ukeys.prove(actor, second.id, certificates=[key.der], signature=key.sign(second.message))
    late = await ukeys.challenge(actor, application_id="case_1", document_sha256=None)
    identity.clock.advance(seconds=600)
    with pytest.raises(UkeyChallengeOver):
        await ukeys.prove(actor, late.id, certificates=[key.der], signature=key.sign(late.message))
    assert await Verification.filter(method="ukey").count() == 1


async def test_a_revoked_key_and_a_stale_list_are_refused(identity: IdentityWorld, tmp_path: Path) -> None:
    now, actor = identity.clock.now(), await identity.citizen(ZHANG)
    root = authority(now)
    good, lost = ukey(root, ZHANG, now), ukey(root, ZHANG, now)
    (tmp_path / "ca.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "crl.pem").write_bytes(revocations(root, [lost.certificate], now).public_bytes(Encoding.PEM))
    ukeys = ukeys_of(identity, load_ukeys(tmp_path / "ca.pem", tmp_path / "crl.pem"))
    with pytest.raises(UkeyRefused):
        await proved(identity, ukeys, actor, lost)
    assert (await proved(identity, ukeys, actor, good)).verification_id
    identity.clock.advance(days=8)
    with pytest.raises(UkeyRefused):
        await proved(identity, ukeys, actor, good)
    (tmp_path / "crl.pem").write_bytes(b"")
    with pytest.raises(ValueError):
        load_ukeys(tmp_path / "ca.pem", tmp_path / "crl.pem")


async def test_without_an_authority_the_route_is_not_offered(identity: IdentityWorld) -> None:
    with pytest.raises(UkeyMissing):
        await ukeys_of(identity, None).challenge(await identity.citizen(ZHANG), application_id="case_1", document_sha256=None)


def test_rubbish_is_refused() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    verifier = X509Ukeys([authority(now).certificate])
    for certificates in ([], [b""], [b"\x30\x82"], [b"x" * 9000], [b"x"] * 5):
        with pytest.raises(Refused):
            verifier.verify(certificates, b"message", b"signature", now)
