"""Compare values of a JSON file: ``python expect.py FILE name=value …``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

file, *expected = sys.argv[1:]
found = json.loads(Path(file).read_text(encoding="utf-8"))
for name, value in (one.split("=", 1) for one in expected):
    if found[name] != json.loads(value):
        sys.exit(f"{file}: {name} is {found[name]!r}, expected {value}.")
