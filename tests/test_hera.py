import re
import struct

from odoo.fields import Command

from .browser import open_browser
from .common import date, moment, real_clock
from .test_client_steps import PDF
from .test_filing_page import FilingCommon
from .test_tracking import ClientPagesCase


class HeraCase(ClientPagesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_own(subject="Ronda sin hacer")
        cls.url = f"/my/pqrs/{cls.case.id}"

    def login(self, user):
        self.authenticate(user.login, user.login)

    def numbers(self, url="/my/pqrs"):
        """Filing numbers on a page of the list, in its order."""
        return re.findall(r'<span class="o_hera_row_top"><span[^>]*>([^<]+)</span>', self.get(url).text)

    def count(self):
        counters = ["pqrs_count", "pqrs_waiting_count", "pqrs_to_rate_count"]
        return self.make_jsonrpc_request("/my/counters", {"counters": counters})


class TestHeraList(HeraCase):
    def test_own_ones(self):
        self.make_case(partner_id=self.colleague.partner_id.id)
        self.make_case(partner_id=self.stranger.partner_id.id)
        self.make_anonymous(client_id=self.client.id)
        self.make_own().sudo().state = "to_file"
        self.login(self.portal)
        self.assertEqual(self.numbers(), [self.case.name])

    def test_whole_company_only_with_the_flag(self):
        """But what is restricted, reserved or about personal data, which who filed it finds."""
        others = [self.make_own(type="datos_consulta"), self.make_own(restricted=True), self.make_reserved(subject="Cuento con reserva")]
        self.login(self.colleague)
        self.assertEqual(self.numbers(), [])
        self.colleague.partner_id.sig_hera_colleagues = True
        self.assertEqual(self.numbers(), [self.case.name])
        self.assertIn("Ronda sin hacer", self.get(self.url).text)
        for case in others:
            self.assertEqual(self.get(f"/my/pqrs/{case.id}").status_code, 404)
        self.login(self.portal)
        self.assertEqual(set(self.numbers()), {self.case.name, *(case.name for case in others)})
        self.assertIn("Cuento con reserva", self.get(f"/my/pqrs/{others[2].id}").text)

    def test_whoever_moves_takes_no_case_of_the_client_along_nor_away(self):
        self.colleague.partner_id.sig_hera_colleagues = True
        new = self.client.copy({"name": "Otro"})
        self.stranger.partner_id.write({"parent_id": new.id, "sig_hera_colleagues": True})
        resident, of_client = self.env["res.partner"].create({"name": "Vecina"}).id, {"client_id": self.client.id}
        own = [self.make_own(type="datos_consulta"), self.make_own(restricted=True), self.make_own()]
        others = [self.make_anonymous(**of_client), self.make_case(partner_id=resident, **of_client)]
        self.portal.partner_id.parent_id = new
        self.as_director(own[2]).action_reserve_identity("Lo pidió")
        late = self.make_own()
        for user, seen in ((self.colleague, [self.case]), (self.stranger, [late]), (self.portal, [self.case, *own, late])):
            self.login(user)
            self.assertEqual(set(self.numbers()), {case.name for case in seen}, user.name)
            for case in (self.case, late, *own, *others):
                self.assertEqual(self.get(f"/my/pqrs/{case.id}").status_code, 200 if case in seen else 404, user.name)
                self.assertFalse(case.with_user(user).has_access("read"))

    def test_the_flag_when_clients_are_merged(self):
        """Who sees the requests of a client sees those of the one that takes its place; nobody else does."""
        remaining, merge = self.client.copy({"name": "Cliente"}), self.env["base.partner.merge.automatic.wizard"]
        self.colleague.partner_id.sig_hera_colleagues = True
        both = [Command.set((remaining | self.client).ids)]
        merge.create({"state": "selection", "partner_ids": both, "dst_partner_id": remaining.id}).action_merge()
        self.assertEqual(self.colleague.partner_id.commercial_partner_id, remaining)
        self.assertTrue(self.colleague.partner_id.sig_hera_colleagues)
        self.assertFalse(self.portal.partner_id.sig_hera_colleagues)
        self.login(self.colleague)
        self.assertEqual(self.numbers(), [self.case.name])

    def test_who_may_read_a_colleague_does_not_act(self):
        self.colleague.partner_id.sig_hera_colleagues = True
        self.require(self.case)
        self.builder.send(self.make_approved(self.make_own()))
        self.login(self.colleague)
        self.assertEqual(self.count(), {"pqrs_count": 1, "pqrs_waiting_count": 0, "pqrs_to_rate_count": 0})
        self.assertEqual(self.numbers("/my/pqrs?filterby=waiting") + self.numbers("/my/pqrs?filterby=to_rate"), [])
        self.assertEqual(self.get("/my/pqrs").text.count("Califique nuestra respuesta"), 0)
        self.client_step(self.as_client(self.case), "deliver", "Va el acta")
        page = self.get(self.url).text
        self.assertNotIn("<form", page)
        self.assertRegex(page, rf"<strong>{self.portal.partner_id.name}</strong>[^\0]*Va el acta", "who wrote it")
        for text in (page, self.get("/my/pqrs").text):
            self.assertIn(self.portal.partner_id.name, text, "who filed it")
        for step in ("write", "deliver", "extend", "withdraw", "rate"):
            token = self.get_token(self.get("/pqrs/track"))
            self.assertEqual(self.post(f"{self.url}/{step}", csrf_token=token, text="x", rate="5").status_code, 404)
        self.assertEqual(self.case.state, "received")

    def test_filters_and_search(self):
        self.case.sudo().date_received = moment(self.company, date(2026, 11, 20))
        waiting = self.require(self.make_own(subject="Falta el acta"))
        answered = self.builder.send(self.make_approved(self.make_own(subject="La cámara")))
        self.login(self.portal)
        for query, found in (
            ("", (answered, waiting, self.case)), ("search=%00", (answered, waiting, self.case)),
            ("filterby=open", (waiting, self.case)), ("filterby=waiting", (waiting,)), ("filterby=answered", (answered,)),
            ("filterby=to_rate", (answered,)), ("search=acta", (waiting,)), (f"search={self.case.name}", (self.case,)),
            ("search=zzz&filterby=x", ()),
        ):
            with self.subTest(query):
                self.assertEqual(self.numbers(f"/my/pqrs?{query}"), [case.name for case in found])
        chips = self.url_open("/my/pqrs").text.partition('class="o_hera_chips')[2].partition("</nav>")[0]
        names = re.findall(r">([^<>]+)</a>", chips)
        self.assertEqual(len(names), 5)
        for status in ("waiting", "answered"):
            self.assertNotIn(self.env["sig.client.view"].with_context(lang="es_CO")._get_status_labels()[status], names, "it is of many")

    def test_home_counters(self):
        self.require(self.make_own())
        self.builder.send(self.make_approved(self.make_own()))
        self.login(self.portal)
        self.assertIn('href="/my/pqrs"', self.get("/my/home").text)
        self.assertEqual(self.count(), {"pqrs_count": 2, "pqrs_waiting_count": 1, "pqrs_to_rate_count": 1})
        self.login(self.stranger)
        self.assertEqual(set(self.count().values()), {0})

    def test_who_is_not_logged_in(self):
        for url in ("/my/pqrs", "/my/pqrs/new", self.url, f"{self.url}/file/1"):
            response = self.get(url, allow_redirects=False)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])


class TestHeraCase(HeraCase):
    def test_whole_life(self):
        self.require(self.case)
        self.login(self.portal)
        self.assertIn("Envíe el acta", self.get(self.url).text)
        files = [("attachments", ("acta.pdf", PDF.content))]
        response = self.post(f"{self.url}/deliver", self.url, text="Va", token="a", files=files)
        self.assertURLEqual(response.url, f"{self.url}?done=deliver")
        self.assertIn("information_delivered", self.kinds(self.case))
        self.assertHolds(response.text, "Lo que recibimos", "acta.pdf", "Enviar algo más (opcional)")
        self.assertHoldsNone(response.text, "Pendiente de usted", "Qué necesitamos de usted", "Enviar lo que se pidió")
        self.assertEqual(self.count()["pqrs_waiting_count"], 0)
        self.case.with_user(self.director).action_register_completion()
        file = self.env["ir.attachment"].with_user(self.director).create({"name": "plan.pdf", "raw": PDF.content})
        self.case.with_user(self.director).action_write_to_client("La visita es el jueves.", file.ids)
        self.assertIn("La visita es el jueves.", self.get(self.url).text)
        self.assertEqual(self.get(f"{self.url}/file/{file.id}").content, PDF.content)
        self.builder.send(self.builder.answer(self.case, self.operations), delivery="portal")
        letter = self.case.sudo().letter_id
        self.assertEqual(self.get(f"{self.url}/file/{letter.id}").content, letter.raw)
        response = self.post(f"{self.url}/rate", self.url, rate="5", text="Bien")
        self.assertEqual(self.case.rating_value, 5)
        self.assertIn("o_sig_rated", response.text)
        self.post(f"{self.url}/write", self.url, text="¿Y la cámara?")
        self.assertTrue(self.case.sudo()._get_waiting("late"))

    def test_not_found_is_the_same_for_all_that_is_not_ones_own(self):
        other = self.make_case(partner_id=self.colleague.partner_id.id)
        annex = self.env["ir.attachment"].create({"name": "a.pdf", "raw": PDF.content})
        other.sudo().attachment_ids = annex
        self.login(self.portal)
        token = self.get_token(self.get(self.url))

        def strip(text):
            return re.sub(r'/my/pqrs/[\w/]+|csrf_token: "\w+"', "", text)

        missing = self.get("/my/pqrs/99999999").text
        for url in (f"/my/pqrs/{other.id}", f"/my/pqrs/{other.id}/file/{annex.id}", f"{self.url}/file/{annex.id}", "/my/pqrs/0"):
            response = self.get(url)
            self.assertEqual((response.status_code, strip(response.text)), (404, strip(missing)))
        for step in ("write", "deliver", "withdraw", "rate"):
            response = self.post(f"/my/pqrs/{other.id}/{step}", csrf_token=token, text="x", rate="5")
            self.assertEqual(response.status_code, 404)
        self.assertEqual(other.state, "received")

    def test_session_that_ended_takes_nothing_away(self):
        self.login(self.portal)
        token = self.get_token(self.get(self.url))
        self.authenticate(None, None)
        page = self.post(f"{self.url}/write", csrf_token=token, token="t", text="¿Y la <cámara>?")
        self.assertEqual(page.status_code, 400)
        self.assertIn("¿Y la &lt;cámara&gt;?", page.text)
        self.assertNotIn(self.case.subject, page.text)
        self.assertIn(f'href="/web/login?redirect={self.url}"', page.text)
        self.assertFalse(self.see(self.case)["messages"], "nobody sent it yet")
        token = self.get_token(self.get("/web/login"))
        self.post("/web/login", csrf_token=token, login=self.stranger.login, password=self.stranger.login)
        response = self.get(self.url)
        self.assertEqual(response.status_code, 404)
        self.assertNotIn("cámara", response.text, "who enters in the place of another reads nothing of them")


@real_clock
class TestHeraApp(FilingCommon):
    def test_manifest(self):
        response = self.url_open("/my/pqrs/manifest.webmanifest")
        self.assertEqual(response.headers["Content-Type"].split(";")[0], "application/manifest+json")
        manifest = response.json()
        self.assertEqual(
            (manifest["name"], manifest["short_name"], manifest["start_url"], manifest["display"]),
            ("HERA", "HERA", "/my/pqrs", "standalone"),
        )
        self.assertTrue(manifest["start_url"].startswith(manifest["scope"]))
        self.assertNotIn("714b67", str(manifest).lower(), "the colour of Odoo")
        self.assertNotIn("odoo", str(manifest).lower())
        self.assertEqual({icon["purpose"] for icon in manifest["icons"]}, {"any", "maskable"})
        for icon in manifest["icons"]:
            image = self.url_open(icon["src"])
            self.assertEqual(image.headers["Content-Type"], "image/png")
            self.assertEqual("x".join(str(side) for side in struct.unpack(">II", image.content[16:24])), icon["sizes"])

    def test_install(self):
        """By who has not entered: the page says what the app is, its service worker keeps the form for when there is no network."""
        with open_browser(self) as browser:
            browser.go("/my/pqrs/install")
            links = browser.run("[...document.querySelectorAll('link[href]')].map((link) => link.getAttribute('href'))")
            self.assertEqual([link for link in links if "manifest" in link], ["/my/pqrs/manifest.webmanifest"])
            self.assertIn("/sig_pqrs/static/src/img/hera-apple-180.png", links)
            browser.wait("navigator.serviceWorker.ready.then(({active}) => active.scriptURL.endsWith('/my/pqrs/service-worker.js'))")
            browser.wait("caches.match('/my/pqrs/offline').then(Boolean)")
            # As the browser does where the app can be installed.
            offer = "Object.assign(new Event('beforeinstallprompt'), { prompt: () => { window.prompted = true; } })"
            browser.run(f"window.dispatchEvent({offer})")
            self.assertTrue(browser.run("!!document.querySelector('.o_hera_install_button').offsetHeight"))
            browser.run("document.querySelector('.o_hera_install_button').click()")
            self.assertTrue(browser.run("window.prompted && !document.querySelector('.o_hera_installable')"))
