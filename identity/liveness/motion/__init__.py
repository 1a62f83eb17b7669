"""What a face does over time: pose and openings from 68 points, actions from their course, and signs of a recording. Pure numbers."""
