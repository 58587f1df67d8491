"""The contract of everything that travels, as AsyncAPI 3: topics for outsiders, topics inside, webhooks.

`python -m eropaf.derived.asyncapi` (`make schemas`) writes docs/reference/asyncapi.yaml. What outsiders use
is said in `eropaf_client.schemas.contract`; the topics inside follow from the flow's own table, the webhooks
from the gateway's contract.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from eropaf.agents.topology import FlowTopic, table
from eropaf.gateway.contract_bounds import TEXT
from eropaf.gateway.contract_schemas import schemas
from eropaf.gateway.contract_webhooks import ORIGIN, SIGNED, TOLD
from eropaf.gateway.webhooks.event import MEDIA_TYPE
from eropaf_client.schemas import contract as outside

CONTRACT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "asyncapi.yaml"
INSIDE = "inside"
WEBHOOK = "webhook"


def contract() -> dict[str, Any]:
    """Return the contract."""
    made = outside.contract()
    for channel in made["channels"].values():
        channel["servers"] = [{"$ref": "#/servers/municipality"}]
    made["servers"]["tool"] = {
        "host": "tool.example.org",
        "protocol": "https",
        "description": "An outreach tool's own server, at the address that it gave the municipality.",
    }
    made["channels"] |= {each.name: _inside(each) for each in inside()} | {WEBHOOK: _webhook()}
    made["operations"]["tellWebhook"] = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{WEBHOOK}"},
        "summary": "An outreach tool with a webhook is told of its areas, until it answers 2xx.",
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
    }
    messages = made["components"]["messages"]
    for each in inside():
        messages.setdefault(each.record, outside.message(each.record))
    messages |= {name: _event(schema, summary) for name, (_, schema, summary) in TOLD.items()}
    made["components"]["schemas"] = {"Update": schemas()["Update"]}
    return made


def text() -> str:
    """Return the contract as YAML."""
    dumped: str = yaml.safe_dump(contract(), sort_keys=False, allow_unicode=True, width=110)
    return (
        "# Made by `make schemas` from the topics, the schemas and the gateway's contract; edit those.\n"
        + dumped
    )


def inside() -> list[FlowTopic]:
    """Return the topics that nobody outside reads or writes."""
    told = {each.address for each in outside.CHANNELS}
    return [each for each in table("eropaf", ()) if each.name not in told]


def _inside(topic: FlowTopic) -> dict[str, Any]:
    writes, reads = (", ".join(roles) for roles in (topic.written_by, topic.read_by))
    return {
        "address": topic.name,
        "description": f"Inside: for no creditor or outreach tool. Written by {writes}; read by {reads}.",
        "tags": [{"name": INSIDE}],
        "messages": {topic.record: {"$ref": f"#/components/messages/{topic.record}"}},
        "servers": [{"$ref": "#/servers/municipality"}],
    }


def _webhook() -> dict[str, Any]:
    return {
        "address": "/",
        "description": "The address itself is the tool's to choose. In order for each household.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in TOLD},
        "servers": [{"$ref": "#/servers/tool"}],
    }


def _event(schema: str, summary: str) -> dict[str, Any]:
    headers = SIGNED | {"WebHook-Request-Origin": ORIGIN}
    said = {name: TEXT | {"description": meaning} for name, meaning in headers.items()}
    return {
        "name": schema,
        "summary": summary,
        "contentType": MEDIA_TYPE,
        "headers": {"type": "object", "properties": said, "required": list(said)},
        "payload": schemas()[schema],
    }


if __name__ == "__main__":
    CONTRACT.write_text(text(), encoding="utf-8")
