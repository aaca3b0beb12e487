"""`make bench`: measure at ten thousand claims and at a million, print a table, write var/bench.json.

`python -m bench SMALL LARGE` takes other sizes. Ends with 1 when a bound does not hold.
"""

import os
import sys
from contextlib import ExitStack
from typing import Any

import django

from clinic import local

SIZES = (10_000, 1_000_000)


def main(small: int, large: int) -> list[str]:
    """The bounds that do not hold, in words."""
    from bench import booking, contention, databases, report, searching, web  # the settings have to be there first

    with ExitStack() as stack:
        sizes = zip((small, large), web.PORTS, strict=True)
        both = [stack.enter_context(databases.database(claims, port)) for claims, port in sizes]
        for world in both:
            stack.enter_context(web.server(world.name, world.port))
        less, more = booking.measure(both)
        today = searching.pages(both, "/workspace/")
        world = both[1]
        with world.inside():
            one, fifty = contention.over_http(world)
            raw = booking.beside_raw(world)
            inside = contention.operation(world)
            machine = report.machine()
        prepared = [searching.prepare(world) for world in both]
        found = searching.measure(prepared)
        over_ranges, index = searching.plain(prepared[1])
        sizes_of_pages = web.sizes(world.treatment.pk, prepared[1].browser)
    growth = {name: found[1][name].http_ms / found[0][name].http_ms for name in found[1]}
    growth |= {f"{name}_sql": found[1][name].sql_ms / found[0][name].sql_ms for name in found[1]}
    growth |= {"booking": more.ms / less.ms, "today": today[1].http_ms / today[0].http_ms}
    return report.write(
        {
            "machine": machine,
            "claims": {"small": small, "large": large},
            "growth": growth,
            "contention": inside._asdict() | {f"http_{name}": value for name, value in one._asdict().items()},
            "availability": {name: one._asdict() for name, one in found[1].items()},
            "booking": more._asdict(),
            "today": today[1]._asdict(),
            "ratios": {
                "month_to_range_agg": over_ranges,
                "month_uses_index": index,
                "book_to_raw_insert": raw[0] / raw[1],
                "one_slot_to_fifty": one.p95_ms / fifty.p95_ms,
                "booking_to_five_empty_requests": more.ms / more.floor_ms,
            },
            "bytes": sizes_of_pages,
        }
    )


def _sizes(arguments: list[str]) -> Any:
    return [int(text) for text in arguments] or SIZES


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    local.prepare(local.VAR / "bench")
    django.setup()
    sys.exit(1 if main(*_sizes(sys.argv[1:])) else 0)
