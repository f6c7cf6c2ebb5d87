"""Called by dev/bench: ``seed DATABASE``, ``multiply DATABASE SIZE``, ``run [options] SIZE=DATABASE…`` and
``web DATABASE``; by dev/fuzz: ``fuzz DATABASE``; by dev/attack: ``attack --prepare DATABASE`` and
``attack --log PATH DATABASE``; by dev/faults: ``faults --fault NAME DATABASE``; by dev/load:
``load --locust PATH --log PATH DATABASE``; by dev/replica: ``replica --log PATH DATABASE``; by dev/bench --host:
``host WITHOUT WITH``; by dev/bench --knowledge: ``knowledge --output PATH DATABASE``.
"""

import argparse
import logging
import sys
from functools import partial
from pathlib import Path

from odoo.tools import config


def _parse():
    parser = argparse.ArgumentParser(prog="dev/bench", description=__doc__)
    parser.add_argument("--addons-path", required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    seed = commands.add_parser("seed")
    seed.add_argument("database")
    multiply = commands.add_parser("multiply")
    multiply.add_argument("database")
    multiply.add_argument("size", type=int)
    web = commands.add_parser("web")
    web.add_argument("--quick", action="store_true")
    web.add_argument("--log", type=Path, default=Path("/dev/null"))
    web.add_argument("--output", type=Path)
    web.add_argument("database")
    fuzz = commands.add_parser("fuzz")
    fuzz.add_argument("--first", type=int, default=0)
    fuzz.add_argument("--count", type=int, default=5000)
    fuzz.add_argument("--log", type=Path, default=Path("/dev/null"))
    fuzz.add_argument("database")
    attack = commands.add_parser("attack")
    attack.add_argument("--prepare", action="store_true")
    attack.add_argument("--log", type=Path, default=Path("/dev/null"))
    attack.add_argument("--as", dest="logins", default="")
    attack.add_argument("--only", default="")
    attack.add_argument("database")
    faults = commands.add_parser("faults")
    faults.add_argument("--fault", required=True, help="a key of `faults.FAULTS`")
    faults.add_argument("--log", type=Path, default=Path("/dev/null"))
    faults.add_argument("database")
    replica = commands.add_parser("replica")
    replica.add_argument("--log", type=Path, required=True)
    replica.add_argument("database")
    load = commands.add_parser("load")
    load.add_argument("--locust", required=True, help="path of its executable")
    load.add_argument("--users", type=int, default=100)
    load.add_argument("--minutes", type=int, default=5)
    load.add_argument("--log", type=Path, required=True)
    load.add_argument("database")
    host = commands.add_parser("host")
    host.add_argument("--only", default="")
    host.add_argument("--quick", action="store_true")
    host.add_argument("databases", nargs=2)
    knowledge = commands.add_parser("knowledge")
    knowledge.add_argument("--quick", action="store_true")
    knowledge.add_argument("--output", type=Path)
    knowledge.add_argument("database")
    run = commands.add_parser("run")
    run.add_argument("--quick", action="store_true")
    run.add_argument("--only", default="")
    run.add_argument("--output", type=Path)
    run.add_argument("--full", metavar="SIZE=DATABASE", help="a much larger one, for a few rows")
    run.add_argument("--cool", metavar="COMMAND", help="starts PostgreSQL anew, for the first pages after it")
    run.add_argument("databases", nargs="+")
    return parser.parse_args()


def main():
    """Run one command."""
    arguments = _parse()
    config.parse_config(["--addons-path", arguments.addons_path, "--log-level", "warn"], setup_logging=True)
    logging.getLogger("odoo.tools.config").setLevel(logging.ERROR)
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    # Odoo's addons can be imported from here on.
    from . import measure

    if arguments.command == "seed":
        from . import seed

        with measure.nothing_leaves(), measure.Database(arguments.database).environment(commit=True) as env:
            seed.build(env)
    elif arguments.command == "multiply":
        from . import multiply

        with measure.Database(arguments.database).environment(commit=True) as env:
            multiply.multiply(env, arguments.size)
        measure.Database(arguments.database).vacuum()
    elif arguments.command == "web":
        from . import web

        text = "\n".join(web.run(measure.Database(arguments.database), arguments.quick, arguments.log)) + "\n"
        print(text)
        if arguments.output:
            with arguments.output.open("a") as output:
                output.write(f"\n{text}")
    elif arguments.command == "host":
        from . import host

        only = [word for word in arguments.only.split(",") if word]
        with measure.nothing_leaves():
            pair = map(measure.Database, arguments.databases)
            rows, good = host.run(*pair, only, runs=1 if arguments.quick else host.RUNS)
        print("\n".join(rows))
        sys.exit(not good)
    elif arguments.command == "knowledge":
        from . import early, suggest

        with measure.Database(arguments.database).environment() as env:
            lines = ["## What petitions teach", "", "`dev/bench --knowledge`.", ""]
            lines += suggest.run(env, 300 if arguments.quick else 3000)
        lines += early.run(6 if arguments.quick else 60)
        print("\n".join(lines))
        if arguments.output:
            suggest.replace_section(arguments.output, lines)
    elif arguments.command == "fuzz":
        from . import fuzz

        database = measure.Database(arguments.database)
        sys.exit(not fuzz.run(database, arguments.first, arguments.count, arguments.log))
    elif arguments.command == "attack":
        from . import attack

        database = measure.Database(arguments.database)
        if arguments.prepare:
            attack.prepare(database)
            sys.exit()
        logins, only = arguments.logins.split(",") if arguments.logins else (), arguments.only.split(",")
        sys.exit(not attack.run(database, arguments.log, logins, only if only != [""] else ()))
    elif arguments.command == "faults":
        from . import faults

        sys.exit(not faults.run(measure.Database(arguments.database), arguments.fault, arguments.log))
    elif arguments.command == "replica":
        from . import replica

        sys.exit(not replica.run(measure.Database(arguments.database), arguments.log))
    elif arguments.command == "load":
        from . import load

        database = measure.Database(arguments.database)
        sys.exit(not load.run(database, arguments.locust, arguments.users, arguments.minutes, arguments.log))
    else:
        from . import report, rows, suggest

        databases, full = (
            {
                int(size): measure.Database(name)
                for size, _equal, name in (pair.partition("=") for pair in pairs if pair)
            }
            for pairs in (arguments.databases, [arguments.full])
        )
        only = [word for word in arguments.only.split(",") if word]
        cool = partial(measure.cool, arguments.cool) if arguments.cool else None
        with measure.nothing_leaves():
            results, failed = rows.run(databases, quick=arguments.quick, only=only, full=full, cool=cool)
            text = report.render(results, databases, quick=arguments.quick)
        if failed:
            text += f"\nNot measured, for it failed: {', '.join(failed)}.\n"
        print(text)
        if arguments.output:
            arguments.output.write_text(suggest.keep_section(arguments.output, text))
        sys.exit(bool(failed))


main()
