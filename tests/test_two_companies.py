"""Two companies in one Odoo: it is plain whose case one looks at. Their walls are in `test_companies` and `test_visibility`."""
import re
from io import BytesIO

from lxml import etree
from openpyxl import load_workbook

from odoo.fields import Command
from odoo.tests import HttpCase
from odoo.tools.safe_eval import safe_eval

from ..tools.mail_text import Address
from .common import CaseBuilder, date, moment
from .mail import MailCommon, write_mail
from .test_intake import FORM

OURS, THEIRS = "http://nuestra.example.com", "http://otra.example.net"
SELECTED = "allowed_company_ids"


class TwoCompanies(MailCommon):
    """Each has its website, mailbox, holidays, time zone, processes and SIG director; a user, a client and a user of the
    portal are of both, and each has a case of theirs with the same number.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        env, alias_domain = cls.env, cls.env["mail.alias.domain"].create({"name": "otra.example.net", "default_from": "avisos"})
        cls.other = env["res.company"].create({
            "name": "Otra S.A.S.", "country_id": env.ref("base.co").id, "email": "info@otra.example.net", "sig_tz": "Europe/Madrid",
            "alias_domain_id": alias_domain.id, "sig_policy_days": 5,
        })
        env["sig.nonworking.day"].create({"date": "2026-11-26", "name": "Día cívico", "kind": "extraordinary", "company_id": cls.other.id})
        cls.their_director = cls.open_company(cls.other)
        cls.other.sig_director_id = cls.their_director
        cls.companies = cls.company | cls.other
        cls.mailboxes = cls.companies.sig_alias_id.mapped("alias_full_name")
        both = [Command.set(cls.companies.ids)]
        cls.both = CaseBuilder.make_user(env, "sig_both", "Directora de ambas", "administrator", lang="en_US", company_ids=both)
        cls.their_builder = CaseBuilder(env, cls.their_director, cls.other)
        cls.their_process = cls.their_builder.make_process("OPE", "Operaciones", cls.both, cls.both)
        english = env["res.lang"]._activate_lang("en_US")
        for company, url in ((cls.company, OURS), (cls.other, THEIRS)):
            site = {"name": company.name, "domain": url, "company_id": company.id, "sig_pqrs_active": True}
            env["website"].create({**site, "default_lang_id": english.id, "language_ids": [Command.set(english.ids)]})
        cls.portal = cls.get_people(env)["portal"]
        cls.portal.company_ids = both
        cls.portal.partner_id.parent_id = cls.client
        petition = {"partner_id": cls.portal.partner_id.id, "subject": "Ronda"}
        cls.ours = cls.make_case(**petition)
        cls.theirs = cls.their_builder.file(petition)
        (cls.ours | cls.theirs).sudo().name = "PQRS-2026-90001"
        cls.names = {case: f"{case.name} · {case.company_id.sudo().name}" for case in (cls.ours, cls.theirs)}
        cls.reload()

    def receive_at_both(self, raw):
        return self.receive(raw.replace(b"servicioalcliente@example.com", ", ".join(self.mailboxes).encode()))

    def select(self, record, companies):
        """As who works in both, who has selected some of the companies."""
        return record.with_user(self.both).with_context(**{SELECTED: companies.ids})


class TestTwoCompanies(TwoCompanies):
    def test_names(self):
        for case, name in self.names.items():
            self.assertEqual(self.select(case, self.companies).display_name, name)
            self.assertEqual(self.select(case, case.company_id).display_name, case.name)
        self.assertEqual(self.ours.with_user(self.director).display_name, self.ours.name)
        found = self.select(self.env["sig.pqrs"], self.companies).name_search(self.ours.name)
        self.assertEqual(dict(found), {case.id: name for case, name in self.names.items()})
        part = self.their_builder.assign(self.theirs, self.their_process)
        self.assertEqual(self.select(part, self.companies).display_name, f"{self.names[self.theirs]} · Operaciones")
        self.assertEqual(self.select(part, self.other).display_name, f"{self.theirs.name} · Operaciones")

    def test_list_card_and_form(self):
        """As the browser evaluates it: columns by the context alone, fields by their record too."""
        for view, attribute in (("list", "column_invisible"), ("kanban", "invisible"), ("form", "invisible")):
            arch = self.env["sig.pqrs"].with_user(self.both).get_view(view_type=view)["arch"]
            [hidden] = {text for node in etree.fromstring(arch).iter("field") if SELECTED in (text := node.get(attribute, ""))}
            for companies, hides in ((self.companies, False), (self.other, True)):
                context = {SELECTED: companies.ids}
                values = context if view == "list" else {"company_id": self.other.id, "context": context}
                with self.subTest(view, companies=companies):
                    self.assertIs(safe_eval(hidden, values), hides)

    def test_my_day_digest_and_workload(self):
        def get_rows(companies):
            tiles = self.select(self.env["sig.my.day"], companies).get_my_day()["tiles"]
            return {row["id"]: row["company"] for tile in tiles if tile["key"] == "unassigned" for row in tile["records"]}

        self.assertEqual(get_rows(self.companies), {case.id: case.company_id.name for case in (self.ours, self.theirs)})
        self.assertEqual(get_rows(self.other), {self.theirs.id: ""})
        indicator = self.env["sig.indicator"].search([("kind", "=", "received"), ("company_id", "=", False)], limit=1)
        august = {"indicator_id": indicator.id, "date_from": "2026-08-01", "date_to": "2026-08-31"}
        measures = indicator.measure_ids.create([{**august, "company_id": company.id} for company in self.companies])
        counts = {tile["key"]: tile["count"] for tile in self.select(self.env["sig.my.day"], self.companies).get_my_day()["tiles"]}
        self.assertEqual((counts["measures"], counts["unregistered"]), (2, 2))
        month = self.select(measures, self.other).action_open_month()
        self.assertEqual(month["context"]["default_company_id"], self.other.id)
        self.companies.sig_director_id = self.both
        for case in (self.ours, self.theirs):
            case.sudo().deadline_state = "overdue"
        self.env["sig.digest"]._mail_digests(self.both, date(2026, 11, 24))
        body = self.env["mail.mail"].search([("email_to", "=", self.both.email_formatted)], limit=1).body_html
        for case in (self.ours, self.theirs):
            self.assertIn(case.company_id.name, body)
        for companies, names in ((self.companies, {f"Operaciones · {company.name}" for company in self.companies}), (self.other, {"Operaciones"})):
            rows = self.select(self.env["sig.workload"], companies).get_workload()["rows"]
            self.assertLessEqual(names, {row["name"] for row in rows})

    def test_register(self):
        """A workbook of one company has its letterhead, whichever is selected first; one of several names them."""
        def read(cases):
            content = self.select(self.env["sig.case.register"], self.companies)._write_register(self.select(cases, self.companies))
            rows = [*load_workbook(BytesIO(content)).active.iter_rows(values_only=True)]
            return " ".join(str(cell) for row in rows[:6] for cell in row if cell)

        self.assertNotIn(self.company.name, read(self.theirs))
        self.assertIn(self.other.name, read(self.theirs))
        self.assertIn(f"{self.company.name}, {self.other.name}", read(self.ours | self.theirs))

    def test_dates_are_of_the_company(self):
        """The other one answers in five business days, and has a holiday in between."""
        self.assertEqual(self.theirs.sudo().date_deadline, date(2026, 12, 2))
        self.assertGreater(self.ours.sudo().date_deadline, date(2026, 12, 2))
        late = moment(self.company, date(2026, 11, 24), 19)  # the day after in Madrid
        petition = {"partner_id": self.portal.partner_id.id, "subject": "De noche"}
        self.assertEqual(self.their_builder.file(petition, late).sudo().date_deadline, date(2026, 12, 3))

    def test_what_one_company_allows_or_was_confirmed_is_nothing_to_the_other(self):
        """Who sees the cases of colleagues, and who read the privacy notice that both share."""
        petition, partner = {"partner_id": self.contact.id, "subject": "De una colega"}, self.portal.partner_id
        ours, theirs = self.make_case(**petition), self.their_builder.file(petition)
        cases, view = self.env["sig.pqrs"].sudo(), self.env["sig.client.view"]

        def sees(case):
            return case in cases.search(view._get_domain(self.portal))

        partner.sig_hera_colleagues = True
        self.assertEqual((sees(ours), sees(theirs)), (True, False))
        partner.with_company(self.other).sig_hera_colleagues = True
        self.assertTrue(sees(theirs))
        self.assertIn(partner, partner.search([("sig_hera_colleagues", "=", True)]))
        partner.parent_id = False
        self.assertNotIn(partner, partner.search([("sig_hera_colleagues", "=", True)]))
        self.assertFalse(any(partner.with_company(company).sig_hera_colleagues for company in self.companies))
        consents = self.env["sig.privacy.consent"].with_context(lang="en_US")
        told = {"partner_id": partner.id, "channel": "portal"}
        consents.with_user(self.portal).sudo()._record(self.company, True, None, "form", None, [told], "2026-11-24 15:00:00")
        Intake = self.env["sig.pqrs.intake"]
        self.assertTrue(Intake._has_confirmed_notice(partner, self.company))
        self.assertFalse(Intake._has_confirmed_notice(partner, self.other))

    def test_clients_of_the_parent_company(self):
        """A branch knows them at the desk, by mail and in surveys; those of a branch are none of its parent's."""
        branch = self.env["res.company"].create({"name": "Sede", "parent_id": self.company.id})
        self.portal.partner_id.parent_id = False  # who is of both companies
        for owner, knows in ((self.company, self.company | branch), (branch, branch)):
            (self.client | self.contact).company_id = owner
            for company in self.companies | branch:
                client, address = self.contact._sig_get_client(company), Address("", self.contact.email)
                found, _doubts = self.env["sig.mail.petition"]._find_contact(company, address)
                wave = self.env["sig.survey.wave"].new({"company_id": company.id, "population_domain": "[]"})
                known = client == self.client, found == self.contact, self.client in wave._get_population()
                self.assertEqual(set(known), {company in knows})

    def test_a_mail_to_both_mailboxes(self):
        cases = self.receive_at_both(write_mail(author="Eva <eva@example.org>"))
        self.assertEqual((cases.company_id, len(cases)), (self.companies, 2))
        # each company tells its own, and an answer to one of them reaches no other
        mails = self.env["sig.client.notice"]._queue(cases.sudo(), "thanks", "Texto")
        for case in cases.sudo():
            self.assertEqual(mails[case.id].record_alias_domain_id, case.company_id.alias_domain_id)
            answer = write_mail(author="Eva <eva@example.org>", ident=f"{case.id}@y", headers=f"References: {mails[case.id].message_id}\r\n")
            self.assertFalse(self.receive(answer.replace(b"servicioalcliente@example.com", case.company_id.sig_alias_id.alias_full_name.encode())))
            self.assertEqual(self.get_mail().pqrs_id, case)

    def test_what_one_writes_to_the_other_with_a_copy_to_itself(self):
        self.assertEqual(self.receive_at_both(write_mail(author=self.mailboxes[0])).company_id, self.other)
        mails = self.env["sig.pqrs.mail"].search([("message_ident", "=", "<1@x>")])
        self.assertEqual({mail.company_id: mail.reason for mail in mails}, {self.company: "own", self.other: False})

    def test_an_answer_to_one_with_a_copy_to_the_other(self):
        [mail] = self.env["sig.client.notice"]._queue(self.ours.sudo(), "thanks", "Texto").values()
        raw = write_mail(author="Eva <eva@example.org>", headers=f"References: {mail.message_id}\r\n", ident="both@y")
        case = self.receive_at_both(raw)
        self.assertEqual(case.company_id, self.other)
        mails = self.env["sig.pqrs.mail"].search([("message_ident", "=", "<both@y>")])
        self.assertEqual({mail.company_id: mail.pqrs_id for mail in mails}, {self.company: self.ours, self.other: case})
        # but where both have one service mailbox, it is that of who wrote first
        self.companies.sig_service_email = "atencion@example.com"
        [mail] = self.env["sig.client.notice"]._queue(self.theirs.sudo(), "thanks", "Texto").values()
        for mailbox in (b"atencion@example.com", b"atencion+web@example.com"):
            shared = write_mail(author="Eva <eva@example.org>", headers=f"References: {mail.message_id}\r\n", ident=f"{mailbox}@y")
            self.assertFalse(self.receive(shared.replace(b"servicioalcliente@example.com", mailbox)))
            self.assertEqual(self.get_mail().pqrs_id, self.theirs)

    def test_a_step_on_cases_of_both(self):
        """One sees those of the companies that are selected; an act is of its case's company, whatever the context says."""
        cases = self.ours | self.theirs
        for companies in (self.company, self.other, self.companies):
            self.assertEqual(self.select(cases, companies).search([("id", "in", cases.ids)]).company_id, companies)
        own = self.select(cases, self.companies).with_context(default_company_id=self.company.id)
        own.action_immediate_measure("Se reforzó el puesto")
        for case in cases.sudo():
            self.assertEqual(case.act_ids.company_id, case.company_id)
            self.assertChain(case)


class TestPagesOfTwo(TwoCompanies, HttpCase):
    def get(self, site, url, **kwargs):
        self.env.flush_all()
        return self.url_open(url, headers={"Host": site.removeprefix("http://")}, **kwargs)

    def test_each_website_files_for_its_company(self):
        known = self.env["sig.pqrs"].search([])
        for site, company, foreign in ((OURS, self.company, self.other), (THEIRS, self.other, self.company)):
            page = self.get(site, "/pqrs/new").text
            self.assertIn(company.name, page)
            self.assertNotIn(foreign.name, page)
            hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
            filed = self.get(site, "/pqrs/new", data={**FORM, **hidden})
            self.env.invalidate_all()
            case = self.env["sig.pqrs"].search([("id", "not in", known.ids)])
            known |= case
            self.assertEqual(case.company_id, company)
            self.assertIn(company.name, filed.text)

    def test_a_code_opens_the_case_of_its_company(self):
        """On either website: the number is of both, the page says whose it is."""
        for site in (OURS, THEIRS):
            for case, foreign in ((self.ours, self.theirs), (self.theirs, self.ours)):
                page = self.get(site, f"/pqrs/track?number={case.name}&code={case.sudo()._get_tracking_code()}").text
                self.assertIn(case.company_id.name, page)
                self.assertNotIn(foreign.company_id.name, page)

    def test_pages_of_a_company_on_the_website_of_another(self):
        shared = self.env["sig.privacy.notice"]._get_current(self.other)
        own = shared.copy({"company_id": self.other.id, "body": "<p>Aviso de la otra</p>"})
        own.action_publish()
        third = self.env["res.company"].create({"name": "Tercera", "country_id": self.env.ref("base.co").id})
        for path, company, text in (
            (shared._get_path(self.company), self.company, shared.body), (shared._get_path(self.other), self.other, shared.body),
            (own._get_path(self.other), self.other, own.body), (f"/pqrs/privacy?version={own.id}", self.other, own.body),
            (f"/pqrs/privacy?company={self.other.id}", self.other, own.body), (f"/pqrs/privacy?company={third.id}", self.company, shared.body),
        ):
            page = self.get(OURS, path).text
            self.assertEqual((re.findall(r'class="mb-2 fw-bold">([^<,]+)', page), text[:20] in page), ([company.name], True), path)
        self.env["website"].search([("company_id", "=", self.company.id)]).company_id = third
        self.company.phone, self.other.phone = "601 555 1111", "601 555 2222"
        page = self.get(OURS, "/pqrs/track").text
        self.assertEqual([each.phone in page for each in (self.company, self.other)], [True, False], "who has no website now is asked here")

    def test_hera(self):
        self.authenticate("sig_portal", "sig_portal")
        for site in (OURS, THEIRS):
            self.opener.cookies.set("session_id", self.session.sid, domain=site.removeprefix("http://"))
        heading = r'class="o_hera_company[^>]*>([^<]+)<'
        for site, company in ((OURS, self.company), (THEIRS, self.other)):
            page = self.get(site, "/my/pqrs").text
            self.assertFalse(re.findall(heading, page))
            for case in (self.ours, self.theirs):
                self.assertIn(self.names[case], page)
                self.assertEqual(re.findall(heading, self.get(site, f"/my/pqrs/{case.id}").text), [case.company_id.name])
            self.assertEqual(re.findall(heading, self.get(site, "/my/pqrs/new").text), [company.name])
        with self.undone():
            self.company.sig_active = False
            self.assertEqual(re.findall(heading, self.get(OURS, "/my/pqrs/new").text), [self.other.name], "that one receives")
        self.portal.partner_id.company_id = self.company  # who is nobody to the other one
        for site, is_known in ((OURS, True), (THEIRS, False)):
            for url in ("/pqrs/new", "/my/pqrs/new"):
                page = self.get(site, url).text
                self.assertEqual('name="email"' not in page, is_known)
                hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
                receipt = self.get(site, url, data={**FORM, **hidden, "subject": f"{site}{url}"}).text
                self.assertEqual("/my/pqrs/" in receipt.partition("sig_pqrs_number")[2].partition("</main>")[0], is_known and "/my" in url)
                case = self.env["sig.pqrs"].search([("subject", "=", f"{site}{url}")])
                self.assertEqual(case.partner_id, self.portal.partner_id if is_known else case.partner_id.browse())
        self.portal.write({"company_id": self.company.id, "company_ids": [Command.set(self.company.ids)]})
        for site in (OURS, THEIRS):
            page = self.get(site, "/my/pqrs").text
            self.assertEqual(re.findall(heading, page), [self.company.name])
            self.assertIn(self.ours.name, page)
            self.assertNotIn(self.names[self.ours], page)
            self.assertEqual(self.get(site, f"/my/pqrs/{self.theirs.id}").status_code, 404)
            self.assertEqual(re.findall(heading, self.get(site, "/my/pqrs/new").text), [self.company.name])
