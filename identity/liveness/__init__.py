"""Is there one living person before the camera, and is it the person on file."""
