"""What a command says of itself, by its exit status, when it is interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
import typer

from eropaf import main
from eropaf.commands import watch


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def exit_status(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr("sys.argv", ["eropaf", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()
    return ended.value.code


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_command_that_is_interrupted_fails_after_closing_what_is_open(
    monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    app, closed = typer.Typer(), []

    @app.command()
    def publish() -> None:
        try:
            signal.raise_signal(number)
        finally:
            closed.append("all")

    monkeypatch.setattr(main, "app", app)

    assert exit_status(monkeypatch) == status
    assert closed == ["all"]


class Stopped:
    """Stands in for a subscriber: it is interrupted while it waits."""

    caught_up = False

    def __init__(self, cluster: object) -> None:
        pass

    def __enter__(self) -> Stopped:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def poll(self, wait_s: float) -> list[object]:
        signal.raise_signal(signal.SIGTERM)
        return []


@pytest.mark.parametrize(("more", "status"), [((), 0), (("--until-caught-up",), 143)], ids=["watch", "all"])
def test_watching_is_done_when_interrupted_and_reading_to_the_end_is_not(
    monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], status: int
) -> None:
    monkeypatch.setattr(watch, "PrioritySubscriber", Stopped)

    assert exit_status(monkeypatch, "watch", *more) == status
