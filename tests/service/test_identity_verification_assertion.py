"""Identity assertions: one algorithm, one person, one application, one document, one use."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from core import audit
from core.actor import Actor
from core.db import transaction
from core.secrets import LocalSecrets
from identity.config import IdentityConfig
from identity.liveness.assertions import Assertions, load_key, new_key_pem
from identity.liveness.counter import CounterEvidence
from identity.liveness.errors import AssertionExpired, AssertionInvalid, AssertionUsed, NotAccepted
from identity.liveness.models import UsedAssertion
from tests.factories.identity import LI, ZHANG, IdentityWorld

DOCUMENT = "d" * 64
BOUND = {"application_id": "case_1", "document_sha256": DOCUMENT}
CHECKED = CounterEvidence("resident_id_card", ["document_genuine", "holder_matches_photo", "number_matches_account"])


async def token_for(identity: IdentityWorld, actor: Actor) -> str:
    view = await identity.passed(actor, document=DOCUMENT)
    return (await identity.verifications.assertion(actor, view.id)).assertion


async def test_an_assertion_says_what_was_proved_and_can_be_checked_with_the_published_key(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.passed(actor, document=DOCUMENT)
    issued = await identity.verifications.assertion(actor, view.id)
    keys = KeySet.import_key_set(identity.verifications.jwks())  # type: ignore[arg-type]
    assert "d" not in identity.verifications.jwks()["keys"][0]
    parsed = jwt.decode(issued.assertion, keys, algorithms=["ES256"])
    claims = parsed.claims
    assert parsed.header["alg"] == "ES256" and claims["iss"] == "urn:zerotrip:identity" and claims["aud"] == "urn:zerotrip:hall"
    assert claims["amr"] == ["face"] and claims["application_id"] == "case_1" and claims["document_sha256"] == DOCUMENT
    assert claims["exp"] - claims["iat"] == 300 and issued.expires_at.astimezone(UTC).timestamp() == claims["exp"]
    assert claims["engine"] == "dlib/20.0" and claims["policy"] and claims["nonce"] == view.nonce or claims["nonce"]
    text = json.dumps(claims, ensure_ascii=False)
    assert actor.id not in text and ZHANG[0] not in text and ZHANG[1] not in text
    facts = await identity.verifications.consume(issued.assertion, account_id=actor.id, **BOUND)
    assert facts.method == "face" and facts.verification_id == view.id and facts.subject == claims["sub"]
    assert (await identity.verifications.get(actor, view.id)).state == "consumed"
    assert [link.action for link in await audit.links(f"account:{actor.id}")][-1] == "identity.assertion_used"


async def test_a_replay_is_refused_even_with_a_second_token_of_the_same_check(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.passed(actor, document=DOCUMENT)
    tokens = [(await identity.verifications.assertion(actor, view.id)).assertion for _ in range(2)]
    assert tokens[0] != tokens[1]
    await identity.verifications.consume(tokens[0], account_id=actor.id, **BOUND)
    for token in tokens:
        with pytest.raises(AssertionUsed):
            await identity.verifications.consume(token, account_id=actor.id, **BOUND)
    with pytest.raises(NotAccepted):
        await identity.verifications.assertion(actor, view.id)


async def test_of_many_uses_at_once_one_wins(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    token = await token_for(identity, actor)

    async def use() -> None:
        async with transaction():
            await identity.verifications.consume(token, account_id=actor.id, **BOUND)

    outcomes = await asyncio.gather(*(use() for _ in range(6)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AssertionUsed"] * 5 + ["NoneType"]


async def test_a_use_that_is_rolled_back_did_not_happen(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    token = await token_for(identity, actor)
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await identity.verifications.consume(token, account_id=actor.id, **BOUND)
            raise ZeroDivisionError
    await identity.verifications.consume(token, account_id=actor.id, **BOUND)


async def test_a_refused_replay_leaves_the_callers_transaction_usable(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    token = await token_for(identity, actor)
    await identity.verifications.consume(token, account_id=actor.id, **BOUND)
    async with transaction():
        with pytest.raises(AssertionUsed):
            await identity.verifications.consume(token, account_id=actor.id, **BOUND)
        assert await UsedAssertion.all().count() == 1


async def test_an_assertion_serves_only_its_person_application_and_document(identity: IdentityWorld) -> None:
    actor, other = await identity.citizen(ZHANG), await identity.citizen(LI)
    token = await token_for(identity, actor)
    for account, bound in (
        (other.id, BOUND),
        (actor.id, {**BOUND, "application_id": "case_2"}),
        (actor.id, {**BOUND, "document_sha256": "e" * 64}),
        (actor.id, {**BOUND, "document_sha256": None}),
    ):
        with pytest.raises(AssertionInvalid):
            await identity.verifications.consume(token, account_id=account, **bound)
    assert await UsedAssertion.all().count() == 0


async def test_an_assertion_ends_after_five_minutes_and_another_may_be_had_for_ten(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.passed(actor, document=DOCUMENT)
    token = (await identity.verifications.assertion(actor, view.id)).assertion
    identity.clock.advance(seconds=300)
    with pytest.raises(AssertionExpired):
        await identity.verifications.consume(token, account_id=actor.id, **BOUND)
    identity.clock.advance(seconds=299)
    late = await identity.verifications.assertion(actor, view.id)
    assert 0 < (late.expires_at - identity.clock.now()).total_seconds() <= 1, "whole seconds, and never longer than allowed"
    identity.clock.advance(seconds=1)
    with pytest.raises(NotAccepted):
        await identity.verifications.assertion(actor, view.id)
    assert (await identity.verifications.get(actor, view.id)).state == "expired"


async def test_without_an_accepted_check_there_is_no_assertion(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    view = await identity.start(actor)
    with pytest.raises(NotAccepted):
        await identity.verifications.assertion(actor, view.id)
    identity.vision.script = "other"
    rejected = await identity.passed(actor)
    with pytest.raises(NotAccepted):
        await identity.verifications.assertion(actor, rejected.id)


async def test_the_counter_gives_the_same_assertion_with_its_own_method(identity: IdentityWorld) -> None:
    actor, clerk = await identity.citizen(ZHANG), await identity.clerk()
    done = await identity.verifications.identify_at_counter(clerk, account_id=actor.id, evidence=CHECKED, **BOUND)
    identity.clock.advance(hours=23)
    token = (await identity.verifications.assertion(actor, done.verification_id)).assertion
    facts = await identity.verifications.consume(token, account_id=actor.id, **BOUND)
    assert facts.method == "counter" and facts.engine is None


async def test_tampered_and_foreign_tokens_are_refused(identity: IdentityWorld) -> None:
    actor = await identity.citizen(ZHANG)
    token = await token_for(identity, actor)
    head, body, signature = token.split(".")
    claims = jwt.decode(token, ECKey.import_key({**identity.verifications.jwks()["keys"][0]}), algorithms=["ES256"]).claims
    other_key = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    public = identity.verifications.jwks()["keys"][0]
    header = {"typ": "identity-assertion+jwt", "kid": identity.assertions.key_id}
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"identity-assertion+jwt"}').rstrip(b"=").decode()
    bad = [
        "",
        "a.b.c",
        "é.é.é",
        token[:-2],
        "x" * 10_000,
        f"{head}.{body}.",
        f"{none}.{body}.",
        f"{head}.{base64.urlsafe_b64encode(json.dumps({**claims, 'amr': ['counter']}).encode()).rstrip(b'=').decode()}.{signature}",
        jwt.encode({"alg": "ES256", **header}, claims, other_key),
        jwt.encode({"alg": "HS256", **header}, claims, OctKey.import_key(json.dumps(public).encode())),
    ]
    ours = identity.assertions._key
    bad += [
        jwt.encode({"alg": "ES256", **header}, changed, ours)
        for changed in (
            {**claims, "iss": "urn:other"},
            {**claims, "aud": "urn:other"},
            {**claims, "amr": []},
            {**claims, "iat": claims["iat"] + 3600},
            {**claims, "extra": 1},
            {**claims, "jti": "verification_none"},
            {name: value for name, value in claims.items() if name != "exp"},
        )
    ]
    bad.append(jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, ours))
    for text in bad:
        with pytest.raises(AssertionInvalid):
            await identity.verifications.consume(text, account_id=actor.id, **BOUND)
    assert await UsedAssertion.all().count() == 0
    await identity.verifications.consume(token, account_id=actor.id, **BOUND)


async def test_subjects_differ_between_audiences(identity: IdentityWorld) -> None:
    other = Assertions(
        clock=identity.clock,
        key=ec.generate_private_key(ec.SECP256R1()),
        pairwise_key=b"p" * 32,
        config=IdentityConfig(audience="urn:other"),
    )
    assert other.subject("account_1") != identity.assertions.subject("account_1") == identity.assertions.subject("account_1")


def test_the_key_comes_from_settings_or_is_made_once_in_development(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = LocalSecrets(tmp_path_factory.mktemp("keys"))
    made, again = load_key(IdentityConfig(), folder.file), load_key(IdentityConfig(), folder.file)
    assert made.private_numbers() == again.private_numbers()
    pem = new_key_pem().decode()
    given = load_key(IdentityConfig(assertion_key_pem=pem.replace("\n", "\\n")), None)
    assert given.private_numbers() != made.private_numbers() and "PRIVATE" not in repr(IdentityConfig(assertion_key_pem=pem))
    with pytest.raises(ValueError, match="required in production"):
        load_key(IdentityConfig(), None)
    with pytest.raises(ValueError, match=r"."):
        load_key(IdentityConfig(assertion_key_pem="no key"), None)
