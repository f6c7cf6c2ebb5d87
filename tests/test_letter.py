import re
import time
from base64 import b64decode, b64encode
from io import BytesIO

from PIL import Image
from pypdf import PdfReader

from odoo import SUPERUSER_ID
from odoo.tests import Form, HttpCase, new_test_user

from .common import SigCommon, freeze_time, real_clock

PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")


@real_clock
class TestLetter(HttpCase, SigCommon):
    """The answer letter, printed by the real engine."""

    languages = ("en_US", "es_CO")

    def print_letter(self, case):
        own = case.with_user(self.director).with_context(force_report_rendering=True)
        content, extension = own.env["sig.letter"]._render(own)
        self.assertEqual(extension, "pdf")
        return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]

    def test_nothing_is_waited_for(self):
        """Core has the engine wait so many milliseconds for the text, the header and the footer each."""
        self.env["ir.config_parameter"].set_param("report.print_delay", "20000")
        case, start = self.make_letter_case("<p>Texto</p>"), time.monotonic()
        case.with_user(self.director).with_context(force_report_rendering=True).action_send_response()
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual((case.letter_id.mimetype, case.sudo().delivery_id.mail_id.attachment_ids), ("application/pdf", case.letter_id))

    def test_what_a_screen_reader_is_told(self):
        """Language and title, on paper of each kind, and the text in the order in which it is read."""
        self.contact.lang = "es_CO"
        case = self.builder.answer(self.make_case(lang="es_CO"), self.operations, text="<p>Primero.</p><ul><li>Segundo.</li></ul><p>Tercero.</p>")
        own = case.with_user(self.director).with_context(force_report_rendering=True, lang="es_CO")
        reports = own.env["ir.actions.report"]
        printed = {
            "letter": own.env["sig.letter"]._render(own)[0],
            "receipt": own.env["sig.receipt"]._render(own)[0],
            "file": reports._render_qweb_pdf("sig_pqrs.report_case_file", own.ids)[0],
        }
        for name, content in printed.items():
            with self.subTest(name):
                reader = PdfReader(BytesIO(content))
                root = reader.trailer["/Root"]
                self.assertEqual((root["/Lang"], root["/ViewerPreferences"]["/DisplayDocTitle"]), ("es-CO", True))
                self.assertTrue(reader.metadata.title.endswith(f" {case.name}"), reader.metadata.title)
        merged = reports._render_qweb_pdf("sig_pqrs.report_case_file", (own | self.make_case()).ids)[0]
        self.assertEqual(PdfReader(BytesIO(merged)).metadata.title, self.env.ref("sig_pqrs.report_case_file_action").with_context(lang="es_CO").name)
        text = " ".join(page.extract_text() for page in PdfReader(BytesIO(printed["letter"])).pages)
        self.assertHolds(" ".join(text.split()), "SISTEMA INTEGRADO DE GESTIÓN", "Página 1 de 1")
        places = [text.index(words) for words in (case.name, "Primero.", "Segundo.", "Tercero.", self.director.name)]
        self.assertEqual(places, sorted(places))

    def make_letter_case(self, text, **vals):
        self.contact.lang = "en_US"
        return self.builder.answer(self.make_case(subject="Ruido en la portería", **vals), self.operations, text=text)

    def test_a_copy_bears_the_date_of_the_letter(self):
        """What is sent says above its date neither that it is a draft nor a copy; printed again weeks later it does not look late."""
        with freeze_time("2026-11-24 14:00:00"):
            case = self.make_letter_case("<p>Texto</p>")
        html = case.env["ir.actions.report"]._render_qweb_html

        def get_copy(day):
            with freeze_time(day):
                text = " ".join(html("sig_pqrs.report_response_letter", case.ids)[0].decode().split())
            told = ("COPY.", "DRAFT. This answer has not been sent.", "the letter that was sent is not kept here")
            return re.search(r'class="sig_place">(.*?)</p>', text)[1], *(words in text for words in told)

        self.assertEqual(get_copy("2026-11-24 15:00:00")[1:], (False, True, False))
        with freeze_time("2026-11-24 15:00:00"):
            case.with_user(self.director).action_send_response("letter")
        letter = case.sudo().letter_id.raw.decode(errors="ignore")
        self.assertIn("November 24, 2026", letter)
        self.assertHoldsNone(letter, "DRAFT.", "COPY.", "sig_draft")
        self.assertIn("November 24, 2026", get_copy("2026-12-18 15:00:00")[0], "it waits for its proof")
        with freeze_time("2026-11-26 15:00:00"):
            case.delivery_id.with_user(self.director).action_register_delivery("letter", proof="Guía 1")
        for gone in (False, True):  # of those whose personal data were erased
            place, *told = get_copy("2026-12-18 15:00:00")
            self.assertIn("November 24, 2026", place)
            self.assertEqual(told, [True, False, gone])
            case.with_user(SUPERUSER_ID).letter_id.unlink()
        with freeze_time("2026-12-01 15:00:00"):
            case.with_user(self.director).delivery_id.action_register_return("Dirección errada")
        with freeze_time("2026-12-02 15:00:00"):
            case.with_user(self.director).action_send_response("letter")
        self.assertIn("December 2, 2026", get_copy("2026-12-18 15:00:00")[0], "it is another letter")

    def test_it_tells_of_the_copy_that_is_made(self):
        """Of what leaves, or would leave, by mail; and of nothing that not all of the SIG may read."""
        for vals, delivery, *made in (
            ({}, "email", True, True), ({}, "letter", True, False),
            ({"restricted": True}, "email", False, False), ({"identity_reserved": True}, "email", False, False),
        ):
            case = self.make_letter_case("<p>Texto</p>", **vals)
            self.assertEqual("Copy: servicioalcliente@" in self.print_html(case, report="report_response_letter"), made[0])
            case.with_user(self.director).action_send_response(delivery)
            self.assertEqual("sig_copies" in case.sudo().letter_id.raw.decode(errors="ignore"), made[1])
            self.assertEqual(bool(case.sudo().delivery_id.mail_id.email_cc), made[1])

    def test_no_page_has_the_signature_alone(self):
        """Whatever its length: the last paragraph, or the last answer to a request, stands on the page of the signature."""
        case = self.make_letter_case("<p>Texto</p>")
        shapes = {
            "<div><p>{}</p><p>Ultima linea.</p><p><br></p></div>": range(17, 23),
            "<div><div class='sig_requests'>{}<div class='sig_request'><p class='sig_asked'>1.</p><p class='sig_answered'>Ultima linea.</p></div></div></div>": (20,),
            "<div>Texto <br/>{}</div><div><ul><li>Uno</li><li>Ultima linea.</li></ul></div>": (19,),
        }
        broken = 0
        for shape, lengths in shapes.items():
            for length in lengths:
                text = shape.format("</p><p>".join(["Una frase de la respuesta que ocupa su propia linea. " * 2] * length))
                self.env.cr.execute("UPDATE sig_pqrs SET response = %s WHERE id = %s", [text, case.id])
                self.env.invalidate_all()
                pages = self.print_letter(case)
                [signed] = [page for page in pages if "Yours faithfully" in page]
                self.assertIn("Ultima linea.", signed, (shape, length))
                self.assertHolds(signed, self.director.name, "Copy:", case.act_head[:8])
                self.assertGreater(signed.count("Una frase"), 2)
                broken += len(pages) > 1 and signed.count("Una frase") < 9
        self.assertTrue(broken, "some need another page")

    def test_who_signs_draws_their_signature(self):
        """On what they send themselves, and on nothing that anybody prints."""
        case, other = self.make_letter_case("<p>Texto</p>"), self.make_letter_case("<p>Texto</p>")
        image = b64encode(PIXEL)
        self.assertDenied(self.director, self.administrator, lambda own: own.write({"sig_signature_image": image}))
        own = self.director.with_user(self.director)
        opened = self.env.ref("sig_pqrs.action_my_signature").with_user(self.director).run()
        self.assertEqual((opened["res_id"], opened["views"][0][0]), (own.id, self.env.ref("base.view_users_form_simple_modif").id))
        with Form(own, view="base.view_users_form_simple_modif") as preferences:
            preferences.sig_signature_image = image.decode()
        arch = self.env["res.users"].with_user(self.collaborator).get_view(self.env.ref("base.view_users_form_simple_modif").id)["arch"]
        self.assertNotIn("sig_signature_image", arch, "nobody else signs")
        self.assertTrue(own.read(["sig_signature_image"])[0]["sig_signature_image"])
        self.assertDenied(self.director, self.collaborator | self.administrator, lambda own: own.read(["sig_signature_image"]))
        case.with_user(self.director).action_send_response("letter")
        self.assertIn("sig_drawn", case.sudo().letter_id.raw.decode())
        html = case.env["ir.actions.report"].with_context(sig_letter_leaves=True)._render_qweb_html
        for draft in (case, other):
            text = html("sig_pqrs.report_response_letter", draft.ids)[0].decode()
            self.assertNotIn("sig_drawn", text)
            self.assertIn("sig_draft", text, "whatever context one asks it with")
        second = new_test_user(self.env, "segunda", groups="sig_pqrs.group_sig_director", company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        self.company.sig_director_id = self.director
        other.with_user(second).action_send_response("letter")
        self.assertNotIn("sig_drawn", other.sudo().letter_id.raw.decode(), "another one sent it")

    def test_images_of_the_answer(self):
        """Broken or huge ones, and long words, spoil neither the text around them nor header and footer."""
        picture = BytesIO()
        Image.new("RGB", (5000, 4000), (200, 60, 60)).save(picture, "PNG")
        huge = b64encode(picture.getvalue()).decode()
        pages = self.print_letter(self.make_letter_case(
            "<p>Antes</p><img src='data:image/png;base64,AAAA'/>"
            f"<p>Entre</p><img src='data:image/png;base64,{huge}'/><p>{'x' * 4000}</p><table><tr><td>Después</td></tr></table>"
        ))
        self.assertHolds(" ".join(" ".join(pages).split()), "Antes", "Entre", "Después")
        for page in pages:
            self.assertIn("FOR-SIG-PQRS-01", page)

    def test_the_logo_that_odoo_ships_is_nobodys(self):
        """A company that has not set its own is named instead."""
        case = self.make_letter_case("<p>Texto</p>")
        report = self.env["ir.actions.report"]
        html, _kind = report._render_qweb_html("sig_pqrs.report_response_letter", case.ids)
        self.assertTrue(self.company.uses_default_logo)
        self.assertNotIn(b"<img", html)
        self.company.logo = b64encode(PIXEL)
        self.assertIn(b"<img", report._render_qweb_html("sig_pqrs.report_response_letter", case.ids)[0])
        self.company.logo = False
        self.env["sig.document"].search([]).active = False
        text = report._render_qweb_html("sig_pqrs.report_response_letter", case.ids)[0].decode()
        self.assertHolds(text, self.company.name, "Texto")

    def make_full_case(self):
        self.contact.write({"lang": "en_US", "street": "Carrera 15 # 93-40", "city": "Bogotá D. C."})
        self.director.partner_id.function = "Directora del Sistema Integrado de Gestión"
        self.company.city = "Bogotá D. C."
        case = self.make_case(subject="Hurto de una bicicleta en el parqueadero", reason_id=self.env.ref("sig_pqrs.reason_perdida").id)
        case.with_user(self.director).action_add_requests(
            "1. Que se me informe qué hizo el guarda de turno la noche del 12 de noviembre\n"
            "2. Copia de la minuta de ese turno\n3. Copia de la grabación de la cámara 4\n"
            "4. Que se pague el valor de la bicicleta\n5. Que se ilumine el parqueadero"
        )
        assignment = self.make_assignment(case)
        own = assignment.with_user(self.collaborator)
        annexes = self.env["ir.attachment"].with_user(self.collaborator).create(
            [{"name": name, "raw": name.encode()} for name in ("Minuta del turno.pdf", "Informe de supervisión.pdf")]
        )
        own.write({"response": "<p>Revisamos la minuta, oímos al personal y vimos las grabaciones del turno.</p>" * 12,
                   "attachment_ids": [(6, 0, annexes.ids)]})
        for number, request in enumerate(own.request_ids, 1):
            request.write({
                "answer": f"Respuesta al punto {number}. " + "Verificamos los registros del turno y esto encontramos. " * 6,
                "resolution": ("upheld", "not_upheld")[number % 2],
            })
        self.finish_draft(assignment, write=False)
        case.with_user(self.director).write({
            "response_opening": case.env["sig.response.template"]._propose(case, "opening")[1], "response_closing": case.env["sig.response.template"]._propose(case, "closing")[1],
        })
        return case

    def test_everything_a_letter_holds(self):
        case = self.make_full_case()
        pages = [" ".join(page.split()) for page in self.print_letter(case)]
        self.assertGreater(len(pages), 1)
        for number, page in enumerate(pages, 1):
            self.assertHolds(
                page, "INTEGRATED MANAGEMENT SYSTEM", "FOR-SIG-PQRS-01", "20/05/2023", "Asesor HSEQ", "Director HSEQ", "Gerente General",
                f"Page {number} of {len(pages)}",
            )
        text = " ".join(pages)
        self.assertHolds(
            text, "Bogotá D. C., November", "Ana Ruiz", "Conjunto El Roble", "Carrera 15 # 93-40", "ana@example.com",
            case.name, "Hurto de una bicicleta", "We looked into the facts", "5. Que se ilumine el parqueadero",
            "Respuesta al punto 5", "Decision: Upheld", "acción de tutela", "Minuta del turno.pdf",
            "Informe de supervisión.pdf", "Copy: servicioalcliente@example.com", "Directora SIG",
            "Directora del Sistema Integrado de Gestión", case.act_head,
        )
        self.assertNotIn("«[", text)


@real_clock
class TestBackend(HttpCase, SigCommon):
    """The life of a case in the browser, as each person."""

    def test_life_in_the_browser(self):
        self.operations.member_ids += self.leader
        self.start_tour("/odoo/pqrs-my-day", "sig_pqrs_file_and_assign", login=self.director.login)
        case = self.env["sig.pqrs"].search([("subject", "=", "Puerta abierta toda la noche")])
        self.assertEqual(case.state, "assigned")
        case.assignment_ids.with_user(self.leader).action_reassign(self.collaborator.id)
        self.builder.draft(case.assignment_ids, "<p>Revisamos la minuta del turno.</p>")  # in the browser: `test_similar_panel`
        self.start_tour("/odoo/pqrs-my-day", "sig_pqrs_approve", login=self.leader.login)
        self.assertEqual(case.state, "approved")
        self.assertNotIn("unread", case.sudo().act_ids.filtered(lambda act: act.kind == "approved").data)
        self.start_tour("/odoo/pqrs-my-day", "sig_pqrs_send", login=self.director.login)
        self.assertEqual(case.delivery_state, "pending")
