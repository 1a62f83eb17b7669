"""The key store on both databases: set up once whoever starts first, rotate with overlap, survive a compromise."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from core.clock import ManualClock
from core.crypto import FieldCipher, Unsealable
from core.db import Database
from esign.authority import AUTHORITY_PURPOSES, PLATFORM_PURPOSES, Purpose, is_issued_by, kid_of
from esign.credentials import trust_list
from esign.errors import RootKeyFixed, SigningKeyUnavailable, SigningKeyUnknown
from esign.keys import PLATFORM, KeyStore
from esign.models import SigningKey

CODE, NAME = "11310000MB2F30000X", "上海市浦东新区市场监督管理局"
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CIPHER = FieldCipher({"k1": b"1" * 32}, "k1")
KEYS = len(AUTHORITY_PURPOSES) + len(PLATFORM_PURPOSES)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def keys(database: Database, clock: ManualClock) -> KeyStore:
    return KeyStore(CIPHER, clock)


async def test_set_up_is_idempotent(keys: KeyStore) -> None:
    for _ in range(2):
        await keys.ensure_local_authority(CODE, NAME)
    assert await SigningKey.all().count() == KEYS + 1
    await keys.ensure_local_authority("11440300MB2C12345X", "深圳市市场监督管理局")
    assert await SigningKey.all().count() == KEYS + 1 + len(AUTHORITY_PURPOSES)
    assert len(await keys.roots()) == 1


async def test_identities_fit_together(keys: KeyStore) -> None:
    await keys.ensure_local_authority(CODE, NAME)
    (root,) = await keys.roots()
    for purpose in AUTHORITY_PURPOSES:
        identity = await keys.identity(purpose, CODE)
        assert identity.chain == (root,) and is_issued_by(identity.certificate, root)
        assert identity.private_key.public_key() == identity.certificate.public_key()
        with pytest.raises(SigningKeyUnavailable):
            await keys.identity(purpose)
    for purpose in PLATFORM_PURPOSES:
        assert (await keys.identity(purpose)).chain == (root,)
    with pytest.raises(SigningKeyUnavailable):
        await keys.identity(Purpose.SEAL, "unknown")


async def test_private_keys_are_sealed_for_their_row(keys: KeyStore, clock: ManualClock) -> None:
    """A private key in the database opens only with the data key, and only in its own row."""
    await keys.ensure_local_authority(CODE, NAME)
    seal = await keys.identity(Purpose.SEAL, CODE)
    secret = seal.private_key.private_numbers().private_value.to_bytes(32, "big")
    rows = await SigningKey.all()
    assert all(secret not in bytes(row.private_key) for row in rows)
    with pytest.raises(Unsealable):
        await KeyStore(FieldCipher({"k1": b"2" * 32}, "k1"), clock).identity(Purpose.SEAL, CODE)
    other = await SigningKey.get(purpose=Purpose.LICENCE.value, authority_code=CODE)
    await SigningKey.filter(purpose=Purpose.SEAL.value, authority_code=CODE).update(private_key=other.private_key)
    with pytest.raises(Unsealable):
        await KeyStore(CIPHER, clock).identity(Purpose.SEAL, CODE)


async def test_rotation_overlaps(keys: KeyStore, clock: ManualClock) -> None:
    await keys.ensure_local_authority(CODE, NAME)
    old = await keys.identity(Purpose.LICENCE, CODE)
    kid = await keys.rotate(Purpose.LICENCE, CODE)
    assert await keys.rotate(Purpose.LICENCE, CODE) == kid, "a next key is waiting already"
    assert await keys.identity(Purpose.LICENCE, CODE) == old
    entries = {entry.kid.hex(): entry for entry in await keys.certificates() if entry.purpose is Purpose.LICENCE}
    assert kid in entries and {entry.state for entry in entries.values()} == {"active"}, "listed before it signs"
    clock.advance(days=7)
    new = await keys.identity(Purpose.LICENCE, CODE)
    assert kid_of(new.certificate).hex() == kid and new.certificate != old.certificate
    states = {entry.kid.hex(): entry for entry in await keys.certificates() if entry.purpose is Purpose.LICENCE}
    retired = states[kid_of(old.certificate).hex()]
    assert (states[kid].state, retired.state) == ("active", "retired")
    assert retired.counts_at(clock.now()) and not retired.counts_at(clock.now() + timedelta(minutes=6))
    with pytest.raises(RootKeyFixed):
        await keys.rotate(Purpose.ROOT, "root")
    with pytest.raises(SigningKeyUnknown):
        await keys.rotate(Purpose.SEAL, "unknown")


async def test_a_compromised_key_is_replaced_at_once(keys: KeyStore, clock: ManualClock) -> None:
    await keys.ensure_local_authority(CODE, NAME)
    old = await keys.identity(Purpose.LICENCE, CODE)
    kid = kid_of(old.certificate).hex()
    since = NOW - timedelta(hours=3)
    await keys.mark_compromised(kid, since=since)
    new = await keys.identity(Purpose.LICENCE, CODE)
    assert new.certificate != old.certificate
    (entry,) = [entry for entry in await keys.certificates() if entry.kid.hex() == kid]
    assert entry.state == "compromised" and entry.compromised_at == since
    await keys.mark_compromised(kid)
    assert (await SigningKey.get(id=kid)).compromised_at == since, "a later report does not move the time forward"
    assert await keys.identity(Purpose.LICENCE, CODE) == new
    with pytest.raises(SigningKeyUnknown):
        await keys.mark_compromised("00" * 8)
    with pytest.raises(RootKeyFixed):
        await keys.mark_compromised(kid_of((await keys.roots())[0]).hex())


async def test_an_expired_key_signs_no_more(keys: KeyStore, clock: ManualClock) -> None:
    await keys.ensure_local_authority(CODE, NAME)
    clock.advance(days=730)
    with pytest.raises(SigningKeyUnavailable):
        await keys.identity(Purpose.SEAL, CODE)


async def test_the_store_makes_a_trust_list(keys: KeyStore, clock: ManualClock) -> None:
    await keys.ensure_local_authority(CODE, NAME)
    await keys.rotate(Purpose.SEAL, CODE)
    await keys.mark_compromised(kid_of((await keys.identity(Purpose.STATUS, CODE)).certificate).hex())
    data = trust_list.build(
        await keys.certificates(),
        await keys.roots(),
        await keys.identity(Purpose.TRUST),
        version=1,
        now=clock.now(),
        life=timedelta(days=7),
    )
    found = trust_list.parse(data)
    assert len(found.entries) == KEYS + 2 and len(found.for_purpose(Purpose.SEAL)) == 2
    assert {entry.state for entry in found.for_purpose(Purpose.STATUS)} == {"active", "compromised"}
    assert {entry.issuer_code for entry in found.entries} == {CODE, PLATFORM}


async def test_many_at_once_in_one_process(keys: KeyStore) -> None:
    await asyncio.gather(*(keys.ensure_local_authority(CODE, NAME) for _ in range(8)))
    assert await SigningKey.all().count() == KEYS + 1
    kids = await asyncio.gather(*(keys.rotate(Purpose.SEAL, CODE) for _ in range(8)))
    assert len(set(kids)) == 1 and await SigningKey.filter(purpose="seal").count() == 2


STARTER = f"""
import asyncio, sys
from core.clock import SystemClock
from core.crypto import FieldCipher
from core.db import Database
from esign.keys import KeyStore

async def main():
    database = Database(sys.argv[1], ["esign.models"])
    await database.connect()
    print("ready", flush=True)
    sys.stdin.readline()
    await KeyStore(FieldCipher({{"k1": b"1" * 32}}, "k1"), SystemClock()).ensure_local_authority("{CODE}", "甲")
    await database.disconnect()

asyncio.run(main())
"""


async def test_two_processes_start_at_once(database: Database) -> None:
    pipe = asyncio.subprocess.PIPE
    starters = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", STARTER, database.url, stdin=pipe, stdout=pipe, stderr=pipe)
        for _ in range(2)
    ]
    for starter in starters:
        assert starter.stdout is not None
        await asyncio.wait_for(starter.stdout.readline(), 30)
    results = await asyncio.gather(*(asyncio.wait_for(starter.communicate(b"\n"), 60) for starter in starters))
    assert [starter.returncode for starter in starters] == [0, 0], results
    assert await SigningKey.all().count() == KEYS + 1
    assert await SigningKey.filter(purpose="root").count() == 1
    root = (await KeyStore(CIPHER, ManualClock(datetime.now(UTC))).roots())[0]
    entries = await KeyStore(CIPHER, ManualClock(datetime.now(UTC))).certificates()
    assert all(is_issued_by(entry.certificate, root) for entry in entries)


async def test_our_revocation_lists_name_every_compromised_key(keys: KeyStore, clock: ManualClock) -> None:
    """One list an issuer: the root's names the stolen seal since it was stolen, the citizens' names nobody."""
    await keys.ensure_local_authority(CODE, NAME)
    assert [list(crl) for crl in await _lists(keys)] == [[], []]
    seal = await keys.identity(Purpose.SEAL, CODE)
    since = clock.now() - timedelta(hours=3)
    clock.advance(days=1)
    await keys.mark_compromised(kid_of(seal.certificate).hex(), since=since)
    by_root, by_citizens = await _lists(keys)
    entry = by_root.get_revoked_certificate_by_serial_number(seal.certificate.serial_number)
    assert entry is not None and entry.revocation_date_utc == since and len(by_root) == 1 and len(by_citizens) == 0
    (root,) = await keys.roots()
    citizens = (await keys.identity(Purpose.CITIZEN)).certificate
    assert (by_root.issuer, by_citizens.issuer) == (root.subject, citizens.subject)
    for crl, issuer in ((by_root, root), (by_citizens, citizens)):
        key = issuer.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)
        assert (crl.last_update_utc, crl.next_update_utc) == (clock.now(), clock.now() + timedelta(days=7))


async def test_a_stolen_issuer_publishes_no_more_lists(keys: KeyStore, clock: ManualClock) -> None:
    await keys.ensure_local_authority(CODE, NAME)
    stolen = await keys.identity(Purpose.CITIZEN)
    await keys.mark_compromised(kid_of(stolen.certificate).hex())
    by_root, by_next = await _lists(keys)
    assert by_root.get_revoked_certificate_by_serial_number(stolen.certificate.serial_number) is not None
    assert by_next.issuer == (await keys.identity(Purpose.CITIZEN)).certificate.subject
    key = stolen.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey) and not by_next.is_signature_valid(key)


async def test_without_keys_of_our_own_there_are_no_lists(keys: KeyStore) -> None:
    assert await keys.crls() == ()


async def _lists(keys: KeyStore) -> list[x509.CertificateRevocationList]:
    return [x509.load_der_x509_crl(der) for der in await keys.crls()]


async def test_a_list_is_fetched_by_the_address_in_the_certificate(database: Database, clock: ManualClock) -> None:
    keys = KeyStore(CIPHER, clock, crl_url="https://hall.example/crls")
    await keys.ensure_local_authority(CODE, NAME)
    certificate = (await keys.identity(Purpose.SEAL, CODE)).certificate
    (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name is not None
    kid = str(point.full_name[0].value).removeprefix("https://hall.example/crls/").removesuffix(".crl")
    assert x509.load_der_x509_crl(await keys.crl(kid)).issuer == certificate.issuer
    for unknown in ("", "0" * 16, kid_of(certificate).hex()):
        with pytest.raises(SigningKeyUnknown):
            await keys.crl(unknown)
