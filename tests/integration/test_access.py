"""On a cluster with TLS and ACLs each role may do what the table of topics says, and nothing else."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from eropaf.agents import access, roles
from eropaf.agents.codecs import letters as codec_of
from eropaf.agents.topology import savepoint_scope, stages, table, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.security import ADMIN, Security
from eropaf.streams.errors import NotAllowed, SavepointMisfit
from eropaf.streams.operate import acls, reading
from eropaf.streams.operate.acls import CLUSTER, DELETE, THE_CLUSTER, TOPIC, Grant
from eropaf.streams.operate.group import noted
from eropaf.streams.operate.letters import Letters
from eropaf.streams.operate.savepoint import Cluster as Savepoints
from eropaf.streams.operate.topics import admin, ensure
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka

CREDITORS = ("rent", "health")
GROUP = "eropaf"
TABLE = table(GROUP, CREDITORS)
NAMES = [row.name for row in TABLE]
GRANTS = access.grants(TABLE, GROUP)
STRANGER = "stranger"
EVERYBODY = [*access.roles(TABLE), STRANGER]


class Cluster:
    """A cluster whose topics the operator made, and whose rights the administrator gave."""

    def __init__(self, kafka: EmbeddedKafka, security: Security) -> None:
        self.kafka = kafka
        self.security = security
        acls.apply(self.admin(ADMIN), GRANTS)
        # The controller has them; the broker that is asked hears of them a little later.
        until(lambda: not acls.compare(self.admin(ADMIN), GRANTS), PATIENCE_S, "the rights to be seen")
        ensure(
            self.admin(roles.OPERATOR), topics(GROUP, stages(GROUP, CREDITORS, LocalRegistry()), partitions=1)
        )

    def settings(self, name: str) -> dict[str, str | int]:
        """Return the settings with which `name` connects."""
        return {"bootstrap.servers": self.kafka.bootstrap, "log_level": 0, **self.security.client(name)}

    def admin(self, name: str) -> AdminClient:
        """Connect as `name`, to ask or change what the cluster is."""
        return admin(self.kafka.bootstrap, self.security.client(name))

    def seen_by(self, name: str) -> set[str]:
        """Return the topics that `name` sees."""
        return set(AdminClient(self.settings(name)).list_topics(timeout=PATIENCE_S).topics)  # type: ignore[arg-type]

    def written_by(self, name: str) -> set[str]:
        """Try to write to every topic as `name`; give those where it could."""
        outcomes: dict[str, KafkaError | None] = {}
        producer = Producer(self.settings(name))
        for topic in NAMES:
            producer.produce(
                topic, b"value", b"key", on_delivery=lambda error, m: outcomes.update({str(m.topic()): error})
            )
        assert producer.flush(PATIENCE_S) == 0
        return allowed(outcomes)

    def read_by(self, name: str) -> set[str]:
        """Try to read every topic as `name`; give those where it could."""
        outcomes: dict[str, KafkaError | None] = {}
        consumer = Consumer(
            {
                **self.settings(name),
                "group.id": f"{name}-reads",  # never joined
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        consumer.assign([TopicPartition(topic, 0, 0) for topic in NAMES])
        # A topic that may not even be seen gives a reader nothing, not so much as a refusal.
        unseen = {topic: self.look(name, topic) for topic in set(NAMES) - self.seen_by(name)}
        ends = time.monotonic() + PATIENCE_S
        while len(outcomes) + len(unseen) < len(NAMES) and time.monotonic() < ends:
            for message in consumer.consume(100, timeout=0.2):
                error = message.error()
                at_end = error is not None and error.code() == KafkaError._PARTITION_EOF
                if message.topic() in NAMES:
                    outcomes[str(message.topic())] = None if at_end else error
        consumer.close()
        assert set(outcomes | unseen) == set(NAMES)
        return allowed(outcomes | unseen)

    def look(self, name: str, topic: str) -> KafkaError | None:
        """Return what `name` is told who asks for `topic`."""
        client = AdminClient(self.settings(name))  # type: ignore[arg-type]
        return client.list_topics(topic, timeout=PATIENCE_S).topics[topic].error

    def altered_by(self, name: str) -> set[str]:
        """Try to change a setting of every topic as `name`; give those where it could."""
        entry = ConfigEntry("segment.ms", "600000", incremental_operation=AlterConfigOpType.SET)
        wanted = [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry]) for topic in NAMES]
        client = AdminClient(self.settings(name))  # type: ignore[arg-type]
        answers = client.incremental_alter_configs(wanted)
        return allowed({resource.name: failure(future) for resource, future in answers.items()})


def failure(future: object) -> KafkaError | None:
    try:
        future.result(PATIENCE_S)  # type: ignore[attr-defined]
    except KafkaException as error:
        return error.args[0]  # type: ignore[no-any-return]
    return None


def allowed(outcomes: dict[str, KafkaError | None]) -> set[str]:
    """Return the topics where nothing was refused; a refusal must be for want of a right."""
    refused = {topic: error.name() for topic, error in outcomes.items() if error is not None}
    assert set(refused.values()) <= {"TOPIC_AUTHORIZATION_FAILED"}, refused
    return set(outcomes) - set(refused)


@pytest.fixture(scope="module", params=["SCRAM-SHA-512", "mutual TLS"])
def cluster(
    request: pytest.FixtureRequest, installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("secured")
    security = Security(folder, EVERYBODY, mutual_tls=request.param == "mutual TLS")
    with EmbeddedKafka(security=security, installation=installation) as kafka:
        yield Cluster(kafka, security)


@pytest.mark.parametrize("name", EVERYBODY)
def test_each_role_may_do_to_each_topic_what_the_table_says(cluster: Cluster, name: str) -> None:
    writes = {row.name for row in TABLE if name in row.written_by}
    reads = {row.name for row in TABLE if name in row.read_by}
    alters = set(NAMES) if name == roles.OPERATOR else set()
    # A restore looks at the settings of all, questions too, which no savepoint holds.
    sees_all = name in (roles.OPERATOR, roles.MONITOR, roles.WORKER, roles.RESTORE)

    assert cluster.seen_by(name) == (set(NAMES) if sees_all else writes | reads)
    assert cluster.written_by(name) == writes
    assert cluster.read_by(name) == reads
    assert cluster.altered_by(name) == alters


def test_a_creditor_writes_its_own_topic_and_reads_its_own_feedback_and_the_policy(cluster: Cluster) -> None:
    writes = {"arrears.rent", "contacts.rent"}
    reads = {"arrears.rent", "feedback.rent", "questions.rent", "policy"}
    assert cluster.seen_by("creditor-rent") == writes | reads
    assert cluster.written_by("creditor-rent") == writes
    assert cluster.read_by("creditor-rent") == reads


def test_nobody_but_the_desk_and_what_copies_everything_reads_what_is_sealed(cluster: Cluster) -> None:
    reads = {name: cluster.read_by(name) for name in EVERYBODY}

    for sealed in ("explanations", "contacts.rent"):
        assert {name for name in EVERYBODY if sealed in reads[name]} == {"desk", "backup", "restore"}


def test_nobody_but_the_desk_writes_a_trace_and_a_restore_puts_it_back(cluster: Cluster) -> None:
    writers = {name for name in EVERYBODY if "audit" in cluster.written_by(name)}

    assert writers == {"desk", "restore"}


def test_roles_and_creditors_of_before_have_nothing_any_more(cluster: Cluster) -> None:
    kafka = cluster.admin(ADMIN)
    theirs = {Grant(role, TOPIC, "audit", acls.WRITE) for role in roles.RETIRED}
    theirs |= set(access.grants(table(GROUP, (*CREDITORS, "old")), GROUP)) - set(GRANTS)
    acls.apply(kafka, [*GRANTS, *theirs])
    until(
        lambda: set(acls.compare(kafka, GRANTS, roles.is_ours).excess) == theirs,
        PATIENCE_S,
        "the rights of before to be seen",
    )

    found = acls.apply(kafka, GRANTS, roles.is_ours)

    assert (found.missing, found.excess) == ((), tuple(sorted(theirs)))
    until(lambda: not acls.compare(kafka, GRANTS, roles.is_ours), PATIENCE_S, "nothing left of them")


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_workers_share_the_flows_work_and_others_have_groups_of_their_own_name(
    cluster: Cluster, name: str
) -> None:
    readers = {role for row in TABLE for role in row.read_by} - {roles.OPERATOR}

    assert may_commit(cluster, name, GROUP) == (name in (roles.WORKER, roles.RESTORE))
    assert may_commit(cluster, name, f"{name}-anything") == (name in readers - {roles.WORKER})
    assert not may_commit(cluster, name, "elsewhere")


@pytest.mark.parametrize("name", EVERYBODY)
def test_only_a_worker_may_use_a_transactional_id_of_the_flow(cluster: Cluster, name: str) -> None:
    assert may_transact(cluster, name, f"{GROUP}-worker-1") == (name == roles.WORKER)
    assert may_transact(cluster, name, f"{GROUP}-savepoint") == (name in (roles.WORKER, roles.RESTORE))
    assert not may_transact(cluster, name, "elsewhere")


@pytest.mark.parametrize("name", EVERYBODY)
def test_nobody_in_the_flow_may_give_rights(cluster: Cluster, name: str) -> None:
    wanted = Grant(name, TOPIC, "arrears.rent", acls.READ)

    kafka = cluster.admin(name)
    (answer,) = kafka.create_acls([wanted.binding()]).values()

    refused = failure(answer)
    assert refused is not None
    assert refused.name() == "CLUSTER_AUTHORIZATION_FAILED"


def test_rights_that_were_added_or_taken_away_are_found_and_mended(cluster: Cluster) -> None:
    kafka = cluster.admin(ADMIN)
    excess = Grant(roles.OUTREACH, TOPIC, "household-risk", acls.READ)
    missing = Grant(roles.OUTREACH, TOPIC, "outreach.priorities", acls.READ)
    acls.apply(kafka, [grant for grant in [*GRANTS, excess] if grant != missing])
    until(lambda: bool(acls.compare(kafka, GRANTS)), PATIENCE_S, "the change to be seen")

    found = acls.apply(kafka, GRANTS)

    assert (found.missing, found.excess) == ((missing,), (excess,))
    until(lambda: not acls.compare(kafka, GRANTS), PATIENCE_S, "rights as they must be")


def test_the_operator_may_check_rights(cluster: Cluster) -> None:
    assert not acls.compare(cluster.admin(roles.OPERATOR), GRANTS)
    assert Grant(roles.OPERATOR, CLUSTER, THE_CLUSTER, acls.DESCRIBE) in GRANTS
    assert not any(grant.operation == DELETE for grant in GRANTS)


def test_who_is_not_known_does_not_get_in(cluster: Cluster) -> None:
    known = cluster.security.client(roles.WORKER)
    anonymous = {name: value for name, value in known.items() if name.startswith("ssl.ca")}

    for settings in (
        {},
        {**anonymous, "security.protocol": "SSL"},
        {
            **anonymous,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": roles.WORKER,
            "sasl.password": "guessed",
        },
    ):
        client = AdminClient({"bootstrap.servers": cluster.kafka.bootstrap, "log_level": 0, **settings})
        with pytest.raises(KafkaException):
            client.list_topics(timeout=2)


def test_the_brokers_certificate_is_renewed_while_they_serve(cluster: Cluster) -> None:
    producer = Producer(cluster.settings("creditor-rent"))
    producer.produce("arrears.rent", b"before", b"key")
    producer.flush(PATIENCE_S)
    port = cluster.kafka.nodes[0].port
    before = certificate(port)

    cluster.security.renew_brokers_certificate(cluster.kafka.bootstrap, nodes=1)

    until(lambda: certificate(port) != before, PATIENCE_S, "the new certificate shown")
    producer.produce("arrears.rent", b"after", b"key")
    assert producer.flush(PATIENCE_S) == 0
    assert "arrears.rent" in cluster.written_by("creditor-rent")


def certificate(port: int) -> str:
    with contextlib.suppress(ssl.SSLError):
        return ssl.get_server_certificate(("127.0.0.1", port), timeout=PATIENCE_S)
    return ""


def may_commit(cluster: Cluster, name: str, group: str) -> bool:
    """Return whether `name` may commit for `group`; Kafka looks at the group before the topic."""
    offsets = ConsumerGroupTopicPartitions(group, [TopicPartition("arrears.rent", 0, 0)])
    client = AdminClient(cluster.settings(name))  # type: ignore[arg-type]
    (answer,) = client.alter_consumer_group_offsets([offsets], request_timeout=PATIENCE_S).values()
    try:
        (place,) = answer.result(PATIENCE_S).topic_partitions
    except KafkaException as error:
        refused = error.args[0]
    else:
        refused = place.error
    return refused is None or refused.code() != KafkaError.GROUP_AUTHORIZATION_FAILED


def may_transact(cluster: Cluster, name: str, transactional_id: str) -> bool:
    producer = Producer({**cluster.settings(name), "transactional.id": transactional_id})
    try:
        producer.init_transactions(PATIENCE_S)
    except KafkaException as error:
        if error.args[0].name() == "TRANSACTIONAL_ID_AUTHORIZATION_FAILED":
            return False
        raise
    return True


def test_the_files_of_a_secured_cluster_are_its_owners_alone(cluster: Cluster) -> None:
    folder = Path(cluster.security.authority.trusted).parent
    secret = [path for path in folder.iterdir() if path.suffix in (".key", ".pem") and path.name != "ca.pem"]

    assert secret
    assert {path.stat().st_mode & 0o077 for path in secret} == {0}
    settings = cluster.kafka.nodes[0].plan.folder / "server.properties"
    assert settings.stat().st_mode & 0o077 == 0


def test_a_savepoint_is_taken_by_the_backup_and_put_back_by_the_restore_role_alone(
    cluster: Cluster, tmp_path: Path
) -> None:
    flow = stages(GROUP, CREDITORS, LocalRegistry())
    scope = savepoint_scope(GROUP, flow)
    file = tmp_path / "savepoint"

    def as_(name: str) -> Savepoints:
        return Savepoints(cluster.kafka.bootstrap, cluster.security.client(name), scope)

    as_(roles.BACKUP).export_running(file, lambda line: None)

    with pytest.raises(SavepointMisfit):
        as_(roles.BACKUP).import_from(file, lambda line: None)
    as_(roles.RESTORE).import_from(file, lambda line: None)


@pytest.mark.parametrize(("name", "right"), [(roles.MONITOR, "READ"), (STRANGER, "DESCRIBE")])
def test_who_may_not_read_a_topic_is_told_so_at_once(cluster: Cluster, name: str, right: str) -> None:
    letters = Letters(cluster.kafka.bootstrap, cluster.security.client(name), codec_of(LocalRegistry()))
    producer = Producer(cluster.settings(roles.WORKER))
    producer.produce("rejected", b"no letter")
    assert producer.flush(PATIENCE_S) == 0
    began = time.monotonic()

    with pytest.raises(NotAllowed, match=f"{right} the topic rejected"):
        letters.index()

    # Not as one that waits for a partition without a leader.
    assert time.monotonic() - began < reading.SETTLED_WITHIN_S


def test_offsets_that_may_not_be_seen_are_no_absent_offsets(cluster: Cluster) -> None:
    def committed(name: str, group: str) -> dict[TP, int]:
        asking = Consumer({**cluster.settings(name), "group.id": group})
        try:
            return reading.committed(asking, [TP("arrears.rent", 0)])
        finally:
            asking.close()

    with pytest.raises(NotAllowed, match="DESCRIBE the group"):
        committed(STRANGER, GROUP)
    with pytest.raises(NotAllowed, match=r"DESCRIBE the topic arrears\.rent"):
        committed(roles.OUTREACH, f"{roles.OUTREACH}-own")


def test_the_desk_sees_how_far_workers_are_and_writes_nothing_of_it(cluster: Cluster) -> None:
    """By it an erasure knows which objections no worker has read."""
    tp = TP(HOUSEHOLD_EVENTS, 0)

    assert noted(cluster.kafka.bootstrap, cluster.security.client(roles.DESK), GROUP, [tp]) == {tp: 0}
    asking = Consumer({**cluster.settings(roles.DESK), "group.id": GROUP})
    with pytest.raises(KafkaException) as refused:
        asking.commit(offsets=[TopicPartition(*tp, 1)], asynchronous=False)
    asking.close()
    assert refused.value.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED


def test_more_rights_than_the_controller_changes_at_once_are_given(cluster: Cluster) -> None:
    kafka = cluster.admin(ADMIN)
    many = [Grant("somebody-with-much", TOPIC, f"topic-{number}", acls.READ) for number in range(10_500)]

    acls.apply(kafka, many)

    until(lambda: not acls.compare(kafka, many), PATIENCE_S, "the rights to be seen")
