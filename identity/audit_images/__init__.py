"""The one picture of a face that may be kept, and only with a consent of its own: encrypted, apart from all else, for a short time."""
