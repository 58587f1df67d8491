"""Has a group's coordinator let a member go that does not answer any more: the request to leave, in its name.

librdkafka offers no such request (Kafka's own administrator has it, for the classic protocol alone).
aiokafka, which Faust brings along, connects and authenticates; the two requests are written here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

import httpx2
from aiokafka.abc import AbstractTokenProvider
from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError as ConnectionFailed
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int16, Int32, Schema, TaggedFields
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import ConsumerGroupDescription, MemberDescription

ANSWER_WITHIN_MS = 2_000
CLOSED_WITHIN_S = 0.2
# The epoch of a member that leaves, for good also where its membership is static (KIP-848).
LEAVES = -1
# Somebody else was quicker, or it left by itself.
GONE = frozenset({0, KafkaError.UNKNOWN_MEMBER_ID, KafkaError.GROUP_ID_NOT_FOUND})
TEXT = CompactString("utf-8")
OPEN = ("PLAINTEXT", "SASL_PLAINTEXT")
OAUTH = ("client.id", "client.secret", "scope", "token.endpoint.url")


class _Answered(Response):
    """How a heartbeat was answered; what follows says nothing to who leaves."""

    API_KEY = 68
    API_VERSION = 0
    SCHEMA = Schema(("throttle_time_ms", Int32), ("error_code", Int16))


class _Heartbeat(RequestStruct):
    """ConsumerGroupHeartbeat, version 0."""

    API_KEY = 68
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Answered
    SCHEMA = Schema(
        *(("group_id", TEXT), ("member_id", TEXT), ("member_epoch", Int32)),
        *(("instance_id", TEXT), ("rack_id", TEXT), ("rebalance_timeout_ms", Int32)),
        *(("subscribed_topic_names", CompactArray(TEXT)), ("server_assignor", TEXT)),
        *(("topic_partitions", CompactArray(TEXT)), ("tags", TaggedFields)),
    )


class _Left(Response):
    """What became of each member."""

    API_KEY = 13
    API_VERSION = 4
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        (
            "members",
            CompactArray(
                ("member_id", TEXT), ("instance_id", TEXT), ("error_code", Int16), ("tags", TaggedFields)
            ),
        ),
        ("tags", TaggedFields),
    )


class _Leave(RequestStruct):
    """LeaveGroup, version 4."""

    API_KEY = 13
    API_VERSION = 4
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Left
    SCHEMA = Schema(
        ("group_id", TEXT),
        (
            "members",
            CompactArray(("member_id", TEXT), ("instance_id", TEXT), ("tags", TaggedFields)),
        ),
        ("tags", TaggedFields),
    )


class _ByHeartbeat(Request[_Heartbeat]):
    """Leave under the newer protocol."""

    API_KEY = 68

    def __init__(self, group: str, member: MemberDescription) -> None:
        self._given = (group, member.member_id, LEAVES, member.group_instance_id, None, -1, None, None, None)

    def build(self, request_struct_class: type[_Heartbeat]) -> _Heartbeat:
        return request_struct_class(*self._given, {})


class _ByLeaving(Request[_Leave]):
    """Leave under the classic protocol."""

    API_KEY = 13

    def __init__(self, group: str, member: MemberDescription) -> None:
        self._given: tuple[Any, ...] = (group, [(member.member_id, member.group_instance_id, {})])

    def build(self, request_struct_class: type[_Leave]) -> _Leave:
        return request_struct_class(*self._given, {})


def leave(
    settings: Mapping[str, str], protocol: str, group: ConsumerGroupDescription, member: MemberDescription
) -> None:
    """Leave `group` as `member`, which cannot.

    Raises:
        KafkaException: the coordinator refused.
        OSError: it could not be reached, or did not let us in.

    """
    by = _ByHeartbeat if protocol == "consumer" else _ByLeaving
    try:
        answer = asyncio.run(_asked(settings, group.coordinator, by(group.group_id, member)))
    except (ConnectionFailed, OSError, httpx2.HTTPError) as error:
        raise ConnectionError(f"the group's coordinator did not let a member go: {error!r}") from None
    codes = {answer.error_code, *(code for _, _, code, _ in getattr(answer, "members", ()))}
    for code in codes - GONE:
        raise KafkaException(KafkaError(code, f"{group.group_id}: a silent member was not let go"))


async def _asked(settings: Mapping[str, str], coordinator: Any, request: Request[Any]) -> Any:
    protocol = settings.get("security.protocol", OPEN[0]).upper()
    connection = await create_conn(
        coordinator.host,
        coordinator.port,
        client_id=settings.get("client.id", "eropaf"),
        request_timeout_ms=ANSWER_WITHIN_MS,
        security_protocol=protocol,
        ssl_context=None if protocol in OPEN else _trusted(settings),
        sasl_mechanism=settings.get("sasl.mechanism"),
        sasl_plain_username=settings.get("sasl.username"),
        sasl_plain_password=settings.get("sasl.password"),
        sasl_oauth_token_provider=_Granted(settings),
    )
    try:
        return await connection.send(request)
    finally:
        # Not awaited for ever: by TLS the other side is to say goodbye as well.
        await asyncio.wait([connection.close()], timeout=CLOSED_WITHIN_S)


class _Granted(AbstractTokenProvider):
    """A token of the provider that librdkafka's settings name (OpenID Connect, client credentials)."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings

    async def token(self) -> str:
        """Return a new token."""
        named = {name: self._settings.get(f"sasl.oauthbearer.{name}") for name in OAUTH}
        form = {"grant_type": "client_credentials"}
        if named["scope"]:
            form["scope"] = named["scope"]
        # No proxy of the environment: the secret is for this address alone.
        async with httpx2.AsyncClient(
            verify=_trusted(self._settings), timeout=ANSWER_WITHIN_MS / 1000, trust_env=False
        ) as http:
            answered = await http.post(
                named["token.endpoint.url"] or "",
                data=form,
                auth=(named["client.id"] or "", named["client.secret"] or ""),
            )
        return str(answered.raise_for_status().json()["access_token"])


def _trusted(settings: Mapping[str, str]) -> ssl.SSLContext:
    """Return whom we trust and who we are, as librdkafka's settings say it."""
    context = ssl.create_default_context(cafile=settings.get("ssl.ca.location"))
    certificate = settings.get("ssl.certificate.location")
    if certificate is not None:
        context.load_cert_chain(
            certificate, settings.get("ssl.key.location"), settings.get("ssl.key.password")
        )
    if settings.get("ssl.endpoint.identification.algorithm") == "none":
        context.check_hostname = False
    return context
