"""The Sanic application: middleware, the packages' routes, health, metrics, the API documents, the pages and the built clients."""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import structlog
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import BaseHTTPResponse

from api import clients, openapi, pages
from api.errors import render
from api.rooms import all_routes
from api.wiring import Hall
from core import metrics
from core.actor import ANONYMOUS, Actor
from core.errors import DomainError, Unauthenticated
from core.http.refusals import Refusals
from core.http.routes import Endpoint
from core.outbox import WAKE_TOPIC
from identity.relying_parties.service import KEY_PREFIX, ApiKeys
from identity.sessions.service import Sessions

_REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{8,64}$")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(hall: Hall, *, name: str = "zerotrip", clients_folder: Path = clients.STATIC) -> Sanic[Any, Any]:
    """An application around wired services; it opens nothing itself, so tests and several processes can share the code."""
    app: Sanic[Any, Any] = Sanic(name, configure_logging=False)
    app.config.AUTO_EXTEND = False
    # Sanic rewrites its own code once per process; a second application in the process would break.
    app.config.TOUCHUP = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.REQUEST_MAX_SIZE = hall.settings.server.max_body_bytes
    app.config.REQUEST_TIMEOUT = 60
    if hall.settings.server.proxies:
        app.config.PROXIES_COUNT = hall.settings.server.proxies
    app.config.RESPONSE_TIMEOUT = 60
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 10.0
    app.config.ACCESS_LOG = False
    app.ctx.services = hall.services
    app.ctx.hall = hall
    app.ctx.spec = None
    app.ctx.refusals = Refusals(hall)
    app.ctx.authenticate = lambda token: hall.services[Sessions].resolve(token)
    app.config.WEBSOCKET_MAX_SIZE = 2 * 1024 * 1024
    app.enable_websocket()
    rooms = all_routes(hall.settings)
    app.ctx.places_of_programs = {routes.prefix.split("/")[1] for routes in rooms} | {"static"}
    for routes in rooms:
        app.blueprint(routes.blueprint())
    app.register_middleware(_identify, "request")
    app.register_middleware(_finish, "response")
    app.exception(Exception)(_on_error)
    app.exception(SanicException)(_on_error)
    pages.add(app)
    clients.add(app, clients_folder)
    app.add_route(_healthz, "/healthz", name="healthz")
    app.add_route(_readyz, "/readyz", name="readyz")
    app.add_route(_metrics, "/metrics", name="metrics")
    app.add_route(_openapi, "/openapi.json", name="openapi")
    return app


async def _identify(request: Request) -> None:
    offered = request.headers.get("x-request-id", "")
    request.ctx.request_id = offered if _REQUEST_ID.match(offered) else secrets.token_hex(8)
    request.ctx.started = time.perf_counter()
    request.ctx.actor = ANONYMOUS
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request.ctx.request_id)
    authorization = request.headers.get("authorization", "")
    # Pages, health and metrics are nobody's and must answer when the database does not.
    if authorization and hasattr(getattr(request.route, "ctx", None), "endpoint"):
        scheme, _, token = authorization.partition(" ")
        actor = await _holder(request.app.ctx.services, token.strip()) if scheme.lower() == "bearer" and token else None
        if actor is None:
            raise Unauthenticated("登录已失效，请重新登录。")
        request.ctx.actor = actor


async def _holder(services: dict[type, Any], token: str) -> Actor | None:
    """Whose token it is: an enterprise's API key says so by its beginning, everything else is a login."""
    if token.startswith(KEY_PREFIX):
        keys: ApiKeys = services[ApiKeys]
        return await keys.authenticate(token)
    sessions: Sessions = services[Sessions]
    return await sessions.resolve(token)


async def _finish(request: Request, response: BaseHTTPResponse) -> None:
    request_id = getattr(request.ctx, "request_id", secrets.token_hex(8))
    response.headers["X-Request-Id"] = request_id
    # A phone whose clock is wrong corrects its idea of now by this.
    response.headers["Date"] = format_datetime(request.app.ctx.hall.clock.now(), usegmt=True)
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if "cache-control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    route = request.route.path if request.route else "unknown"
    # Anybody can invent methods, and every label is kept for ever.
    method = request.method if request.method in _METHODS else "other"
    elapsed = time.perf_counter() - getattr(request.ctx, "started", time.perf_counter())
    metrics.HTTP_SECONDS.labels(method, route, str(response.status)).observe(elapsed)
    if request.method not in {"GET", "HEAD"} and response.status < 400:
        # Only a hint: the change is committed, and the relay finds it at its next look.
        with contextlib.suppress(Exception):
            await request.app.ctx.hall.cache.wake(WAKE_TOPIC)
    if route not in {"healthz", "readyz", "metrics"}:
        log = structlog.get_logger("api")
        log.info("request", method=method, route=route, status=response.status, ms=round(elapsed * 1000, 1))


async def _on_error(request: Request, error: Exception) -> HTTPResponse:
    if isinstance(error, DomainError):
        refusals: Refusals = request.app.ctx.refusals
        await refusals.note(request.ctx.actor, error, request.route.path if request.route else "")
    answer = render(request, error)
    return pages.missing(request) if answer.status == 404 and pages.is_visit(request) else answer


async def _healthz(_request: Request) -> HTTPResponse:
    """Liveness: the process answers."""
    return HTTPResponse(b'{"ok":true}', content_type="application/json")


async def _readyz(request: Request) -> HTTPResponse:
    """Readiness: every part this process needs answers; 503 names the part that does not."""
    return openapi.json_response(*await request.app.ctx.hall.readiness())


async def _metrics(request: Request) -> HTTPResponse:
    # What this process counted is most wanted when the database is the trouble.
    with contextlib.suppress(Exception):
        await request.app.ctx.hall.refresh_metrics()
    return HTTPResponse(metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")


async def _openapi(request: Request) -> HTTPResponse:
    if request.app.ctx.spec is None:
        request.app.ctx.spec = openapi.document(request.app.ctx.hall.settings)
    return openapi.json_response(200, request.app.ctx.spec)


def endpoints(app: Sanic[Any, Any]) -> list[Endpoint]:
    return [route.ctx.endpoint for route in app.router.routes if hasattr(route.ctx, "endpoint")]
