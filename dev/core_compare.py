"""What differs between two runs of the same tests of Odoo: see dev/core. Prints it, and lists the tests in a file.

    core_compare.py [--parts] LIST WITHOUT WITH MODULE…

What differs is a test that passes without the addon and does not with it, one that did not run, and one whose own count
of queries is higher with it. What fails in both is said by number: it is of the machine, or of core.
"""

import json
import sys
from collections import Counter
from pathlib import Path

#: tests of core that fail with any module that does the same, and why
EXPECTED = {
    "website.test_menu.TestMenu.test_03_default_menu_for_new_website": "it counts the menus of core's website alone; "
    "each module with a page for the public adds one, as core's own do",
}


def read(path):
    rows = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return {row["test"]: row for row in rows}


def is_good(row):
    return row["outcome"] in ("passed", "skipped")


def get_more_queries(before, after):
    """``[(login, without, with)]`` of the counts that are higher."""
    pairs = zip(before["queries"], after["queries"], strict=False)
    return [(login, count, more) for (login, count), (_login, more) in pairs if more > count]


def describe(before, after):
    """Why a test differs; empty when it does not."""
    if before is None:
        return "" if is_good(after) else f"{after['outcome']}: {after['message']}"
    if after is None:
        return "did not run" if is_good(before) else ""
    if is_good(before) and not is_good(after):
        return f"{after['outcome']}: {after['message']}"
    if before["outcome"] == "passed" and after["outcome"] == "skipped":
        return f"skipped: {after['message']}"
    more = get_more_queries(before, after)
    return "queries: " + ", ".join(f"{login} {count} → {now}" for login, count, now in more) if more else ""


def count(rows):
    ends = Counter(row["outcome"] for row in rows)
    failed, seconds = ends["failed"] + ends["error"], sum(row["seconds"] for row in rows)
    return f"{ends['passed']:>4} passed {ends['skipped']:>3} skipped {failed:>3} failed {seconds:>5.0f} s"


def main():
    arguments = sys.argv[1:]
    is_part = "--parts" in arguments
    listed, without, with_addon, *modules = (argument for argument in arguments if argument != "--parts")
    different = {}
    for module in dict.fromkeys(modules):
        before, after = (read(Path(folder, module)) for folder in (without, with_addon))
        if is_part:
            before = {name: row for name, row in before.items() if name in after}
        if not before and not after:
            continue
        print(f"    {module:<20} without: {count(before.values())}   with: {count(after.values())}")
        for name in sorted(before.keys() | after.keys()):
            if reason := describe(before.get(name), after.get(name)):
                if name in EXPECTED:
                    print(f"    expected: {name}: {EXPECTED[name]}")
                else:
                    different[name] = reason
    for name, reason in different.items():
        print(f"    {name}\n        {reason}")
    Path(listed).write_text("".join(f"{name}\n" for name in different))
    sys.exit(bool(different))


main()
