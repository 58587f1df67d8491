"""Kafka's jars: the lock's to the byte, fetched once, and nothing else kept."""

from __future__ import annotations

import errno
import hashlib
import http.server
import io
import json
import os
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import trustme

from eropaf.deploy.embedded import aot, installation, jvm, launch, ports, properties
from eropaf.deploy.embedded.errors import BrokerEnded, JarDamaged, JarUnavailable, NoLoopback, NoPlace
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.jars import Jar
from eropaf.deploy.embedded.place import kept_in, temporary
from eropaf.deploy.embedded.plan import NodePlan
from eropaf.deploy.embedded.progress import Lines
from eropaf.deploy.embedded.properties import Ports, render

TABLE = (Path(__file__).parents[3] / "docs" / "reference" / "first-run.md").read_text("utf-8")
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


def in_the_table(error: BaseException) -> bool:
    """Return whether the table of first runs ends a sentence as `error` does: from its first stop on."""
    _, ends, what_to_do = str(error).partition("). ")
    return bool(ends) and what_to_do in TABLE


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


@contextmanager
def a_networks_own_certificate() -> Iterator[str]:
    """Serve over TLS with a certificate that this machine does not trust; yield the address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"https://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def test_a_networks_own_certificate_is_told_as_the_networks(
    installing: Callable[[Central], set[str]],
) -> None:
    """It comes as OpenSSL's error 1, which as the system's would be that a folder may not be written."""

    class Behind(Central):
        def fetch(self, jar: Jar, incoming: Path) -> Path:
            requests.get(url, timeout=60)
            return super().fetch(jar, incoming)

    with (
        a_networks_own_certificate() as url,
        pytest.raises(JarUnavailable, match="CERTIFICATE_VERIFY") as told,
    ):
        installing(Behind())

    assert "REQUESTS_CA_BUNDLE" in str(told.value)
    assert in_the_table(told.value)


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES])
def test_a_connection_that_a_firewall_forbids_is_told_as_the_networks(
    installing: Callable[[Central], set[str]], number: int
) -> None:
    class Forbidden(Central):
        def fetch(self, jar: Jar, incoming: Path) -> Path:
            raise OSError(number, os.strerror(number))  # as a socket says it: of no file

    with pytest.raises(JarUnavailable, match="HTTPS_PROXY"):
        installing(Forbidden())


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES])
def test_a_file_that_may_not_be_written_is_told_as_its_folders(
    installing: Callable[[Central], set[str]], number: int
) -> None:
    class Closed(Central):
        def fetch(self, jar: Jar, incoming: Path) -> Path:
            raise OSError(number, os.strerror(number), str(incoming / jar.file))

    with pytest.raises(NoPlace, match="cannot be written"):
        installing(Closed())


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written"), (errno.EDQUOT, "is full")],
)
def test_a_full_or_closed_folder_is_told_as_that_and_whole_jars_are_kept(
    number: int, told: str, installing: Callable[[Central], set[str]], tmp_path: Path
) -> None:
    class Full(Central):
        def fetch(self, jar: Jar, incoming: Path) -> Path:
            if jar.file == "two.jar":
                try:
                    raise OSError(number, os.strerror(number))
                except OSError as error:  # as a downloader may wrap it
                    raise RuntimeError("could not write") from error
            return super().fetch(jar, incoming)

    with pytest.raises(NoPlace) as error:
        installing(Full())

    assert f"{tmp_path / 'cache'} {told}" in str(error.value)
    assert "XDG_CACHE_HOME" in str(error.value)
    assert in_the_table(error.value)
    assert installing(Central()) == {"one.jar", "two.jar"}


def test_a_program_that_may_not_be_run_is_not_told_as_the_folder(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), kept_in(tmp_path / "data", "TMPDIR"):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/usr/bin/python3")

    for named in (tmp_path, tmp_path / "data", tmp_path / "data" / "node-1"):
        with pytest.raises(NoPlace), kept_in(tmp_path / "data", "TMPDIR"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(named))


def test_a_user_without_a_home_is_told_which_variable_names_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)

    with pytest.raises(NoPlace, match="XDG_CACHE_HOME") as error:
        installation.cache_dir()
    assert str(error.value).partition(") ")[2] in TABLE
    with pytest.raises(NoPlace, match="XDG_DATA_HOME"):
        installation.data_dir()


def test_without_a_folder_for_temporary_files_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/nowhere")

    with pytest.raises(NoPlace, match="TMPDIR") as error:
        temporary("eropaf-")

    assert in_the_table(error.value)


def test_without_a_loopback_address_it_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "HOST", "192.0.2.1")  # nobody's: for documentation

    with pytest.raises(NoLoopback, match="ip link set lo up") as error:
        ports.choose(1)
    assert "(None)" not in str(error.value)
    assert "where broker, workers and page listen. Enable IPv4 loopback" in TABLE
    with pytest.raises(NoLoopback, match="ip link set lo up"):
        ports.first_free(20_000, 1)


def test_what_this_machine_lacks_is_told_and_not_remembered_as_an_impossible_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null/nowhere")
    java = tmp_path / "bin" / "java"
    (tmp_path / "lib").mkdir()
    java.parent.mkdir()
    for file in (java, tmp_path / "lib" / "modules"):
        file.write_bytes(b"")

    with pytest.raises(NoPlace):
        aot.make(Installation(java, "4.4.0", ()), tmp_path, Lines(io.StringIO()))

    assert list(tmp_path.glob("*.failed")) == []


def test_a_broker_that_found_no_room_is_told_as_a_full_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = NodePlan(1, Ports(broker=1, controller=2), tmp_path, ())
    assert isinstance(launch.ended(plan, "TMPDIR"), BrokerEnded)

    gone = launch.ended(NodePlan(1, Ports(broker=1, controller=2), tmp_path / "gone", ()), "TMPDIR")
    assert isinstance(gone, BrokerEnded)
    assert f"{tmp_path / 'gone'} is gone" in str(gone)

    monkeypatch.setattr(launch, "NO_ROOM_BYTES", 1 << 60)
    full = launch.ended(plan, "TMPDIR")

    assert isinstance(full, NoPlace)
    assert "TMPDIR" in str(full)
    assert in_the_table(full)


def an_installation(folder: Path) -> Installation:
    """A Java that writes what a start-up cache begins with, and fails."""
    java = folder / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    (folder / "java" / "lib").mkdir()
    (folder / "java" / "lib" / "modules").touch()
    java.write_text(
        """#!/bin/sh
for each in "$@"; do
  case $each in
    -XX:AOTCacheOutput=*) touch "${each#*=}" "${each#*=}.config" ;;
    *StorageTool) exit 0 ;;
  esac
done
exit 1
""",
        "utf-8",
    )
    java.chmod(0o700)
    return Installation(java, "4.4.0", ())


def test_a_start_up_cache_that_failed_or_was_killed_leaves_nothing_of_itself(tmp_path: Path) -> None:
    (tmp_path / "start-up-of-a-killed-one.part").touch()
    progress = io.StringIO()

    assert aot.make(an_installation(tmp_path), tmp_path, Lines(progress)) is None

    assert "No start-up cache for Kafka" in progress.getvalue()
    (failed,) = tmp_path.glob("start-up-*")
    assert failed.suffix == ".failed"


def test_a_cache_that_took_the_last_room_makes_room_before_it_is_said_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        if list(tmp_path.glob("*.part*")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        path.write_text(text, "utf-8")

    monkeypatch.setattr(aot, "write_atomically", full)

    assert aot.make(an_installation(tmp_path), tmp_path, Lines(io.StringIO())) is None

    assert [each.suffix for each in tmp_path.glob("start-up-*")] == [".failed"]


def test_a_disk_with_no_room_for_a_word_keeps_no_kafka_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(aot, "write_atomically", full)
    progress = io.StringIO()

    assert aot.make(an_installation(tmp_path), tmp_path, Lines(progress)) is None

    assert "Tried again next time" in progress.getvalue()
    assert list(tmp_path.glob("start-up-*")) == []


def test_a_folder_is_told_to_java_by_the_bytes_that_the_system_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(properties.os, "fsencode", lambda value: value.encode("latin-1"))  # of that locale

    assert render({"log.dirs": "José".encode().decode("latin-1")}) == "log.dirs=Jos\\u00e9\n"


def test_a_folder_whose_name_the_locale_cannot_read_is_told_to_java_in_utf_8() -> None:
    as_locale_c_reads_it = "José".encode().decode("ascii", "surrogateescape")

    assert (
        render({"log.dirs": as_locale_c_reads_it}) == render({"log.dirs": "José"}) == "log.dirs=Jos\\u00e9\n"
    )


def test_java_reads_every_file_name_whatever_the_locale() -> None:
    assert jvm.environment({"LC_ALL": "C", "LANG": "C"})["LC_ALL"] == "C.UTF-8"
