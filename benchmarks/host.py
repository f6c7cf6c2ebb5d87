"""What the host pays: the same work in two databases that differ by the addon alone, in turns.

Queries are exact, and so are the calls of functions, which tell on a busy machine, too, what the code costs. The times
shown are the least of the runs; their ratio is the median of those of the turns, which others on the machine disturb
least, with its 95 % interval: a row is missed when all of that lies above the limit, and open when only the median
does; `NAMED` says what cannot be had for less; a row of as many queries and calls is told so, up to `SAME_WORK`.
A registry is loaded as core loads the first one of a process: without collecting garbage.
"""

import cProfile
import gc
import re
import sys
import time
from collections import Counter
from functools import partial
from unittest.mock import patch

from odoo.fields import Command, Domain
from odoo.modules.registry import Registry
from odoo.sql_db import Cursor
from odoo.tools import SQL

from . import measure

LOGIN = "host_user"
#: times that work may take, that loading may, and that work may which is the same by queries and calls
MORE_TIME, MORE_LOADING, SAME_WORK = 1.02, 1.2, 1.1
RUNS, WARM, LOADS = 24, 2, 12
#: turns are added until the measured work took so many seconds, or the turns are so many
SECONDS, MOST_RUNS = 12, 400

_LINKS = "core looks in its cache once for each model with notes and activities, of which we add twenty and thirteen"
_REGISTRY = "the same work, beside a registry that fills the caches of the processor sooner"
_ROLES = "the roles that a user may have, which the form of users lists, are more"
_RESERVED = "a record rule: our questionnaires and their answers are not for officers of core's surveys"
#: queries more that have no other way, and why they, or more time, are needed
NAMED = {
    "registry loaded": (0, "in proportion to its fields: ours are a quarter of those of the applications"),
    "20 mails sent": (0, "each is looked at for whose it is, so that answers are proved and leave before their copies"),
    "20 messages posted": (0, _LINKS),
    "20 messages posted by the system": (0, _LINKS),
    "20 messages logged": (0, _LINKS),
    "20 activities scheduled": (0, _LINKS),
    "20 onchanges of activities": (0, _LINKS),
    "20 activities done": (0, _LINKS),
    "20 partners created": (0, _LINKS),
    "20 partners imported": (0, _LINKS),
    "20 ratings given": (0, _LINKS),
    "10 mails received": (0, f"each is looked at for whom it is, and {_LINKS}"),
    "threads read": (0, "names of records of ours are for who reads them"),
    "20 files attached": (0, "a file of ours is made by who may change its record"),
    "20 files renamed and deleted": (0, "files that acts bind stay, and PostgreSQL asks each of our links to files"),
    "20 partners deleted": (0, "PostgreSQL asks each of our links to contacts"),
    "5 surveys answered": (0, "answers to our questionnaires are kept as they were given"),
    "views of three models": (0, "the forms of contacts and users have fields of ours"),
    "defaults of seven models": (0, _ROLES),
    "5 companies created": (1, "whether a default has them receive PQRS, of which making others empties the cache"),
    "10 users created": (0, _ROLES),
    "10 users archived": (1, "whether something of the SIG waits for them, for any number of users"),
    "survey read": (1, _RESERVED),
    "survey edited and copied": (0, _RESERVED),
}


def _make_user(env):
    groups = ["base.group_user", "base.group_partner_manager", "base.group_allow_export", "survey.group_survey_manager"]
    for name in ("sales_team.group_sale_manager", "project.group_project_manager"):
        groups += [name] if env.ref(name, raise_if_not_found=False) else []
    env["res.users"].create(
        {
            "name": "Guest of nobody",
            "login": LOGIN,
            "password": LOGIN,
            "email": "host@example.com",
            "group_ids": [Command.set([env.ref(name).id for name in groups])],
        }
    )
    partners = env["res.partner"].create(
        [{"name": f"Host {number}", "email": f"host{number}@example.com"} for number in range(200)]
    )
    for partner in partners[:50]:
        partner.message_post(body="Hello", message_type="comment")
    survey = env["survey.survey"].create(
        {
            "title": "Host",
            "access_mode": "public",
            "users_login_required": False,
            "question_and_page_ids": [
                Command.create(
                    {
                        "title": f"Host {number}",
                        "question_type": "simple_choice",
                        "suggested_answer_ids": [Command.create({"value": value}) for value in ("Good", "Bad")],
                    }
                )
                for number in range(5)
            ],
        }
    )
    env["ir.model.data"].create(
        {"module": "__host__", "name": "survey", "model": "survey.survey", "res_id": survey.id, "noupdate": True}
    )


def _partners(env, count=20):
    return env["res.partner"].search([("name", "=like", "Host %")], order="id", limit=count)


def _vals(count):
    return [{"name": f"New {number}", "email": f"new{number}@example.com"} for number in range(count)]


def _post(env, partners):
    for partner in partners:
        partner.message_post(body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment")


def _note(env, partners):
    partners._message_log_batch(dict.fromkeys(partners.ids, "Hello"))


def _read_thread(env, partners):
    messages = env["mail.message"].search(Domain("model", "=", "res.partner") & Domain("res_id", "in", partners.ids))
    messages.read(["body", "author_id", "record_name", "date", "attachment_ids"])


def _schedule(env, partners):
    for partner in partners:
        partner.activity_schedule("mail.mail_activity_data_todo", summary="Call")


def _finish(env, partners):
    partners.activity_ids.action_feedback(feedback="Done")


def _attach(env, partners):
    env["ir.attachment"].create(
        [{"name": "a.txt", "raw": b"a", "res_model": "res.partner", "res_id": partner.id} for partner in partners]
    )


def _rewrite_files(env, files):
    files.write({"name": "b.txt"})
    files.unlink()


def _prepare_files(env):
    _attach(env, _partners(env))
    return env["ir.attachment"].search([("res_model", "=", "res.partner"), ("name", "=", "a.txt")])


def _export(env, partners):
    partners.export_data(["name", "email", "parent_id/name", "country_id/id", "user_ids/name", "create_uid/name"])


def _import(env, _prepared):
    env["res.partner"].load(
        ["name", "email", "country_id/id", "function"],
        [[f"In {number}", f"in{number}@example.com", "base.co", "Guard"] for number in range(20)],
    )


def _default(env, _prepared):
    for name in ("res.partner", "res.users", "mail.activity", "survey.survey", "crm.lead", "project.task", "ir.cron"):
        if name in env:
            env[name].default_get(list(env[name]._fields))


def _onchange(env, partners):
    spec = {"summary": {}, "res_name": {}, "activity_type_id": {"fields": {"display_name": {}}}, "note": {}}
    model = env["ir.model"]._get_id("res.partner")
    kind = env.ref("mail.mail_activity_data_todo").id
    for partner in partners:
        values = {"res_model_id": model, "res_model": "res.partner", "res_id": partner.id, "activity_type_id": kind}
        env["mail.activity"].onchange(values, ["activity_type_id"], spec)


def _answer(env, _prepared):
    survey = env.ref("__host__.survey").sudo()
    for _number in range(5):
        sheet = survey._create_answer(user=env.user, check_attempts=False)
        for question in survey.question_ids:
            sheet._save_lines(question, question.suggested_answer_ids[0].id)
        sheet._mark_done()


def _read_survey(env, _prepared):
    survey = env["survey.survey"].search([("title", "=", "Host")])
    survey.read(["title", "answer_count", "question_ids", "access_mode"])
    survey.user_input_ids.read(["state", "partner_id", "scoring_total"])
    survey.question_ids.read(["title", "suggested_answer_ids"])


def _edit_survey(env, _prepared):
    survey = env["survey.survey"].search([("title", "=", "Host")])
    survey.write({"description": "<p>Hello</p>"})
    for question in survey.question_ids:
        question.write({"title": f"{question.title}!"})
    survey.copy()


def _log_in(env, _prepared):
    env["res.users"].authenticate({"type": "password", "login": LOGIN, "password": LOGIN}, {"interactive": True})
    env["ir.ui.menu"].load_menus(False)


def _views(env, _prepared):
    for name in ("res.partner", "survey.survey", "res.users"):
        env[name].get_views([(False, "list"), (False, "form"), (False, "search")])


def _open_partners(env, partners):
    named = {"fields": {"display_name": {}}}
    spec = {"name": {}, "email": {}, "parent_id": named, "category_id": named}
    env["res.partner"].web_search_read([("name", "=like", "Host %")], spec, limit=80)
    for partner in partners:
        partner.web_read({**spec, "child_ids": {"fields": {"name": {}}}})
    env["res.partner"].web_read_group([], ["country_id"], ["__count"])


def _edit_partners(env, partners):
    for partner in partners:
        partner.write({"name": f"{partner.name}!", "parent_id": False})


def _delete_partners(env, partners):
    partners.unlink()


def _make_companies(env, count=5):
    env["res.company"].create([{"name": f"Company {number}"} for number in range(count)])


def _edit_companies(env, _prepared):
    for company in env["res.company"].search([]):
        company.write({"email": "x@example.com"})


def _make_users(env, _prepared):
    env["res.users"].with_context(no_reset_password=True).create(
        [{"name": f"User {number}", "login": f"user{number}"} for number in range(10)]
    )


def _prepare_users(env):
    _make_users(env, None)
    return env["res.users"].search([("login", "=like", "user_")])


def _archive_users(env, users):
    users.write({"active": False})


def _receive_mails(env, _prepared):
    for number in range(10):
        env["mail.thread"].message_process(
            "res.partner",
            f"From: Ana <ana{number}@example.com>\nTo: someone@example.com\nSubject: Hello {number}\n"
            f"Message-Id: <{number}.host@example.com>\nContent-Type: text/plain\n\nHello\n",
        )


def _send_mails(env, partners):
    env["mail.mail"].create(
        [{"email_to": partner.email, "subject": "Hello", "body_html": "<p>Hello</p>"} for partner in partners]
    ).send()


def _rate(env, partners):
    model = env["ir.model"]._get_id("res.partner")
    ratings = env["rating.rating"].create(
        [{"res_model_id": model, "res_id": partner.id, "rating": 5, "consumed": True} for partner in partners]
    )
    ratings.read(["res_name", "rating"])


def _number(env, _prepared):
    sequence = env["ir.sequence"].create({"name": "Host", "code": "host"})
    for _count in range(10):
        sequence.next_by_id()
    sequence.write({"padding": 4})


#: name, work, who does it (None for the superuser), what prepares it
WORK = (
    ("20 messages posted", _post, LOGIN, _partners),
    ("20 messages posted by the system", _post, None, _partners),
    ("20 messages logged", _note, LOGIN, _partners),
    ("threads read", _read_thread, LOGIN, _partners),
    ("20 mails sent", _send_mails, None, _partners),
    ("10 mails received", _receive_mails, None, None),
    ("20 activities scheduled", _schedule, LOGIN, _partners),
    ("20 onchanges of activities", _onchange, LOGIN, _partners),
    ("20 activities done", _finish, LOGIN, lambda env: (_schedule(env, _partners(env)), _partners(env))[1]),
    ("20 partners created", lambda env, _prepared: env["res.partner"].create(_vals(20)), LOGIN, None),
    ("20 partners edited", _edit_partners, LOGIN, _partners),
    ("partners listed and opened", _open_partners, LOGIN, _partners),
    ("20 partners deleted", _delete_partners, None, lambda env: env["res.partner"].create(_vals(20))),
    ("200 partners exported", _export, LOGIN, partial(_partners, count=200)),
    ("20 partners imported", _import, LOGIN, None),
    ("defaults of seven models", _default, None, None),
    ("views of three models", _views, LOGIN, None),
    ("5 companies created", lambda env, _prepared: _make_companies(env), None, None),
    ("companies edited", _edit_companies, None, None),
    ("10 users created", _make_users, None, None),
    ("10 users archived", _archive_users, "admin", _prepare_users),
    ("20 files attached", _attach, LOGIN, _partners),
    ("20 files renamed and deleted", _rewrite_files, LOGIN, _prepare_files),
    ("20 ratings given", _rate, None, _partners),
    ("5 surveys answered", _answer, None, None),
    ("survey read", _read_survey, LOGIN, None),
    ("survey edited and copied", _edit_survey, LOGIN, None),
    ("numbers of a sequence", _number, None, None),
    ("logging in", _log_in, None, None),
)


def _count_calls(pair, work, login, prepare):
    """Calls of functions in one run, without and with."""
    found = []
    for database in pair:
        profile = cProfile.Profile()
        measured = partial(profile.runcall, work)
        measure.repeat(database, measured, login, runs=1, warm=0, prepare=prepare)
        found.append(sum(entry.callcount for entry in profile.getstats()))
    return found


def _explain(pair, work, login, prepare):
    """The queries that the second database takes more, without their values."""
    found = []
    for database in pair:
        seen = Counter()
        execute = Cursor.execute

        def watched(cr, query, *args, _seen=seen, _execute=execute, **kwargs):
            text = re.sub(r"\s+", " ", query.code if isinstance(query, SQL) else str(query)).strip()
            _seen[re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", text)[:160]] += 1
            return _execute(cr, query, *args, **kwargs)

        def watch(env, prepared, _watched=watched):
            with patch.object(Cursor, "execute", _watched):
                work(env, prepared)
                env.cr.flush()

        measure.repeat(database, watch, login, runs=1, warm=0, prepare=prepare)
        found.append(seen)
    return [f"{count} × {query}" for query, count in (found[1] - found[0]).items()]


def _measure_loading(pair, runs):
    samples = (measure.Sample(), measure.Sample())
    for _run in range(min(LOADS, runs)):
        for database, sample in zip(pair, samples, strict=True):
            Registry.delete_all()
            gc.collect()
            start = time.process_time()  # hardly any of it waits for the database
            Registry.new(database.name)
            sample.seconds.append(time.process_time() - start)
    return samples


def _get_bundle_sizes(database):
    """Bytes of the minified scripts and styles of the backend."""
    with database.environment() as env:
        bundle = env["ir.qweb"]._get_asset_bundle("web.assets_web", css=True, js=True)
        return len(bundle.js().raw or b"") + len(bundle.css().raw or b"")


def run(without, with_addon, only=(), runs=RUNS):
    """Print the rows; return whether none is missed."""
    measure.LANG = "en_US"  # these databases have no other
    pair = (without, with_addon)
    for database in pair:
        with database.environment(commit=True) as env:
            if not env["res.users"].search_count([("login", "=", LOGIN)]):
                _make_user(env)
        database.vacuum()
    rows, good = [], True

    def add(name, before, after, unit, limit, ratio=None, queries=None, calls=None):
        nonlocal good
        more = queries[1] - queries[0] if queries else 0
        ratio, low, high = ratio or (after / before,) * 3
        is_same_work = calls and calls[1] <= MORE_TIME * calls[0] and low <= SAME_WORK
        allowed, reason = NAMED.get(name, (0, _REGISTRY if is_same_work else ""))
        missed = more > allowed or (low > limit and not reason)
        good &= not missed
        count = f"{queries[0]:.0f} → {queries[1]:.0f} ({more:+.0f})" if queries else ""
        called = f"{calls[1] / calls[0]:.3f}" if calls else ""
        verdict = "**missed**" if missed else "met" if ratio <= limit and not more else reason or "open"
        ratios = f"{ratio:.3f} ({low:.3f} to {high:.3f})" if low < high else f"{ratio:.3f}"
        rows.append(f"| {name} | {before:.1f} | {after:.1f} | {unit} | {ratios} | {called} | {count} | {verdict} |")
        print(rows[-1], file=sys.stderr, flush=True)

    def wants(name):
        return not only or any(word in name for word in only)

    if wants("registry"):
        samples = _measure_loading(pair, runs)
        times = (sample.best * 1e3 for sample in samples)
        add("registry loaded", *times, "ms", MORE_LOADING, measure.compare(*samples))
    gc.freeze()  # what is loaded by now is not collected before each run
    for name, work, login, prepare in WORK:
        if wants(name):
            samples = measure.take_turns(pair, (work, work), login, runs, WARM, SECONDS, MOST_RUNS, prepare=prepare)
            counts = tuple(sample.query_count for sample in samples)
            calls = _count_calls(pair, work, login, prepare)
            times = (sample.best * 1e3 for sample in samples)
            add(name, *times, "ms", MORE_TIME, measure.compare(*samples), counts, calls)
            if counts[1] > counts[0]:
                print(*_explain(pair, work, login, prepare), sep="\n    ", file=sys.stderr)
    if wants("bundle"):
        sizes = [_get_bundle_sizes(database) / 1024 for database in pair]
        add("bundle of the backend", *sizes, "kB", MORE_TIME)
    head = ["| Work | Without | With | | Ratio | Calls | Queries | Verdict |", "|" + "---|" * 8]
    return [*head, *rows], good
