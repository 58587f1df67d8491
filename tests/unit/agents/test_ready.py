"""What takes long once is done before the first record, and not while it waits."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: here it was imported long ago.
ATTACHED = """
import sys
from eropaf.agents import ranking
from eropaf_client.schemas.registry import LocalRegistry
from eropaf.agents.topology import stages
from tests.builders import amsterdam_example

class App:
    def agent(self, *_, **__):
        return lambda function: function

    def batches(self, stage):
        return None

registry = LocalRegistry()
assert "holidays" not in sys.modules
ranking.attach(App(), stages("eropaf", ["rent"], registry).ranking, registry, amsterdam_example())
assert "holidays.countries.netherlands" in sys.modules
"""


def test_the_first_deadline_waits_for_no_import() -> None:
    done = subprocess.run([sys.executable, "-c", ATTACHED], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
