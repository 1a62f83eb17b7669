"""The API for programs of an enterprise: `Authorization: Bearer ztk_…`, each call within the scopes of its key."""

from __future__ import annotations

from core.http.routes import Audience, Routes
from identity.relying_parties import handlers

routes = Routes("relying_parties", "/api/relying_party", Audience.RELYING_PARTY)
handlers.add_to(routes, with_scopes=True)
