"""好差评: one rating per finished case, in five levels; a bad one opens a task that must be answered in time (GB/T 39734, GB/T 39735)."""
