"""`make bench-identity`: measure what the built-in face engine does and write docs/identity-report.md with its plots.

The figures are kept in docs/identity-report/measured.json, each part with its time and the load of the machine; a part whose faces are not
at hand keeps what was measured last. The folder of real faces (first argument, else ../shared/faces) leaves numbers behind and no picture.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from identity.liveness.engines import build_engine
from identity.liveness.examining import examine_clip
from identity.liveness.facts import CaptureFacts
from identity.liveness.judging import REPLAYED, SEEN_BEFORE
from identity.liveness.measure import Capture, embedding_of, engine_facts
from identity.liveness.motion.traces import share_seen
from identity.liveness.ports import FaceEngine
from identity.liveness.rules import choose_places, decide
from sandbox import faces
from sandbox.faces import acting
from tests.service import test_identity_faces_in_motion as played
from tools import identity_report_text as text

ROOT = Path(__file__).resolve().parents[1]
PAGE, FOLDER = ROOT / "docs" / "identity-report.md", ROOT / "docs" / "identity-report"
LIMITS = (0.60, 0.50, 0.45, 0.40)
Measured = dict[str, Any]


def portraits(engine: FaceEngine, folder: Path) -> Measured | None:
    """Distances of all pairs of portraits (one person each) and of the pairs NAME.jpg, NAME2.jpg (the same person)."""
    found = {path.stem: embedding_of(engine, path.read_bytes()) for path in sorted(folder.glob("portraits/*.jpg"))}
    known = {name: face for name, (face, _) in found.items() if face is not None}
    if len(known) < 2:
        return None
    distances = sorted(engine.compare(one, other) for one, other in itertools.combinations(known.values(), 2))
    same = []
    for path in sorted(folder.glob("pairs/*2.jpg")):
        (one, _), (other, _) = (embedding_of(engine, file.read_bytes()) for file in (path.with_name(path.name.replace("2", "")), path))
        if one is not None and other is not None:
            same.append(round(engine.compare(one, other), 4))
    return {
        "people": len(known),
        "without_face": len(found) - len(known),
        "distances": [round(distance, 3) for distance in distances],
        "worst": round(distances[0], 4),
        "within": {f"{limit:.2f}": sum(distance <= limit for distance in distances) for limit in LIMITS},
        "same": same,
    }


def clips(engine: FaceEngine, folder: Path) -> Measured | None:
    """What `zerotrip identity analyse` finds in each clip."""
    rows = []
    for path in sorted(folder.glob("clips/*.mkv")):
        report = examine_clip(engine, path.read_bytes(), played.POLICY)
        rows.append(
            {
                "clip": path.stem,
                "frames": report.frames,
                "inter_eye_px": report.quality.inter_eye_px,
                "events": [event.action for event in report.events],
                "problems": list(report.quality.problems),
            }
        )
    return {"rows": rows} if rows else None


def yesterday(engine: FaceEngine, *, compressed_anew: bool) -> tuple[str, tuple[str, ...]]:
    """The fulfilled film once more, as the judge meets it: digests and traces of the first time are known."""
    frames = played.film("a")
    if compressed_anew:
        frames = tuple(acting.jpegs(acting.film("a", played.ACTS, played.SECONDS, seed=3), quality=70))
    first, again = Capture(engine, None), Capture(engine, faces.portrait("a"))
    before = [first.see(number / 15, frame) for number, frame in enumerate(played.film("a"))]
    after = [again.see(number / 15, frame) for number, frame in enumerate(frames)]
    measured = again.compare(choose_places(after, played.STEPS, played.POLICY))
    earlier = [SEEN_BEFORE] if {frame.sha256 for frame in before} & {frame.sha256 for frame in after} else []
    if share_seen(measured.traces, first.compare(()).traces) >= played.POLICY.capture.replayed_share:
        earlier.append(REPLAYED)
    facts = CaptureFacts(tuple(after), measured, again.portrait_faces, engine_facts(engine))
    decision = decide(facts, played.STEPS, played.POLICY, mode="development", earlier=earlier)
    return decision.outcome, decision.reasons


def attacks(engine: FaceEngine) -> Measured:
    done = played.judged(played.film("a"))
    rows: list[tuple[str, str, tuple[str, ...]]] = [("the challenge fulfilled (no attack)", done.outcome, done.reasons)]
    for name, (made, steps, _, _) in played.ATTACKS.items():
        decision = played.judged(made(), steps, fps=7.5 if name.startswith("eight") else 15.0)
        rows.append((name, decision.outcome, decision.reasons))
    rows.append(("yesterday's frames", *yesterday(engine, compressed_anew=False)))
    rows.append(("yesterday's frames, compressed anew", *yesterday(engine, compressed_anew=True)))
    return {"rows": rows}


def course(engine: FaceEngine) -> Measured:
    """The packaged person's course through the challenge, and the moved photograph's: the lines of the plots."""
    told: Measured = {}
    for name, frames in (("person", played.film("a")), ("photograph", played.moved(yaw=22, pitch=16))):
        capture = Capture(engine, None)
        shapes = [capture.see(number / 15, frame).geometry for number, frame in enumerate(frames)]
        told[name] = {
            "eyes": [None if shape is None else round(max(shape.eye_left, shape.eye_right), 3) for shape in shapes],
            "mouth": [None if shape is None else round(shape.mouth, 3) for shape in shapes],
            "yaw": [None if shape is None else round(shape.yaw, 2) for shape in shapes],
            "nose": [None if shape is None else round(shape.nose_x, 3) for shape in shapes],
        }
    return told


def cost() -> Measured:
    """The lines of bench/face_decision.py, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "bench.face_decision"], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if len(lines) != 2:
        sys.exit(f"bench/face_decision.py failed: {done.stderr[-400:]}")
    return {"lines": lines}


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "faces"
    FOLDER.mkdir(exist_ok=True)
    store = FOLDER / "measured.json"
    kept: dict[str, Measured] = json.loads(store.read_text("utf-8")) if store.exists() else {}
    engine = build_engine("dlib")
    parts: dict[str, Callable[[], Measured | None]] = {
        "portraits": lambda: portraits(engine, folder),
        "clips": lambda: clips(engine, folder),
        "attacks": lambda: attacks(engine),
        "course": lambda: course(engine),
        "cost": cost,
    }
    for name, measure in parts.items():
        load = round(os.getloadavg()[0], 1)
        found = measure()
        if found is None:
            print(f"{name}: no faces in the folder; kept what was measured {kept.get(name, {}).get('measured_at', 'never')}")
            continue
        kept[name] = {"measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), "load": load, **found}
        print(f"{name}: measured")
    store.write_text(json.dumps(kept, separators=(",", ":")) + "\n", "utf-8")
    text.draw(kept, FOLDER)
    PAGE.write_text(text.page(kept), "utf-8")


if __name__ == "__main__":
    main()
