from io import BytesIO

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from .common import SigCommon


@tagged("post_install", "-at_install")
class TestLetter(HttpCase, SigCommon):
    """The answer letter, printed by the real engine."""

    def print_letter(self, case):
        """Text of each page."""
        content, extension = case.with_user(self.director).with_context(force_report_rendering=True)._render_letter()
        self.assertEqual(extension, "pdf")
        return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]

    def make_letter_case(self, text):
        self.contact.lang = "en_US"
        case = self.make_case(subject="Ruido en la portería")
        return self.builder.answer(case, self.operations, text=text)

    def test_letter(self):
        case = self.make_letter_case("<p>Texto aprobado por Operaciones.</p>")
        pages = self.print_letter(case)
        self.assertEqual(len(pages), 1)
        for expected in (
            "INTEGRATED MANAGEMENT SYSTEM", "FOR-SIG-PQRS-01", "20/05/2023", "Ana Ruiz", case.name, "Ruido en la portería",
            "Texto aprobado por Operaciones.", "Directora SIG", "Asesor HSEQ", "Director HSEQ", "Gerente General",
            "Page 1 of 1", case.act_head,
        ):
            self.assertIn(expected, " ".join(pages[0].split()))

    def test_header_and_footer_on_every_page(self):
        pages = self.print_letter(self.make_letter_case("<p>Un párrafo largo de la respuesta al cliente.</p>" * 120))
        self.assertGreater(len(pages), 2)
        for number, page in enumerate(pages, 1):
            text = " ".join(page.split())
            self.assertIn("FOR-SIG-PQRS-01", text)
            self.assertIn("Gerente General", text)
            self.assertIn(f"Page {number} of {len(pages)}", text)

    def test_letter_speaks_the_language_of_its_addressee(self):
        case = self.make_letter_case("<p>Texto</p>")
        self.contact.lang = "es_CO"
        text = " ".join(" ".join(self.print_letter(case)).split())
        self.assertIn("SISTEMA INTEGRADO DE GESTIÓN", text)
        self.assertIn("Página 1 de 1", text)

    def test_long_words_and_html_of_the_answer(self):
        pages = self.print_letter(self.make_letter_case(f"<p>{'x' * 4000}</p><table><tr><td>Celda</td></tr></table>"))
        self.assertIn("Celda", " ".join(pages))

    def test_company_without_logo_nor_document(self):
        self.company.logo = False
        self.env["sig.document"].search([]).active = False
        text = " ".join(self.print_letter(self.make_letter_case("<p>Texto</p>")))
        self.assertIn(self.company.name, text)
        self.assertIn("Texto", text)

    def test_sent_letter_is_a_pdf(self):
        case = self.make_letter_case("<p>Texto</p>")
        case.with_user(self.director).with_context(force_report_rendering=True).action_send_response()
        self.assertEqual(case.letter_id.mimetype, "application/pdf")
        self.assertEqual(case.sudo().response_mail_id.attachment_ids, case.letter_id)


@tagged("post_install", "-at_install")
class TestBackend(HttpCase, SigCommon):
    """The life of a case in the browser, as each person."""

    def test_life_in_the_browser(self):
        self.operations.member_ids += self.leader
        self.start_tour("/odoo/pqrs/new", "sig_pqrs_file_and_assign", login=self.director.login)
        case = self.env["sig.pqrs"].search([("subject", "=", "Puerta abierta toda la noche")])
        self.assertEqual(case.state, "assigned")
        case.assignment_ids.with_user(self.leader).action_reassign(self.collaborator.id)
        self.start_tour("/odoo/sig-my-day", "sig_pqrs_draft", login=self.collaborator.login)
        self.assertEqual(case.assignment_ids.state, "submitted")
        self.start_tour("/odoo/sig-my-day", "sig_pqrs_approve", login=self.leader.login)
        self.assertEqual(case.state, "approved")
        self.start_tour("/odoo/pqrs-to-send", "sig_pqrs_send", login=self.director.login)
        self.assertEqual(case.delivery_state, "pending")
