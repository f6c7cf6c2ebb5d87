"""Odoo's command line as a file: a server of several workers starts itself again by its path.

While the folder ``SIG_KILL`` holds a file named after a step, the worker that takes the step kills itself where it
hurts: ``action_launch.before``, when all is written and nothing is committed; ``action_launch.after``, when it is done
and nobody was told. Each file strikes once.
"""

import os
import signal
from pathlib import Path

from odoo import http, sql_db
from odoo.cli.command import main


def strike_at_commits(folder):
    """Have the workers of this server look into the folder whenever a request commits."""
    commit = sql_db.Cursor.commit

    def strike(step, moment):
        try:
            (folder / f"{step}.{moment}").unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def commit_or_die(cursor):
        request = http.request
        if not request or not request.env or request.env.cr is not cursor:
            return commit(cursor)
        method = request.httprequest.method
        step = request.httprequest.path.rpartition("/")[2] if method == "POST" else ""
        strike(step, "before")
        result = commit(cursor)
        strike(step, "after")
        return result

    sql_db.Cursor.commit = commit_or_die


if "SIG_KILL" in os.environ:
    strike_at_commits(Path(os.environ["SIG_KILL"]))
main()
