"""The main job, played from phone to doorstep against a private server over HTTP."""
