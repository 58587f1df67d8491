"""What people read is true: every setting, metric, topic, reason and command is documented."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from eropaf.agents.access import matrix
from eropaf.agents.topology import stages, table, topics
from eropaf.derived import documents
from eropaf.derived.catalogue import catalogue, metrics
from eropaf.risk import ranking
from eropaf.risk.plain_words import ENDINGS, SENTENCES
from eropaf.risk.policy_file import PolicyFile
from eropaf.risk.refusal import Reason
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text
from eropaf.streams.runtime.dead_letter import NO_KEY, PROCESSING_FAILED, TOO_LARGE
from eropaf_client.schemas import errors
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import AMSTERDAM_EXAMPLE, MINOR_CHILDREN

REPO = Path(__file__).parents[3]
# What is of no household and no person: parts of the flow, and kinds of things.
LABELS = {
    "activity",
    "band",
    "change",
    "partition",
    "reason",
    "result",
    "route",
    "serves",
    "stage",
    "status",
    "table",
    "tool",
    "topic",
    "under",
}


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def document(name: str) -> str:
    return (REPO / "docs" / "reference" / name).read_text("utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    text = document("settings.md")
    for name, field in Settings.model_fields.items():
        assert f"`EROPAF_{name.upper()}`" in text, name
        assert field.description
        assert field.description.split(";")[0].rstrip(".") in text, name


def test_the_catalogue_of_metrics_is_what_is_measured() -> None:
    assert catalogue() in document("metrics.md"), "write it anew with `eropaf metrics`"


def test_no_metric_has_a_label_of_a_person_or_a_household() -> None:
    labels = {label for metric in metrics() for label in metric._labelnames}

    assert labels <= LABELS, "a label is kept for years, and read by whoever watches: is it of nobody?"


def test_every_reason_is_documented() -> None:
    text = document("reasons.md")
    undecodable = [error.reason for error in errors.Undecodable.__subclasses__()]
    for reason in [*Reason, *undecodable, TOO_LARGE, NO_KEY, PROCESSING_FAILED]:
        assert f"`{reason}`" in text, reason


def test_every_topic_is_documented() -> None:
    text = document("topics.md")
    flow = stages("eropaf", ["rent"], LocalRegistry())
    for topic in topics("eropaf", flow, 8):
        assert f"`{topic.name.replace('.rent', '.<creditor>')}`" in text, topic.name


def test_the_rights_in_the_reference_are_those_of_the_table() -> None:
    settings = Settings()
    rights = matrix(table(settings.group, settings.creditors), settings.group)

    assert rights in document("acls.md"), "write it anew with `eropaf acls print --as matrix`"


def test_every_decision_record_has_its_four_parts() -> None:
    records = sorted((REPO / "docs" / "adr").glob("*.md"))
    assert records
    for record in records:
        text = record.read_text("utf-8")
        for part in ("Status: ", "## Context", "## Decision", "## Consequences"):
            assert part in text, record.name


def test_what_is_generated_into_documents_is_up_to_date() -> None:
    pages = sorted(documents.FOLDER.glob("*.md"))
    names = {name for page in pages for _, name, _ in documents.BLOCK.findall(page.read_text("utf-8"))}

    assert names == set(documents.BLOCKS)
    policy = PolicyFile.parse(policy_text(documents.SHIPPED))
    for page in pages:
        text = page.read_text("utf-8")
        assert documents.filled(text, policy) == text, f"{page.name} is stale: make documents"


def test_a_municipality_that_counts_minor_children_says_so_in_each_of_its_documents(tmp_path: Path) -> None:
    policy = PolicyFile.parse(AMSTERDAM_EXAMPLE.replace("amsterdam-example-3", "families-1") + MINOR_CHILDREN)

    written = documents.write(policy, tmp_path)

    assert {each.page.name for each in written} == {
        "algorithm-register.md", "data-flow-and-retention.md", "dpia.md", "model-card.md",
    }  # fmt: skip
    for each in written:
        text = each.page.read_text("utf-8")
        assert "Ground: decision of the council of 1 February 2026." in text
        assert "neither age nor family" not in text
    assert "| `residents` | Residence | the latest of each key | `address`, `minor_children` |" in text_of(
        tmp_path / "data-flow-and-retention.md"
    )


def test_a_block_that_is_new_comes_with_its_section_behind_the_one_that_it_follows() -> None:
    ours = (
        "# Page\n\n## One\nOf one.\n<!-- generated: one -->\n<!-- end -->\n"
        "More of one.\n\n## Two\nOf two.\n<!-- generated: two -->\n<!-- end -->\n"
    )
    first = "Theirs.\n<!-- generated: one -->\n1\n<!-- end -->\nTheir end.\n"
    second = "Theirs.\n<!-- generated: two -->\n2\n<!-- end -->\n"

    assert documents.with_new_blocks(first, ours) == (
        "Theirs.\n<!-- generated: one -->\n1\n<!-- end -->\n\n"
        "## Two\nOf two.\n<!-- generated: two -->\n<!-- end -->\n\nTheir end.\n",
        ("two",),
    )
    assert documents.with_new_blocks(second, ours) == (
        f"{second}\n## One\nOf one.\n<!-- generated: one -->\n<!-- end -->\n",
        ("one",),
    ), "the first goes to the end: of nothing is known what it follows"


def test_every_rule_that_gives_points_is_documented_and_has_its_sentences() -> None:
    text = document("points.md")
    for language in ("nl", "en"):
        assert SENTENCES[language].keys() == SENTENCES["nl"].keys()
        assert ENDINGS[language].keys() == {*ranking.ENDINGS} - {"FORGOTTEN"}
    for rule in SENTENCES["nl"]:
        assert f"`{rule}`" in text, rule


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*REPO.glob("*.md"), *(REPO / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("project", ["pyproject.toml", "clients/pyproject.toml"])
def test_the_page_of_a_package_points_to_nothing_that_the_package_has_not(project: str) -> None:
    file = REPO / project
    page = file.parent / tomllib.loads(text_of(file))["project"]["readme"]

    assert re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(page)) == []
