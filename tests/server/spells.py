"""Words by which a request asks the jobs of a broken server to misbehave.

Apart from those jobs, which replace the real ones wherever they are imported.
"""

DIE, FAIL, WAIT = b"die now", b"fail now", b"wait now"
"""Anywhere in a request, for the jobs of `broken_jobs`."""
DIES, HANGS, SWELLS = "die", "hang", "swell"
"""The name of a routing problem, for the jobs of `jobs.stuck_jobs`."""
