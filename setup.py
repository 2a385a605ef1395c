"""Build of the compiled core, with every compiler directive in one place.

Environment
-----------
ALATAU_CHECKS=1
    Turn every Cython check on and build with ``-O0 -g``.
ALATAU_SANITIZE=address
    Build with AddressSanitizer (run with ``LD_PRELOAD`` of its library).
ALATAU_NATIVE=1
    Use every instruction of this machine; never for wheels.
"""

import os
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

CHECKS = os.environ.get("ALATAU_CHECKS") == "1"
SANITIZE = os.environ.get("ALATAU_SANITIZE", "")
NATIVE = os.environ.get("ALATAU_NATIVE") == "1"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": CHECKS,
    "wraparound": CHECKS,
    "initializedcheck": CHECKS,
    "overflowcheck": False,
    "cdivision": not CHECKS,
    "embedsignature": False,
    "auto_pickle": False,
    "autotestdict": False,
}

FAST = ["-O3", "-fno-math-errno", "-fno-trapping-math", "-fno-plt"]
# Distances must be the same integers everywhere: no fused multiply-add.
FAST.append("-ffp-contract=off")
compile_args = ["-O0", "-g"] if CHECKS else FAST.copy()
link_args: list[str] = []
if NATIVE:
    compile_args.append("-march=native")
if SANITIZE:
    compile_args += [f"-fsanitize={SANITIZE}", "-fno-omit-frame-pointer", "-g"]
    link_args.append(f"-fsanitize={SANITIZE}")


def compiled(path: Path) -> Extension:
    """Return the extension of a ``router/_*.pyx``."""
    return Extension(
        f"router.{path.stem}",
        [path.as_posix()],
        include_dirs=[np.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
        extra_compile_args=compile_args,
        extra_link_args=link_args,
    )


setup(
    ext_modules=cythonize(
        [compiled(path) for path in sorted(Path("router").glob("_*.pyx"))],
        compiler_directives=DIRECTIVES,
        force=CHECKS or bool(SANITIZE),
    ),
    # The extensions share nothing, so that each processor compiles one.
    options={"build_ext": {"parallel": os.cpu_count()}},
)
