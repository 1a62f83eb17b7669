"""What everybody may fetch: the trust list and the status lists."""
