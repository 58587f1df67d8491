"""Kafka's jars: the lock's to the byte, fetched once, and nothing else kept."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from eropaf.deploy.embedded.errors import JarDamaged, JarUnavailable
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.jars import Jar
from eropaf.deploy.embedded.progress import Lines

GOOD = {"one.jar": b"the first jar", "two.jar": b"the second jar"}


class Central:
    """Stands for Maven Central: gives what it holds, and counts what it was asked for."""

    def __init__(self, **files: bytes) -> None:
        self.files = {**GOOD, **{name.replace("_", "."): content for name, content in files.items()}}
        self.asked: list[str] = []

    def fetch(self, jar: Jar, incoming: Path) -> Path:
        self.asked.append(jar.file)
        if not (content := self.files[jar.file]):
            raise OSError("no route to host")
        path = incoming / jar.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


@pytest.fixture
def installing(tmp_path: Path) -> Callable[[Central], set[str]]:
    """Installs the two jars of a lock from a `Central`; gives the names of the files kept."""
    jars = [
        {
            "group": "g", "artifact": name, "version": "1", "classifier": "", "packaging": "jar",
            "file": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in GOOD.items()
    ]  # fmt: skip
    lock = tmp_path / "lock.json"
    lock.write_text(json.dumps({"kafka": "4.4.0", "jars": jars}), "utf-8")
    folder = tmp_path / "cache"

    def run(central: Central) -> set[str]:
        install(Lines(io.StringIO()), lock_file=lock, folder=folder, fetch=central.fetch)
        return kept(folder)

    return run


def kept(folder: Path) -> set[str]:
    return {path.name for path in (folder / "jars").iterdir()}


def test_what_was_fetched_once_is_not_fetched_again(installing: Callable[[Central], set[str]]) -> None:
    assert installing(Central()) == {"one.jar", "two.jar"}

    again = Central()
    installing(again)

    assert again.asked == []


def test_a_jar_that_is_not_the_locks_is_an_error_that_says_so_and_is_not_kept(
    installing: Callable[[Central], set[str]], tmp_path: Path
) -> None:
    with pytest.raises(JarDamaged) as error:
        installing(Central(two_jar=b"a proxy's log-in page"))

    assert "two.jar is not the file of the lock" in str(error.value)
    assert hashlib.sha256(GOOD["two.jar"]).hexdigest() in str(error.value)
    assert "two.jar" not in kept(tmp_path / "cache")
    assert not (tmp_path / "cache" / "incoming").exists()


def test_a_jar_that_was_damaged_on_this_machine_is_fetched_again(
    installing: Callable[[Central], set[str]], tmp_path: Path
) -> None:
    installing(Central())
    (tmp_path / "cache" / "jars" / "one.jar").write_bytes(b"bit rot")
    central = Central()

    installing(central)

    assert central.asked == ["one.jar"]
    assert (tmp_path / "cache" / "jars" / "one.jar").read_bytes() == GOOD["one.jar"]


def test_without_a_network_the_error_says_what_to_check_and_the_next_try_goes_on(
    installing: Callable[[Central], set[str]],
) -> None:
    with pytest.raises(JarUnavailable, match="Check the network") as error:
        installing(Central(one_jar=b""))

    assert error.value.retriable
    assert installing(Central()) == {"one.jar", "two.jar"}
