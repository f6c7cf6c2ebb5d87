"""The privacy notice, version by version, and what each petitioner was told and answered."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .common import SigCommon, date, moment
from .test_filing_page import FilingCommon
from .test_tracking import ClientPagesCase


def allows_surveys(contact, company=None):
    """Whether a contact consented to surveys of a company, the current one by default, and did not take it back."""
    contact = contact.sudo().with_company(company or contact.env.company)
    contact.invalidate_recordset(["sig_survey_consent"])
    return contact.sig_survey_consent == "given"


class PrivacyCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls.env.ref("sig_pqrs.privacy_notice_1")

    def rows(self, case):
        return [(row.subject, row.decision, row.how) for row in case.sudo().consent_ids.sorted("id")]


class TestNotice(PrivacyCommon):
    def publish(self, **vals):
        draft = self.notice.with_user(self.administrator).copy(vals)
        draft.action_publish()
        return draft

    def test_shipped_notice_says_what_the_law_asks(self):
        self.assertEqual(self.env["sig.privacy.notice"]._get_current(self.company), self.notice)
        self.assertHolds(self.notice.body, "address", "What for", "sensitive", "rights", "policy", "Superintendencia")
        self.assertIn("confirmed", self.notice.remarks)

    def test_a_new_version_replaces_the_one_before(self):
        action = self.notice.with_user(self.administrator).action_new_version()
        draft = self.env["sig.privacy.notice"].browse(action["res_id"]).with_user(self.administrator)
        self.assertEqual((draft.state, draft.version, draft.body), ("draft", 2, self.notice.body))
        self.assertEqual(draft._get_current(self.company), self.notice)
        draft.summary = "Otro resumen"
        draft.action_publish()
        self.assertEqual(draft._get_current(self.company), draft.sudo())
        self.assertEqual((draft.state, str(draft.date_from)), ("in_force", "2026-11-24"))
        self.assertEqual((self.notice.state, str(self.notice.date_to)), ("replaced", "2026-11-24"))

    def test_pictures_are_of_the_version(self):
        file = self.env["ir.attachment"].with_user(self.administrator).create({"name": "logo.png", "raw": b"x", "public": True})
        draft = self.notice.with_user(self.administrator).copy()
        draft.body = "<p>Aviso</p><img src='https://example.com/a.png'/>"
        self.assertEachRaises(UserError, draft.action_publish, said="https://example.com/a.png")
        draft.body = f"<p>Aviso</p><img src='/web/image/{file.id}'/>"
        draft.action_publish()
        picture = draft._get_pictures(draft.body)
        self.assertEqual((picture.res_model, picture.res_id, picture.raw), (draft._name, draft.id, b"x"))
        self.assertDenied(
            picture, self.director | self.administrator, lambda own: own.write({"raw": b"y"}), lambda own: own.write({"name": "y"}), error=UserError
        )

    def test_own_version_goes_before_the_shared_one(self):
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        own = self.publish(company_id=self.company.id)
        self.assertEqual((own.version, self.notice.state), (1, "in_force"))
        Notice = self.env["sig.privacy.notice"]
        self.assertEqual((Notice._get_current(self.company), Notice._get_current(other)), (own.sudo(), self.notice))
        self.assertFalse(Notice._find_published(other, own.id))
        self.assertEqual(Notice._find_published(self.company, str(own.id)), own.sudo())

    def test_what_was_published_stays(self):
        notice = self.notice.with_user(self.administrator)
        changes = ({"summary": "x"}, {"body": "<p>x</p>"}, {"survey_purpose": "x"}, {"company_id": self.company.id})
        self.assertEachRaises(
            UserError, *(lambda vals=vals: notice.write(vals) for vals in changes), notice.unlink,
            lambda: notice.update_field_translations("summary", {"en_US": "x"}),
        )
        self.publish()
        self.assertEachRaises(UserError, notice.unlink)

    def test_a_draft_stays_of_its_company(self):
        draft = self.notice.with_user(self.administrator).copy()
        self.assertEachRaises(UserError, lambda: draft.write({"company_id": self.company.id}), said="for which it was made")
        draft.write({"company_id": False, "summary": "Otro"})

    def test_state_is_no_field_to_write(self):
        notices = self.env["sig.privacy.notice"].with_user(self.administrator)
        vals = {"name": "x", "summary": "x", "body": "<p>x</p>"}
        own = self.notice.with_user(self.administrator)
        for extra in ({"state": "in_force"}, {"version": 9}, {"date_from": "2020-01-01"}):
            self.assertEachRaises(UserError, lambda extra=extra: notices.create({**vals, **extra}), lambda extra=extra: own.write(extra))
        self.assertEachRaises(UserError, lambda: notices.with_context(default_state="in_force").create(vals))
        draft = notices.create([vals, vals])
        self.assertEqual((draft.mapped("state"), draft.mapped("version")), (["draft", "draft"], [2, 3]))
        self.assertFalse(draft[0].date_from)

    def test_empty_text_is_not_published(self):
        draft = self.env["sig.privacy.notice"].with_user(self.administrator).create({"name": "x", "summary": "x", "body": "<p><br></p>"})
        self.assertEachRaises(UserError, draft.action_publish, said="Write the summary")
        self.assertEqual(self.notice.state, "in_force")
        self.assertEachRaises(UserError, self.notice.with_user(self.administrator).action_publish, said="published already")

    def test_who_may(self):
        self.assertTrue(self.notice.with_user(self.director).read(["body"]))
        draft = self.notice.with_user(self.administrator).copy()
        others = self.leader | self.collaborator | self.management | self.interviewer | self.employee | self.portal
        self.assertDenied(
            draft, self.director | others, lambda own: own.create({"name": "x", "summary": "x", "body": "<p>x</p>"}),
            lambda own: own.write({"summary": "x"}), lambda own: own.action_publish(), lambda own: own.unlink(),
        )
        self.assertDenied(self.notice, self.director | others, lambda own: own.action_new_version())
        self.assertDenied(self.notice, others, lambda own: own.read(["body"]))


class TestConsent(PrivacyCommon):
    def test_later_on(self):
        case = self.make_case()
        silent = self.rows(case) or case.notice_told or case.survey_answer or self.contact.with_user(self.director).sig_survey_consent
        self.assertFalse(silent, "silence is no consent")
        case.notice_told = True
        case.survey_answer = "no"
        self.assertEqual(self.rows(case), [("notice", "told", "oral"), ("surveys", "refused", "oral")])
        self.assertEachRaises(
            UserError, lambda: case.write({"notice_told": False}), lambda: case.write({"survey_answer": False}), said="on record"
        )
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.note, act.user_id), ("contact_corrected", "Allows surveys", self.director))
        web = self.env["sig.pqrs"].sudo().create({
            "type_id": case.type_id.id, "subject": "Ruido", "channel": "web", "partner_id": self.contact.id,
        })
        web.with_user(self.director).survey_answer = "yes"
        self.assertEqual(self.rows(web)[-1], ("surveys", "given", "written"), "nobody ticked a box")

    def test_a_yes_may_be_taken_back(self):
        case = self.make_case(survey_answer="yes")
        case.survey_answer = "no"
        self.assertEqual([row[1] for row in self.rows(case)], ["given", "refused"])
        self.assertFalse(allows_surveys(self.contact))
        contact = self.contact.with_user(self.director)
        contact.action_sig_allow_surveys()
        self.reload(case)
        self.assertEqual((case.survey_answer, self.see(case)["surveys"]), ("yes", "no"), "as surveys obey it; as it was said here")
        contact.action_sig_revoke_surveys()
        self.assertEqual(contact.sig_survey_consent, "refused")
        last = self.env["sig.privacy.consent"].search([("partner_id", "=", contact.id)], limit=1)
        self.assertEqual((last.decision, last.how, last.user_id), ("refused", "oral", self.director))
        self.assertEqual(self.reload(self.make_case(survey_answer=False))[0].survey_answer, "no", "they are not asked again")

    def test_of_whom_it_is_follows_the_case(self):
        case = self.make_case(partner_id=False, partner_name="Luis", email_from="luis@example.com", survey_answer="yes")
        self.assertFalse(case.consent_ids.partner_id)
        case.partner_id = self.contact
        self.assertTrue(allows_surveys(self.contact))
        self.client.with_user(self.director).action_sig_revoke_surveys()
        self.assertEqual(self.reload(case)[0].survey_answer, "no", "the refusal of a client is one for its people")
        case.partner_id = self.client
        self.assertFalse(allows_surveys(self.contact))

    def test_under_reserve_only_the_sig_knows(self):
        case = self.make_case(identity_reserved=True, notice_told=True, survey_answer="yes")
        self.make_assignment(case)
        self.assertDenied(
            case, self.collaborator | self.leader | self.management, lambda own: own.read(["consent_ids"]),
            lambda own: own.consent_ids.read(["partner_id"]), lambda own: own.env["sig.privacy.consent"].search([]),
        )

    def test_reserved_and_revealed_later(self):
        case = self.make_case(notice_told=True, survey_answer="yes")
        for step in (case.action_reserve_identity, case.action_reveal_identity):
            step("Lo pidió")
            self.reload()
            self.assertEqual((case.sudo().consent_ids.partner_id, case.survey_answer), (self.contact, "yes"))
            self.assertTrue(allows_surveys(self.contact))

    def test_anonymous_keeps_none(self):
        told = ({"notice_told": True}, {"survey_answer": "yes"})
        self.assertEachRaises(UserError, *(lambda vals=vals: self.make_anonymous(**vals) for vals in told), said="anonymous")

    def test_nobody_writes_proof(self):
        case = self.make_case(notice_told=True)
        vals = {"subject": "surveys", "decision": "given", "how": "form", "pqrs_id": case.id}
        self.assertDenied(
            case.consent_ids, self.administrator | self.director | self.collaborator | self.env.ref("base.user_root"),
            lambda own: own.create(vals), lambda own: own.write({"decision": "given"}), lambda own: own.unlink(), error=UserError,
        )
        self.assertEqual(self.rows(case), [("notice", "told", "oral")])

    def test_who_records_on_contacts(self):
        others = self.collaborator | self.management | self.employee
        self.assertDenied(self.contact, others, lambda own: own.action_sig_allow_surveys(), error=UserError)
        own = self.contact.with_user(self.director)
        self.notice._write_state({"state": "replaced"})
        self.assertEachRaises(UserError, own.action_sig_allow_surveys, said="no privacy notice in force")
        self.assertFalse(self.rows(self.make_case(notice_told=True)), "what does not exist was not told")

    def test_acknowledgement_tells_who_was_not_told(self):
        untold, told = self.make_case(channel="letter"), self.make_case(notice_told=True)
        anonymous = self.make_anonymous()
        cases = (untold | told | anonymous).sudo()
        acknowledgements = cases._open_communications("acknowledgement", medium="email")
        acknowledgements._record_sent(moment(self.company, date(2026, 11, 25), 8))
        self.assertEqual((self.rows(untold), str(untold.consent_ids.date)), ([("notice", "told", "mail")], "2026-11-25 13:00:00"))
        self.assertEqual(self.rows(told), [("notice", "told", "oral")])
        self.assertFalse(self.rows(anonymous))

    def test_proof_is_printed(self):
        self.company.write({"street": "Calle 93 # 11-20", "phone": "601 555 0000"})
        case = self.make_case(notice_told=True, survey_answer="yes")
        text = self.print_html(case, report="report_privacy_proof")
        for expected in (
            case.name, "Ana Ruiz", "Directora SIG", "Told by word of mouth", "sensitive", f"{self.notice.display_name} · ",
            "Calle 93", "601 555 0000", "servicioalcliente@example.com",  # as its first lines promise
        ):
            self.assertIn(expected, text)
        self.assertHolds(text.replace(" ", ""), "FOR-SIG-PQRS-04", self.notice.with_context(lang="en_US")._get_digest())
        self.assertEqual(len(case.consent_ids._get_shown_notices()), 1, "two answers to one text, printed once")
        page = self.print_html(self.make_anonymous(), report="report_privacy_proof")
        self.assertIn("There is no record.", page)
        self.assertNotIn("Recorded by", page, "no headings of nothing")
        self.assertDenied(case, self.collaborator | self.management, lambda own: self.print_html(own, own.env.user, "report_privacy_proof"))

    def test_proof_in_a_language_that_is_used_no_more(self):
        case, french, told = self.make_case(), self.env["res.lang"]._activate_lang("fr_FR"), self.notice.copy()
        told.with_context(lang="fr_FR").write({"name": "Avis", "body": "<p><b>Tout</b> l'avis</p>"})
        told.action_publish()
        people = [{"pqrs_id": case.id, "channel": "phone"}]
        Consent = self.env["sig.privacy.consent"].with_context(lang="fr_FR")
        digest = Consent._record(self.company, True, None, "oral", told, people, case.date_received).notice_digest
        french.active = False
        report = self.env["ir.actions.report"].with_user(self.director)
        page = report._render_qweb_html("sig_pqrs.report_privacy_proof", case.ids)[0].decode()
        self.assertHolds(page, "Avis, version 2 · fr_FR", "<b>Tout</b> l'avis", told.summary.split(".")[0], digest)

    def test_noted_down_at_the_desk(self):
        for channel, how in (("phone", "oral"), ("visit", "oral"), ("letter", "written"), ("whatsapp", "written")):
            with Form(self.env["sig.pqrs"].with_user(self.director)) as form:
                form.subject, form.channel, form.type_id = "Ruido", channel, self.env.ref("sig_pqrs.type_queja")
                form.description, form.partner_name, form.phone = "Mucho", "Luis Paz", "310 555 1234"
                form.date_received = "2026-11-20 14:30:00"
                self.assertEqual(bool(form.notice_script), how == "oral", "it is read to who listens")
                form.notice_told = True
                form.survey_answer = "no"
            case = form.record
            self.assertEqual((str(case.date_received), str(case.date_recorded)), ("2026-11-20 14:30:00", "2026-11-24 15:00:00"))
            self.assertEqual(self.rows(case), [("notice", "told", how), ("surveys", "refused", how)])
            self.assertEqual(set(case.sudo().consent_ids.mapped(lambda row: str(row.date))), {"2026-11-20 14:30:00"})


class TestPrivacyPages(PrivacyCommon, FilingCommon):
    def test_page(self):
        page = self.url_open("/pqrs/privacy").text
        self.assertHolds(page, "Version 1", 'href="/pqrs/new"', "Superintendencia", self.company.name, "601 555 0000", "servicioalcliente@example.com")
        self.assertNotIn("To be confirmed by", page)
        for url in ("/pqrs", "/pqrs/new"):
            text = self.url_open(url).text
            self.assertHolds(text, f'href="/pqrs/privacy?version={self.notice.id}&amp;company={self.company.id}"', "You need not give sensitive data")
        self.website.sig_pqrs_active = False
        self.assertNotIn("/pqrs/new", self.url_open("/pqrs/privacy").text, "nobody would find it")

    def test_old_versions_and_no_others(self):
        draft = self.notice.with_user(self.administrator).copy({"summary": "Borrador"})
        self.assertEqual(self.url_open(f"/pqrs/privacy?version={draft.id}").status_code, 404)
        draft.action_publish()
        self.assertIn("was replaced", self.url_open(f"/pqrs/privacy?version={self.notice.id}").text)
        self.assertIn("Version 2", self.url_open("/pqrs/privacy").text)
        for wrong in ("0", "x", "-1", "99999999999999999999", "1 OR 1=1"):
            self.assertEqual(self.url_open(f"/pqrs/privacy?version={wrong}").status_code, 404, wrong)

    def test_form_records_two_things(self):
        self.post(consent_surveys="1")
        case = self.get_new()
        self.assertEqual(self.rows(case), [("notice", "told", "form"), ("surveys", "given", "form")])
        self.assertFalse(case.sudo().consent_ids.user_id, "they themselves")
        self.assertEqual(set(case.sudo().consent_ids.mapped("channel")), {"web"})

    def test_the_version_that_was_read(self):
        hidden = self.get_form()
        self.assertEqual(hidden["notice_version"], str(self.notice.id))
        new = self.notice.with_user(self.administrator).copy()
        new.action_publish()
        self.post(hidden=hidden)
        self.assertEqual(self.get_new().sudo().consent_ids.notice_id, self.notice)
        for version in (None, "x", str(2**40)):
            self.known |= self.get_new()
            self.post(hidden={**hidden, "notice_version": version}, subject=f"Otra {version}")
            self.assertEqual(self.get_new().sudo().consent_ids.notice_id, new.sudo())

    def test_without_a_notice(self):
        self.notice._write_state({"state": "replaced"})
        self.assertEqual((self.url_open("/pqrs/privacy").status_code, self.post().status_code), (404, 200))
        self.assertFalse(self.rows(self.get_new()))


class TestClientDecides(PrivacyCommon, ClientPagesCase):
    """A client revokes as easily as they allowed."""

    def test_tracking(self):
        case = self.make_own(survey_answer="yes")
        self.portal.partner_id.with_user(self.director).action_sig_revoke_surveys()  # elsewhere
        self.assertHolds(self.open(case).text, 'name="allows" value="0"', 'name="allows" value="1"')
        url, page = "/pqrs/track/case/surveys", "/pqrs/track/case"
        self.assertTrue(self.post(url, page, allows="1").url.endswith("?done=surveys"))
        self.assertTrue(allows_surveys(self.portal.partner_id))
        for _press in range(2):
            self.post(url, page, allows="0")
        self.assertEqual((allows_surveys(self.portal.partner_id), self.see(self.reload(case)[0])["surveys"]), (False, "no"))
        self.assertEqual(self.rows(case)[1:], [("surveys", "given", "form"), ("surveys", "refused", "form")])
        self.assertFalse(case.sudo().consent_ids.sorted("id")[1:].user_id, "they themselves")

    def test_hera(self):
        case = self.make_own()
        url = f"/my/pqrs/{case.id}"
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn('name="allows" value="1"', self.get(url).text)
        self.post(f"{url}/surveys", url, allows="1")
        self.assertEqual((self.rows(case), case.sudo().consent_ids.user_id.ids), ([("surveys", "given", "form")], []))
        self.colleague.partner_id.sig_hera_colleagues = True
        self.authenticate(self.colleague.login, self.colleague.login)
        self.assertNotIn("form_surveys", self.get(url).text)
        token = self.get_token(self.get("/pqrs/track"))
        self.assertEqual(self.post(f"{url}/surveys", csrf_token=token, allows="0").status_code, 404)
        self.assertEqual((len(self.rows(case)), self.opener.get(f"{self.base_url()}{url}/surveys").status_code), (1, 405))

    def test_who_decides_nothing(self):
        case = self.make_anonymous()
        self.assertNotIn("form_surveys", self.open(case).text)
        self.post("/pqrs/track/case/surveys", "/pqrs/track/case", allows="1")
        self.assertFalse(self.rows(case))
        self.assertEachRaises(AccessError, lambda: self.client_step(self.as_client(self.make_own(), self.director), "surveys", True))

    def test_under_reserve(self):
        case = self.make_reserved()
        self.open(case)
        self.post("/pqrs/track/case/surveys", "/pqrs/track/case", allows="1")
        self.assertTrue(allows_surveys(self.portal.partner_id))
        self.assertNotIn(self.portal, case.sudo().consent_ids.create_uid)
