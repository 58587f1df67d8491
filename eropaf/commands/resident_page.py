"""`eropaf resident-page`: a page on which residents see what is held of them, and object."""

from __future__ import annotations

import asyncio

from eropaf.board.config import OpenId
from eropaf.board.resident.config import DeskPlace, ResidentPageConfig
from eropaf.board.resident.metrics import RESIDENT_MEASURES
from eropaf.board.resident.serve import served
from eropaf.process import logs
from eropaf.serving.listening import serve_metrics
from eropaf.serving.until_told import until_told
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError


def resident_page() -> None:
    """Serve a resident's own page until Ctrl-C or SIGTERM. It asks the desk, and has no rights itself."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    known = config(settings)
    if settings.resident_page_metrics_port is not None:
        serve_metrics(settings.metrics_host, settings.resident_page_metrics_port, RESIDENT_MEASURES)
    asyncio.run(_serve(settings, known))


def config(settings: Settings) -> ResidentPageConfig:
    """Return what the page needs.

    Raises:
        SettingsError: it could ask nobody, or a broker is only half described.

    """
    served = settings.residents_served()
    if settings.desk_url is None or served is None:
        raise SettingsError(
            "EROPAF_DESK_URL and EROPAF_RESIDENT_PAGE_SECRET must be set: the page shows what the desk says"
        )
    open_id = None
    if served.identity is not None:
        secret = settings.resident_page_openid_client_secret
        if secret is None:
            raise SettingsError(
                "EROPAF_RESIDENT_PAGE_OPENID_CLIENT_SECRET is not set, but there is an issuer"
            )
        known = served.identity
        open_id = OpenId(known.issuer, known.client_id, secret.get_secret_value(), known.ca_file)
    listens = f"http://{settings.resident_page_host}:{settings.resident_page_port}"
    return ResidentPageConfig(
        address=(settings.resident_page_address or listens).rstrip("/"),
        desk=DeskPlace(settings.desk_url, served.secret, settings.desk_ca_file),
        open_id=open_id,
        levels=settings.resident_page_openid_levels,
        contact=settings.contact,
        trusted_proxies=settings.resident_page_trusted_proxies,
        theme=settings.board_theme,
    )


async def _serve(settings: Settings, known: ResidentPageConfig) -> None:
    page = served(known, settings.resident_page_host, settings.resident_page_port)
    await until_told(page, "a resident's page", known.address)
