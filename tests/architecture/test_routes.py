"""Every route of the application declares whom it is for and what it does; nothing is reachable that did not."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from sanic import HTTPResponse, Request, Sanic

from core.http.routes import Audience, Endpoint

PUBLIC_BY_DESIGN = re.compile(
    r"^(|healthz|readyz|metrics|v|openapi\.json|docs(/.*)?|static/.*|api-docs(/.*)?|favicon\.(ico|svg)|(m|console)(/.*)?)$"
)
"""Served without an `Endpoint`: landing page, checking page (what follows its `#` stays in the browser), the built clients, health,
metrics, API pages. None takes input or shows personal data."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Sanic[Any, Any]:
    from api.app import create_app
    from api.settings import load_settings

    settings = load_settings({"ZT_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    hall = cast(Any, SimpleNamespace(settings=settings, services={}, cache=None))
    built: Sanic[Any, Any] = create_app(hall, name="architecture")
    built.router.finalize()
    return built


def endpoint_of(route: Any) -> Endpoint | None:
    found = getattr(route.ctx, "endpoint", None)
    return found if isinstance(found, Endpoint) else None


def unguarded(app: Sanic[Any, Any]) -> list[str]:
    return [route.path for route in app.router.routes if endpoint_of(route) is None and not PUBLIC_BY_DESIGN.match(route.path)]


def shape(path: str) -> str:
    """Two paths that differ only in a parameter's name are one path to a client."""
    return re.sub(r"<[^>]+>", "<>", path).rstrip("/")


def endpoints(app: Sanic[Any, Any]) -> list[Endpoint]:
    return [endpoint for route in app.router.routes if (endpoint := endpoint_of(route))]


def test_every_route_declares_its_audience(app: Sanic[Any, Any]) -> None:
    assert unguarded(app) == []
    assert endpoints(app) and all(isinstance(endpoint.audience, Audience) for endpoint in endpoints(app))


def test_a_route_without_an_audience_is_caught() -> None:
    bare: Sanic[Any, Any] = Sanic("bare")

    async def leak(_request: Request) -> HTTPResponse:
        return HTTPResponse(b"")

    bare.add_route(leak, "/api/citizen/leak")
    bare.router.finalize()
    assert unguarded(bare) == ["api/citizen/leak"]


def test_every_route_says_what_it_does_in_chinese(app: Sanic[Any, Any]) -> None:
    assert [f"{item.method} {item.path}" for item in endpoints(app) if not re.search(r"[\u4e00-\u9fff]{2}", item.summary)] == []


def test_no_two_routes_share_a_path(app: Sanic[Any, Any]) -> None:
    counted = Counter((item.method, shape(item.path)) for item in endpoints(app))
    assert [place for place, times in counted.items() if times > 1] == []


def test_no_two_operations_share_a_name_within_an_audience(app: Sanic[Any, Any]) -> None:
    counted = Counter((item.audience, item.tag, item.name) for item in endpoints(app))
    assert [name for name, times in counted.items() if times > 1] == []


def test_a_path_tells_its_audience(app: Sanic[Any, Any]) -> None:
    """`/api/clerk/…` is for clerks: proxies, logs and readers rely on it."""
    logged_in = [item for item in endpoints(app) if item.audience not in {Audience.OPEN, Audience.CALLBACK}]
    wrong = [item for item in logged_in if not item.path.startswith(f"/api/{item.audience}/")]
    closed = [item for item in endpoints(app) if item.audience in {Audience.OPEN, Audience.CALLBACK}]
    wrong += [item for item in closed if re.match(r"^/api/(citizen|courier|clerk|enterprise|relying_party|supervisor|admin)/", item.path)]
    assert [f"{item.audience}: {item.method} {item.path}" for item in wrong] == []


def test_a_route_file_serves_the_audience_of_its_name(app: Sanic[Any, Any]) -> None:
    wrong = []
    for item in endpoints(app):
        file = Path(item.handler.__code__.co_filename).stem
        served = "open" if item.audience is Audience.CALLBACK else str(item.audience)
        if file.startswith("routes_") and file != f"routes_{served}":
            wrong.append(f"{file}: {item.audience} {item.path}")
    assert wrong == []


def test_no_body_or_query_swallows_a_misspelt_name(app: Sanic[Any, Any]) -> None:
    """A filter that is not known would list everything. WeChat's own requests may carry more than is asked for."""
    kinds = {kind for route in app.router.routes if (endpoint := endpoint_of(route)) for kind in (endpoint.body, endpoint.query)}
    structs = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    assert len(structs) > 60
    lenient = {kind.__name__ for kind in structs if not kind.__struct_config__.forbid_unknown_fields}
    assert lenient == {"PushQuery"}
