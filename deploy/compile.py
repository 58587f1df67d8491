"""Builds what may be compiled, each beside its source, for this interpreter.

python -m eropaf.deploy.compile
"""

from __future__ import annotations

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup  # type: ignore[import-untyped]  # has no stubs

# Instead of fastavro, and of a dictionary.
MODULES = ("clients/eropaf_client/schemas/body.pyx", "eropaf/streams/state/packed.pyx")
# The rules as they are written. Their annotations are for people and the type checker, and change nothing.
RULES = "eropaf/risk/*.py"
# Pydantic reads in the source what each setting of a policy means.
READ_AS_SOURCE = {"__init__", "policy_file"}
DIRECTIVES = {"language_level": 3, "annotation_typing": False}
BUILD = "build"
# Where a distribution's packages do not begin at the root.
HOMES = {"eropaf_client": "clients/eropaf_client"}


def main() -> None:
    """Build them."""
    rules = [str(path) for path in sorted(Path().glob(RULES)) if path.stem not in READ_AS_SOURCE]
    extensions = [
        Extension(_module(path), [path], extra_compile_args=["-O2", "-g0"]) for path in (*MODULES, *rules)
    ]
    made = cythonize(  # type: ignore[no-untyped-call]  # has none
        extensions, quiet=True, build_dir=BUILD, compiler_directives=DIRECTIVES, nthreads=os.cpu_count()
    )
    setup(
        name="eropaf-compiled",
        packages=[],
        package_dir=HOMES,
        ext_modules=made,
        script_args=["--quiet", "build_ext", "--inplace", f"--parallel={os.cpu_count()}"],
    )


def _module(path: str) -> str:
    return path.removeprefix("clients/").rsplit(".", 1)[0].replace("/", ".")


if __name__ == "__main__":
    main()
