"""What the company answers to frequent questions is offered while a petition is typed, and is never in its way."""
from unittest.mock import patch

from lxml import html

from odoo.addons.sig_pqrs.controllers import faq as controller

from .browser import PageChecks, open_browser
from .common import real_clock
from .test_filing_page import URL, FilingCommon


class FaqCommon(FilingCommon):
    is_counted = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Faq = cls.env["sig.faq"]
        cls.video = cls.make_faq("¿Cómo pido el video de una cámara?", "<p>Escriba la hora y el lugar.</p>", words="grabación, imágenes")
        cls.bill = cls.make_faq("¿Dónde encuentro mi factura?", "<p>En <a href='/my'>HERA</a>.</p>")
        cls.draft = cls.make_faq("¿Cómo pido el video de un siniestro?", published=False)
        cls.other_company = cls.env["res.company"].create({"name": "Otra", "country_id": cls.env.ref("base.co").id})
        cls.foreign = cls.make_faq("¿Cómo pido el video de la portería?", company_id=cls.other_company.id)

    @classmethod
    def make_faq(cls, name, answer="<p>Así.</p>", **vals):
        return cls.Faq.create({"name": name, "answer": answer, "published": True, "company_id": cls.company.id, **vals})

    def ask(self, text, url="/pqrs", token=None):
        token = self.get_form()["csrf_token"] if token is None else token
        return self.url_open(f"{url}/faq", data={"csrf_token": token, "text": text})

    def get_offered(self, text, url="/pqrs"):
        """Ids of the questions that are offered for a text, in order."""
        page = self.ask(text, url).text
        return [int(one.get("data-faq")) for one in html.fragment_fromstring(page, "div").iter("details")] if page else []


class TestFaq(FaqCommon):
    def test_found_by_meaning_and_synonyms(self):
        for text in ("los videos de la CAMARA", "quiero la grabacion del martes", "Imágenes de la puerta"):
            self.assertEqual(self.get_offered(text), self.video.ids, text)
        self.assertEqual(self.get_offered("la factura y el video de la cámara"), (self.video | self.bill).ids, "the best first")
        for text in ("La ronda de la noche no se hizo", "de la por el", "", "¿?", "x" * 5000, "\x00'\"<script>"):
            self.assertEqual(self.ask(text).status_code, 204, text)
        self.assertEqual(self.ask("un recibo errado").status_code, 204)
        self.env["sig.synonym"].create({"name": "factura, recibo", "company_id": self.company.id})
        self.assertEqual(self.get_offered("un recibo errado"), self.bill.ids)

    def test_only_what_this_company_publishes(self):
        """Nothing of a case, nor where no petitions are filed."""
        self.make_case(subject="Zafarrancho en la piscina", description="Zafarrancho")
        self.assertEqual(self.ask("zafarrancho").status_code, 204)
        page = self.ask("video de un siniestro en la portería")
        self.assertIn("Escriba la hora y el lugar.", page.text)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertEqual(self.get_offered("video de un siniestro en la portería"), self.video.ids)
        self.open_company(self.other_company)
        self.website.company_id = self.other_company
        self.assertEqual(self.get_offered("video de un siniestro en la portería"), self.foreign.ids)
        token = self.get_form()["csrf_token"]
        self.website.sig_pqrs_active = False
        self.assertEqual(self.ask("video de un siniestro en la portería", token=token).status_code, 404)

    def test_answers_hold_no_script(self):
        self.video.answer = "<p onclick='x()'>Así<script>alert(1)</script></p><iframe src='https://example.com'></iframe>"
        self.assertHoldsNone(self.ask("video").text, "onclick", "<script", "<iframe")

    def test_the_form_has_a_place_for_them_only_where_there_are_some_also_in_hera(self):
        self.assertIn("o_sig_faq", self.url_open(URL).text)
        self.assertNotIn("o_sig_faq", self.url_open("/my/pqrs/offline").text)
        (self.video | self.bill).published = False
        self.assertNotIn("o_sig_faq", self.url_open(URL).text)
        self.video.published = True
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn("o_sig_faq", self.url_open("/my/pqrs/new").text)
        self.assertEqual(self.get_offered("video", "/my/pqrs"), self.video.ids)

    def test_who_edits_and_who_reads_them(self):
        vals = {"name": "¿Y el parqueadero?", "answer": "<p>Así.</p>", "published": True}
        readers = self.leader | self.collaborator | self.management
        others = self.employee | self.portal | self.interviewer
        for user in (self.director, self.administrator):
            new = self.Faq.with_user(user).create(vals)
            new.words = "carro"
            new.unlink()
        self.assertTrue(all(self.video.with_user(user).name for user in readers))
        self.assertDenied(
            self.video, readers | others, lambda own: own.create(vals), lambda own: own.write({"name": "x"}), lambda own: own.unlink()
        )
        self.assertDenied(self.video, others, lambda own: own.read(["name"]))
        self.assertEqual(self.Faq.with_user(self.director).search([]), self.video | self.bill | self.draft)
        self.assertDenied(self.foreign, self.director, lambda own: own.read(["name"]))
        self.assertDenied(self.video, self.director, lambda own: own.write({"company_id": self.other_company.id}))


class TestFaqLimits(FaqCommon):
    _registry_readonly_enabled = False

    def test_whoever_types_much_files_all_the_same(self):
        with patch.object(controller, "MAX_SEARCHES", 2):
            for _time in range(2):
                self.assertEqual(self.ask("video").status_code, 200)
            self.assertEqual(self.ask("video").status_code, 204)
        self.assertEqual((self.post().status_code, len(self.get_new())), (200, 1))
        self.assertEqual(self.url_open("/pqrs/faq").status_code, 405)


@real_clock
class TestFaqBrowser(PageChecks, FaqCommon):
    def test_offered_while_the_subject_is_typed(self):
        with open_browser(self) as browser:
            browser.go(URL)
            self.assertFalse(browser.run("document.querySelector('.o_sig_faq').getBoundingClientRect().height"), "it takes no place")
            browser.run("pqrs_subject.focus()")
            browser.type_in("Necesito el video de la cámara")
            browser.wait_for(".o_sig_faq details")
            self.assertTrue(browser.run("document.activeElement === pqrs_subject"))
            self.assertIn("1", browser.get_text(".o_sig_faq [role=status]"))
            browser.tab_to(".o_sig_faq summary")
            browser.press("Enter")
            browser.wait("document.querySelector('.o_sig_faq details').open")
            self.check(browser, "offered answers")
            self.assertEqual(browser.run("pqrs_subject.value"), "Necesito el video de la cámara")
            browser.run("pqrs_subject.focus(), pqrs_subject.select()")
            browser.type_in("Ronda sin hacer")
            browser.wait("!document.querySelector('.o_sig_faq details')")
            # What fails is not there.
            browser.run("window.fetch = () => Promise.reject(new TypeError('no network')), pqrs_subject.select()")
            browser.type_in("Necesito el video")
            browser.run("new Promise((resolve) => setTimeout(resolve, 700))")
            self.assertFalse(browser.run("document.querySelector('.o_sig_faq').textContent.trim()"))
        self.assertFalse(self.get_new())
