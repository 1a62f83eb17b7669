"""What every face engine in the registry owes, shown on the packaged faces."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from identity.liveness.engines import ENGINES, build_engine
from identity.liveness.engines.errors import EngineUnusable
from identity.liveness.pictures import gray
from identity.liveness.policy import load_policy
from identity.liveness.ports import Embedding, FaceEngine, Rgb
from sandbox import faces
from sandbox.faces import make_morph, shape
from tests.factories.face_galleries import SUBJECTS, Subject


@pytest.fixture(scope="module", params=sorted(ENGINES))
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return SUBJECTS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture
def engine(subject: Subject) -> FaceEngine:
    return subject.engine


def embed(engine: FaceEngine, picture: Rgb) -> Embedding:
    (box,) = engine.detect(gray(picture))
    return engine.embed(picture, engine.landmarks(picture, box))


@pytest.mark.parametrize("person", ["a", "b"])
def test_one_face_is_found_where_it_is(subject: Subject, person: str) -> None:
    (box,) = subject.engine.detect(gray(subject.frames[person][0]))
    assert 150 < box.left < box.right < 490
    assert 80 < box.top < box.bottom < 400


def test_an_empty_room_has_no_face_and_a_couple_has_two(subject: Subject) -> None:
    """R51"""
    assert subject.engine.detect(gray(subject.nobody)) == ()
    assert subject.engine.detect(gray(subject.nobody), small=True) == ()
    assert len(subject.engine.detect(gray(subject.couple))) == 2


def test_a_small_face_is_found_when_asked_for(subject: Subject) -> None:
    small = np.asarray(Image.fromarray(gray(subject.far_away)).resize((320, 240)))
    assert len(subject.engine.detect(small, small=True)) == 1


def test_landmarks_lie_on_the_known_points(subject: Subject) -> None:
    picture, known = subject.measured
    (box,) = subject.engine.detect(gray(picture))
    points = subject.engine.landmarks(picture, box)
    assert points.shape == (68, 2)
    assert np.linalg.norm(points - known, axis=1).max() < 6


def test_embeddings_repeat_and_distances_are_distances(subject: Subject) -> None:
    engine, picture = subject.engine, subject.portraits["a"]
    once, again, other = embed(engine, picture), embed(engine, picture), embed(engine, subject.portraits["b"])
    assert engine.compare(once, again) == 0
    assert engine.compare(once, other) == engine.compare(other, once) > 0


def test_the_two_demo_people_are_told_apart_in_every_frame(subject: Subject) -> None:
    """R51: own frames well under the limit, the other's well over it."""
    engine = subject.engine
    portraits = {person: embed(engine, subject.portraits[person]) for person in "ab"}
    for person, other in ("ab", "ba"):
        for frame in subject.frames[person]:
            seen = embed(engine, frame)
            assert engine.compare(seen, portraits[person]) < subject.match - 0.1
            assert engine.compare(seen, portraits[other]) > subject.match + 0.2


def test_any_memory_layout_is_taken_and_nothing_is_written_to_it(subject: Subject) -> None:
    engine, picture = subject.engine, subject.frames["a"][0]
    mirrored = picture[:, ::-1]
    before = picture.copy()
    assert len(engine.detect(gray(picture)[:, ::-1])) == 1
    assert embed(engine, mirrored).shape == embed(engine, picture).shape
    assert np.array_equal(picture, before)


def test_a_face_over_the_edge_is_no_crash(subject: Subject) -> None:
    engine, picture = subject.engine, subject.frames["a"][0][:, 290:]
    for box in engine.detect(gray(picture), small=True):
        assert engine.landmarks(picture, box).shape == (68, 2)


def test_attack_score_and_capability_agree(subject: Subject) -> None:
    engine, picture = subject.engine, subject.frames["a"][0]
    score = engine.pad_score(picture, engine.detect(gray(picture))[0])
    assert (score is not None) == engine.capabilities.detects_attacks
    assert score is None or 0 <= score <= 1


def test_it_says_what_it_is(engine: FaceEngine) -> None:
    assert engine.name in ENGINES
    assert engine.version
    assert len(f"{engine.name}/{engine.version}") <= 64
    assert len(bytes.fromhex(engine.model_sha256)) == 32
    assert engine.capabilities.licence and engine.capabilities.population


def test_the_built_in_engine_has_limits_in_the_shipped_policy() -> None:
    assert "dlib" in load_policy().engines


def test_options_that_an_engine_does_not_know_are_refused() -> None:
    with pytest.raises(EngineUnusable, match="dlib"):
        build_engine("dlib", {"detector": "x"})


def test_the_built_in_engine_does_not_call_itself_calibrated() -> None:
    assert build_engine("dlib").capabilities.calibrated is False


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(KeyError):
        build_engine("nobody")


def test_the_packaged_morph_is_what_its_script_makes() -> None:
    with Image.open(shape.HERE / "morph.jpg") as stored:
        packaged = np.asarray(stored.convert("RGB"), dtype=np.int16)
    assert np.abs(packaged - np.asarray(make_morph.morph())).mean() < 3


def test_frames_differ_and_repeat_exactly() -> None:
    frames = faces.frames("b")
    assert len(set(frames)) == 6
    assert faces.frames("b") == frames
    with Image.open(BytesIO(frames[0])) as first:
        assert (first.format, first.size) == ("JPEG", (640, 480))
