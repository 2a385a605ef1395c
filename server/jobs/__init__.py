"""Solves that outlive the call: created, queued, run, watched, cancelled, forgotten."""
