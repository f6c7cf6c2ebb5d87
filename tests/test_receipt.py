"""The receipt, on paper and by mail: what it says, to whom, and what becomes of it when it cannot be printed."""
from functools import partial
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import SigCommon, date, moment
from .test_intake import FORM
from .test_tracking import ClientPagesCase


class TestReceipt(SigCommon, HttpCase):
    languages = ("en_US",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.lang = "en_US"

    def render(self, case, user=None, report="report_receipt_petitioner"):
        return self.print_html(case, user, report)

    def make_full_case(self, **vals):
        self.contact.write({"street": "Carrera 15 # 93-40", "city": "Bogotá D. C.", "phone": "310 555 0000"})
        case = self.make_case(
            channel="visit", date_received=moment(self.company, date(2026, 11, 20), 9, 30), capacity="representative",
            document_type="cc", document_number="52.123.456", site="Torre 2", incident_date="2026-11-19",
            description="El guarda no hizo la ronda.\nNadie respondió.", remedy="Que se cumpla la consigna.",
            notice_told=True, **vals,
        )
        case.attachment_ids = self.env["ir.attachment"].with_user(self.director).create(
            [{"name": name, "raw": name.encode()} for name in ("Foto 1.jpg", "Minuta.pdf")]
        )
        case.action_add_requests("1. Que informen qué pasó\n2. Copia de la minuta")
        return case

    def test_when_it_is_answered_in_each_state(self):
        """A sentence that is true, and whole, whatever became of the case."""
        self.portal.partner_id.parent_id = self.client
        case = self.make_case(partner_id=self.portal.partner_id.id)
        self.assertIn("We will answer by December 16, 2026", self.render(case))
        self.as_director(case).action_request_information("La fecha")
        waiting = self.render(case)
        self.assertIn("How it stands The days to answer do not run until we have all that we asked you for.", waiting)
        self.assertNotIn("We will answer by", waiting)
        self.as_director(case).action_register_completion()
        self.make_approved(case)
        self.as_director(case).action_send_response("hand", proof="Firma")
        self.assertIn("Answered on November 24, 2026", self.render(case))
        ended = self.make_case()
        self.as_director(ended).action_withdraw("Ya no")
        self.assertIn("How it stands Withdrawn", self.render(ended))

    def test_constancia_of_an_oral_petition(self):
        """The items of Decreto 1166 de 2016."""
        case = self.make_full_case()
        own = case.with_user(self.director).with_context(force_report_rendering=True)
        content, extension = own.env["sig.receipt"]._render(own)
        self.assertEqual(extension, "pdf")
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
        self.assertHolds(
            text, "FOR-SIG-PQRS-03", case.name, "presented verbally", "November 20, 2026", "9:30", "November 24, 2026",
            "10:00", "Visit (verbal)", "Directora SIG", "Ana Ruiz", "Cédula de ciudadanía 52.123.456", "Representative",
            "Conjunto El Roble", "ana@example.com", "310 555 0000", "Carrera 15 # 93-40", "Ronda nocturna sin realizar",
            "El guarda no hizo la ronda.", "Que se cumpla la consigna.", "Que informen qué pasó", "Copia de la minuta",
            "Foto 1.jpg, Minuta.pdf", case._get_tracking_code(), "/pqrs/track", "/pqrs/privacy", "Torre 2",
            "Who presents it", case._format_deadline("long"),
        )
        self.assertIn(case.act_head, text.replace(" ", ""))

    def test_copy_of_the_file_has_no_key(self):
        case = self.make_full_case()
        self.make_assignment(case)
        for user in (self.director, self.collaborator, self.leader, self.management):
            text = self.render(case, user, "report_receipt")
            self.assertHolds(text, "Ana Ruiz", "2 : Foto 1.jpg, Minuta.pdf")
            self.assertNotIn(case._get_tracking_code(), text)
            self.assertEqual("52.123.456" in text, user == self.director, user.name)

    def test_copy_of_the_petitioner_is_the_sigs_to_print(self):
        case = self.make_case()
        self.make_assignment(case)
        self.assertIn(case._get_tracking_code(), self.render(case))
        others = self.collaborator | self.leader | self.management | self.employee | self.portal
        self.assertDenied(case, others, lambda own: self.render(own, own.env.user))

    def test_anonymous(self):
        case = self.make_anonymous(channel="phone")
        text = self.render(case)
        self.assertHolds(text, "Anonymous: no identity is kept", case._get_tracking_code())
        self.assertNotIn("personal data", text)

    def test_reserved(self):
        case = self.make_case(identity_reserved=True, document_type="cc", document_number="52.123.456")
        annex = self.env["ir.attachment"].with_user(self.director).create({"name": "Mi cédula.pdf", "raw": b"x"})
        case.attachment_ids = annex
        case.action_hide_annexes(annex.ids)
        self.make_assignment(case)
        for user in (self.collaborator, self.management):
            text = self.render(case, user, "report_receipt")
            self.assertIn("Identity reserved", text)
            self.assertHoldsNone(text, "Ana", "52.123", "example.com", "Mi cédula")
        self.assertHolds(self.render(case), "Ana Ruiz", "52.123.456", "ana@example.com", "Mi cédula.pdf")

        Intake = self.env["sig.pqrs.intake"].with_user(self.env.ref("base.public_user")).sudo()
        case = Intake._file_petition(Intake._read_petition(FORM, [], self.company), "web", "t").with_user(self.director)
        case.action_reserve_identity("Lo pidió después")
        self.assertIn(case.name, self.render(case))

    def test_long_and_hostile_texts(self):
        case = self.make_case(description="<script>alert(1)</script> {{7*7}} " + "x" * 20000)
        html = case.env["ir.actions.report"]._render_qweb_html("sig_pqrs.report_receipt", case.ids)[0].decode()
        self.assertHolds(html, "&lt;script&gt;alert(1)", "{{7*7}}", "it goes on in the original")
        self.assertLess(len(html), 60000)

    def test_an_engine_that_fails_loses_nothing(self):
        """And another transaction is no broken engine."""
        case = self.make_case()
        render = partial(case.env["sig.receipt"]._render, case)
        with (
            patch.object(self.registry["ir.actions.report"], "_render_qweb_pdf", side_effect=UserError("Unable to find Wkhtmltopdf")),
            mute_logger("odoo.addons.sig_pqrs.models.failure"),
        ):
            self.assertEachRaises(UserError, render, said="nothing is lost")
        self.assertEqual(case.state, "received")
        self.assertTriedAgain("ir.actions.report", "_render_qweb_pdf", render)

    def acknowledge(self, case):
        self.run_cron("sig_pqrs.cron_notices")
        return self.env["mail.mail"].search([("sig_purpose", "=", "acknowledgement"), ("subject", "ilike", case.name)])

    def test_says_what_the_page_said(self):
        case = self.make_case(channel="letter")
        mail = self.acknowledge(case)
        notice = self.env.ref("sig_pqrs.privacy_notice_1")
        self.assertHolds(
            mail.body_html, case.name, "November 24, 2026", "10:00", "December 16, 2026", case._get_tracking_code(),
            f"/pqrs/track?number={case.name}&amp;code={case._get_tracking_code()}", "/pqrs/privacy", "answer this mail", notice.summary[:40],
        )
        self.assertNotIn(case._get_tracking_code(), mail.subject)

    def test_what_ended_is_not_acknowledged(self):
        case = self.make_case()
        self.as_director(case).action_cancel("spam", "Publicidad")
        self.assertFalse(self.acknowledge(case))
        self.assertFalse(case.acknowledgement_pending)

    def test_version_that_was_told(self):
        """Who was told before gets the link alone, and to that version."""
        case = self.make_case(notice_told=True)
        first = self.env.ref("sig_pqrs.privacy_notice_1")
        first.with_user(self.administrator).copy().action_publish()
        later = self.make_case(notice_told=True)
        current = self.env["sig.privacy.notice"]._get_current(self.company)
        for told, notice in ((case, first), (later, current)):
            self.assertEqual(told.with_user(self.director)._get_told_notice(), notice)
            mail = self.acknowledge(told)
            self.assertIn(f"/pqrs/privacy?version={notice.id}", mail.body_html)
            self.assertNotIn("Your personal data.", mail.body_html)
        current._write_state({"state": "replaced"})
        self.assertNotIn("/pqrs/privacy", self.acknowledge(self.make_case()).body_html)

    def test_the_thread_does_not_hold_the_keys(self):
        """Who drafts the answer reads the thread, and must not act as the client."""
        case = self.make_approved()
        self.acknowledge(case)
        rating = self.builder.send(case).sudo()._rating_get_access_token()
        for user in (self.collaborator, self.leader, self.director):
            bodies = " ".join(str(body) for body in case.with_user(user).message_ids.mapped("body"))
            self.assertHoldsNone(bodies, case._get_tracking_code(), rating)
        self.assertIn(rating, case.sudo().delivery_id.mail_id.body_html)


def print_html(_self, _case):
    return b"%PDF-1.4 receipt", "pdf"


def fail(_self, _case):
    raise UserError("The receipt cannot be printed right now.")  # pylint: disable=translation-required  # a test


class TestReceiptOfTheClient(ClientPagesCase):
    def setUp(self):
        super().setUp()
        self.patch(self.registry["sig.receipt"], "_render", print_html)
        self.case = self.make_own(subject="Ronda sin hacer")

    def test_tracking(self):
        self.assertTrue(self.get("/pqrs/track/case/receipt").url.endswith("/pqrs/track"))
        self.assertIn(f'href="/pqrs/track/case/receipt?case={self.case.name}"', self.open().text)
        response = self.get("/pqrs/track/case/receipt")
        self.assertEqual((response.content, response.headers["Content-Type"]), (b"%PDF-1.4 receipt", "application/pdf"))
        self.assertIn(f"{self.case.name}.pdf", response.headers["Content-Disposition"])
        self.assertIn("no-store", response.headers["Cache-Control"])
        with patch.object(self.registry["sig.receipt"], "_render", fail):
            self.assertHolds(self.get("/pqrs/track/case/receipt").text, "cannot be printed right now")
        with patch.object(self.registry["sig.rate.limit"], "_take", lambda _self, scope, *_arguments: scope != "receipt"):
            self.assertHolds(self.get("/pqrs/track/case/receipt").text, "demasiadas descargas")
        self.case.with_user(self.director).action_revoke_tracking("Perdió el código")
        self.assertTrue(self.get("/pqrs/track/case/receipt").url.endswith("/pqrs/track"))

    def test_hera(self):
        page = f"/my/pqrs/{self.case.id}"
        self.assertIn("/web/login", self.get(f"{page}/receipt").url)
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn(f'href="{page}/receipt?case={self.case.name}"', self.get(page).text)
        self.assertEqual(self.get(f"{page}/receipt").content, b"%PDF-1.4 receipt")
        self.colleague.partner_id.sig_hera_colleagues = True
        for user in (self.stranger, self.collaborator, self.colleague):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.get(f"{page}/receipt").status_code, 404, user.name)
        response = self.get(page)
        self.assertEqual(response.status_code, 200)
        self.assertNotIn("receipt", response.text)
