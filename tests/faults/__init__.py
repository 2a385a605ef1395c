"""A real server whose parts are killed, and a judge of what its clients saw."""
