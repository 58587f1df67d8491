"""Compiles the modules named in a distribution's pyproject.toml, into its wheel or next to the sources.

Without Cython or a C compiler the wheel is pure Python: everything works, at less than half the speed.

    python clients/compiling.py FOLDER...    beside the sources of the distributions in these folders
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Annotations are for people and the type checker only.
DIRECTIVES = {"language_level": 3, "annotation_typing": False}
# Between these parts of what Cython generates stands what the source says.
FROM, TO = (f"/* #### Code section: {name} ### */\n" for name in ("module_code", "utility_code_pragmas"))
PLAIN = "not compiled, so less than half as fast: there is no C compiler here (or no Cython)"


class Compiled(BuildHookInterface):  # type: ignore[type-arg]  # its builder configuration is hatchling's own
    """Adds the compiled modules to the wheel, which makes it platform-specific."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, unless the install is editable."""
        if version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory(prefix="eropaf-compiled-")
        try:
            built = compiled(Path(self.root), self.config, Path(self._folder.name))
        except (ImportError, SystemExit) as error:
            self.app.display_warning(f"{PLAIN}: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"].update({str(path): place for path, place in built.items()})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if version != "editable":
            self._folder.cleanup()


def compiled(root: Path, config: dict[str, Any], into: Path) -> dict[Path, str]:
    """Compile the modules in `config` under `root`; return the files built, each with its path in the wheel.

    Raises:
        ImportError: no Cython.
        SystemExit: no C compiler, the message is setuptools'; or a Cython that generates other parts.

    """
    from Cython.Build import cythonize
    from setuptools import Extension, setup

    sources = [path for pattern in config["modules"] for path in sorted(root.glob(pattern))]
    named = [str(path.relative_to(root)) for path in sources]
    extensions = [
        Extension(name.rpartition(".")[0].replace("/", "."), [name], extra_compile_args=["-O2", "-g0"])
        for name in named
        if name not in config["as_written"]
    ]
    before = Path.cwd()
    os.chdir(root)
    try:
        made = cythonize(
            extensions,
            quiet=True,
            build_dir=str(into / "c"),
            compiler_directives=DIRECTIVES,
            nthreads=os.cpu_count(),
        )
        for extension in made:
            _read_slots(Path(extension.sources[0]))
        steps = [f"--build-lib={into / 'lib'}", f"--build-temp={into / 'o'}", f"--parallel={os.cpu_count()}"]
        setup(name="compiled", packages=[], ext_modules=made, script_args=["--quiet", "build_ext", *steps])
    finally:
        os.chdir(before)
    return {
        path: str(path.relative_to(into / "lib")) for path in (into / "lib").rglob("*.*") if path.is_file()
    }


def _read_slots(generated: Path) -> None:
    """Let the C code that Cython `generated` read values' attributes where they stand (slots.h)."""
    before, _, rest = generated.read_text("utf-8").partition(FROM)
    says, _, after = rest.partition(TO)
    if not after:
        raise SystemExit(f"Cython generates other parts than clients/compiling.py knows: {FROM}{TO}")
    slots = Path(__file__).with_name("slots.h").read_text("utf-8")
    parts = (before, slots, FROM, says, "#undef __Pyx_PyObject_GetAttrStr\n", TO, after)
    generated.write_text("".join(parts), "utf-8")


def _of_gone_sources(folder: Path, modules: list[str]) -> Iterator[Path]:
    """Yield compiled files whose source is gone: no edit would ever rebuild them."""
    for pattern in modules:
        beside = (folder / pattern).parent
        for built in beside.glob("*.so"):
            source = beside / built.name.partition(".")[0]
            if not any(source.with_suffix(suffix).exists() for suffix in (".py", ".pyx")):
                yield built


def main(*folders: str) -> None:
    """Compile next to the sources, as `make compiled` does."""
    import shutil

    from hatchling.metadata.core import ProjectMetadata

    for folder in map(Path, folders):
        project = ProjectMetadata(str(folder), None).config
        config = project["tool"]["hatch"]["build"]["hooks"]["custom"]
        for old in _of_gone_sources(Path(folder), config["modules"]):
            old.unlink()
        with tempfile.TemporaryDirectory(prefix="eropaf-compiled-") as built:
            for path, place in compiled(folder.absolute(), config, Path(built)).items():
                shutil.copyfile(path, folder / place)


if __name__ == "__main__":
    main(*sys.argv[1:])
