"""The policy file and the reasons: what ships is what was designed, and a wrong file is refused whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from identity.liveness.policy import SHIPPED, load_policy
from identity.liveness.reasons import REASONS, ordered, reason_of, told

POLICY = load_policy()


def test_coaching_is_chinese_and_has_no_figures() -> None:
    for code, reason in REASONS.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in reason.coaching), code
        assert not any(letter.isdigit() or letter == "%" for letter in reason.coaching), code


@pytest.mark.parametrize(
    "spoil",
    [{"compared": 0}, {"min_matched": 0}, {"quality": {}}, {"engines": {"dlib": {"match": -1, "continuity": 1}}}, {"stills": {}}, {"x": 1}],
)
def test_a_wrong_policy_file_is_refused(tmp_path: Path, spoil: dict[str, Any]) -> None:
    file = tmp_path / "policy.json"
    file.write_bytes(msgspec.json.encode({**msgspec.json.decode(SHIPPED.read_bytes()), **spoil}))
    with pytest.raises(msgspec.ValidationError):
        load_policy(file)


def test_the_shipped_policy_holds_the_designed_figures() -> None:
    quality = POLICY.quality
    assert (quality.min_inter_eye_px, quality.min_brightness, quality.max_brightness, quality.min_sharpness) == (60, 60, 200, 20)
    assert POLICY.engines["dlib"].match == POLICY.engines["dlib"].continuity == 0.45
    assert (POLICY.compared, POLICY.min_matched) == (5, 3)


def test_a_person_is_told_two_things_at_most_and_no_false_leads() -> None:
    empty_room = ordered(["FROZEN_FRAMES", "NO_FACE", "STEP1_NOD_NOT_SEEN", "CLOCK_DRIFT"])
    assert told(empty_room) == (reason_of("NO_FACE").coaching,)
    assert told(ordered(["BLURRED", "TOO_DARK", "STEP1_NOD_NOT_SEEN"])) == (reason_of("TOO_DARK").coaching, reason_of("BLURRED").coaching)
    steps = ordered(f"STEP{number}_NOD_NOT_SEEN" for number in (1, 2, 3))
    assert told(steps) == tuple(reason_of(code).coaching for code in steps[:2])
    assert told(()) == ()
