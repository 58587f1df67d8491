"""Builds what may be compiled, each beside its source, for this interpreter.

python -m deploy.compile
"""

from __future__ import annotations

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup  # type: ignore[import-untyped]  # has no stubs

# Instead of fastavro, and of a dictionary.
MODULES = ("schemas/body.pyx", "streams/packed.pyx")
# The rules as they are written. Their annotations are for people and the type checker, and change nothing.
RULES = "risk/*.py"
# Pydantic reads in the source what each setting of a policy means.
READ_AS_SOURCE = {"__init__", "policy_file"}
DIRECTIVES = {"language_level": 3, "annotation_typing": False}
BUILD = "build"


def main() -> None:
    """Build them."""
    rules = [str(path) for path in sorted(Path().glob(RULES)) if path.stem not in READ_AS_SOURCE]
    extensions = [
        Extension(path.rsplit(".", 1)[0].replace("/", "."), [path], extra_compile_args=["-O2", "-g0"])
        for path in (*MODULES, *rules)
    ]
    made = cythonize(  # type: ignore[no-untyped-call]  # has none
        extensions, quiet=True, build_dir=BUILD, compiler_directives=DIRECTIVES, nthreads=os.cpu_count()
    )
    setup(
        name="eropaf-compiled",
        packages=[],
        ext_modules=made,
        script_args=["--quiet", "build_ext", "--inplace", f"--parallel={os.cpu_count()}"],
    )


if __name__ == "__main__":
    main()
