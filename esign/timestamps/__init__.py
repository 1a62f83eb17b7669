"""RFC 3161 timestamps: a small authority of our own, and the client for it or any other."""
