"""What somebody writes to keep the server busy: it costs seconds at most, and headers no more than their length."""

import random

from odoo.addons.sig_pqrs.tools.disclosure import Figure, withhold
from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.addons.sig_pqrs.tools.starting_point import mark_other

from .bench import Row
from .measure import nothing_leaves, repeat

SECONDS, TARGET = 5, "≤ 5 s"
#: headers of so many signs; four times as many would take sixteen times as long if it were by their square
LENGTHS, TIMES, LENGTHS_TARGET = (20_000, 80_000), 8, "≤ 8 × that of a quarter"

HTML = "Content-Type: text/html\r\n"
ATTRIBUTES = "<p {}>Nadie pasó</p>".format(" ".join(f"a{number}=1" for number in range(20_000)))


def write_mail(subject="Ronda", author="Ana <ana@example.com>", headers="", body="Nadie pasó."):
    return (
        f"Received: from x by mx.example.com; Tue, 24 Nov 2026 09:10:05 -0500\r\nFrom: {author}\r\n"
        f"To: servicioalcliente@example.com\r\nSubject: {subject}\r\nMessage-Id: <1@x>\r\n{headers}\r\n{body}\r\n"
    ).encode()


#: mails of a length
GROWING = {
    "subject": lambda size: write_mail(subject="=?utf-8?q?a" * (size // 11)),
    "author": lambda size: write_mail(author="a" * size),
    "comments": lambda size: write_mail(author="(" * size),
    "results": lambda size: write_mail(headers=f"Authentication-Results: x; {'(a;' * (size // 3)}\r\n"),
    "authors": lambda size: write_mail(headers="From: a@b.co\r\n" * (size // 14)),
    "parameter": lambda size: write_mail(headers=f'Content-Type: text/plain; a="{";" * size}\r\n'),
    "lines": lambda size: write_mail(body="x" + "\n" * size),
    "reported": lambda size: write_mail(body="Message-Id:\n" * (size // 12) + "Action:" * (size // 7)),
}

#: mails that take core from half a minute to hours
HEAVY = {
    "attributes": write_mail(headers=HTML, body=ATTRIBUTES),
    "a word in a style": write_mail(headers=HTML, body=f"<p style='{'a' * 60_000}'>Nadie pasó</p>"),
    "lines": write_mail(headers=HTML, body="Nadie pasó" + "<br>" * 1_000_000),
    "quotes": write_mail(body="> Nadie pasó\r\n" * 100_000),
    "words of headers": write_mail(headers=f"Cc: {'=?utf-8?q?a?= ' * 200_000}\r\n"),
    "headers": write_mail(headers="To: a@b.co\r\n" * 200_000),
}

#: answers that somebody takes as a starting point
PARTS = ("1 ", "Aa ", "mil ", "a@", "calle 1 ", "«[", "- . ", "de la ", "12-")
PASTED = (*(part * 2000 for part in PARTS), "A" * 20_000)
LABELS = {kind: kind for kind in ("name", "contact", "address", "date", "amount", "number")}


def hostile(bench, size, database):
    if not bench.is_largest(size):
        return
    for name, make in GROWING.items():
        samples = [_time(bench, database, _read_headers, make(length)) for length in LENGTHS]
        short, long = (sample.median for sample in samples)
        note = f"{long / short:.1f} × that of {LENGTHS[0]:,} signs".replace(",", " ")
        met = long <= TIMES * short + 0.1
        bench.add(Row("Headers of 80 000 signs", name, size, samples[-1], None, LENGTHS_TARGET, met, note=note))
    for name, raw in HEAVY.items():
        with nothing_leaves():
            sample = repeat(database, lambda env, _prepared, raw=raw: _receive(env, raw), runs=2, warm=0)
        bench.add(Row("Heavy mail, until it is filed", name, size, sample, None, TARGET, sample.median <= SECONDS))
    sample = _time(bench, database, lambda texts: [_mark(text) for text in texts], PASTED)
    bench.add(Row("Long answers as starting points", "all", size, sample, None, TARGET, sample.median <= SECONDS))
    clients = _make_clients()
    sample = _time(bench, database, lambda them: withhold(them, dict.fromkeys(_get_rows(them), 1), 5), clients)
    met = sample.median <= SECONDS
    bench.add(Row("Figures that are withheld", "200 clients, 8 tables, 20 questions", size, sample, None, TARGET, met))


def _time(bench, database, work, what):
    return repeat(database, lambda _env, _prepared: work(what), runs=bench.runs(3), warm=0)


def _read_headers(raw):
    """Everything that a mail claims, which is read before it is known what the rest costs."""
    mail = IncomingMail(raw)
    mail.get_received_on(("x",))
    mail.get_authentication(("x",))
    mail.seems_automatic()
    return [
        *(mail.is_report, mail.has_plain_author, mail.is_of_list, mail.is_of_list_in("x"), mail.subject),
        *(mail.references, mail.original_ids, mail.reported_ids, mail.recipients, mail.reported_actions),
        *(mail.author, mail.passed_on_authors, mail.message_id),
    ]


def _receive(env, raw):
    env["mail.thread"].message_process("sig.pqrs", raw)


def _mark(text):
    return mark_other(text, LABELS, ["Ana Ruiz"])


def _make_clients():
    """Each answers most questions."""
    chance, clients = random.Random(4), []
    sizes = (7, 5, 3, 2, 1, 1, 1, 1)
    for _client in range(200):
        rows = [(table, min(int(chance.expovariate(0.5)), size)) for table, size in enumerate(sizes)]
        clients.append(
            [
                frozenset(
                    Figure(row, "satisfied") for row in ("total", ("question", one), ("dimension", one // 5), *rows)
                )
                for one in range(20)
                if chance.random() < 0.9
            ]
        )
    return clients


def _get_rows(clients):
    return {figure.row for answers in clients for answer in answers for figure in answer} - {"total"}
