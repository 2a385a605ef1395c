"""Coverage-guided fuzzing of what workers do with a request: decode, validate, solve, encode."""
