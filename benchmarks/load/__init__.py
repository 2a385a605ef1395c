"""Load on a real server: latency, goodput, memory; each time beside that of an empty call."""
