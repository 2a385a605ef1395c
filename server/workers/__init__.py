"""Solves run here: supervised processes, one job at a time each."""
