"""A pytest plugin, loaded before the settings: one machine's own, with a Postgres unless DATABASE_URL names one."""

import os
from pathlib import Path

from clinic import local

os.environ["LOCAL"] = "1"
local.prepare(Path(__file__).resolve().parent.parent / "var" / "tests", durable=False)
