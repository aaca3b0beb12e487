"""`make bench`: measure at ten thousand claims and at a million, print a table, write var/bench.json."""

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

from clinic import local

SMALL, LARGE = 10_000, 1_000_000


class Run(NamedTuple):
    searching: dict[str, Any]
    booking: Any
    today: Any
    plain: tuple[float, float, bool]
    raw: tuple[float, float]
    contention: tuple[Any, Any, Any]
    bytes: dict[str, int]
    machine: dict[str, str]


def main(small: int, large: int) -> list[str]:
    from bench import report  # the settings have to be there first

    less, more = (_run(claims) for claims in (small, large))
    growth = {name: more.searching[name].http_ms / less.searching[name].http_ms for name in more.searching}
    growth |= {f"{name}_sql": more.searching[name].sql_ms / less.searching[name].sql_ms for name in more.searching}
    growth |= {"booking": more.booking.ms / less.booking.ms, "today": more.today.http_ms / less.today.http_ms}
    inside, one, fifty = more.contention
    found = {
        "machine": more.machine,
        "claims": {"small": small, "large": large},
        "growth": growth,
        "contention": report.contention(inside) | {f"http_{name}": value for name, value in report.contention(one).items()},
        "availability": report.availability(more.searching),
        "booking": report.booking(more.booking),
        "today": {"http_ms": more.today.http_ms, "queries": more.today.queries},
        "ratios": {
            "month_to_range_agg": more.plain[0] / more.plain[1],
            "month_uses_index": more.plain[2],
            "book_to_raw_insert": more.raw[0] / more.raw[1],
            "one_slot_to_fifty": one.p95_ms / fifty.p95_ms,
        },
        "bytes": more.bytes,
    }
    return report.write(found)


def _run(claims: int) -> Run:
    from bench import booking, contention, databases, report, searching, web

    with databases.database(claims, lambda text: print(f"\n{text}", flush=True)) as world:
        with web.server(world.name):
            booked = booking.measure(world)
            browser = web.Browser(next(world.visitors).session)
            today, sizes = _today(world), _sizes(world, browser)
            at_http = contention.over_http(world)
            plain, raw = searching.plain(world), booking.beside_raw(world)
            inside = contention.operation(world)
            found = searching.measure(world, browser)  # last, because it fills a location
        return Run(found, booked, today, plain, raw, (inside, *at_http), sizes, report.machine())


def _today(world: Any) -> Any:
    from bench.searching import measure_page

    return measure_page(world.desk.session, "/workspace/")


def _sizes(world: Any, browser: Any) -> dict[str, int]:
    """Compressed bytes of whole pages, without what a browser has kept (style, script, icon)."""
    address = f"/book/{world.treatment.pk}/"
    pages = {"home": "/", "choose": "/book/", "times": address, "month": f"{address}month/", "visits": "/visits/"}
    return {name: browser.get(path).bytes for name, path in pages.items()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    local.prepare(Path(local.VAR) / "bench")
    import django

    django.setup()
    sizes = [int(text) for text in sys.argv[1:3]] or [SMALL, LARGE]
    sys.exit(1 if main(*sizes) else 0)
