"""What the tests share: the people of a company, and the builder of cases."""
import re
import threading
from contextlib import closing, contextmanager, nullcontext
from datetime import date, timedelta
from unittest.mock import MagicMock, patch

import psycopg2.errors

from odoo import SUPERUSER_ID, api, fields
from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder, moment
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import BaseCursor
from odoo.tests import Form, HttpCase, TransactionCase, freeze_time, tagged
from odoo.tools import SQL, mute_logger

__all__ = ["OwnTransactions", "SigCommon", "brief_refusals", "date", "erase", "freeze_time", "moment", "real_clock"]

#: tables of what hangs on any record, and the column that names its model
HANGING = {"mail_activity": "res_model", "mail_message": "model"}
HANGING |= dict.fromkeys(("mail_followers", "ir_attachment", "rating_rating"), "res_model")


def erase(records):
    """Delete records and what hangs on them, past all that guards them: what a test committed for real."""
    cr, ids = records.env.cr, tuple(records.ids) or (0,)
    records.env.flush_all()
    for table, column in HANGING.items():
        cr.execute(SQL("DELETE FROM %s WHERE %s = %s AND res_id IN %s", SQL.identifier(table), SQL.identifier(column), records._name, ids))
    cr.execute(SQL("DELETE FROM %s WHERE id IN %s", SQL.identifier(records._table), ids))
    records.env.invalidate_all()


def brief_refusals(registry):
    """Rules refuse without saying which of them: to find that takes core ten times as long as to refuse. For what is
    refused thousands of times, and nobody reads why.
    """
    return patch.object(registry["ir.rule"], "_make_access_error", lambda *_arguments: AccessError("A rule"))


class Conflict(psycopg2.errors.SerializationFailure):
    """With another transaction, as PostgreSQL tells it."""

    pgcode = "40001"


@tagged("post_install", "-at_install")
class OwnTransactions(TransactionCase):
    """It needs transactions of its own, so its records are committed and cleaned up; nothing depends on the date."""

    def make_people(self, env, *roles):
        """A user of each role, without email; they are `user_ids`, and go last."""
        people = [
            CaseBuilder.make_user(env, f"sig_hand_{number}", f"Mano {number}", role, email=False)
            for number, role in enumerate(roles)
        ]
        self.user_ids = [user.id for user in people]
        self.addCleanup(self.drop_people)
        return people

    @contextmanager
    def committed(self):
        """The environment of the superuser, in a transaction of its own."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})

    def drop_people(self):
        with self.committed() as env:
            users = env["res.users"].browse(self.user_ids).exists()
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    @contextmanager
    def hands(self):
        with self.registry.cursor() as first, self.registry.cursor() as second, mute_logger("odoo.sql_db"):
            yield first, second

    def assertStartsAgain(self, step, cr):
        """A step meets what another transaction committed; it is rolled back and tried again, as the server does.

        :param step: what takes a cursor.
        :return: what it is told then; None when there is nothing to refuse.
        """
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            step(cr)
            cr.flush()
        cr.rollback()
        try:
            step(cr)
            cr.flush()
        except UserError as refused:
            cr.rollback()
            return str(refused)
        return None

    def assertSecondStartsAgain(self, first_step, second_step=None):
        """The second has begun before the first takes its step, and takes its own, or the same, afterwards.

        :return: see `assertStartsAgain`.
        """
        with self.hands() as (first, second):
            second.execute("SELECT 1 FROM sig_pqrs LIMIT 1")  # what it sees is what there is now
            first_step(first)
            first.commit()
            told = self.assertStartsAgain(second_step or first_step, second)
            second.commit()
        return told

    @mute_logger("odoo.sql_db")
    def run_at_once(self, *steps):
        """Take steps at the very same moment; who meets another starts again, as with the server.

        :return: what each gives, in their order: a `UserError` when it was refused.
        """
        start, results = threading.Barrier(len(steps)), {}

        def run(position, step):
            start.wait(30)
            while position not in results:
                with self.registry.cursor() as cr:
                    try:
                        result = step(cr)
                        cr.commit()  # pylint: disable=invalid-commit  # a transaction of its own
                        results[position] = result
                    except psycopg2.errors.SerializationFailure:
                        cr.rollback()
                    except UserError as refused:
                        cr.rollback()
                        results[position] = refused

        threads = [threading.Thread(target=run, args=work) for work in enumerate(steps)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        return [results[position] for position in range(len(steps))]


def real_clock(cls):
    """Of a class whose tests need the time of the machine: a browser has no other."""
    cls.freeze_time = None
    return cls


@freeze_time("2026-11-24 15:00:00")  # 10:00 of a Tuesday in Bogotá, unless a class names another moment
@tagged("post_install", "-at_install")
class SigCommon(TransactionCase):
    """A company with two processes, and a person of each role. Nothing here depends on today's date."""

    #: name and role; the login is the key after ``sig_``
    PEOPLE = {
        "administrator": ("Administradora", "administrator"),
        "director": ("Directora SIG", "director"),
        "leader": ("Líder de Operaciones", "leader"),
        "deputy": ("Suplente de Operaciones", "leader"),
        "other_leader": ("Líder de Tecnología", "leader"),
        "collaborator": ("Colaborador de Operaciones", "collaborator"),
        "other_collaborator": ("Colaborador de Tecnología", "collaborator"),
        "management": ("Gerente General", "management"),
        "interviewer": ("Encuestador", "interviewer"),
        "employee": ("Empleado", None),
    }

    #: users of HERA: login, name and address
    CLIENTS = {
        "portal": ("sig_portal", "Cliente HERA", "portal@example.com"),
        "colleague": ("hera_colleague", "Colega", "colega@example.com"),
        "stranger": ("hera_stranger", "De otra empresa", "stranger@example.com"),
    }

    #: codes of languages that are active beside that of the database
    languages = ()
    #: type of the activities that a test looks for, unless it names another
    activity_type = "sig_pqrs.activity_sig"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US", "tz": "America/Bogota"})
        cls.company = cls.env.company
        cls.company.write({
            "country_id": cls.env.ref("base.co").id,
            "sig_service_email": "servicioalcliente@example.com",
            "email": "empresa@example.com",
        })
        for attribute, user in cls.get_people(cls.env).items():
            setattr(cls, attribute, user)
        cls.company.sig_director_id = cls.director
        cls.company._sig_open()
        cls.builder = CaseBuilder(cls.env, cls.director, cls.company)
        cls.operations = cls.builder.make_process("OPE", "Operaciones", cls.leader, cls.collaborator, deputy_ids=[(6, 0, cls.deputy.ids)])
        cls.technology = cls.builder.make_process("TEC", "Tecnología", cls.other_leader, cls.other_collaborator)
        cls.client = cls.env["res.partner"].create({"name": "Conjunto El Roble", "is_company": True, "email": "roble@example.com"})
        cls.contact = cls.env["res.partner"].create({"name": "Ana Ruiz", "email": "ana@example.com", "parent_id": cls.client.id})
        for code in cls.languages:
            cls.env["res.lang"]._activate_lang(code)

    def setUp(self):
        super().setUp()
        # A step of a petitioner under reserve replaces it: what the next test computes would be stale.
        self.addCleanup(setattr, self.env.transaction, "default_env", self.env.transaction.default_env)

    @staticmethod
    def see(case, own=True):
        return case.env["sig.client.view"]._describe(case, own)

    @staticmethod
    def client_step(case, step, *arguments, **kwargs):
        """A step of the user of the case as its client: ``write deliver withdraw rate review surveys``."""
        steps = case.env["sig.client.steps"]
        if step in ("deliver", "review"):
            return steps._step_write(case, *arguments, step=step, **kwargs)
        return getattr(steps, f"_step_{step}")(case, *arguments, **kwargs)

    @classmethod
    def get_people(cls, env):
        """``{attribute: user}``; they are made unless the database has them, as that of a run of `dev/test`."""
        people = {f"sig_{attribute}": (attribute, *person) for attribute, person in cls.PEOPLE.items()}
        clients = {login: (attribute, *client) for attribute, (login, *client) in cls.CLIENTS.items()}
        users = env["res.users"].search([("login", "in", [*people, *clients])])
        known = users.mapped("login")
        missing = [(login, *person) for login, (_attribute, *person) in people.items() if login not in known]
        users += CaseBuilder.make_users(env, missing, lang="en_US")
        users += users.with_context(no_reset_password=True).create([
            {"login": login, "password": login, "name": name, "email": email, "group_ids": [(6, 0, env.ref("base.group_portal").ids)]}
            for login, (_attribute, name, email) in clients.items() if login not in known
        ])
        return {(people | clients)[user.login][0]: user for user in users}

    @classmethod
    def open_company(cls, company):
        """Switch a company on, with a director of its SIG, who is returned."""
        director = CaseBuilder.make_user(cls.env, f"sig_director_{company.id}", "Directora de otra", "director", company, lang="en_US")
        company._sig_open()
        return director

    @classmethod
    def make_stranger(cls, role="director"):
        company = cls.env["res.company"].create({"name": "Otra", "country_id": cls.env.ref("base.co").id})
        return CaseBuilder.make_user(cls.env, f"sig_stranger_{role}", "De otra empresa", role, company, lang="en_US")

    def assertHolds(self, whole, *parts):
        for part in parts:
            self.assertIn(part, whole)

    def assertHoldsNone(self, whole, *parts):
        for part in parts:
            self.assertNotIn(part, whole)

    def assertEachRaises(self, error, *steps, said=""):
        """Each of the steps is refused, tried by itself."""
        for number, step in enumerate(steps):
            with self.assertRaisesRegex(error, said, msg=f"step {number}"), self.env.cr.savepoint():
                step()
                self.env.flush_all()

    def assertDenied(self, record, users, *steps, error=AccessError):
        """None of the users may take any of the steps, which take the record as the user has it."""
        for user in users:
            for number, step in enumerate(steps):
                with self.assertRaises(error, msg=f"{user.name}, step {number}"), self.env.cr.savepoint():
                    step(record.with_user(user))

    def assertTriedAgain(self, model, step, job):
        """A job meets another transaction: the error goes up to the scheduler, which rolls back and runs the job again."""
        with patch.object(self.registry[model], step, side_effect=Conflict), self.assertRaises(Conflict):
            job()

    @contextmanager
    def breaks_on(self, record, model, method):
        """A method of a model fails, which is logged, where it meets a record, among its own or as an argument."""
        original = getattr(self.registry[model], method)

        def meet(records, *args):
            if any(getattr(each, "_name", None) == record._name and record.id in each.ids for each in (records, *args)):
                raise ValueError("broken")
            return original(records, *args)

        with patch.object(self.registry[model], method, meet), self.assertLogs("odoo.addons.sig_pqrs", "WARNING"):
            yield

    @classmethod
    def make_case(cls, when=None, **vals):
        """A case filed by the SIG, as the SIG sees it."""
        return cls.builder.file({"partner_id": cls.contact.id, **vals}, when)

    def count_queries(self, step, *arguments):
        """Queries that a step takes when nothing is read yet."""
        self.reload()
        before = self.env.cr.sql_log_count
        step(*arguments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def assertFlat(self, prepare, work, more=10):
        """Five times as many records take hardly more queries.

        :param prepare: what makes so many records; `work` gets them.
        """
        work(prepare(2))  # warms the caches
        few, many = (self.count_queries(work, prepare(count)) for count in (5, 25))
        self.assertLess(many - few, more, f"{few} queries for 5, {many} for 25")

    def make_absence(self, user=None, process=None, substitute=None, start="2026-11-24", end="2026-11-27", **vals):
        process = process or self.operations
        user = user or process.leader_id
        substitute = self.substitute if substitute is None else substitute
        vals |= {"process_id": process.id, "user_id": user.id, "substitute_id": substitute.id}
        return self.env["sig.process.absence"].create({"date_from": start, "date_to": end, **vals})

    @classmethod
    def make_unfiled(cls, **vals):
        """What came by mail from a stranger: nobody has said yet that it is a petition."""
        return cls.env["sig.pqrs"].create({
            "type_id": cls.env.ref("sig_pqrs.type_queja").id, "subject": "Correo de un extraño", "channel": "email",
            "email_from": "extrano@example.com", "state": "to_file", **vals,
        })

    @classmethod
    def make_anonymous(cls, **vals):
        return cls.make_case(partner_id=False, anonymous=True, **vals)

    @classmethod
    def make_assignment(cls, case=None, process=None, **vals):
        case = case or cls.make_case()
        process = process or cls.operations
        assignments = cls.builder.assign(case, process, **vals)
        return assignments.filtered(lambda assignment: assignment.process_id == process)[-1:]

    @classmethod
    def finish_draft(cls, assignments, write=True):
        """They are drafted, unless they are written already, submitted and approved."""
        if write:
            cls.builder.draft(assignments)
        else:
            assignments.with_user(assignments.user_id).action_submit()
        cls.builder.approve(assignments)

    @classmethod
    def make_approved(cls, case=None, processes=None, **vals):
        """A case whose processes have approved, to be sent."""
        return cls.builder.answer(case or cls.make_case(**vals), processes or cls.operations)

    @classmethod
    def make_closed(cls, **vals):
        return cls.builder.send(cls.make_approved(**vals))

    def begin_step(self, records, step, user=None):
        """The model of the dialog of a step, of the SIG by default, with what its button gives it."""
        action = records.with_user(user or self.director).with_context(default_step=step).action_open_step()
        return self.env[action["res_model"]].with_user(user or self.director).with_context(**action["context"])

    def take_step(self, records, step, user=None, **values):
        form = Form(self.begin_step(records, step, user))
        for name, value in values.items():
            setattr(form, name, value)
        return form.save().action_confirm()

    def open_step(self, records, step, user=None):
        return Form(self.begin_step(records, step, user))

    @contextmanager
    def undone(self):
        """What is done within is undone afterwards."""
        with closing(self.env.cr.savepoint()):
            yield
        self.env.invalidate_all()

    @classmethod
    def reload(cls, *records):
        cls.env.flush_all()
        cls.env.invalidate_all()
        return records

    @classmethod
    def kinds(cls, case):
        return case.sudo().act_ids.sorted("number").mapped("kind")

    def explain(self, case):
        return " ".join(self.env["sig.term.explanation"]._get_lines(case))

    def assertChain(self, case):
        self.env.flush_all()
        self.assertFalse(self.env["sig.pqrs.act"]._verify(case.sudo()))

    @classmethod
    def as_director(cls, records):
        return records.with_user(cls.director)

    @staticmethod
    def get_silence(case):
        """The risk that the law takes it as accepted: ``none near happened``."""
        risk = case.env["sig.silence"]._get_risks(case.sudo()).get(case)
        return risk.kind if risk else "none"

    def get_tiles(self, user, company=None):
        """``{key: tile}`` of *Mi día* of a user."""
        day = self.env["sig.my.day"].with_user(user).with_company(company or self.company)
        return {tile["key"]: tile for tile in day.get_my_day()["tiles"]}

    def activities(self, record, xmlid=None):
        """Those of one type that wait on a record."""
        self.reload()
        kind = self.env.ref(xmlid or self.activity_type)
        return record.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind)

    def run_cron(self, xmlid):
        # an `HttpCase` is in that mode already
        with nullcontext() if isinstance(self, HttpCase) else self.enter_registry_test_mode():
            self.assertIs(self.env.ref(xmlid).method_direct_trigger(), True, "the job failed")

    def watch(self, when="2026-11-24 12:00:00", digests=False):
        """The daily review of a moment, in UTC, and the automation rules an hour later.

        :param digests: whether it sends them too, which takes longer than all the rest.
        """
        quiet = patch.object(self.registry["sig.digest"], "_send_digests", lambda _digest: None)
        with freeze_time(when), nullcontext() if digests else quiet:
            self.run_cron("sig_pqrs.cron_watch")
        later = fields.Datetime.to_datetime(when) + timedelta(hours=1)
        with freeze_time(later), patch.object(BaseCursor, "now", lambda _cr: later):
            self.run_cron("base_automation.ir_cron_data_base_automation_check")
        self.env.invalidate_all()

    def print_html(self, case, user=None, report="report_case_file"):
        """Text of a report as HTML, without its blanks."""
        env = case.with_user(user or self.director).env
        html = env["ir.actions.report"]._render_qweb_html(f"sig_pqrs.{report}", case.ids)[0].decode()
        return " ".join(re.sub("<[^>]+>", " ", html).split())

    def get_token(self, page):
        """The token against CSRF of the first form of a page, a response; empty when it has none."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        return found[1] if found else ""

    def catch_mails(self):
        """A mail server that takes everything and keeps it in the list that it gives."""
        sent = []

        def send_email(_self, message, *_args, **_kwargs):
            sent.append(message)
            return message["Message-Id"]

        for name, double in (("_disable_send", lambda _self: False), ("_connect__", MagicMock()), ("send_email", send_email)):
            self.startPatcher(patch.object(IrMail_Server, name, double))
        return sent
