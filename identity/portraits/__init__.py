"""The portrait on file: ask an authority whether a name and a number belong together, and for the picture."""
