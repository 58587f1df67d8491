"""`eropaf gateway`: creditors and outreach tools over HTTP."""

from __future__ import annotations

import asyncio

from eropaf.agents.topology import ARREARS_DAYS, ERASURES_DAYS, FEEDBACK_DAYS, UPDATES_DAYS
from eropaf.cluster.policy_held import in_force
from eropaf.files.asked import asked
from eropaf.gateway.callers import read_callers
from eropaf.gateway.config import GatewayConfig, Kept, Tls, Tokens
from eropaf.gateway.serve import served
from eropaf.process import logs
from eropaf.risk.sources import source_of
from eropaf.serving.until_told import until_told
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf_client.files.filed import NOTHING_ASKED


def gateway() -> None:
    """Serve creditors and outreach tools that speak HTTP, until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    asyncio.run(_serve(settings))


def config(settings: Settings) -> GatewayConfig:
    """Return what the gateway needs.

    Raises:
        SettingsError: nobody could come in.
        CallersRefused: the file of callers is not right.
    """
    if settings.gateway_callers is None:
        raise SettingsError(
            "EROPAF_GATEWAY_CALLERS is not set: nobody could come in (docs/reference/gateway.md)"
        )
    address = settings.gateway_address or _listens(settings)
    callers = read_callers(settings.gateway_callers, settings.creditors)
    return GatewayConfig(
        cluster=settings.cluster(),
        address=address.rstrip("/"),
        callers=callers,
        group=settings.group,
        tokens=_tokens(settings, address),
        tls=_tls(settings),
        trusted_proxies=settings.gateway_trusted_proxies,
        socket=settings.gateway_socket,
        asked=asked(settings) if callers.creditors else NOTHING_ASKED,
        source_of=source_of,
        slips_public_key=_slips_key(settings),
        kept=Kept(ARREARS_DAYS, FEEDBACK_DAYS, UPDATES_DAYS, ERASURES_DAYS),
    )


def _slips_key(settings: Settings) -> str | None:
    if settings.slips_public_key is not None and not in_force(settings).contact_slips:
        raise SettingsError(
            "EROPAF_SLIPS_PUBLIC_KEY is set, but the policy in force has no [contact_slips]: state the "
            "ground there, or take the key away"
        )
    return settings.slips_public_key


def _listens(settings: Settings) -> str:
    scheme = "http" if settings.gateway_certificate_file is None else "https"
    return f"{scheme}://{settings.gateway_host}:{settings.gateway_port}"


def _tokens(settings: Settings, address: str) -> Tokens | None:
    if settings.gateway_openid_issuer is None:
        return None
    audience = settings.gateway_audience or address
    return Tokens(settings.gateway_openid_issuer, audience, settings.gateway_openid_ca_file)


def _tls(settings: Settings) -> Tls | None:
    if settings.gateway_certificate_file is None or settings.gateway_key_file is None:
        return None
    return Tls(settings.gateway_certificate_file, settings.gateway_key_file, settings.gateway_client_ca_file)


async def _serve(settings: Settings) -> None:
    known, port = config(settings), settings.gateway_metrics_port
    metrics_at = None if port is None else (settings.metrics_host, port)
    gateway = served(known, settings.gateway_host, settings.gateway_port, metrics_at)
    await until_told(gateway, "gateway", known.address)
