"""Every setting, read once from the environment and passed on as values."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from eropaf.agents.naming import check_creditors, check_group
from eropaf.board.config import BoardConfig, OpenId
from eropaf.risk.bsn import GROUNDS, BsnRules
from eropaf.risk.policy import PARTNER_TYPES, Policy
from eropaf.settings.cases import CasesAccess
from eropaf.settings.checked import Authorities, networks, split, there
from eropaf.settings.environment import SettingsError, sources
from eropaf.settings.forwarding import ForwardingAccess
from eropaf.settings.kafka import not_in_the_clear
from eropaf.settings.logboek import LogboekAccess
from eropaf.settings.policy import policy_text
from eropaf.settings.resident_page import ResidentPageAccess
from eropaf.settings.slips import SlipsAccess
from eropaf.settings.taking_over import TakingOver
from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.loss import Loss
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.registry import LocalRegistry, Registry

SHORTEST_SECRET = 16
PRIVATE_KEY = re.compile("[0-9a-f]{64}")


class Settings(TakingOver, CasesAccess, LogboekAccess, ForwardingAccess, SlipsAccess, ResidentPageAccess):
    """Every setting; variables start with EROPAF_.

    A setting may also stand in a file of its own in the folder EROPAF_SECRETS_DIR, named as its
    variable in lower case: so a password need not be in the environment. A variable takes precedence over
    a file. White space around a value is ignored, and an empty value is not set.
    """

    model_config = SettingsConfigDict(
        env_prefix="EROPAF_", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    bootstrap: str = Field("127.0.0.1:9092", description="Kafka brokers, host:port, separated by commas.")
    secrets_dir: Path | None = Field(
        None,
        description="Folder with one file for each setting that is secret, such as eropaf_kafka_password.",
    )
    group: str = Field("eropaf", description="Consumer group; also the start of changelog names.")
    group_protocol: str = Field(
        "consumer", pattern="^(consumer|classic)$", description="`consumer` (KIP-848) or `classic`."
    )
    static_membership: bool = Field(
        False, description="A restarted worker gets its partitions back without a rebalance."
    )
    session_timeout_s: PositiveFloat = Field(
        45.0,
        description="Seconds after which a silent worker is given up; `classic` only (else the broker's).",
    )
    creditors: Annotated[tuple[str, ...], NoDecode] = Field(
        ("rent", "health", "energy", "water", "benefits"),
        description="Who may signal, separated by commas: each has a topic arrears.<creditor>.",
    )
    partitions: PositiveInt = Field(8, description="Partitions of every topic; the most workers that share.")
    replication: int = Field(-1, description="Copies of every topic; -1: the broker's default.")
    workers: PositiveInt = Field(2, description="Worker processes that `eropaf run` keeps running.")
    worker_name: str = Field(
        "worker",
        pattern="^[A-Za-z0-9._-]+$",
        description="Start of the names of `eropaf run`'s workers; on each host another one.",
    )
    checkpoint_interval_s: PositiveFloat = Field(
        0.1, description="Seconds between checkpoints while behind; else each follows the last."
    )
    max_record_bytes: PositiveInt = Field(65_536, description="A larger record is rejected unread.")
    state_dir: Path | None = Field(
        None, description="Folder in which workers keep their rows on disk; without one, in memory."
    )
    accept_lost: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Records deleted before they were read that workers go on without, as "
        "arrears.rent-3:100-203, separated by commas; see the page of the alert EropafRecordsLost.",
    )
    give_up_after: PositiveInt = Field(
        20,
        description="Failures of one worker in a row, none after five minutes, at which `eropaf run` ends.",
    )
    household_secret: SecretStr | None = Field(
        None, description="Makes household keys; at least 16 characters, the same for ever and everywhere."
    )
    test_numbers: bool = Field(
        False, description="Take a BSN that fails the eleven test, as those of examples do: for trials alone."
    )
    bsn_from: Annotated[tuple[str, ...], NoDecode] = Field(
        tuple(GROUNDS),
        description="Kinds of creditor whose signals may carry a BSN, separated by commas; only those with a "
        "ground in law, unless the municipality puts the numbers in itself.",
    )
    policy: str = Field(
        "amsterdam-example",
        description="A policy file, or the name of a shipped one: holds until one is activated "
        "(`eropaf policy activate`), and counts for nothing from then on.",
    )
    auditors_public_key: str | None = Field(
        None,
        pattern="^[0-9a-f]{64}$",
        description="Explanations are sealed to it; without one none are kept.",
    )
    auditors_private_key: SecretStr | None = Field(
        None,
        description="Opens explanations; for the desk alone. While keys change, the new and the old one, "
        "separated by a comma.",
    )
    desk_url: str | None = Field(
        None,
        description="Where the desk is, as https://desk.example.org: `explain`, `overrule` and `resident` "
        "ask it; without one they act here, with the rights that this user has.",
    )
    desk_token: SecretStr | None = Field(
        None, description="Who asks the desk: the token on its page `Command line`; ends with that session."
    )
    desk_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign the desk; default: the system's."
    )
    clock: str = Field(
        "wall",
        pattern="^(wall|none)$",
        description="`wall`: one of the workers tells each day; `none`: only `eropaf tick` does.",
    )
    registry_url: str | None = Field(None, description="A schema registry; without one, ids are built in.")
    registry_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign the registry; default: the system's."
    )
    registry_user_info: SecretStr | None = Field(None, description="user:password for the registry.")
    metrics_host: str = Field("127.0.0.1", description="Address on which workers serve metrics and health.")
    metrics_port: PositiveInt = Field(
        9464, description="Port of the first worker; the next has the next. A demo takes free ones."
    )
    board_host: str = Field("127.0.0.1", description="Address on which the board listens.")
    board_port: PositiveInt = Field(8080, description="Port on which the board listens.")
    board_metrics_port: PositiveInt | None = Field(
        None,
        description="Port on which the board serves metrics, at EROPAF_METRICS_HOST; without one, none.",
    )
    board_address: str | None = Field(
        None,
        description="How browsers reach the board, as https://board.example.org; default: host and port.",
    )
    board_database: str = Field(
        "sqlite+aiosqlite:///board.db",
        description="Accounts and sessions of the board; postgresql+asyncpg://… for PostgreSQL.",
    )
    board_trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Proxies before the board, addresses or networks, separated by commas: their word on "
        "where a request comes from (X-Forwarded-For) is taken, nobody else's.",
    )
    board_capacity: PositiveInt = Field(25, description="Most households that one worker has in hand.")
    board_check_out_minutes: PositiveInt = Field(
        60, description="Minutes after which a lead is shown who checked in at a door and did not check out."
    )
    contact: str | None = Field(
        None,
        description="Where residents reach the municipality, as explanations say it: a telephone number.",
    )
    board_address_register: Path | None = Field(
        None,
        description="A file of `eropaf addresses load`: the board shows streets, and rounds follow them.",
    )
    board_theme: Path | None = Field(
        None,
        description="A folder with `theme.css`, which gives the board a municipality's own colours and "
        "letters; what else it holds is served beside it.",
    )
    board_openid_issuer: str | None = Field(
        None, description="An OpenID Connect provider to log in with; without one, local accounts alone."
    )
    board_openid_client_id: str = Field("eropaf-board", description="The board's client id at the provider.")
    board_openid_client_secret: SecretStr | None = Field(
        None, description="The board's secret at the provider."
    )
    board_openid_ca_file: Authorities | None = Field(
        None, description="PEM file of the authorities that may sign the provider; default: the system's."
    )
    otlp_endpoint: str | None = Field(
        None,
        description="An OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318; "
        "without one, no spans.",
    )
    log_level: str = Field(
        "info", pattern="^(info|warning|error)$", description="Lowest level that is logged."
    )
    log_format: str = Field("console", pattern="^(console|json)$", description="`console` or `json`.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is given, then the environment, then the folder of secrets where there is one."""
        return init_settings, *sources(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def _stripped(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Take white space off every value, as a file ends with a line feed where a variable does not."""
        stripped = {
            name: value.strip() if isinstance(value, str) else value for name, value in values.items()
        }
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("accept_lost", "bsn_from", "creditors", "board_trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return split(value)

    @field_validator("board_address", "board_openid_issuer", "desk_url")
    @classmethod
    def _private_address(cls, value: str | None) -> str | None:
        return not_in_the_clear(value)

    @field_validator("board_address_register")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        return there(value)

    @field_validator("board_trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return networks(value)

    @field_validator("accept_lost")
    @classmethod
    def _losses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(Loss.parse(each)) for each in value)

    @field_validator("board_theme")
    @classmethod
    def _theme(cls, value: Path | None) -> Path | None:
        if value is not None and not (value / "theme.css").is_file():
            raise ValueError(f"{value} holds no theme.css")
        return value

    @field_validator("bsn_from")
    @classmethod
    def _kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(kinds) - set(PARTNER_TYPES))
        if unknown:
            known = ", ".join(PARTNER_TYPES)
            raise ValueError(f"{', '.join(map(repr, unknown))} is not a kind of creditor ({known})")
        return kinds

    @field_validator("creditors")
    @classmethod
    def _named(cls, creditors: tuple[str, ...]) -> tuple[str, ...]:
        check_creditors(creditors)
        return creditors

    @field_validator("group")
    @classmethod
    def _own(cls, group: str) -> str:
        check_group(group)
        return group

    @field_validator("auditors_private_key")
    @classmethod
    def _keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(map(PRIVATE_KEY.fullmatch, _listed(value))):
            raise ValueError("a key has 64 hexadecimal digits; `eropaf auditors keys` draws a pair")
        return value

    @property
    def auditors_private_keys(self) -> tuple[str, ...]:
        """The keys that open explanations, the newest first; none where none is set."""
        return () if self.auditors_private_key is None else _listed(self.auditors_private_key)

    def streams(self, worker: str) -> StreamsConfig:
        """Return what the plumbing of `worker` needs."""
        return StreamsConfig(
            bootstrap=self.bootstrap,
            group=self.group,
            worker=worker,
            client=self.kafka_client,
            group_protocol=self.group_protocol,
            static_membership=self.static_membership,
            session_timeout_s=self.session_timeout_s,
            checkpoint_interval_s=self.checkpoint_interval_s,
            max_record_bytes=self.max_record_bytes,
            standbys=self.standbys,
            state=None if self.state_dir is None else self.state_dir / worker,
            progress_within_s=self.progress_within_s,
            restore_moves_within_s=self.restore_moves_within_s,
            saved_within_s=self.saved_within_s,
            queue_moves_within_s=self.queue_moves_within_s,
            accepted_losses=tuple(map(Loss.parse, self.accept_lost)),
        )

    def registry(self) -> Registry:
        """Connect to the registry, or give the built-in one."""
        if self.registry_url is None:
            return LocalRegistry()
        # Here, as its client takes a tenth of a second of every start to import.
        from eropaf_client.schemas.http_registry import HttpRegistry

        secret = self.registry_user_info
        user_info = secret.get_secret_value() if secret else None
        return HttpRegistry(self.registry_url, user_info, self.registry_ca_file)

    def cluster(self) -> Cluster:
        """Return where our own clients connect, and how."""
        return Cluster(self.bootstrap, self.kafka_client, self.registry(), test_numbers=self.test_numbers)

    def board(self, time_zone: str) -> BoardConfig:
        """Return what the board needs; `time_zone` is that of the policy in force.

        Raises:
            SettingsError: a provider is named without the board's secret there.

        """
        open_id = None
        if self.board_openid_issuer is not None:
            if self.board_openid_client_secret is None:
                raise SettingsError("EROPAF_BOARD_OPENID_CLIENT_SECRET is not set, but there is an issuer")
            open_id = OpenId(
                self.board_openid_issuer,
                self.board_openid_client_id,
                self.board_openid_client_secret.get_secret_value(),
                self.board_openid_ca_file,
            )
        return BoardConfig(
            cluster=self.cluster(),
            database=self.board_database,
            address=(self.board_address or f"http://{self.board_host}:{self.board_port}").rstrip("/"),
            open_id=open_id,
            trusted_proxies=self.board_trusted_proxies,
            capacity=self.board_capacity,
            check_out_minutes=self.board_check_out_minutes,
            theme=self.board_theme,
            address_register=self.board_address_register,
            time_zone=time_zone,
            residents=self.residents_served(),
        )

    def secret(self) -> bytes:
        """Return the household secret.

        Raises:
            SettingsError: there is none, or it is too short.

        """
        if self.household_secret is None or len(self.household_secret.get_secret_value()) < SHORTEST_SECRET:
            raise SettingsError(
                f"EROPAF_HOUSEHOLD_SECRET must hold at least {SHORTEST_SECRET} characters. Make one with "
                "`python -c 'import secrets; print(secrets.token_hex(32))'` and keep it: another secret "
                "makes other keys"
            )
        return self.household_secret.get_secret_value().encode()

    def secret_fingerprint(self) -> str:
        """Return 32 bits that tell two household secrets apart, and serve nobody to find one.

        Slow to make (scrypt), so that a weak secret cannot be sought by it at leisure.
        """
        return hashlib.scrypt(self.secret(), salt=b"eropaf fingerprint", n=2**14, r=8, p=1, dklen=4).hex()

    def numbers(self) -> BsnRules:
        """Return of whom a BSN is taken, and which."""
        return BsnRules(frozenset(self.bsn_from), self.test_numbers)

    def read_policy(self) -> Policy:
        """Read the policy that is in force until another is activated (`policy_held.in_force` says which).

        Raises:
            SettingsError: there is no such file.
            PolicyError: it is not valid; the message names every fault.

        """
        return Policy.parse(policy_text(self.policy))


def _listed(keys: SecretStr) -> tuple[str, ...]:
    return tuple(part.strip() for part in keys.get_secret_value().split(","))
