"""Kafka in other versions than the one that is locked, resolved and fetched once into the user's cache."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from jgo.maven import MavenContext

from eropaf.deploy.embedded.atomic import write_atomically
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import Installation, cache_dir
from eropaf.deploy.embedded.jars import Jar, read_lock, sha256

# Of each minor version the last, up to the newest.
VERSIONS = ("3.9.2", "4.0.2", "4.1.2", "4.2.2", "4.3.1", "4.4.0")
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"
# What its poms ask for at run time, and only its own tests need.
OF_TESTS = frozenset({"junit", "mockito-core"})


def broker(version: str) -> Installation:
    """Return Kafka `version`; the locked one as it is locked, another as Maven Central has it now."""
    if version == read_lock().kafka:
        return install(None)
    folder = cache_dir() / f"kafka-{version}"
    lock = folder / "resolved.json"
    if not lock.exists():
        _resolve(version, folder, lock)
    return install(None, lock_file=lock, folder=folder)


def _resolve(version: str, folder: Path, lock: Path) -> None:
    """Fetch what `version` is made of, and note each file with its hash."""
    maven = MavenContext(repo_cache=folder / "resolved")
    # The second by name: else jgo takes that of an older pom which some dependency names.
    wanted = (f"org.apache.kafka:kafka_2.13:{version}", f"org.apache.kafka:kafka-clients:{version}", LOGGING)
    named, others = maven.resolver.resolve([maven.create_dependency(each) for each in wanted])
    (folder / "jars").mkdir(parents=True, exist_ok=True)
    jars = []
    for each in [*named, *others]:
        if each.artifactId in OF_TESTS:
            continue
        fetched = Path(each.artifact.resolve())
        kept = fetched.replace(folder / "jars" / fetched.name)
        of = (each.groupId, each.artifactId, each.version, each.classifier or "", each.type)
        jars.append(Jar(*of, kept.name, kept.stat().st_size, sha256(kept)))
    write_atomically(lock, json.dumps({"kafka": version, "jars": [asdict(jar) for jar in jars]}, indent=1))
