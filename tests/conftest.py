"""Settings of every test.

Random examples are the same in each run, so that a change is judged by itself.
``HYPOTHESIS_PROFILE=explore`` draws new ones.
"""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
