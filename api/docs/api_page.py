"""`docs/openapi.json`."""

from __future__ import annotations

import json

from api import openapi
from api.settings import load_settings


def openapi_page() -> str:
    """The document as a development server with default settings answers it, keys sorted."""
    return json.dumps(openapi.document(load_settings({})), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
