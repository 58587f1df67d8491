"""Builds what may be compiled beside its source, for this interpreter.

python -m deploy.compile
"""

from __future__ import annotations

from Cython.Build import cythonize
from setuptools import Extension, setup  # type: ignore[import-untyped]  # has no stubs

# Each with what serves where it is not built: fastavro, a dictionary.
MODULES = ("schemas.body", "streams.packed")


def main() -> None:
    """Build them."""
    extensions = [
        Extension(name, [f"{name.replace('.', '/')}.pyx"], extra_compile_args=["-O2"]) for name in MODULES
    ]
    setup(
        name="eropaf-compiled",
        packages=[],
        ext_modules=cythonize(extensions, quiet=True),  # type: ignore[no-untyped-call]  # has none
        script_args=["--quiet", "build_ext", "--inplace"],
    )


if __name__ == "__main__":
    main()
