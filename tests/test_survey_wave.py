"""A wave of the satisfaction survey: prepared, launched, and proposed again."""

from psycopg2.errors import UniqueViolation

from odoo.addons.sig_pqrs.demo.survey_builder import SurveyBuilder
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import CaseBuilder, SigCommon, date, freeze_time, real_clock


class SurveyCommon(SigCommon):
    """Three current clients, and the questionnaire that is shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = cls.env.ref("sig_pqrs.questionnaire")
        cls.env["res.partner"].search([("sig_is_client", "=", True)]).sig_is_client = False
        cls.clients = cls.env["res.partner"].create([
            {"name": f"Conjunto {name}", "is_company": True, "email": f"{name.lower()}@example.com", "phone": "6015550100",
             "sig_is_client": True, "city": "Bogotá"}
            for name in ("Alameda", "Bosque", "Cedro")
        ])
        cls.Wave = cls.env["sig.survey.wave"].with_user(cls.director)
        cls.surveys = SurveyBuilder(cls.env, cls.director, cls.company)

    @classmethod
    def make_wave(cls, **vals):
        year = vals.get("year", 2026)
        return cls.Wave.create({"year": year, "semester": "1", "date_start": f"{year}-06-01", **vals})

    @classmethod
    def launch(cls, wave=None, **vals):
        """A wave that is running, its queue worked off; its mails wait to leave."""
        wave = wave or cls.make_wave(**vals)
        wave.action_launch()
        wave.sudo().recipient_ids.filtered("queued").with_env(cls.env)._process_queue()
        cls.reload()
        return wave

    def work_off(self):
        self.run_cron("sig_pqrs.cron_survey")
        self.reload()

    @classmethod
    def answer(cls, recipient, value=5, **kwargs):
        return cls.surveys.answer(recipient.sudo(), value, **kwargs)

    @classmethod
    def of(cls, wave, partner):
        """The client in a wave, as the SIG sees it."""
        return wave.recipient_ids.filtered(lambda recipient: recipient.partner_id == partner)

    @classmethod
    def mails(cls, recipients):
        return cls.env["mail.mail"].search([("model", "=", "sig.survey.recipient"), ("res_id", "in", recipients.ids)], order="id")


@freeze_time("2026-06-02 15:00:00")
class TestLaunch(SurveyCommon):
    def test_launch_freezes_clients_and_questionnaire(self):
        wave = self.launch()
        self.assertEqual((wave.state, wave.date_start, wave.date_end), ("running", date(2026, 6, 2), date(2026, 6, 22)))
        self.assertEqual((wave.recipient_ids.partner_id, wave.template_id), (self.clients, self.template))
        survey = wave.sudo().survey_id
        self.assertNotEqual(survey, self.template)
        self.assertTrue(survey.sig_frozen)
        for old, new in zip(self.template.question_ids, survey.question_ids, strict=True):
            self.assertEqual((old.sig_code, old.sig_metric, old.sig_dimension_id), (new.sig_code, new.sig_metric, new.sig_dimension_id))
            self.assertEqual(old.suggested_answer_ids.mapped("sig_value"), new.suggested_answer_ids.mapped("sig_value"))
        self.assertEqual(len(wave.recipient_ids.user_input_id), 3)
        self.assertNotIn(self.clients[0].copy({"sig_is_client": True}), self.reload(wave)[0].recipient_ids.partner_id)

    def test_the_copy_reads_as_the_template_in_every_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        text = {"title": "A page", "description": "<p>In <b>detail</b></p>"}
        page = self.env["survey.question"].create({"survey_id": self.template.id, "is_page": True, **text})
        matrix = self.env["survey.question"].create({
            "survey_id": self.template.id, "title": "A matrix", "question_type": "matrix",
            "suggested_answer_ids": [Command.create({"value": "Column"})],
            "matrix_row_ids": [Command.create({"value": value}) for value in ("First row", "Second row")],
        })
        for record in (self.template, page, *self.template.question_ids):
            record.with_context(lang="fr_FR").title = f"Le titre {record.id}"
        page.with_context(lang="fr_FR").update_field_translations("description", {"fr_FR": {"In <b>detail</b>": "En <b>tout</b>"}})
        for answer in self.template.question_ids.suggested_answer_ids | matrix.matrix_row_ids:
            answer.with_context(lang="fr_FR").value = f"Réponse {answer.id}"
        wave = self.launch()
        for code, _name in self.env["res.lang"].get_installed():
            old, new = (survey.with_context(lang=code) for survey in self.reload(self.template, wave.sudo().survey_id))
            with self.subTest(lang=code):
                self.assertEqual(old.title, new.title)
                for one, other in zip(old.question_and_page_ids, new.question_and_page_ids, strict=True):
                    self.assertEqual((one.title, one.description), (other.title, other.description))
                    for name in ("suggested_answer_ids", "matrix_row_ids"):
                        self.assertEqual(one[name].mapped("value"), other[name].mapped("value"))
        questions = wave.sudo().survey_id.with_context(lang="fr_FR").question_and_page_ids
        self.assertEqual(questions[-1].title[:8], "Le titre")
        self.assertIn("tout", str(questions.mapped("description")))

    def test_the_questionnaire_of_a_wave_is_not_edited(self):
        survey = self.launch().survey_id.with_user(self.director)
        question, other = survey.question_ids[0], self.template.with_user(self.director).question_ids[0]
        answer = question.suggested_answer_ids[0]
        self.assertEachRaises(
            AccessError, survey.unlink, question.unlink, question.copy, answer.unlink, answer.copy,
            lambda: survey.write({"title": "Another"}), lambda: question.write({"title": "Another"}),
            lambda: answer.write({"sig_value": 5}), lambda: other.write({"survey_id": survey.id}),
        )
        other.title = "How do you find the service?"
        self.assertNotEqual(question.title, "How do you find the service?")

    def test_nobody_freezes_by_hand(self):
        survey = self.template.with_user(self.director)
        vals = {"title": "Forged", "survey_type": "sig_satisfaction", "user_id": False}
        self.assertEachRaises(
            AccessError, lambda: survey.write({"sig_frozen": True}), lambda: survey.create({**vals, "sig_frozen": True}),
            lambda: survey.with_context(default_sig_frozen=True).create(vals),
        )

    def test_who_answers(self):
        gone, remembered = self.env["res.partner"].create([
            {"name": "Ida", "parent_id": self.clients[0].id, "email": "i@example.com"},
            {"name": "Recordado", "parent_id": self.clients[1].id, "email": "r@example.com", "phone": "3001"},
        ])
        self.clients[0].sig_survey_contact_id, self.clients[1].sig_survey_contact_id = gone, remembered
        gone.active = False
        wave = self.launch()
        asked = [self.of(wave, client) for client in self.clients]
        self.assertEqual([one.contact_id for one in asked], [self.clients[0], remembered, self.clients[2]])
        self.assertEqual((asked[1].phone, asked[1].user_input_id.sudo().partner_id), ("3001", remembered))

    def test_who_answers_is_of_the_client(self):
        """By company, and never a contact of another client; who leaves answers for nobody."""
        first, second = self.clients[:2].with_user(self.director)
        ana, berta, carla = self.env["res.partner"].create([
            {"name": name, "parent_id": client.id} for name, client in (("Ana", first), ("Berta", second), ("Carla", second))
        ])  # fmt: skip
        first.sig_survey_contact_id, second.sig_survey_contact_id = ana, carla
        other = self.env["res.company"].create({"name": "Otra"})
        self.assertFalse(first.sudo().with_company(other).sig_survey_contact_id)
        self.assertEachRaises(ValidationError, lambda: first.write({"sig_survey_contact_id": berta.id}))
        ana.parent_id = second
        self.env.invalidate_all()
        self.assertFalse(first.sig_survey_contact_id)
        self.assertEqual(second.sig_survey_contact_id, carla)
        second.sig_survey_contact_id = False
        self.env.invalidate_all()
        self.assertFalse(second.sig_survey_contact_id)

    def test_two_that_are_launched_together_ask_nobody_twice(self):
        twins = self.make_wave() | self.make_wave(name="Otra")
        self.assertEachRaises(UserError, twins.action_launch, said="of the same semester")
        self.assertEqual(twins.mapped("state"), ["draft", "draft"])

    def test_only_who_allowed_surveys_where_the_company_wants_consent(self):
        self.assertEqual(self.company.sig_survey_basis, "service")
        self.company.sig_survey_basis = "consent"
        self.clients[0].with_user(self.director).action_sig_allow_surveys()
        wave = self.launch()
        self.assertEqual(self.of(wave, self.clients[0]).state, "to_send")
        silent = self.of(wave, self.clients[1])
        self.assertEqual((silent.state, silent.reason, self.mails(silent).ids), ("excluded", "Has not allowed surveys yet.", []))
        self.assertEachRaises(UserError, silent.action_restore, said="does not allow surveys")
        self.clients[1].with_user(self.director).action_sig_allow_surveys()
        other = self.launch(name="Otra", population_domain=f"[('id', '=', {self.clients[1].id})]")
        self.answer(other.recipient_ids)
        self.assertEachRaises(UserError, silent.action_restore, said="answers in “Otra”, of the same semester")
        other.recipient_ids.sudo().state = "excluded"
        self.assertEachRaises(UserError, (silent | other.recipient_ids).action_restore, said="of the same semester")
        silent.action_restore()
        self.work_off()
        self.assertTrue(self.mails(silent))

    def test_after_the_launch_only_the_end_is_moved(self):
        wave = self.launch()
        wave.date_end = "2026-06-30"
        recipient = wave.recipient_ids[0]
        for record, *changes in (
            (wave, {"target_satisfaction": 10}, {"population_domain": "[]"}, {"survey_id": self.template.id}, {"state": "closed"},
             {"satisfaction": 99}, {"has_results": True}, {"results": {}}),
            (recipient, {"state": "answered"}, {"user_input_id": False}, {"date_answered": False}, {"partner_id": 1}),
        ):
            self.assertEachRaises(UserError, *(lambda record=record, vals=vals: record.write(vals) for vals in changes))
        self.assertEachRaises(UserError, wave.unlink, said="is not deleted")
        self.make_wave().unlink()
        wave.action_close()
        self.assertEqual((wave.state, bool(wave.date_closed)), ("closed", True))
        self.assertEqual(set(self.mails(wave.recipient_ids).mapped("state")), {"cancel"})
        self.assertEachRaises(UserError, wave.action_close, lambda: wave.write({"date_end": "2026-07-30"}))
        late = (recipient.action_apply, recipient.action_send, lambda: recipient.action_decline("x"), lambda: recipient.write({"phone": "1"}))
        self.assertEachRaises(UserError, *late, said="is not running")

    def test_who_answers_for_the_client_that_remains(self):
        """Its own contact, though the other is older; without one, that of the other."""
        kept, dropped, third = self.clients
        theirs, own, last = (self.env["res.partner"].create({"name": "Ana", "parent_id": client.id}) for client in (dropped, kept, third))
        dropped.sig_survey_contact_id, kept.sig_survey_contact_id = theirs, own
        for remaining, other, expected in ((kept, dropped, own), (third, kept, own)):
            vals = {"partner_ids": [Command.set((remaining | other).ids)], "dst_partner_id": remaining.id}
            self.env["base.partner.merge.automatic.wizard"].create({"state": "selection", **vals}).action_merge()
            self.assertFalse(other.exists())
            self.assertEqual(remaining.sig_survey_contact_id, expected)
            self.assertFalse((theirs | last).sig_survey_company_ids, "no other stands behind it")
        self.assertEqual((theirs | own | last).commercial_partner_id, third)

    def test_two_that_were_asked_in_one_wave_stay_two(self):
        """Core would drop one of both with its answer: the database refuses it, before the answers are there too."""
        wave, merging = self.make_wave(), self.env["base.partner.merge.automatic.wizard"].create({})
        for step in (wave.action_launch, self.work_off, lambda: self.answer(self.of(wave, self.clients[0]))):
            step()
            with self.assertRaises(UniqueViolation), self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                merging._merge(self.clients[:2].ids, self.clients[1], extra_checks=False)
            self.env.invalidate_all()
            self.assertEqual(wave.recipient_ids.partner_id, self.clients)
        self.assertEqual(wave.answered_count, 1)


@real_clock
class TestProposal(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sig.survey.wave"].search([]).filtered(lambda wave: wave.state == "draft").unlink()

    def test_june_is_proposed_once(self):
        other = self.env["res.company"].create({"name": "Otra"})
        self.director.company_ids |= other
        other.sig_director_id = self.director
        with freeze_time("2027-05-31 15:00:00"):
            self.assertNotIn("survey_proposed", self.get_tiles(self.director))
        with freeze_time("2027-06-01 15:00:00"):
            tile = self.get_tiles(self.director)["survey_proposed"]
            self.assertEqual((tile["count"], tile["model"], tile["method"]), (1, "sig.survey.wave", "action_propose"))
            wave = self.Wave.browse(self.Wave.action_propose()["res_id"])
            self.assertEqual((wave.year, wave.semester, wave.state), (2027, "1", "draft"))
            self.assertIn("survey_proposed", self.get_tiles(self.director), "a draft asks nobody")
            self.assertEqual(self.Wave.action_propose()["res_id"], wave.id)
            self.launch(wave)
            self.assertNotIn("survey_proposed", self.get_tiles(self.director))
            self.assertIn("survey_proposed", self.get_tiles(self.director, other), "the wave of one company does not settle that of another")

    def test_in_january_that_of_december_is_prepared(self):
        """While the semester before has none; afterwards, that of June."""
        with freeze_time("2026-11-20 15:00:00"):
            self.launch(year=2026, semester="1", date_start="2026-11-20", date_end="2026-12-01").action_close()
        with freeze_time("2027-01-12 15:00:00"):
            self.assertEqual(self.Wave.default_get(["year", "semester"]), {"year": 2026, "semester": "2"})
            wave = self.Wave.browse(self.Wave.action_propose()["res_id"])
            self.assertEqual((wave.year, wave.semester, wave.date_start), (2026, "2", date(2027, 1, 12)))
            self.assertEqual(self.Wave.action_propose()["res_id"], wave.id)
        with freeze_time("2027-02-01 15:00:00"):
            wave = self.Wave.browse(self.Wave.action_propose()["res_id"])
            self.assertEqual((wave.year, wave.semester), (2027, "1"))

    def test_the_new_wave_is_as_the_last_one(self):
        filter_ = "[('city', '=', 'Bogotá')]"
        with freeze_time("2027-06-01 15:00:00"):
            self.launch(year=2027, target_nps=20, population_domain=filter_).action_close()
            self.launch(year=2027, population_domain=f"[('id', '=', {self.clients[0].id})]")  # who did not answer in it
            self.make_wave(year=2027, population_domain="[('id', '=', 0)]")
            self.env.ref("sig_pqrs.indicator_survey_satisfaction").target = 91
        with freeze_time("2027-12-01 15:00:00"):
            new = self.Wave.browse(self.Wave.action_propose()["res_id"])
        self.assertEqual((new.target_satisfaction, new.target_nps), (91, 30), "the goals of the indicators")
        other = self.env["res.company"].create({"name": "Filial"})
        self.env.ref("sig_pqrs.indicator_survey_nps")._copy_for(other).write({"target": 50, "alert_target": 40})
        self.assertEqual(self.Wave.sudo().create({"company_id": other.id}).target_nps, 50, "those of its company")
        self.assertEqual((new.population_domain, new.survey_id), (filter_, self.template))

    def test_the_end_is_remembered_once_and_then_the_results(self):
        with freeze_time("2027-06-02 15:00:00"):
            wave = self.launch(year=2027, date_start="2027-06-02", date_end="2027-06-20")
        for day, reminded in ((20, []), (21, self.director.ids), (22, self.director.ids)):
            with freeze_time(f"2027-06-{day} 15:00:00"):
                wave.sudo()._remind_closing()
                self.assertEqual([one.user_id.id for one in self.reload(wave)[0].sudo().activity_ids], reminded)
        self.answer(wave.recipient_ids[0])
        wave.action_close()
        self.assertFalse(self.reload(wave)[0].sudo().activity_ids)
        other = self.env["res.company"].create({"name": "Otra", "user_ids": [Command.link(self.director.id)]})
        day = self.env["sig.my.day"].with_user(self.director).with_context(allowed_company_ids=[other.id, self.company.id])
        rows = {tile["key"]: tile["records"] for tile in day.get_my_day()["tiles"]}["survey_results"]
        self.assertEqual([(row["name"], row["company"]) for row in rows], [(wave.name, self.company.name)])
        with freeze_time("2029-01-01 15:00:00"):
            self.assertNotIn("survey_results", self.get_tiles(self.director))


@real_clock
class TestClientOfACompany(SurveyCommon):
    """A current client is one of a company, not of all that share the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Otra"})
        cls.other_director = CaseBuilder.make_user(cls.env, "client_director", "Directora de otra", "director", cls.other)
        cls.clients[0].with_company(cls.other).sig_is_client = True

    def test_each_company_has_its_clients(self):
        director, theirs = self.other_director, self.clients[0]
        self.clients[1].sig_is_client = False
        waves = {
            user: self.env["sig.survey.wave"].with_user(user).create({"year": 2026, "semester": "1", "date_start": "2026-06-01"})
            for user in (self.director, director)
        }
        self.assertEqual(waves[self.director]._get_population(), self.clients[0] | self.clients[2])
        self.assertEqual(waves[director]._get_population(), theirs)
        # whoever works in both meanwhile
        self.director.company_ids |= self.other
        wave = waves[director].with_user(self.director).with_context(allowed_company_ids=(self.company | self.other).ids)
        self.assertEqual(wave._get_population(), theirs)

    def test_who_is_invited_to_hera(self):
        director = self.other_director
        domain = safe_eval(self.env.ref("sig_pqrs.action_hera_users").domain)
        of = {user: self.env["res.partner"].with_user(user).search(domain) & self.clients for user in (self.director, director)}
        self.assertEqual(of, {self.director: self.clients, director: self.clients[0]})

    def test_who_is_marked_as_a_client(self):
        """In a list of all contacts that begins with the clients."""
        action, director = self.env.ref("sig_pqrs.action_survey_partner"), self.other_director
        offered = self.env["res.partner"].with_user(director).search(safe_eval(action.domain), order="sig_is_client desc, complete_name")
        self.assertEqual((offered[0], self.clients <= offered, director.partner_id <= offered), (self.clients[0], True, False))
