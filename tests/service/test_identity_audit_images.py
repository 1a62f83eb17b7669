"""The one picture that may be kept: only with its own consent, sealed, apart, for a short time, every look on record (R52)."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from obstore.store import MemoryStore
from PIL import Image

from core import audit
from core.actor import Actor, Role
from core.errors import Forbidden, NotFound
from core.storage.objects import Objects
from identity.audit_images.jpeg import without_notes
from identity.audit_images.models import AuditImage, AuditImageLook
from identity.liveness.consent import AUDIT_IMAGE_VERSION
from identity.liveness.models import FaceConsent
from tests.factories.identity import LI, ZHANG, IdentityWorld

SUPERVISOR = Actor(Role.SUPERVISOR, "staff_supervisor")
PLACE = "51.04"


def picture(seed: int = 1, *, quality: int = 80) -> bytes:
    """A JPEG with a place and a comment in it."""
    image = Image.effect_noise((64 + seed, 64), 40).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = f"taken at {PLACE}"
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, exif=exif, comment=f"near {PLACE}".encode())
    return out.getvalue()


async def checked(identity: IdentityWorld, actor: Actor, pictures: list[bytes], *, keeps: bool = True) -> str:
    if keeps:
        await identity.consents.grant(actor, AUDIT_IMAGE_VERSION, "audit_image")
    view = await identity.start(actor)
    await identity.filmed(actor, view, pictures=pictures)
    return view.id


async def test_without_its_own_consent_nothing_is_kept(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    await checked(identity, actor, [picture(number) for number in range(6)], keeps=False)
    assert await AuditImage.all().count() == 0 and await identity.image_store.keys() == []
    assert (await identity.accounts.profile(actor)).level == "L3"


async def test_one_picture_is_kept_sealed_and_without_its_metadata(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    pictures = [picture(number) for number in range(6)]
    check = await checked(identity, actor, pictures)
    (image,) = (await identity.images.mine(actor)).images
    assert image.verification_id == check and (image.expires_at - image.kept_at).total_seconds() == 72 * 3600
    assert await identity.image_store.keys() == [image.id]
    sealed = await identity.image_store.get(image.id)
    assert b"\xff\xd8" not in sealed[:64] and pictures[3][-200:-100] not in sealed
    shown = await identity.images.look(SUPERVISOR, image.id, "dispute")
    assert PLACE.encode() in pictures[3] and PLACE.encode() not in shown
    assert Image.open(io.BytesIO(shown)).tobytes() == Image.open(io.BytesIO(pictures[3])).tobytes()


async def test_every_look_is_on_record_for_its_person(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    await checked(identity, actor, [picture(number) for number in range(6)])
    (image,) = await identity.images.of_account(SUPERVISOR, actor.id)
    for who in (actor, Actor(Role.CLERK, "staff_1"), Actor(Role.ADMIN, "staff_2")):
        with pytest.raises(Forbidden):
            await identity.images.look(who, image.id, "dispute")
        with pytest.raises(Forbidden):
            await identity.images.of_account(who, actor.id)
    assert await AuditImageLook.all().count() == 0
    await identity.images.look(SUPERVISOR, image.id, "complaint")
    with pytest.raises(NotFound):
        await identity.images.look(SUPERVISOR, "picture_unknown", "complaint")
    mine = await identity.images.mine(actor)
    assert [(look.viewer, look.reason) for look in mine.looks] == [("supervisor", "complaint")]
    assert [link.action for link in await audit.links(f"account:{actor.id}")].count("identity.audit_image_viewed") == 1


async def test_it_goes_when_its_time_is_over_or_its_person_says_so(identity: IdentityWorld) -> None:
    actor, other = await identity.citizen(ZHANG), await identity.citizen(LI)
    for who in (actor, other):
        await checked(identity, who, [picture(number) for number in range(6)])
    (image,) = (await identity.images.mine(actor)).images
    with pytest.raises(NotFound):
        await identity.images.delete(other, image.id)
    await identity.images.delete(actor, image.id)
    assert len(await identity.image_store.keys()) == 1
    identity.clock.advance(hours=71)
    assert await identity.images.sweep() == 0
    identity.clock.advance(hours=1)
    (theirs,) = await AuditImage.all()
    with pytest.raises(NotFound):
        await identity.images.look(SUPERVISOR, theirs.id, "dispute")
    assert await identity.images.sweep() == 1 and await identity.image_store.keys() == [] and await AuditImage.all().count() == 0
    assert "identity.audit_image_deleted" in [link.action for link in await audit.links(f"account:{other.id}")]


@pytest.mark.parametrize("how", ["withdraw", "erase"])
async def test_withdrawing_deletes_it_at_once(identity: IdentityWorld, how: str) -> None:
    actor, other = await identity.citizen(ZHANG), await identity.citizen(LI)
    for who in (actor, other):
        await checked(identity, who, [picture(number) for number in range(6)])
    if how == "withdraw":
        await identity.consents.decline(actor, "audit_image")
    else:
        assert (await identity.consents.erase(actor)).images == 1
    assert (await identity.images.mine(actor)).images == [] and len(await identity.image_store.keys()) == 1


class Interrupted(Objects):
    """Something happens just before or just after a picture is written."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.before: Callable[[], Awaitable[object]] | None = None
        self.deleting: Callable[[], Awaitable[object]] | None = None

    async def put(self, key: str, data: bytes) -> None:
        if self.before:
            await self.before()
        await super().put(key, data)

    async def delete(self, key: str) -> None:
        await super().delete(key)
        if self.deleting:
            once, self.deleting = self.deleting, None
            await once()


def interrupted(identity: IdentityWorld) -> Interrupted:
    store = Interrupted()
    identity.image_store = identity.images._store = store
    return store


async def test_a_consent_withdrawn_while_the_picture_is_written_leaves_none(identity: IdentityWorld) -> None:
    actor, store = await identity.citizen(ZHANG), interrupted(identity)

    async def withdraw() -> None:
        """In the moment after the question whether it is wanted: there is nothing to erase yet."""
        await FaceConsent.filter(account_id=actor.id, kind="audit_image").update(withdrawn_at=identity.clock.now())

    store.before = withdraw
    await checked(identity, actor, [picture(number) for number in range(6)])
    assert await AuditImage.all().count() == 0 and await store.keys() == []


async def test_a_picture_written_while_its_row_goes_does_not_stay(identity: IdentityWorld) -> None:
    actor, store = await identity.citizen(ZHANG), interrupted(identity)
    await checked(identity, actor, [picture(number) for number in range(6)])
    (key,) = await store.keys()
    store.deleting = partial(store.put, key, b"sealed")
    await identity.images.delete(actor, key)
    assert await AuditImage.all().count() == 0 and await store.keys() == []


async def test_what_is_no_picture_is_not_kept_and_a_store_that_fails_does_not_undo_the_verdict(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    check = await checked(identity, actor, [b"no picture"])
    assert await AuditImage.all().count() == 0
    assert (await identity.verifications.get(actor, check)).outcome == "accept"


@pytest.mark.parametrize("cut", [b"", b"\xff\xd8", b"\x89PNG", picture()[:40], picture()[:-400], b"\xff\xd8\xff\xe1\x00\x01x"])
def test_a_broken_jpeg_is_none(cut: bytes) -> None:
    assert without_notes(cut) is None
