"""What was measured, as a table and as var/bench.json, and whether it keeps what is promised."""

import json
import platform
from importlib.metadata import version
from typing import Any

from django.db import connection

from clinic.local import VAR

GROWTH = 1.3
RIVAL_PER_S = 7  # whole bookings a second of the quickest product measured at a tenth of the data
FASTER = 3
LIMITS_MS = {"day": 15, "month": 50, "first_free": 40, "first_free_after_60_days": 40}
KILOBYTES = 90


def write(found: dict[str, Any]) -> list[str]:
    """Print the table and write the file; returns the bounds that do not hold, in words."""
    path = VAR / "bench.json"
    path.write_text(json.dumps(found, indent=2) + "\n")
    for part, values in found.items():
        print(f"\n{part}")
        for name, value in values.items() if isinstance(values, dict) else {}.items():
            print(f"  {name:<28} {_text(value)}")
    missed = broken(found)
    print(f"\n{path} written.", "Every bound holds." if not missed else "Out of bounds:", *missed, sep="\n  ")
    return missed


def machine() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("select split_part(version(), ' ', 2)")
        postgres = str(cursor.fetchone()[0])
    return {
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "django": version("django"),
        "postgres": postgres,
    }


def broken(found: dict[str, Any]) -> list[str]:
    """Each bound that does not hold."""
    free, told, ratios = found["availability"], found["contention"], found["ratios"]
    checks = {
        **{f"growth of {name} is {value:.2f}, not ≤ {GROWTH}": value <= GROWTH for name, value in found["growth"].items()},
        **{
            f"{name} takes {free[name]['http_ms']:.0f} ms, not ≤ {ms}": free[name]["http_ms"] <= ms
            for name, ms in LIMITS_MS.items()
        },
        **{f"{name} asks {one['queries']} queries, not ≤ 6": one["queries"] <= 6 for name, one in free.items()},
        **{
            f"{name}: the page takes more than 8 times its SQL and than 15 ms": one["http_ms"] <= max(8 * one["sql_ms"], 15)
            for name, one in free.items()
        },
        "a page could not be had": all(one["status"] == 200 for one in (*free.values(), found["today"])),
        "five locations take more than five times one": free["month_five_locations"]["http_ms"]
        <= 5 * free["month"]["http_ms"],
        f"contention: {told}": told["stored"] == 1 and not told["errors"] and not told["deadlocks"] and told["p95_ms"] < 500,
        f"over HTTP {told['http_stored']} won, {told['http_errors']} errors": told["http_stored"] == 1
        and not told["http_errors"],
        f"one slot over HTTP takes {ratios['one_slot_to_fifty']:.1f} times fifty": ratios["one_slot_to_fifty"] <= 2,
        f"month to range_agg is {ratios['month_to_range_agg']:.1f}, not ≤ 4": ratios["month_to_range_agg"] <= 4,
        "the month's plan uses no index on claims": ratios["month_uses_index"],
        f"book is {ratios['book_to_raw_insert']:.0f} raw inserts, not ≤ 40": ratios["book_to_raw_insert"] <= 40,
        f"{found['booking']['per_s']:.1f} bookings a second, not ≥ {FASTER * RIVAL_PER_S}": found["booking"]["per_s"]
        >= FASTER * RIVAL_PER_S,
        f"a page of more than {KILOBYTES} KB": max(found["bytes"].values()) <= KILOBYTES * 1000,
    }
    return [words for words, holds in checks.items() if not holds]


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "  ".join(f"{name} {_text(one)}" for name, one in value.items())
    return f"{value:.2f}" if isinstance(value, float) else str(value)
