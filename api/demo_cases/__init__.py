"""Cases for a hall that is tried out: made by the same commands as anybody's, so that whoever logs in finds something to do."""
