"""The rules of docs/STYLE.md that a machine can check. An exception stands here, with its reason."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from eropaf.main import COMMANDS
from tests.integration.processes import REPO

LONGEST_FILE_LINES = 400
LONGEST_TEST_NAME = 80
MOST_BY_POSITION = 5

NOT_OURS = {"node_modules", "build", "dist", "site", "data"}
LONG_FILES = {
    # Its steps share one state, and are read from above: a part that is taken out hides what it changes.
    "streams/runtime/machine.py",
}
# Each record that is written: a name makes it half as dear again, by a dictionary (ADR 83).
HOT_PATH = ("streams/runtime/batch.py",)
# Takes as many columns as there are.
OF_ANY_LENGTH = {"Table"}
DEFINED_TWICE = {
    # The kernel's own number; the deployment stands alone, and imports nothing of the plumbing.
    "PR_SET_PDEATHSIG",
}
# By custom each module has its own.
BY_CUSTOM = re.compile(r"TypeVar\(|logging\.getLogger\(")

NOT_OF_PEOPLE = re.compile(r"\b(debtor|suspect|culprit)s?\b", re.IGNORECASE)
NO_IDEA = {"utils", "util", "helpers", "helper", "common", "misc"}
NO_VERB = {"a", "an", "the", "this", "that", "what", "who", "whether", "if", "it", "give", "get", "helper"}
BARE_PASS = re.compile(r"#\s*(noqa(?!: ?[A-Z])|type: ignore(?!\[))")

USED_FROM_OUTSIDE = {
    # By creditors' programs (docs/reference/client.md).
    "clients/eropaf_client/async_feedback.py",
    "clients/eropaf_client/async_outbox_publisher.py",
    # By tests, ours and a user's: a registry beside the embedded Kafka (ADR 5).
    "deploy/embedded/registry.py",
}
# On which every command stands: what is linked in below it, what a process is, the cluster, the settings.
UNDER_EVERY_COMMAND = {
    "agents", "cluster", "commands", "process", "risk", "serving", "settings", "simulate", "streams",
}  # fmt: skip
# A command that asks two rooms of services, and why.
ASKS_TWO = {
    # Where this process holds the auditors' key, its board is the desk.
    "board": {"board", "desk"},
    # What is chosen is drawn as on the page that decides.
    "choose": {"choosing", "worth"},
    # What a creditor posts as a file is read as one that it delivers.
    "gateway": {"files", "gateway"},
    # The register comes from a file, or is asked for.
    "residents": {"files", "lookup"},
}
# The programs, and what builds a flow of its own: all others are handed the settings.
READ_THE_SETTINGS = ("eropaf/commands/", "eropaf/worker.py", "eropaf/demo/", "eropaf/derived/chart.py")

# Word for word from Dutch, with what a native writes.
CARRIED_OVER = {
    r"without a word(?! of)": "silently",
    r"(made|begins?|began|starts?|started|sealed|written|told|tried|read|it|all) anew": "again, restarted",
    r"\b(for|to|by) who (is|has|wants|decides|can|must|asks|needs|holds|sends|runs|reads)\b": "for whoever",
    r"\bread along\b": "followed",
    r"\btwice is harmless\b": "idempotent, does no harm",
    r"\b(told|needed|reported|handed on) no more(?! than)\b": "no longer told",
    r"of which (nothing|each|none|no)\b": "a clause of its own",
    r"\bis there already\b": "already exists",
    r"\bputs? back\b": "restore, import, replay",
    r"\b(Take in|Hear) that\b": "Record that",
    r"\bso that none\b": "so that no",
    r"\bfollows? upon\b": "follow",
    r"\btime stamps?\b": "timestamp",
    r"\bhalf-way committed\b": "pending (of a transaction)",
}
UNFINISHED = re.compile(r"\b(FIXME|XXX)\b")

# Figures of speed and size, as a measurement gives them.
MEASURED = re.compile(r"\d (ms|µs|MiB)\b|\d (records|events|signals|updates) a second")
COMMAND = re.compile(r"`[^`]*(make [a-z]|python -m|bench|tests/|eropaf )[^`]*`")


@cache
def sources() -> dict[str, str]:
    """Return every Python file of ours by its path: each once, where a link leads to it as well."""
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(REPO):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in NOT_OURS]
        for path in (Path(folder, name) for name in names if name.endswith(".py")):
            if not path.is_symlink():
                found[str(path.relative_to(REPO))] = path.read_text("utf-8")
    return found


@cache
def trees() -> dict[str, ast.Module]:
    return {name: ast.parse(text) for name, text in sources().items()}


@cache
def pages() -> dict[str, str]:
    """Return every page of the documents. The style's own names what it bans."""
    every = [REPO / "README.md", REPO / "CONTRIBUTING.md", *(REPO / "docs").rglob("*.md")]
    return {str(path.relative_to(REPO)): path.read_text("utf-8") for path in every if path.name != "STYLE.md"}


def is_product(name: str) -> bool:
    return not name.startswith(("tests/", "bench/", "examples/"))


def nodes(*kinds: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Yield each node of these kinds, with the file in which it stands."""
    for name, tree in trees().items():
        yield from ((name, node) for node in ast.walk(tree) if isinstance(node, kinds))


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, node in nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield name, node


def constants() -> dict[str, list[tuple[str, str]]]:
    """Return each constant of the product: the files that define it, and as what."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, tree in trees().items():
        for statement in tree.body if is_product(name) else ():
            if isinstance(statement, ast.Assign):
                named = statement.targets[0]
            elif isinstance(statement, ast.AnnAssign):
                named = statement.target
            else:
                continue
            if isinstance(named, ast.Name) and named.id.isupper() and statement.value is not None:
                found[named.id].append((name, ast.unparse(statement.value)))
    return found


def test_there_is_something_to_look_at() -> None:
    assert len(sources()) > 500
    assert len(constants()) > 400


@pytest.mark.parametrize("kind", ["a number", "the same"])
def test_a_constant_has_one_definition(kind: str) -> None:
    doubled = {}
    for constant, defined in constants().items():
        values = [value for _, value in defined if not BY_CUSTOM.match(value)]
        if kind == "a number":
            wrong = len(values) > 1 and any(map(_is_number, values))
        else:
            wrong = len(set(values)) < len(values)
        if wrong and constant not in DEFINED_TWICE:
            doubled[constant] = defined

    assert doubled == {}


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[\d_.eE*+\-/() ]+", value) is not None


def test_a_file_has_400_lines_at_most() -> None:
    long = {name for name, text in sources().items() if text.count("\n") > LONGEST_FILE_LINES}

    assert long == LONG_FILES


def test_no_two_modules_of_tests_have_one_name() -> None:
    """Outside packages pytest imports them by it, and of two leaves the second out of a whole run."""
    named: dict[str, list[str]] = {}
    for path in sorted((REPO / "tests").rglob("test_*.py")):
        if not (path.parent / "__init__.py").exists():
            named.setdefault(path.name, []).append(str(path.relative_to(REPO)))

    assert [paths for paths in named.values() if len(paths) > 1] == []


def test_every_room_stands_on_a_floor_so_that_its_imports_are_held() -> None:
    """A module that the layers do not name may import anything, and be imported by anything."""
    settings = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    named = set(re.findall(r"eropaf\.(\w+)", " ".join(layers)))
    places = [
        each
        for each in (REPO / "eropaf").iterdir()
        if each.suffix == ".py" or (each / "__init__.py").exists()
    ]
    # What is deployed stands alone, by a contract of its own.
    assert {each.stem for each in places} - {"__init__", "deploy"} == named


def test_a_command_asks_one_room_of_services() -> None:
    asks: dict[str, set[str]] = defaultdict(set)
    for name, node in nodes(ast.ImportFrom):
        assert isinstance(node, ast.ImportFrom)
        if name.startswith("eropaf/commands/") and (node.module or "").startswith("eropaf."):
            asks[Path(name).stem].add(str(node.module).split(".")[1])
    services = {command: rooms - UNDER_EVERY_COMMAND for command, rooms in asks.items()}

    assert {command: rooms for command, rooms in services.items() if len(rooms) > 1} == ASKS_TWO


def test_a_service_is_handed_the_settings() -> None:
    read_by = {
        name
        for name, node in nodes(ast.Call)
        if name.startswith("eropaf/") and isinstance(node, ast.Call) and ast.unparse(node.func) == "Settings"
    }

    assert read_by
    assert [name for name in read_by if not name.startswith(READ_THE_SETTINGS)] == []


def module_of(name: str) -> str:
    """Return the name under which a file of the product is imported (ADR 38)."""
    parts = Path(name).with_suffix("").parts
    home = {"schemas": ("eropaf_client",), "clients": (), "eropaf": ()}.get(parts[0], ("eropaf",))
    return ".".join((*home, *(parts[1:] if parts[0] == "clients" else parts))).removesuffix(".__init__")


def test_every_module_is_imported_or_started_by_somebody_but_its_tests() -> None:
    used = {where.place.split(":")[0] for where in COMMANDS.values()}
    used = {f"eropaf.commands.{command}" for command in used}
    for name, node in nodes(ast.Import, ast.ImportFrom):
        if name.startswith("tests/"):
            continue
        if isinstance(node, ast.ImportFrom):
            used |= {str(node.module), *(f"{node.module}.{each.name}" for each in node.names)}
        elif isinstance(node, ast.Import):
            used |= {each.name for each in node.names}
    dead = {
        name
        for name, text in sources().items()
        if is_product(name) and not name.endswith(("__init__.py", "__main__.py"))
        if module_of(name) not in used and '__name__ == "__main__"' not in text
    }

    assert dead == USED_FROM_OUTSIDE


def test_a_file_is_named_after_an_idea() -> None:
    assert [name for name in sources() if Path(name).stem in NO_IDEA] == []


def test_a_tests_name_is_a_rule_of_80_characters_at_most() -> None:
    long = [
        (name, function.name)
        for name, function in functions()
        if function.name.startswith("test_") and len(function.name) > LONGEST_TEST_NAME
    ]

    assert long == []


def test_a_docstring_of_a_function_begins_with_a_verb_in_the_imperative() -> None:
    wrong = []
    for name, function in functions():
        said = ast.get_docstring(function)
        # A property says what it is.
        is_property = any(ast.unparse(each).endswith("property") for each in function.decorator_list)
        if said is None or is_property or not is_product(name):
            continue
        first, second, *_ = [*said.split(), ""]
        verb = first.strip(".,:;`").lower()
        # "Give up" is another verb.
        if (verb in NO_VERB or re.search(r"[^s]s$", verb)) and second != "up":
            wrong.append(f"{name}:{function.lineno}: {said.splitlines()[0]}")

    assert wrong == []


def test_six_arguments_go_by_name_except_where_each_event_passes() -> None:
    by_position = []
    for name, node in nodes(ast.Call):
        assert isinstance(node, ast.Call)
        if not is_product(name) or name.startswith(HOT_PATH) or not isinstance(node.func, ast.Name):
            continue
        made = node.func.id
        if made.lstrip("_")[:1].isupper() and made not in OF_ANY_LENGTH and len(node.args) > MOST_BY_POSITION:
            by_position.append(f"{name}:{node.lineno}: {made}")

    assert by_position == []


def test_what_is_passed_over_says_what_it_passes_over() -> None:
    bare = [
        f"{name}:{number}"
        for name, text in sources().items()
        for number, line in enumerate(text.splitlines(), 1)
        if BARE_PASS.search(line) and not name.endswith("test_house_style.py")
    ]

    assert bare == []


def test_one_place_alone_writes_tables_for_spreadsheets() -> None:
    written = [name for name, text in sources().items() if is_product(name) and "csv.writer(" in text]

    assert written == ["clients/eropaf_client/files/writing.py"], "use csv_line: in it no text is a formula"


@pytest.mark.parametrize(("phrase", "native"), CARRIED_OVER.items())
def test_no_phrase_is_carried_over_word_for_word(phrase: str, native: str) -> None:
    # A phrase may be wrapped, within a docstring, a comment or a text.
    spread = re.compile(phrase.replace(" ", r"[\s#\"]+"))
    product = {name: text for name, text in sources().items() if is_product(name)}
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}"
        for name, text in (product | pages()).items()
        for match in spread.finditer(text)
    ]

    assert found == [], f"write: {native}"


def test_nothing_is_left_unfinished() -> None:
    marked = [name for name, text in sources().items() if UNFINISHED.search(text)]

    assert marked == ["tests/unit/test_house_style.py"]


def test_no_merge_is_left_half_done() -> None:
    sides = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)

    assert [name for name, text in (sources() | pages()).items() if sides.search(text)] == []


def test_an_exception_that_is_needed_no_more_is_taken_out() -> None:
    by_position = {
        node.func.id
        for _, node in nodes(ast.Call)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and len(node.args) > MOST_BY_POSITION
    }

    assert by_position >= OF_ANY_LENGTH
    assert all(len(constants()[name]) > 1 for name in DEFINED_TWICE)
    assert all(any(name.startswith(path) for name in sources()) for path in HOT_PATH)


def test_nobody_is_called_what_they_are_not() -> None:
    documents = {
        str(path.relative_to(REPO)): path.read_text("utf-8")
        for folder in ("docs", "schemas/avsc", "board/languages")
        for path in (REPO / folder).rglob("*")
        if path.suffix in (".md", ".avsc", ".toml") and path.name != "STYLE.md"
    }
    product = {name: text for name, text in sources().items() if is_product(name)}
    called = [
        f"{name}:{number}: {line.strip()}"
        for name, text in (product | documents).items()
        for number, line in enumerate(text.splitlines(), 1)
        if NOT_OF_PEOPLE.search(line)
    ]

    assert called == []


def test_a_decision_that_names_a_measured_figure_names_what_repeats_it() -> None:
    pages = sorted((REPO / "docs" / "adr").glob("*.md"))
    unfounded = [
        page.name
        for page in pages
        if MEASURED.search(text := page.read_text("utf-8")) and not COMMAND.search(text)
    ]

    assert pages
    assert unfounded == []
