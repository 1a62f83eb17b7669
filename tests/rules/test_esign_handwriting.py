"""What is taken for a handwritten name."""

from __future__ import annotations

import pytest

from api.demo.world import handwriting
from esign.documents.appearance import BadHandwriting, StrokePoint, Strokes, require_handwriting


def line(number: int, step: float) -> Strokes:
    return ((*(StrokePoint(step * place, step * place / 2) for place in range(number)),),)


@pytest.mark.parametrize(
    "strokes",
    [
        (),
        ((),),
        ((StrokePoint(5, 5),),),
        tuple((StrokePoint(30.0 * place, 9),) for place in range(20)),  # taps: no line at all
        ((StrokePoint(5, 5), StrokePoint(90, 90)) * 50,),  # many points, two places
        line(7, 30),
        line(40, 0.3),
        ((*(StrokePoint(place % 3, place % 5) for place in range(200)),),),  # much ink on one spot
        line(8, 3),  # long enough to be seen, too short to be a name
        ((*line(20, 5)[0], StrokePoint(float("nan"), 1)),),
        ((*line(20, 5)[0], StrokePoint(float("inf"), 1)),),
    ],
)
def test_a_dot_is_not_a_name(strokes: Strokes) -> None:
    with pytest.raises(BadHandwriting):
        require_handwriting(strokes)


def test_short_names_are_names() -> None:
    require_handwriting(line(12, 4))


def test_everybody_in_the_demo_has_a_hand_of_their_own() -> None:
    """Not the same drawing, longer or shorter: no stroke of one is a stroke of the other, and nobody's changes."""
    names = ["张伟", "李娜", "王建国"]
    drawn = {name: handwriting(name) for name in names}
    for name, strokes in drawn.items():
        require_handwriting([[StrokePoint(*point) for point in stroke] for stroke in strokes])
        assert handwriting(name) == strokes
    shapes = [{tuple((x, y) for x, y, *_ in stroke) for stroke in strokes} for strokes in drawn.values()]
    assert not (shapes[0] & shapes[1] | shapes[1] & shapes[2] | shapes[0] & shapes[2])
