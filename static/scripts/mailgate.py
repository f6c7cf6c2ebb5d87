#!/usr/bin/env python3
"""Hand the mail on the standard input over to Odoo, for a pipe of the mail server.

mailgate.py ADDRESS DATABASE USER_ID FILE_WITH_PASSWORD

Core's `odoo-mailgate.py` fails on bytes that are no UTF-8, and says of most failures that they are final: mail servers
return such a petition to its author. This one takes any bytes, and says "try again" of all failures but of an address
that nobody has. The password does not show in the list of processes.
"""

import sys
from pathlib import Path
from xmlrpc.client import Binary, Fault, ServerProxy

NO_USER, TRY_AGAIN = 67, 75  # of sysexits.h


def main(*arguments):
    try:
        address, database, user_id, password_file = arguments
        password = Path(password_file).read_text().strip()
        mail = Binary(sys.stdin.buffer.read())
        odoo = ServerProxy(f"{address}/xmlrpc/2/object", allow_none=True)
        odoo.execute_kw(database, int(user_id), password, "mail.thread", "message_process", [False, mail])
    except Exception as error:
        if isinstance(error, Fault) and "No possible route" in error.faultString:
            return NO_USER
        sys.stderr.write(f"{type(error).__name__}\n")  # the mail server may quote it to strangers
        return TRY_AGAIN
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
