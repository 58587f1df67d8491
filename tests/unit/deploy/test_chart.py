"""The chart is the one source of what runs on Kubernetes: true to the tables, and wrong values have names."""

from __future__ import annotations

import copy
import json
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from eropaf.agents.roles import DESK
from eropaf.derived import chart
from eropaf.derived.strimzi import resources
from eropaf.settings import Settings
from tests.rendered_chart import HELM, by_name, held, render, render_refused, with_helm

REPO = Path(__file__).parents[3]
VALUES: dict[str, Any] = yaml.safe_load((chart.CHART / "values.yaml").read_text("utf-8"))
SCHEMA: dict[str, Any] = json.loads(chart.SCHEMA.read_text("utf-8"))
# The place of a value, and one that is of the right kind and no good.
NO_GOOD: list[tuple[str, Any]] = [
    ("image.digest", "sha256:short"),
    ("image.repository", "Not A Name"),
    ("image.tag", "a tag"),
    ("creditors", []),
    ("creditors", ["rent", "rent"]),
    ("creditors", ["Rent"]),
    ("partitions", 0),
    ("settings.EROPAF_GROUP", "another"),
    ("settings.EROPAF_HOUSEHOLD_SECRET", "in plain sight"),
    ("settings.EROPAF_POLICYY", "amsterdam-example"),
    ("settings.EROPAF_TEST_NUMBERS", "perhaps"),
    ("settings.EROPAF_CHECKPOINT_INTERVAL_S", -1),
    ("settings.EROPAF_LOG_LEVEL", "loud"),
    ("householdSecret", "Of The House"),
    ("workers.min", 0),
    ("workers.mni", 2),
    ("workers.resources.limits.memory", "much"),
    ("board.address", "http://board.example.org"),
    ("board.proxies", []),
    ("board.proxies", ["everywhere"]),
    ("board.settings.EROPAF_BOARD_TRUSTED_PROXIES", "10.0.0.0/8"),
    ("board.reaches", [{"cidr": "10.0.0.0/40", "port": 443}]),
    ("board.reaches", [{"cidr": "10.0.0.0/8", "port": 0}]),
    ("board.settings.EROPAF_BOARD_HOST", "127.0.0.1"),
    ("board.storage", "1 GB"),
    ("desk.secret", "The Key"),
    ("desk.address", "http://desk.example.org"),
    ("desk.proxies", []),
    ("gateway.secret", "The Callers"),
    ("gateway.address", "http://eropaf.example.org"),
    ("gateway.proxies", ["everywhere"]),
    ("gateway.replicas", 0),
    ("gateway.bodies", "much"),
    ("tools.reaches", [{"cidr": "everywhere", "port": 443}]),
    ("webhooks.source", "eropaf"),
    ("webhooks.address", "tool.example.org"),
    ("workers.reaches", [{"cidr": "192.0.2.8/32"}]),
    ("workers.secret", "The Registry"),
    ("backup.savepointAt", "at night"),
    ("backup.reaches", [{"cidr": "everywhere", "port": 443}]),
    ("backup.secret", "The Registry"),
    ("backup.keepDays", 90),
    ("kafka.bootstrap", "kafka.example.org"),
    ("kafka.networks", ["everywhere"]),
    ("kafka.brokers", 1),
    ("kafka.heap", "2GB"),
    ("kafka.creditors.type", "carrier-pigeon"),
    (
        "kafka.creditors.type",
        "ingress",
    ),  # Strimzi wants a host for each broker, which the chart has no value for
    ("kafka.creditors.networks", []),
    ("namespaces.ingress", ""),
    ("storageClass", "Fast One"),
    ("kafak", {}),
]


def places(values: dict[str, Any], above: str = "") -> Iterator[str]:
    """Yield the place of every value."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from places(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def of_no_kind(place: str) -> Any:
    """Return what no value of that place can be: no list where one stands, and a list where none does."""
    at: Any = VALUES
    for each in place.split("."):
        at = at[each]
    return 7 if isinstance(at, list) else [None]


def with_one(place: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(VALUES)
    at = made
    *above, name = place.split(".")
    for each in above:
        at = at[each]
    at[name] = value
    return made


def refused(values: dict[str, Any]) -> str:
    """Return what is wrong by the schema, each with its place."""
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(values)
    return "\n".join(f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors)


def of_strimzi(parts: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return by_name([part for part in parts if part["kind"] in ("KafkaTopic", "KafkaUser")])


def test_the_chart_is_of_the_version_that_it_installs() -> None:
    about = yaml.safe_load((chart.CHART / "Chart.yaml").read_text("utf-8"))
    package = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert (about["version"], about["appVersion"]) == (package, package)


def test_topics_users_and_settings_of_the_chart_are_those_of_the_tables() -> None:
    assert chart.TOPICS.read_text("utf-8") == chart.topics_and_users(), "write them anew with `make chart`"
    assert chart.SCHEMA.read_text("utf-8") == chart.schema(), "write it anew with `make chart`"


def test_the_plain_resources_have_the_topics_users_and_alerts_of_the_tables() -> None:
    plain = list(yaml.safe_load_all(chart.PLAIN.read_text("utf-8")))

    assert of_strimzi(plain) == by_name(list(yaml.safe_load_all(resources(Settings()))))
    (rule,) = [part for part in plain if part["kind"] == "PrometheusRule"]
    alerts = REPO / "deploy" / "prometheus" / "eropaf.rules.yml"
    assert rule["spec"] == yaml.safe_load(alerts.read_text("utf-8"))


def test_its_own_values_are_right_and_each_is_used() -> None:
    assert refused(VALUES) == ""
    templates = "".join(
        file.read_text("utf-8") for file in (chart.CHART / "templates").iterdir() if file != chart.TOPICS
    )
    for place in places(VALUES):
        *above, name = place.split(".")
        if "resources" in above or "settings" in above:  # written as they are
            name = above[above.index("resources" if "resources" in above else "settings")]
        assert f".{name}" in templates, place


@pytest.mark.parametrize("place", list(places(VALUES)))
def test_a_value_of_the_wrong_kind_is_refused_by_its_name(place: str) -> None:
    assert f"{place}: " in refused(with_one(place, of_no_kind(place)))


@pytest.mark.parametrize(("place", "value"), NO_GOOD, ids=lambda each: str(each)[:40])
def test_a_wrong_value_is_refused_by_its_name(place: str, value: Any) -> None:
    assert place.rpartition(".")[2] in refused(with_one(place, value))


@with_helm
def test_helm_refuses_them_by_the_same_names(tmp_path: Path) -> None:
    wrong = copy.deepcopy(VALUES)
    for place in places(VALUES):
        at = wrong
        *above, name = place.split(".")
        for each in above:
            at = at[each]
        at[name] = of_no_kind(place)
    said = render_refused(tmp_path, wrong)

    assert [place for place in places(VALUES) if place.replace(".", "/") not in said] == []
    for place, value in NO_GOOD[::4]:
        assert place.rpartition(".")[2] in render_refused(tmp_path, with_one(place, value))


@with_helm
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"workers": {"min": 9, "max": 9}}, "workers.max (9) is more than partitions (8)"),
        ({"workers": {"min": 5, "max": 4}}, "workers.min (5) is more than workers.max (4)"),
        ({"kafka": {"bootstrap": "kafka:9093"}}, "kafka.networks is empty"),
        ({"kafka": {"networks": ["10.0.0.0/8"]}}, "give kafka.bootstrap too"),
        ({"creditors": ["water-north", "rent", "water"]}, "water-north begins with water-"),
    ],
)
def test_helm_refuses_values_that_do_not_go_together(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    assert said in render_refused(tmp_path, values)


@with_helm
def test_the_plain_resources_are_what_the_chart_gives() -> None:
    assert HELM is not None

    assert chart.PLAIN.read_text("utf-8") == chart.plain(HELM), "write them anew with `make chart`"


@with_helm
def test_helm_finds_nothing_wrong_with_the_chart() -> None:
    command = [str(HELM), "lint", "--strict", "--kube-version", chart.KUBERNETES, str(chart.CHART)]
    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


@with_helm
def test_other_creditors_have_the_topics_and_rights_of_the_table() -> None:
    parts = render("--set", "creditors={a-b,c.d,tax}", "--set", "partitions=24")

    assert of_strimzi(parts) == by_name(
        list(yaml.safe_load_all(resources(Settings(creditors=("a-b", "c.d", "tax"), partitions=24))))
    )
    (settings,) = [part for part in parts if part["kind"] == "ConfigMap"]
    assert settings["data"]["EROPAF_CREDITORS"] == "a-b,c.d,tax"
    assert settings["data"]["EROPAF_PARTITIONS"] == "24"


def scalars(part: Any) -> Iterator[Any]:
    """Yield every value of a resource that holds no others."""
    if isinstance(part, dict):
        for each in part.values():
            yield from scalars(each)
    elif isinstance(part, list):
        for each in part:
            yield from scalars(each)
    else:
        yield part


@with_helm
def test_a_name_of_digits_arrives_as_a_text(tmp_path: Path) -> None:
    names = [str(70_001 + number) for number in range(7)]
    values = {
        "creditors": [names[0]],
        "householdSecret": names[1],
        "storageClass": names[2],
        "namespaces": {"monitoring": names[3], "ingress": names[4]},
        "image": {"pullSecrets": [names[5]]},
        "desk": {"secret": names[6]},
        "kafka": {"storage": 70_100},
        "workers": {"lagThreshold": 5_000_000},
    }
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values), "utf-8")

    found = list(scalars(render("--values", str(file), "--namespace", "70101")))

    wanted = [*names, "70100", "5000000", "70101"]
    assert [each for each in wanted if int(each) in found] == []
    assert [each for each in wanted if each not in found] == []


@with_helm
def test_settings_arrive_as_variables_and_new_ones_make_new_pods() -> None:
    def of(*words: str) -> tuple[dict[str, str], str]:
        parts = by_name(render(*words))
        worker = parts["StatefulSet", "eropaf-worker"]["spec"]["template"]
        return parts["ConfigMap", "eropaf-settings"]["data"], worker["metadata"]["annotations"][
            "eropaf/settings"
        ]

    before, mark = of()
    after, new_mark = of(
        "--set", "settings.EROPAF_MAX_RECORD_BYTES=2000000", "--set", "settings.EROPAF_STATIC_MEMBERSHIP=true"
    )

    assert after == before | {"EROPAF_MAX_RECORD_BYTES": "2000000", "EROPAF_STATIC_MEMBERSHIP": "true"}
    assert mark != new_mark


@with_helm
def test_a_kafka_of_yours_needs_no_strimzi_and_is_the_only_one_reached() -> None:
    parts = by_name(
        render(
            "--set",
            "kafka.bootstrap=a.example:9092\\,b.example:9094",
            "--set",
            "kafka.networks={10.20.0.0/16}",
        )
    )

    assert [kind for kind, _ in parts if kind.startswith("Kafka")] == []
    assert (
        parts["ConfigMap", "eropaf-settings"]["data"]["EROPAF_BOOTSTRAP"] == "a.example:9092,b.example:9094"
    )
    out, _name_service = parts["NetworkPolicy", "eropaf-worker"]["spec"]["egress"]
    assert out["to"] == [{"ipBlock": {"cidr": "10.20.0.0/16"}}]
    assert [port["port"] for port in out["ports"]] == [9092, 9094]


@with_helm
def test_the_desk_is_a_board_of_its_own_that_alone_holds_key_and_secret() -> None:
    without, parts = by_name(render()), by_name(render("--set", "desk.secret=auditors-key"))
    desk, board = (
        parts["Deployment", name]["spec"]["template"]["spec"] for name in ("eropaf-desk", "eropaf-board")
    )

    assert parts.keys() - without.keys() == {
        ("Service", "eropaf-desk"),
        ("PersistentVolumeClaim", "eropaf-desk"),
        ("Deployment", "eropaf-desk"),
        ("NetworkPolicy", "eropaf-desk"),
    }
    assert parts["Service", "eropaf-desk"]["spec"]["selector"] == {"app": "eropaf-desk"}
    assert {"name": "EROPAF_KAFKA_USERNAME", "value": DESK} in desk["containers"][0]["env"]
    assert held(desk) == {"desk", "auditors-key", VALUES["householdSecret"]}
    assert held(board) == {"board"}
    assert [
        each["ports"][0]["port"] for each in parts["NetworkPolicy", "eropaf-desk"]["spec"]["ingress"]
    ] == [
        8080,
        9464,
    ]


@with_helm
def test_board_and_desk_take_their_ingress_word_on_who_asks_and_alerts_look_at_both() -> None:
    parts = by_name(
        render(
            "--set", "desk.secret=k", "--set", "board.proxies={10.1.0.0/16,fd00::/8}",
            "--set", "desk.proxies={10.2.0.0/16}",
        )
    )  # fmt: skip
    for name, proxies in (("board", "10.1.0.0/16,fd00::/8"), ("desk", "10.2.0.0/16")):
        (container,) = parts["Deployment", f"eropaf-{name}"]["spec"]["template"]["spec"]["containers"]
        assert {"name": "EROPAF_BOARD_TRUSTED_PROXIES", "value": proxies} in container["env"]
        assert [port["name"] for port in container["ports"]] == ["http", "metrics"]
    (wanted,) = parts["PodMonitor", "eropaf"]["spec"]["selector"]["matchExpressions"]
    assert wanted["values"][:3] == ["eropaf-worker", "eropaf-board", "eropaf-desk"]


@with_helm
def test_a_backup_that_hangs_ends_before_the_next_would_begin() -> None:
    jobs = {
        name: part["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]
        for (kind, name), part in by_name(render()).items()
        if kind == "CronJob"
    }

    assert jobs == {"eropaf-savepoint": 7200, "eropaf-ledger": 600}


@with_helm
def test_an_image_is_named_by_digest_where_one_is_given() -> None:
    digest = "sha256:" + "0" * 64
    parts = by_name(
        render("--set", f"image.digest={digest}", "--set", "image.repository=registry.example/eropaf")
    )

    (worker,) = parts["StatefulSet", "eropaf-worker"]["spec"]["template"]["spec"]["containers"]
    assert worker["image"] == f"registry.example/eropaf@{digest}"
