"""Outside services that verify a face for us: they watch the person, we ask them for the result and decide what it may mean."""
