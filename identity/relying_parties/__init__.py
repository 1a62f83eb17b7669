"""Enterprises that rely on an identity verified here: their keys, what they ask, and what they are told."""
