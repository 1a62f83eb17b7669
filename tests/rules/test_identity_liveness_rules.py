"""Decisions on measurements: each reason by itself, the borders, and what an engine may decide where."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from identity.liveness.facts import Capabilities, EngineFacts, FrameAnalysis, FrameFacts
from identity.liveness.policy import SHIPPED, Policy, load_policy
from identity.liveness.reasons import REASONS
from identity.liveness.rules import Decision, EngineNotInPolicy, decide

POLICY = load_policy()
UNCALIBRATED = EngineFacts("dlib", "20.0.1", "ab" * 32, Capabilities(False, False, "licence", "population"))
CALIBRATED = msgspec.structs.replace(UNCALIBRATED, capabilities=Capabilities(True, True, "licence", "population"))
NO_FACE = FrameFacts(faces=0, change=9.0)
CROWD = FrameFacts(faces=2, change=9.0)


def frame(**differs: Any) -> FrameFacts:
    good = FrameFacts(1, 9.0, inter_eye_px=85, brightness=130, sharpness=90, to_portrait=0.2)
    return msgspec.structs.replace(good, **differs)


def judge(*frames: FrameFacts, portrait_faces: int | None = 1, engine: EngineFacts = UNCALIBRATED, mode: str = "development") -> Decision:
    placed = [
        one if one.faces != 1 or one.to_frames else msgspec.structs.replace(one, to_frames=tuple(0.1 for _ in frames)) for one in frames
    ]
    return decide(FrameAnalysis(tuple(placed), portrait_faces, engine, 700), POLICY, mode=mode)


def test_five_good_frames_of_the_right_person_are_accepted_in_development() -> None:
    decision = judge(*[frame()] * 5)
    assert (decision.outcome, decision.reasons, decision.coaching) == ("accept", (), ())
    assert (decision.matched_frames, decision.compared_frames) == (5, 5)


def test_a_decision_records_who_measured_and_by_which_rules() -> None:
    """R51"""
    decision = judge(NO_FACE)
    assert decision.engine == "dlib"
    assert decision.engine_version == "20.0.1"
    assert decision.model_sha256 == "ab" * 32
    assert decision.threshold == 0.45
    assert decision.policy_version == POLICY.version


@pytest.mark.parametrize("mode", ["production", "Development", ""])
def test_an_uncalibrated_engine_never_accepts_outside_development(mode: str) -> None:
    """R51"""
    decision = judge(*[frame()] * 5, mode=mode)
    assert (decision.outcome, decision.reasons) == ("manual_review", ("ENGINE_UNCALIBRATED",))


def test_a_calibrated_engine_accepts_in_production() -> None:
    assert judge(*[frame(attack_score=0.9)] * 5, engine=CALIBRATED, mode="production").outcome == "accept"


def test_production_still_rejects_and_coaches() -> None:
    assert judge(*[frame(to_portrait=0.7)] * 5, mode="production").reasons == ("OTHER_PERSON",)
    assert judge(*[frame()] * 5, NO_FACE, mode="production").outcome == "retry"


@pytest.mark.parametrize(
    ("bad", "code", "outcome"),
    [
        ([frame()] * 4, "TOO_FEW_FRAMES", "retry"),
        ([frame()] * 5 + [NO_FACE], "NO_FACE", "retry"),
        ([frame()] * 5 + [CROWD], "MANY_FACES", "retry"),
        ([frame()] * 5 + [CROWD] * 2, "MANY_FACES", "retry"),
        ([frame()] * 5 + [CROWD] * 3, "CROWDED", "reject"),
        ([frame(inter_eye_px=59.9)] * 5, "FACE_TOO_SMALL", "retry"),
        ([frame(brightness=59.9)] * 5, "TOO_DARK", "retry"),
        ([frame(brightness=200.1)] * 5, "TOO_BRIGHT", "retry"),
        ([frame(sharpness=19.9)] * 5, "BLURRED", "retry"),
        ([frame(change=0.0)] * 5, "FROZEN_FRAMES", "retry"),
        ([frame()] * 3 + [frame(change=0.39)] * 2, "FROZEN_FRAMES", "retry"),
        ([frame(to_portrait=0.451)] * 5, "OTHER_PERSON", "reject"),
        ([frame()] * 2 + [frame(to_portrait=0.46)] * 3, "OTHER_PERSON", "reject"),
        ([frame(to_frames=(0.0, 0.1, 0.1, 0.1, 0.46))] + [frame()] * 4, "PERSON_CHANGED", "reject"),
        ([frame()] * 4 + [frame(attack_score=0.49)], "ATTACK_SUSPECTED", "reject"),
    ],
)
def test_each_fault_has_its_code_and_outcome(bad: list[FrameFacts], code: str, outcome: str) -> None:
    """R51"""
    decision = judge(*bad)
    assert decision.reasons == (code,)
    assert decision.outcome == outcome
    assert decision.coaching == (REASONS[code].coaching,)


@pytest.mark.parametrize(
    "fine",
    [
        [frame(inter_eye_px=60, brightness=60, sharpness=20, to_portrait=0.45)] * 5,
        [frame(brightness=200)] * 5,
        [frame()] * 2 + [frame(change=0.0)] + [frame()] * 2,
        [frame()] * 3 + [frame(to_portrait=0.46)] * 2,
        [frame()] * 5 + [frame(brightness=20, to_portrait=0.6)],
        [frame(to_frames=(0.0, 0.1, 0.1, 0.1, 0.1, 0.6))] + [frame()] * 4 + [frame(sharpness=3)],
    ],
)
def test_the_borders_are_inclusive_and_a_bad_frame_more_does_no_harm(fine: list[FrameFacts]) -> None:
    assert judge(*fine).outcome == "accept"


def test_nobody_is_compared_on_too_few_good_frames() -> None:
    decision = judge(*[frame()] * 4, frame(brightness=20))
    assert decision.reasons == ("TOO_DARK",)
    assert judge(*[frame(to_portrait=0.9)] * 4, frame(brightness=20)).reasons == ("TOO_DARK",)


def test_the_match_share_follows_the_number_of_frames() -> None:
    assert judge(*[frame()] * 6, *[frame(to_portrait=0.5)] * 4).outcome == "accept"
    assert judge(*[frame()] * 5, *[frame(to_portrait=0.5)] * 5).reasons == ("OTHER_PERSON",)


@pytest.mark.parametrize(
    ("portrait_faces", "code"), [(None, "PORTRAIT_MISSING"), (0, "PORTRAIT_NOT_ONE_FACE"), (2, "PORTRAIT_NOT_ONE_FACE")]
)
def test_without_a_comparable_portrait_a_clerk_decides(portrait_faces: int | None, code: str) -> None:
    decision = judge(*[frame(to_portrait=None)] * 5, portrait_faces=portrait_faces)
    assert (decision.outcome, decision.reasons, decision.matched_frames) == ("manual_review", (code,), 0)


def test_the_worst_reason_decides_and_all_are_kept() -> None:
    decision = judge(*[frame(to_portrait=0.7)] * 5, NO_FACE)
    assert decision.outcome == "reject"
    assert decision.reasons == ("NO_FACE", "OTHER_PERSON")


def test_measures_that_are_not_numbers_never_accept() -> None:
    assert judge(*[frame(to_portrait=math.nan)] * 5).outcome == "reject"
    assert judge(*[frame(to_frames=(math.nan,) * 5)] * 5).outcome == "reject"
    assert judge(*[frame(brightness=math.nan, sharpness=math.nan, inter_eye_px=math.nan)] * 5).outcome == "retry"
    assert judge(*[frame(change=math.nan)] * 5).outcome == "retry"
    assert judge(*[frame(attack_score=math.nan)] * 5).outcome == "reject"


def test_no_frames_are_no_acceptance() -> None:
    assert judge().outcome == "retry"


def test_an_engine_without_thresholds_decides_nothing() -> None:
    with pytest.raises(EngineNotInPolicy):
        judge(*[frame()] * 5, engine=msgspec.structs.replace(UNCALIBRATED, name="other"))


def test_coaching_is_chinese_and_has_no_figures() -> None:
    for code, reason in REASONS.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in reason.coaching), code
        assert not any(letter.isdigit() or letter == "%" for letter in reason.coaching), code


@pytest.mark.parametrize(
    "spoil", [{"min_frames": 0}, {"min_match_share": 0}, {"engines": {"dlib": {"match": -1, "continuity": 1}}}, {"x": 1}]
)
def test_a_wrong_policy_file_is_refused(tmp_path: Any, spoil: dict[str, Any]) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(msgspec.json.encode({**msgspec.json.decode(SHIPPED.read_bytes()), **spoil}))
    with pytest.raises(msgspec.ValidationError):
        load_policy(file)


def test_the_shipped_policy_holds_the_designed_figures() -> None:
    assert isinstance(POLICY, Policy)
    assert (POLICY.min_frames, POLICY.min_inter_eye_px, POLICY.min_brightness, POLICY.max_brightness, POLICY.min_sharpness) == (
        5,
        60,
        60,
        200,
        20,
    )
    assert POLICY.engines["dlib"].match == POLICY.engines["dlib"].continuity == 0.45
