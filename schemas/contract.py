"""The contract for programs in any language: the topics outsiders use, as AsyncAPI 3.

With the topics inside and the webhooks it is docs/reference/asyncapi.yaml (`eropaf.derived.asyncapi`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from eropaf_client.schemas import catalogue
from eropaf_client.schemas.topics import ARREARS, CLAIMS, CONTACTS, FEEDBACK, OUTCOMES, PRIORITIES, QUESTIONS

CREDITOR = "{creditor}"
# Apache Avro 1.9's schema language, by the name that AsyncAPI gives it.
AVRO = "application/vnd.apache.avro;version=1.9.0"


@dataclass(frozen=True)
class Channel:
    """A topic that outsiders use: others write what Eropaf `takes`, and read what it `tells`."""

    name: str
    address: str
    record: str
    key: str
    takes: bool
    tells: bool
    summary: str


CHANNELS = (
    Channel(
        name="arrears",
        address=ARREARS + CREDITOR,
        record="ArrearsSignal",
        key="The creditor's reference of the contract.",
        takes=True,
        tells=False,
        summary="A creditor, and nobody else, reports arrears here.",
    ),
    Channel(
        name="feedback",
        address=FEEDBACK + CREDITOR,
        record="CreditorFeedback",
        key="The creditor's reference of the contract.",
        takes=False,
        tells=True,
        summary="A creditor, and nobody else, hears what became of its signals.",
    ),
    Channel(
        name="contacts",
        address=CONTACTS + CREDITOR,
        record="ContactSlip",
        key="The creditor's reference of the contract.",
        takes=True,
        tells=False,
        summary="Before its signal a creditor leaves sealed contact details, if the municipality takes them.",
    ),
    Channel(
        name="questions",
        address=QUESTIONS + CREDITOR,
        record="CreditorQuestion",
        key="The creditor's reference of the contract.",
        takes=False,
        tells=True,
        summary="Before somebody rings or visits, a creditor is asked whether its arrears still stand.",
    ),
    Channel(
        name="priorities",
        address=PRIORITIES,
        record="PriorityUpdate",
        key="Household key.",
        takes=False,
        tells=True,
        summary="Outreach tools read who needs help most, where, and by when; never why.",
    ),
    Channel(
        name="outcomes",
        address=OUTCOMES,
        record="OutreachOutcome",
        key="Household key, as the priority update gave it.",
        takes=True,
        tells=False,
        summary="Outreach tools report contact attempts and results.",
    ),
    Channel(
        name="claims",
        address=CLAIMS,
        record="OutreachClaim",
        key="Household key, as the priority update gave it.",
        takes=True,
        tells=True,
        summary=(
            "Who works on a household. Tools and the board write and read it, so that no two ring one bell."
        ),
    ),
)

DESCRIPTION = """\
Early signalling of payment arrears, live. Everything another program needs to take part, without our code.

Keys are UTF-8 text and are placed by murmur2, as Java's own client does; with librdkafka set
`partitioner=murmur2_random`. Values are in Confluent's wire format: a zero byte, the schema's id in four
bytes (big end first), the Avro body. Where the cluster has a schema registry, subjects are `<topic>-value`;
where it has none, the id is the one that `x-schema-id` names. An id that you do not know is of a newer
version, which every older reader can read: with a registry, ask it; without one, take a newer edition of this
contract, and stop reading until then rather than pass the record over. Records are compressed with LZ4, for
which some clients need a package more (kafkajs: `kafkajs-lz4`). Read committed
(`isolation.level=read_committed`). Write with `acks=all` and `enable.idempotence=true`. An empty value on
outreach.priorities means that the household is forgotten: delete it."""


def contract() -> dict[str, Any]:
    """Return the contract."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Eropaf",
            "version": "0.2.0",
            "description": DESCRIPTION,
            "license": {"name": "EUPL-1.2"},
        },
        "servers": {
            "municipality": {
                "host": "kafka.example.org:9092",
                "protocol": "kafka",
                "description": "The municipality's cluster; its operator gives address and credentials.",
            }
        },
        "channels": {each.name: _channel(each) for each in CHANNELS},
        "operations": {
            verb + each.name.capitalize(): {
                "action": action,
                "channel": {"$ref": f"#/channels/{each.name}"},
                "summary": each.summary,
            }
            for each in CHANNELS
            for verb, action, does in (("read", "receive", each.takes), ("tell", "send", each.tells))
            if does
        },
        "components": {"messages": {each.record: message(each.record, each.key) for each in CHANNELS}},
    }


def _channel(each: Channel) -> dict[str, Any]:
    found: dict[str, Any] = {
        "address": each.address,
        "description": each.summary,
        "messages": {each.record: {"$ref": f"#/components/messages/{each.record}"}},
    }
    if CREDITOR in each.address:
        found["parameters"] = {
            "creditor": {"description": "Who signals, as the municipality names it.", "examples": ["rent"]}
        }
    return found


def message(record: str, key: str | None = None) -> dict[str, Any]:
    """Return the message that holds a record; `key` says what its key is."""
    schema = catalogue.latest(record)
    kafka: dict[str, Any] = {
        "schemaIdLocation": "payload",
        "schemaIdPayloadEncoding": "confluent",
        "schemaLookupStrategy": "TopicNameStrategy",
        "bindingVersion": "0.5.0",
    }
    if key is not None:
        kafka = {"key": {"type": "string", "description": key}} | kafka
    return {
        "name": record,
        "contentType": "application/vnd.apache.avro",
        "x-schema-id": schema.local_id,
        "payload": {"schemaFormat": AVRO, "schema": json.loads(schema.text)},
        "bindings": {"kafka": kafka},
    }
