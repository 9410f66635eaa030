"""Problem to schedule, with an independent verifier: see `problem`, `solution`, `solve`, `verify`."""
