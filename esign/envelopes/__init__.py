"""Documents that several people sign, each on their own phone."""
