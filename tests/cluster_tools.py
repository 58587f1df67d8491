"""Others' programs that look at what runs on Kubernetes: `python -m tests.cluster_tools [NAME]`.

helm and kube-score come from their own Go modules, at a version, with the checksums of Go's own database;
checkov from PyPI into an environment of its own, as it pins what we have otherwise. Each is made once in the
user's cache. Without a name all are made; with one its path is written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = {
    "helm": "helm.sh/helm/v3/cmd/helm@v3.22.0",
    "kube-score": "github.com/zegl/kube-score/cmd/kube-score@v1.20.0",
}
CHECKOV = "3.3.30"
NAMES = (*MODULES, "checkov")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eropaf" / "tools"


def path(name: str) -> str | None:
    """Return where `name` is: on the path, or made before; None where it is not."""
    made = _made(name)
    return shutil.which(name) or (str(made) if made.exists() else None)


def make(name: str) -> str:
    """Return where `name` is, making it if need be.

    Raises:
        subprocess.CalledProcessError, FileNotFoundError: Go or pip could not, or there is none.
    """
    found = path(name)
    if found is not None:
        return found
    CACHE.mkdir(parents=True, exist_ok=True)
    if name in MODULES:
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            environment = os.environ | {"GOBIN": folder}
            subprocess.run(["go", "install", MODULES[name]], check=True, env=environment)
            (Path(folder) / name).replace(_made(name))
    else:
        folder = str(_made(name).parents[1])
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"{name}=={CHECKOV}"], check=True)
    return str(_made(name))


def _made(name: str) -> Path:
    if name in MODULES:
        return CACHE / f"{name}-{MODULES[name].rpartition('@')[2]}"
    return CACHE / f"{name}-{CHECKOV}" / "bin" / name


if __name__ == "__main__":
    for each in sys.argv[1:] or NAMES:
        sys.stdout.write(make(each) + "\n")
