"""What leaves in one batch: the original of each mail is on its own case, whatever becomes of the others."""

import smtplib
from contextlib import nullcontext, suppress
from unittest.mock import patch

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.addons.sig_pqrs.models.core.mail_mail import MARK
from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.modules.module import load_script
from odoo.tools import file_path, mute_logger

from .mail import MailCommon, SmtpStub

LATER, NEVER = (450, b"4.2.1 come back later"), (550, b"5.1.1 no such user")


class MailBatchCommon(MailCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": f"Persona {number}", "email": f"persona{number}@example.org"} for number in range(3)]
        )

    def queue(self, cases=None, purpose="acknowledgement"):
        """Cases, and the mails of their notices."""
        cases = cases or self.env["sig.pqrs"].union(*(self.make_case(partner_id=person.id) for person in self.people))
        mails = [self.env["sig.client.notice"]._queue(cases.sudo(), purpose, "Gracias")[case.id] for case in cases]
        return cases, self.env["mail.mail"].union(*mails)

    def send(self, mails, refused=(), **kwargs):
        with SmtpStub(refused).serves() as server:
            mails.send(**kwargs)
        return server

    def get_kept(self, cases):
        return self.env["sig.pqrs.mail"].search([("pqrs_id", "in", cases.ids), ("direction", "=", "out")])


class TestMailBatch(MailBatchCommon):
    def assertOwn(self, cases, left):
        """Each original is on the case that its own headers name, and there are those that left, and no others.

        :param dict left: ``{case: addresses}``.
        """
        kept = self.get_kept(cases)
        found = {case: [] for case in cases}
        for mail in kept:
            raw = IncomingMail(mail._get_raw())
            message = self.env["mail.mail"]._sig_find_marked(raw)
            if message.exists():
                record = self.env[message.model].browse(message.res_id)
                self.assertEqual(mail.pqrs_id, record if record._name == "sig.pqrs" else record.pqrs_id)
            self.assertEqual(mail.company_id, mail.pqrs_id.company_id)
            self.assertIn(mail.pqrs_id.name.encode(), mail._get_raw())
            found[mail.pqrs_id] += sorted(raw.recipients)
        self.assertEqual({case: sorted(found[case]) for case in cases}, {case: sorted(left.get(case, ())) for case in cases})

    def test_one_of_a_batch_is_refused(self):
        shut, sender = (421, b"4.3.2 shutting down"), smtplib.SMTPSenderRefused(553, b"5.7.1 no", "x@y.co")
        for answer, position in ((LATER, 0), (NEVER, 1), (LATER, 2), (shut, 0), (sender, 1)):
            refused = self.people[position]
            with self.subTest(answer=str(answer), position=position), self.undone():
                cases, mails = self.queue()
                self.send(mails, {refused.email: answer})
                left = {case: [case.partner_id.email] for case in cases if case.partner_id != refused}
                self.assertOwn(cases, left)
                self.assertEqual(set((mails - mails[position]).mapped("state")), {"sent"})
                mails[position].scheduled_date = False
                self.send(mails[position])
                waited = bool(mails[position].sig_attempts)
                self.assertEqual(mails[position].state, "sent" if waited else "exception")
                self.assertOwn(cases, {case: [case.partner_id.email] for case in cases} if waited else left)

    def test_a_mail_to_several(self):
        """A mail of several recipients is as many messages; those that left before one is refused are kept."""
        cases, mails = self.queue()
        outside = self.env["res.partner"].create([{"name": name, "email": f"{name}@example.net"} for name in ("uno", "dos", "tres")])
        mails[1].write({"recipient_ids": [(6, 0, outside.ids)], "email_cc": "copia@example.net"})
        self.send(mails, {"dos@example.net": NEVER, self.people[0].email: LATER})
        self.assertEqual(mails.mapped("state"), ["outgoing", "exception", "sent"])
        self.assertOwn(cases, {
            cases[1]: [self.people[1].email, "copia@example.net", "uno@example.net"], cases[2]: [self.people[2].email],
        })  # fmt: skip

    def test_a_copy_is_no_answer(self):
        """A server that takes a message for some of its recipients says nothing of the others. Another module may skip any."""
        for refused, skipped, state, taken in (
            (self.people[0].email, None, "exception", []),
            ("copia@example.net", None, "sent", [[self.people[0].email]]),
            (None, None, "sent", [[self.people[0].email], ["copia@example.net"]]),
            (None, ["copia@example.net"], "sent", [[self.people[0].email]]),
            (None, [self.people[0].email], "sent", [["copia@example.net"]]),
        ):
            with self.subTest(refused, skipped=skipped), self.undone(), mute_logger("odoo.addons.sig_pqrs.models.core.ir_mail_server"):
                _cases, mails = self.queue()
                mails[0].email_cc = "copia@example.net"
                server = self.send(mails[0].with_context(send_smtp_skip_to=skipped), {refused: NEVER})
                self.assertEqual((mails[0].state, [to for _from, to, _message in server.taken]), (state, taken))
                self.assertEqual({message["Cc"] for *_envelope, message in server.taken} - {"copia@example.net"}, set())

    def test_what_is_sent_under_reserve(self):
        cases, _mails = self.queue()
        cases[1].with_user(self.director).action_reserve_identity("Lo pidió")
        cases, mails = self.queue(cases)
        self.assertEqual(mails[1].model, "sig.pqrs.identity")
        self.send(mails, {self.people[0].email: LATER})
        self.assertOwn(cases, {case: [person.email] for case, person in zip(cases[1:], self.people[1:], strict=True)})

    def test_a_batch_that_breaks_leaves_nothing_behind(self):
        for error, raised, kwargs in (
            (smtplib.SMTPServerDisconnected("gone"), smtplib.SMTPServerDisconnected, {}),
            (ValueError("boom"), MailDeliveryException, {"raise_exception": True}),
        ):
            with self.subTest(str(error)), self.undone():
                cases, mails = self.queue()
                with suppress(raised):  # `assertRaises` undoes what was kept before
                    self.send(mails, {self.people[1].email: error}, **kwargs)
                    self.fail("it went on")
                self.assertOwn(cases, {cases[0]: [self.people[0].email]})
                mails[1].state = "outgoing"
                self.send(mails[1:])
                self.assertOwn(cases, {case: [case.partner_id.email] for case in cases})

    def test_an_original_that_cannot_be_kept_goes_nowhere_else(self):
        cases, mails = self.queue()
        Kept = self.env.registry["sig.pqrs.mail"]
        keep = Kept._store_sent

        def fail_once(records, mail, message):
            if mail == mails[0]:
                records.env.cr.execute("SELECT 1 / 0")
            return keep(records, mail, message)

        with (
            patch.object(Kept, "_store_sent", fail_once), self.assertLogs("odoo.addons.sig_pqrs", "ERROR"),
            mute_logger("odoo.sql_db"),
        ):
            self.send(mails)
        self.assertEqual(mails.mapped("state"), ["sent"] * 3)
        self.assertOwn(cases, {case: [case.partner_id.email] for case in cases[1:]})

    def test_mails_that_are_deleted_once_sent(self):
        cases, mails = self.queue()
        mails.auto_delete = True
        self.send(mails, {self.people[0].email: NEVER})
        self.assertEqual(mails.exists(), mails[0])
        self.assertOwn(cases, {case: [case.partner_id.email] for case in cases[1:]})

    def test_a_mark_is_of_one_mail(self):
        _cases, mails = self.queue()
        server = self.send(mails)
        marks = [message[MARK] for _sender, _recipients, message in server.taken]
        self.assertEqual(len(set(marks)), 3)
        forged = marks[0].replace(str(mails[0].mail_message_id.id), str(mails[1].mail_message_id.id))
        for mark, message in ((marks[0], mails[0].mail_message_id), (forged, None), ("", None), ("1-1-x", None)):
            raw = IncomingMail(f"{MARK}: {mark}\r\n\r\n".encode())
            self.assertEqual(self.env["mail.mail"]._sig_find_marked(raw), message)


class TestOriginalsOfBefore(MailBatchCommon):
    """What 19.0.1.4.0 kept on the case of somebody else goes to its own when it is upgraded."""

    def test_they_go_to_their_own_cases(self):
        cases, mails = self.queue()
        reserved = self.make_case(partner_id=self.ana.id, identity_reserved=True)
        self.send(mails | self.queue(reserved)[1])
        kept = self.get_kept(cases | reserved)
        own = {mail: mail.pqrs_id for mail in kept}
        kept.pqrs_id = cases[2]
        cases[1]._message_log(body="An answer with the same Message-Id")
        cases[1].message_ids[0].sudo().write({"message_type": "email", "message_id": mails[0].message_id})
        script = load_script(file_path("sig_pqrs/migrations/19.0.1.5.0/post-mail-originals.py"), "post_mail_originals")
        said = cases[2].message_ids
        cases[1].anonymized_on = "2026-11-01"
        for time in range(2):
            with self.assertLogs("post_mail_originals", "WARNING") if not time else nullcontext():
                script.migrate(self.env.cr, "19.0.1.4.0")
            self.assertEqual({mail: mail.pqrs_id for mail in kept}, own)
        self.assertEqual({own[mail]: mail.state for mail in kept}, {
            cases[0]: "refused", cases[1]: "refused", cases[2]: "sent", reserved: "refused",
        })  # fmt: skip
        self.assertEqual(len(cases[2].message_ids - said), 3, "it is said once of each")
        self.assertEqual({case: all(mail.raw for mail in kept if mail.pqrs_id == case) for case in cases[:2]}, {cases[0]: True, cases[1]: False})
        for case in cases[:2]:
            self.assertIn("original", str(case.message_ids[0].body))
        self.assertIn("original", str(reserved.sudo().identity_ids.message_ids[0].body))
        for case in cases | reserved:
            self.assertChain(case)
