"""Proof by a certificate in a U-key: of equal rank with the face."""
