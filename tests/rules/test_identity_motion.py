"""R51: movements are found in the course of a face, and only those; a decision says why."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from identity.liveness.facts import CaptureFacts, Comparison, FrameMotion, Loop
from identity.liveness.motion.actions import ACTIONS, Event, find_events, flat_movements
from identity.liveness.motion.faults import find_faults, jumps
from identity.liveness.motion.series import course as columns
from identity.liveness.motion.series import smoothed
from identity.liveness.motion.steps import Step, is_done, judge_steps, places_to_compare
from identity.liveness.policy import load_policy
from identity.liveness.reasons import REASONS, ordered, reason_of
from identity.liveness.rules import Decision, EngineNotInPolicy, choose_places, decide, live_hint
from sandbox.faces.acting import Act
from tests.factories.moving import CALIBRATED, UNCALIBRATED, Shown, course, motion

POLICY = load_policy()
STEPS = [Step("mouth", 1.2), Step("turn_left", 3.4), Step("blink", 6.0)]
DONE = [Act("mouth", 1.9), Act("turn_left", 4.0), Act("blink", 6.7)]


def events(acts: list[Act], seconds: float = 5.0, **more: Any) -> list[str]:
    mirrored = more.pop("mirrored", False)
    return [event.action for event in find_events(course(acts, seconds, **more), POLICY.motion, mirrored=mirrored)]


@pytest.mark.parametrize("fps", [14.0, 15.0, 25.0, 30.0])
@pytest.mark.parametrize("action", ACTIONS)
def test_each_movement_is_found_once_at_any_frame_rate(action: str, fps: float) -> None:
    found = find_events(course([Act(action, 2.0)], 5.0, fps=fps), POLICY.motion)
    assert [event.action for event in found] == [action]
    assert 1.8 < found[0].start <= found[0].peak <= found[0].end < 3.6 and found[0].strength > 0.3


def test_a_living_head_at_rest_does_nothing() -> None:
    assert [found for seed in range(30) if (found := events([], 8.0, seed=seed))] == []


def test_left_and_right_change_sides_in_a_mirror() -> None:
    assert events([Act("turn_left", 2.0)], mirrored=True) == ["turn_right"]
    assert events([Act("turn_right", 2.0)], mirrored=True) == ["turn_left"]


@pytest.mark.parametrize("action", ["nod", "turn_left", "turn_right"])
def test_a_flat_picture_neither_nods_nor_turns(action: str) -> None:
    frames = course([Act(action, 2.0)], 5.0, is_flat=True)
    assert find_events(frames, POLICY.motion) == []
    assert [event.action for event in flat_movements(frames, POLICY.motion)] in (["nod"], ["turn_left"], ["turn_right"])


@pytest.mark.parametrize(
    "act",
    [
        Act("nod", 1.5, seconds=3.0),
        Act("turn_left", 0.5, seconds=4.0),
        Act("nod", 2.0, size=0.5),
        Act("turn_right", 2.0, size=0.6),
        Act("mouth", 2.0, size=0.6),
        Act("mouth", 0.3, seconds=4.4),
        Act("blink", 2.0, seconds=1.2),
        Act("blink", 2.0, size=0.35),
    ],
    ids=lambda act: f"{act.action} {act.seconds} {act.size}",
)
def test_too_slow_or_too_small_does_not_count(act: Act) -> None:
    assert events([act]) == []


def test_a_wink_is_no_blink() -> None:
    frames = course([Act("blink", 2.0)], 5.0)
    shapes = [msgspec.structs.replace(frame.geometry, eye_right=0.32) for frame in frames if frame.geometry]
    winked = [msgspec.structs.replace(frame, geometry=shape) for frame, shape in zip(frames, shapes, strict=True)]
    assert find_events(frames, POLICY.motion) != [] and find_events(winked, POLICY.motion) == []


def test_a_nod_with_the_eyes_shut_is_a_nod() -> None:
    assert events([Act("nod", 2.0), Act("blink", 2.3)]) == ["nod"]


def test_a_face_too_small_moves_not_at_all() -> None:
    """Points that jitter as much as a face moves prove nothing."""
    assert events([Act("nod", 2.0)], px=44.0) == [] and events([Act("nod", 2.0)], px=46.0) == ["nod"]


def test_one_frame_that_jumps_is_no_movement() -> None:
    frames = course([], 5.0)
    frames[30] = motion(2.0, Shown(yaw=25.0, pitch=20.0, mouth=1.0))
    assert find_events(frames, POLICY.motion) == []


def test_filters_are_as_long_in_seconds_at_any_rate() -> None:
    for fps in (15, 60):
        at = columns(course([], 2.0, fps=fps))
        assert abs(smoothed(at.t, at.yaw) - at.yaw).max() < 0.5


def facts(frames: list[FrameMotion], **more: Any) -> CaptureFacts:
    places = choose_places(frames, STEPS, POLICY)
    comparison = Comparison(
        compared=tuple(places),
        to_portrait=more.pop("to_portrait", tuple(0.3 for _ in places)),
        to_others=more.pop("to_others", tuple(tuple(0.1 for _ in places) for _ in places)),
        attack_scores=more.pop("attack_scores", tuple(None for _ in places)),
        loops=more.pop("loops", ()),
        traces=(),
        cpu_ms=1,
    )
    return CaptureFacts(tuple(frames), comparison, more.pop("portrait_faces", 1), more.pop("engine", UNCALIBRATED))


def judged(frames: list[FrameMotion], steps: list[Step] = STEPS, **more: Any) -> Decision:
    options = {name: more.pop(name) for name in ("mode", "mirrored", "order_was_known", "earlier") if name in more}
    return decide(facts(frames, **more), steps, POLICY, **{"mode": "development", **options})


def good(**more: Any) -> list[FrameMotion]:
    return course(DONE, 8.0, **more)


def test_what_was_asked_in_its_order_is_accepted() -> None:
    decision = judged(good())
    assert (decision.outcome, decision.reasons, decision.matched_frames) == ("accept", (), 5)
    assert [result.event.action for result in decision.steps if result.event] == ["mouth", "turn_left", "blink"]


ORDERS = {
    "another order": ([Step("turn_left", 1.2), Step("mouth", 3.4), Step("blink", 6.0)], ("STEP1_TURN_LEFT_OTHER", "STEP2_MOUTH_OTHER")),
    "the other side": ([Step("mouth", 1.2), Step("turn_right", 3.4), Step("blink", 6.0)], ("STEP2_TURN_RIGHT_OTHER",)),
    "one that was not made": ([Step("mouth", 1.2), Step("turn_left", 3.4), Step("nod", 6.0)], ("STEP3_NOD_NOT_SEEN",)),
    "prompts too late": ([Step("mouth", 2.6), Step("turn_left", 4.9), Step("blink", 7.4)], None),
    "prompts long before": ([Step("mouth", 1.2), Step("turn_left", 1.3), Step("blink", 2.4)], None),
    "too few prompts": (STEPS[:2], ("STEPS_MISSING",)),
    "no prompts at all": ([], ("STEPS_MISSING",)),
}


@pytest.mark.parametrize("steps, reasons", ORDERS.values(), ids=ORDERS)
def test_the_same_film_under_other_prompts_fails(steps: list[Step], reasons: tuple[str, ...] | None) -> None:
    decision = judged(good(), steps)
    assert decision.outcome == "retry" and (reasons is None or decision.reasons == reasons)


def test_a_flat_picture_fails_by_name() -> None:
    assert "STEP2_TURN_LEFT_PLANAR" in judged(course([Act("turn_left", 4.0)], 8.0, is_flat=True)).reasons


def test_a_movement_more_fails_the_step_but_blinking_is_free() -> None:
    assert judged(course([*DONE, Act("nod", 6.3)], 8.0)).reasons == ("STEP3_BLINK_OTHER",)
    assert judged(course([*DONE, Act("blink", 2.9), Act("blink", 5.5)], 8.0)).outcome == "accept"


def cut(frames: list[FrameMotion], start: float, end: float) -> list[FrameMotion]:
    return [frame for frame in frames if not start <= frame.t < end]


def without_face(frames: list[FrameMotion], start: float, end: float, faces: int = 0) -> list[FrameMotion]:
    return [motion(frame.t, Shown(faces=faces)) if start <= frame.t < end else frame for frame in frames]


def still(frames: list[FrameMotion], start: float, end: float) -> list[FrameMotion]:
    return [msgspec.structs.replace(frame, change=0.0) if start <= frame.t < end else frame for frame in frames]


FAULTS: dict[str, tuple[list[FrameMotion], str]] = {
    "gap": (cut(good(), 3.0, 3.45), "FRAME_GAP"),
    "slow": (good(fps=8.0), "TOO_SLOW"),
    "lost": (without_face(good(), 5.3, 5.9), "FACE_LOST"),
    "nobody": (course([], 8.0, faces=0), "NO_FACE"),
    "somebody looked in": (without_face(good(), 5.3, 5.4, faces=2), "MANY_FACES"),
    "two people": (without_face(good(), 5.3, 5.6, faces=2), "CROWDED"),
    "frozen": (still(good(), 5.0, 5.7), "FROZEN_FRAMES"),
    "backwards": (good()[::-1], "OUT_OF_ORDER"),
    "nothing": (good()[:2], "TOO_FEW_FRAMES"),
    "far": (good(px=50.0), "FACE_TOO_SMALL"),
    "dark": (good(light=40.0), "TOO_DARK"),
    "bright": (good(light=230.0), "TOO_BRIGHT"),
    "moved at the start": (course([Act("turn_left", 0.1), *DONE], 8.0), "BASELINE_MOVED"),
    "mouth open at the start": (course([Act("mouth", -0.5, seconds=2.0), *DONE], 8.0), "BASELINE_MOUTH_OPEN"),
}


@pytest.mark.parametrize("frames, reason", FAULTS.values(), ids=FAULTS)
def test_each_fault_has_its_reason(frames: list[FrameMotion], reason: str) -> None:
    decision = judged(frames)
    assert reason in decision.reasons and decision.outcome != "accept"


FINDINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "another person midway": ({"to_others": ((0.0, 0.1, 0.46), (0.1, 0.0, 0.1), (0.46, 0.1, 0.0))}, "reject", "PERSON_CHANGED"),
    "no number": ({"to_others": ((float("nan"),),)}, "reject", "PERSON_CHANGED"),
    "not the one on file": ({"to_portrait": (0.3, 0.3, 0.46, 0.46, 0.46)}, "reject", "OTHER_PERSON"),
    "no portrait": ({"portrait_faces": None, "to_portrait": (None,) * 5}, "manual_review", "PORTRAIT_MISSING"),
    "two on the portrait": ({"portrait_faces": 2}, "manual_review", "PORTRAIT_NOT_ONE_FACE"),
    "a loop": ({"loops": (Loop(4.0, 4.8, 2.0),)}, "reject", "LOOPED_FRAMES"),
    "seen before": ({"earlier": ["FRAMES_SEEN_BEFORE"]}, "reject", "FRAMES_SEEN_BEFORE"),
    "uncalibrated in production": ({"mode": "production"}, "manual_review", "ENGINE_UNCALIBRATED"),
    "order known in production": ({"mode": "production", "engine": CALIBRATED, "order_was_known": True}, "manual_review", "ORDER_KNOWN"),
}


@pytest.mark.parametrize("more, outcome, reason", FINDINGS.values(), ids=FINDINGS)
def test_each_finding_has_its_outcome(more: dict[str, Any], outcome: str, reason: str) -> None:
    decision = judged(good(), **more)
    assert (decision.outcome, decision.reasons) == (outcome, (reason,))


def test_three_of_five_frames_suffice_and_a_calibrated_engine_accepts() -> None:
    assert judged(good(), to_portrait=(0.45, 0.3, 0.45, 0.6, 0.6)).outcome == "accept"
    assert judged(good(), mode="production", engine=CALIBRATED).outcome == "accept"


def test_a_detector_of_attacks_is_asked_when_there_is_one() -> None:
    sees = msgspec.structs.replace(CALIBRATED, capabilities=msgspec.structs.replace(CALIBRATED.capabilities, detects_attacks=True))
    assert judged(good(), engine=sees, attack_scores=(0.9,) * 5).outcome == "accept"
    assert judged(good(), engine=sees, attack_scores=(0.9, 0.49, 0.9, 0.9, 0.9)).reasons == ("ATTACK_SUSPECTED",)
    assert judged(good(), engine=sees, attack_scores=(None,) * 5).reasons == ("ATTACK_SUSPECTED",)


def test_an_engine_without_limits_decides_nothing() -> None:
    with pytest.raises(EngineNotInPolicy):
        judged(good(), engine=msgspec.structs.replace(UNCALIBRATED, name="other"))


def test_compared_frames_are_calm_and_spread_and_include_jumps() -> None:
    frames = good()
    places = places_to_compare(frames, STEPS, POLICY)
    assert len(places) == 5 and places == sorted(places)
    assert all(abs(shape.yaw) < 4 and shape.mouth < 0.2 for place in places if (shape := frames[place].geometry))
    assert max(b - a for a, b in zip(places, places[1:], strict=False)) < 50
    lost = without_face(frames, 5.3, 5.6)
    assert jumps(frames, POLICY.capture) == [] and jumps(lost, POLICY.capture) == [84]
    assert 84 in choose_places(lost, STEPS, POLICY)


def test_a_step_is_done_when_the_movement_is_over() -> None:
    frames = good()
    seen = {round(frames[count - 1].t, 1) for count in range(20, 60) if is_done(frames[:count], STEPS[0], POLICY, mirrored=False)}
    assert seen and min(seen) > 2.5


def test_results_name_what_was_seen_instead() -> None:
    (result,) = judge_steps(good(), [Step("nod", 1.2)], POLICY, mirrored=False)
    assert (result.event, result.reason) == (None, "OTHER")


def test_hints_tell_what_to_do_now() -> None:
    shown = [Shown(), Shown(faces=0), Shown(faces=2), Shown(px=40.0), Shown(light=20.0)]
    hint = [live_hint(motion(0, one), POLICY.quality) for one in shown]
    assert hint == [None, "NO_FACE", "MANY_FACES", "FACE_TOO_SMALL", "TOO_DARK"]
    assert live_hint(FrameMotion(0, "", None), POLICY.quality) is None


def test_every_code_has_words_without_figures_of_measurement() -> None:
    codes = [
        *REASONS,
        *(f"STEP{n}_{action.upper()}_{why}" for n in (1, 3) for action in ACTIONS for why in ("NOT_SEEN", "OTHER", "PLANAR")),
    ]
    assert all(reason_of(code).coaching.endswith("。") for code in codes)
    with pytest.raises(KeyError):
        reason_of("STEP1_DANCE_OTHER")
    assert ordered(["STEP1_NOD_OTHER", "TOO_DARK", "OTHER_PERSON", "TOO_DARK"]) == ("OTHER_PERSON", "TOO_DARK", "STEP1_NOD_OTHER")


def test_faults_are_told_once() -> None:
    found = list(find_faults(still(without_face(good(), 5.0, 6.0), 2.0, 3.0), [Loop(1, 2, 1)] * 3, POLICY.capture))
    assert len(found) == len(set(found)) == 3
    assert isinstance(find_events(good(), POLICY.motion)[0], Event)
