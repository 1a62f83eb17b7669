"""Identification by a clerk over video: of equal rank with the face, for whoever cannot or will not use it and cannot come."""
