"""Builds `body.pyx` beside its source, for this interpreter.

python -m schemas.compile
"""

from __future__ import annotations

from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup  # type: ignore[import-untyped]  # has no stubs

SOURCE = Path(__file__).with_name("body.pyx")


def main() -> None:
    """Build it."""
    extension = Extension("schemas.body", [str(SOURCE.relative_to(Path.cwd()))], extra_compile_args=["-O2"])
    setup(
        name="eropaf-compiled",
        packages=[],
        ext_modules=cythonize([extension], quiet=True),  # type: ignore[no-untyped-call]  # has none
        script_args=["--quiet", "build_ext", "--inplace"],
    )


if __name__ == "__main__":
    main()
