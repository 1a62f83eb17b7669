"""The report over all routes: rates, waiting, completion, and nobody's data (R52)."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from api.cli import cli
from core.actor import Actor, Role
from core.errors import Forbidden
from identity.parity.service import Parity
from identity.ukeys.errors import UkeyRefused
from identity.ukeys.x509_keys import X509Ukeys
from identity.video_checks.service import VideoEvidence
from tests.factories.identity import CHECKED, LI, RARE, ZHANG, IdentityWorld
from tests.factories.ukeys import authority, ukey
from tests.factories.video import join, videos_of
from tests.service.test_identity_ukeys import proved, ukeys_of
from tests.service.test_identity_video_checks import SEEN


async def test_every_route_is_counted_and_nobody_is_named(identity: IdentityWorld) -> None:
    videos, root, clerk = videos_of(identity), authority(identity.clock.now()), await identity.clerk()
    ukeys = ukeys_of(identity, X509Ukeys([root.certificate]))
    people = [await identity.citizen(who) for who in (ZHANG, LI, RARE)]
    await identity.passed(people[0])
    await identity.verifications.identify_at_counter(
        clerk, account_id=people[1].id, application_id="case_1", document_sha256=None, evidence=CHECKED
    )
    views = [await join(videos, actor) for actor in people]
    await videos.leave(people[2], views[2].id)
    identity.clock.advance(seconds=30)
    await videos.take_next(clerk)
    identity.clock.advance(seconds=20)
    await videos.decide(clerk, views[0].id, SEEN)
    await videos.take_next(clerk)
    await videos.decide(clerk, views[1].id, VideoEvidence("reject", "resident_id_card", [], "other_person"))
    await proved(identity, ukeys, people[0], ukey(root, ZHANG, identity.clock.now()))
    with pytest.raises(UkeyRefused):
        await proved(identity, ukeys, people[0], ukey(authority(identity.clock.now()), ZHANG, identity.clock.now()))
    await ukeys.challenge(people[0], application_id="case_1", document_sha256=None)
    parity = Parity(clock=identity.clock)
    with pytest.raises(Forbidden):
        await parity.reports(people[0])
    reports = await parity.reports(Actor(Role.SUPERVISOR, "staff_1"))
    assert [(one.method, one.started, one.accepted, one.rejected, one.expired) for one in reports] == [
        ("face", 1, 1, 0, 0),
        ("counter", 1, 1, 0, 0),
        ("video", 3, 1, 1, 1),
        ("ukey", 3, 1, 1, 1),
    ]
    video = reports[2]
    assert (video.completed_share, video.accepted_share, video.median_seconds, video.median_wait_seconds) == (0.6667, 0.5, 50.0, 40.0)
    told = msgspec.json.encode(reports).decode()
    assert not any(secret in told for person in (ZHANG, LI, RARE) for secret in person) and not any(one.id in told for one in people)
    identity.clock.advance(days=31)
    assert all(one.started == 0 and one.completed_share is None for one in await parity.reports(Actor(Role.SUPERVISOR, "staff_1")))


def test_the_command_prints_it(tmp_path: Path) -> None:
    env = {"ZT_DATA_DIR": str(tmp_path / "data")}
    assert CliRunner().invoke(cli, ["migrate"], env=env).exit_code == 0
    done = CliRunner().invoke(cli, ["identity", "parity", "--json"], env=env)
    assert done.exit_code == 0, done.output
    assert [one["method"] for one in json.loads(done.output)] == ["face", "counter", "video", "ukey"]
