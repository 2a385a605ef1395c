"""The parts of the library as jobs for worker processes."""
