"""The digest: one mail a person each business-day morning, which names what waits, by what is to be done with it."""
from unittest.mock import patch
from urllib.parse import urlsplit

from odoo import Command
from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.addons.sig_pqrs.models.watch import digest
from odoo.tests import HttpCase

from .common import SigCommon, date, freeze_time, real_clock


class DigestCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-11-03 15:00:00"):  # due on 2026-11-25
            cls.case = cls.builder.file({"partner_id": cls.contact.id, "subject": "El puesto quedó solo"})

    def watch(self, when="2026-11-24 12:00:00"):
        """The review alone: nobody is told here of what the automation rules escalate."""
        with freeze_time(when):
            self.run_cron("sig_pqrs.cron_watch")
        self.env.invalidate_all()

    def digests(self, user):
        return self.env["mail.mail"].search([("subject", "like", "Your PQRS of today"), ("email_to", "=", user.email_formatted)])

    def make_other_company(self):
        """A second company, whose SIG director is the same person."""
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.director.company_ids |= other
        other.sig_director_id = self.director
        builder = CaseBuilder(self.env, self.director, other)
        with freeze_time("2026-11-03 15:00:00"):
            case = builder.file({"subject": "Cobro de otra empresa", "partner_name": "Luis"})
        return other, case


@freeze_time("2026-11-03 16:00:00")
class TestDigest(DigestCommon):
    def test_it_names_what_waits_by_what_is_to_be_done(self):
        self.builder.draft(self.make_assignment(self.make_case(subject="Sin rondas")))
        ready = self.make_approved(self.make_case(subject="Por enviar ya"))
        self.watch()
        body = self.digests(self.director).body_html
        self.assertHolds(body, "Unassigned", "(1)", self.case.name, "El puesto quedó solo", "25/11/2026", "To send", ready.name)
        self.assertLess(body.index("Unassigned"), body.index("To send"))
        self.assertIn("To approve, late", body)
        body = self.digests(self.leader).body_html
        self.assertHolds(body, "To approve", "Sin rondas")
        self.assertNotIn("El puesto quedó solo", body)

    def test_what_is_to_be_done_soon_by_who_drafts(self):
        self.make_assignment(self.case)
        self.env["sig.nonworking.day"].create({"date": "2026-11-11", "name": "Cierre", "kind": "company_closure"})
        self.watch("2026-11-04 12:00:00")
        self.assertFalse(self.env["mail.mail"].search([("subject", "like", "Your PQRS of today")]), "nothing waits")
        self.watch("2026-11-10 12:00:00")
        with freeze_time("2026-11-10 15:00:00"):
            [row] = self.get_tiles(self.collaborator)["mine"]["records"]
        self.assertEqual(row["left"], "3 business days left", "the company is closed on one of the days between")
        digest = self.digests(self.collaborator)
        self.assertEqual(digest.subject, "Your PQRS of today: Mine to draft (1)")
        self.assertIn("17/11/2026", digest.body_html, "the date of the draft, not that of the answer")

    def test_many_are_counted(self):
        with freeze_time("2026-11-03 15:00:00"):
            self.builder.file([{"partner_id": self.contact.id, "subject": f"Ruido {number}"} for number in range(4)])
        with patch.object(digest, "NAMED", 2):
            self.watch()
        body = self.digests(self.director).body_html
        self.assertHolds(body, "(5)", "and 3 more")
        self.assertEqual(body.count("Ruido") + body.count("El puesto quedó solo"), 2)

    def test_once_a_day_for_each_person(self):
        other, case = self.make_other_company()
        other.sig_watch_hour = 9
        self.watch("2026-11-24 12:00:00")  # 7:00 in Bogotá
        [digest] = self.digests(self.director)
        self.assertHolds(digest.body_html, "El puesto quedó solo", case.subject)
        self.assertFalse(other.sig_digested_on)
        self.watch("2026-11-24 15:00:00")
        self.assertEqual((other.sig_digested_on, self.digests(self.director)), (date(2026, 11, 24), digest))
        (self.company | other).write({"sig_watched_on": False, "sig_digested_on": False})
        self.watch("2026-11-24 16:00:00")
        self.assertEqual(len(self.digests(self.director)), 1)
        self.watch("2026-11-25 15:00:00")
        self.assertEqual(len(self.digests(self.director)), 2)

    def test_who_directs_and_drafts_is_told_of_both(self):
        self.operations.member_ids |= self.director
        own = self.make_case(subject="La redacta la directora")
        self.builder.assign(own, self.operations, users={self.operations: self.director})
        others = self.make_case(subject="La redacta Tecnología")
        self.builder.assign(others, self.technology)
        self.builder.assign(self.case, self.technology)
        self.watch("2026-11-27 12:00:00")
        digest = self.digests(self.director)
        self.assertEqual(digest.subject, "Your PQRS of today: Overdue cases (3), Mine to draft (1)")
        for case, told in ((own, 2), (others, 1), (self.case, 1)):
            self.assertEqual(digest.body_html.count(case.subject), told)

    def test_what_waits_for_the_sig_is_told_to_its_director_there_or_not(self):
        """Nobody stands in for who directs; who directs another company is told of that one."""
        other, case = self.make_other_company()
        second = CaseBuilder.make_user(self.env, "sig_second", "Segunda", "director", company=self.company, lang="en_US")
        second.company_ids |= other
        other.sig_director_id = second
        self.operations.member_ids |= self.director
        self.make_absence(self.director, substitute=self.env["res.users"])
        other.sig_watch_hour = 0
        self.watch("2026-11-24 15:00:00")
        for user, told, untold in ((self.director, self.case, case), (second, case, self.case)):
            with self.subTest(user.name):
                body = self.digests(user).body_html
                self.assertIn(told.subject, body)
                self.assertNotIn(untold.subject, body)

    def test_a_digest_that_fails_stops_no_other(self):
        self.builder.draft(self.make_assignment(self.make_case()))
        Day = self.env.registry["sig.my.day"]
        get_tiles = Day._get_pressing_tiles

        def get_or_fail(day, limit):
            if day.env.user == self.director:
                raise ValueError("broken")
            return get_tiles(day, limit)

        with patch.object(Day, "_get_pressing_tiles", get_or_fail), self.assertLogs("odoo.addons.sig_pqrs", "ERROR"):
            self.watch()
        self.assertFalse(self.digests(self.director))
        self.assertEqual(len(self.digests(self.leader)), 1)
        self.watch("2026-11-24 13:00:00")
        self.assertEqual(len(self.digests(self.director)), 1, "an hour later")
        self.assertEqual(len(self.digests(self.leader)), 1)

    def test_what_its_reader_may_not_read_is_left_out(self):
        assignments = self.make_assignment(self.case) | self.make_assignment(self.make_case(subject="Acoso laboral"))
        secret = assignments[1].pqrs_id.with_user(self.director)
        for case in assignments.pqrs_id:
            case.with_user(self.director).write({"commitment_ids": [Command.create({
                "name": f"Visitar: {case.subject}", "user_id": self.other_collaborator.id, "date_due": "2026-11-25",
            })]})
        secret.restricted = True
        assignments.sudo().pqrs_id.commitment_ids.state = "open"
        self.watch()
        body = self.digests(self.other_collaborator).body_html
        self.assertHolds(body, "Commitments to fulfil", "El puesto quedó solo")
        self.assertNotIn("Acoso laboral", body)
        secret.authorized_user_ids = [Command.link(self.other_collaborator.id)]
        self.watch("2026-11-25 12:00:00")
        self.assertIn("Acoso laboral", self.digests(self.other_collaborator)[0].body_html)


@real_clock
class TestDigestLinks(DigestCommon, HttpCase):
    def test_links_open_the_records(self):
        other, case = self.make_other_company()
        self.watch()
        body = self.digests(self.director).body_html
        self.authenticate(self.director.login, self.director.login)
        for record in (self.case, case):
            url = self.env["sig.staff.notice"]._get_url(record)
            self.assertIn(url.replace("&", "&amp;"), str(body))
            link = urlsplit(url)
            response = self.url_open(f"{link.path}?{link.query}", allow_redirects=False)
            self.assertIn(response.status_code, (302, 303))
            self.assertIn(f"/odoo/sig.pqrs/{record.id}", response.headers["Location"].replace("/web#", "/odoo/"))
        self.assertIn(str(other.id), response.headers["Set-Cookie"] + response.headers["Location"])
        self.authenticate(None, None)
        response = self.url_open(f"{link.path}?{link.query}", allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])
