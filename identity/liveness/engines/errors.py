"""What keeps an engine from being built; told to the operator, never to a citizen."""

from __future__ import annotations


class EngineUnusable(Exception):
    """A package, a model file or a setting is missing or wrong; the text says which."""
