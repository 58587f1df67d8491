"""One jar from Maven Central, by jgo: pure Python, no `java` and no `mvn` needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from eropaf.deploy.embedded.errors import EmbeddedKafkaError, JarDamaged, JarUnavailable
from eropaf.deploy.embedded.jars import Jar, sha256
from eropaf.deploy.embedded.place import fault_of_folder

DOWNLOAD_ATTEMPTS = 2

# Fetches a jar into a folder and returns the file, unverified. Raises OSError or RuntimeError.
Fetch: TypeAlias = Callable[[Jar, Path], Path]


def fetch(jar: Jar, incoming: Path) -> Path:
    """Fetch `jar` into the folder `incoming`, which jgo lays out as a Maven repository.

    No POM is read: the lock has already resolved everything.
    """
    from jgo.maven import MavenContext  # its HTTP client is slow to import, and rarely needed

    component = MavenContext(repo_cache=incoming).project(jar.group, jar.artifact).at_version(jar.version)
    artifact = component.artifact(jar.classifier, jar.packaging)
    try:
        return Path(artifact.resolve())
    except BaseException:
        # next time jgo would take a partial file for a complete one.
        if artifact.cached_path:
            artifact.cached_path.unlink(missing_ok=True)
        raise


def fetch_verified(jar: Jar, incoming: Path, fetch: Fetch) -> Path:
    """Fetch `jar`, twice if needed, and return the file only if it matches the lock to the byte.

    jgo itself only warns of a wrong checksum. A wrong file is deleted.

    Raises:
        JarUnavailable: it could not be fetched.
        OSError: the folder is full, or may not be written.
        JarDamaged: both downloads differ from the lock.

    """
    failure: EmbeddedKafkaError = JarUnavailable(jar.file)
    for _ in range(DOWNLOAD_ATTEMPTS):
        try:
            path = fetch(jar, incoming)
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo's own RuntimeErrors
            if (fault := fault_of_folder(error)) is not None:
                raise fault from None
            failure = _unavailable(jar, error)
            continue
        if jar.matches(path):
            return path
        failure = _damaged(jar, path)
        path.unlink()
    raise failure


def _unavailable(jar: Jar, error: Exception) -> EmbeddedKafkaError:
    return JarUnavailable(
        f"{jar.file} could not be fetched from Maven Central ({type(error).__name__}: {error}). Check the "
        f"network (a proxy is taken from HTTPS_PROXY, a file of your organisation's own CA certificates from "
        f"REQUESTS_CA_BUNDLE), then try again: what is here already is kept."
    )


def _damaged(jar: Jar, path: Path) -> EmbeddedKafkaError:
    return JarDamaged(
        f"{jar.file} is not the file of the lock, {DOWNLOAD_ATTEMPTS} times in a row, and was not kept: "
        f"expected {jar.size} bytes with sha256 {jar.sha256}, found {path.stat().st_size} bytes with sha256 "
        f"{sha256(path)}. Something between here and Maven Central changes files (a proxy's log-in page, a "
        f"virus scanner): try another network. If it stays, do not use the file; report it."
    )
