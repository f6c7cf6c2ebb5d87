from ..tools.legal_term import Term
from .common import SigCommon, date, freeze_time


@freeze_time("2026-11-03 15:00:00")
class TestSilence(SigCommon):
    """Silence that means acceptance: seen before it happens, and what must be done after."""

    activity_type = "sig_pqrs.activity_silence"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Sur", "country_id": cls.env.ref("base.co").id})
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).sig_watch_hour = 23
        cls.env.ref("sig_pqrs.type_habeas_reclamo").active = True
        cls.case = cls.builder.file({"partner_id": cls.contact.id, "type": "informacion"})

    def watch(self, when):
        self.company.sig_watched_on = False
        return super().watch(when, digests=True)

    def assertRisk(self, case, when, risk):
        with freeze_time(when):
            self.env.invalidate_all()
            self.assertEqual(self.get_silence(case), risk, when)
            found = self.env["sig.silence"].with_context(allowed_company_ids=self.elsewhere.ids)._find_risks(self.company)
            self.assertEqual(case in found, risk != "none", "whatever companies are active")

    def test_by_the_dates(self):
        self.assertEqual(self.case.date_legal, date(2026, 11, 18))
        for day, risk in (("11", "none"), ("12", "near"), ("18", "near"), ("19", "happened"), ("30", "happened")):
            self.assertRisk(self.case, f"2026-11-{day} 15:00:00", risk)
        self.assertRisk(self.case, "2026-11-19 04:30:00", "near")  # 23:30 of the 18th in Bogotá

    def test_answered_and_suspended(self):
        with freeze_time("2026-11-04 15:00:00"):
            self.as_director(self.case).action_request_information("Qué documento")
        self.assertRisk(self.case, "2026-12-30 15:00:00", "none")
        answered = self.builder.send(self.make_approved(type="informacion"), resolution="not_applicable")
        self.assertRisk(answered, "2026-12-30 15:00:00", "none")

    def test_not_filed_yet(self):
        """Silence runs from the receipt, whoever wrote and whatever the SIG has made of it."""
        case = self.make_unfiled(type_id=self.env.ref("sig_pqrs.type_informacion").id)
        self.assertRisk(case, "2026-11-17 15:00:00", "near")
        self.watch("2026-11-19 12:00:00")
        self.assertRisk(case, "2026-11-19 15:00:00", "happened")
        self.assertIn("silence", self.kinds(case))
        self.assertTrue(self.activities(case))

    def test_in_plain_words(self):
        with freeze_time("2026-11-17 15:00:00"):
            self.env.invalidate_all()
            self.assertIn("not answered by", str(self.case.warnings))
        with freeze_time("2026-11-19 15:00:00"):
            self.env.invalidate_all()
            self.assertHolds(str(self.case.warnings), "accepted", "copies by")
        claim = self.make_case(type="habeas_reclamo")
        self.assertNotIn("takes the request as accepted", str(claim.warnings))
        own = {"name": "Por una norma especial", "code": "especial", "term_days": 10, "silence": "accepted"}
        case = self.make_case(type_id=self.env["sig.pqrs.type"].create(own).id)
        with freeze_time("2026-11-30 15:00:00"):
            self.env.invalidate_all()
            self.assertIn("Correct, update or delete", str(claim.warnings))
            self.assertIn("Do what was asked.", str(case.warnings))

    def test_extension_not_told_does_not_protect(self):
        unaddressed = {"type": "informacion", "partner_id": False, "partner_name": "Sin correo"}
        silent, again, told = (self.make_case(**unaddressed) for _number in range(3))
        with freeze_time("2026-11-10 15:00:00"):
            self.as_director(silent | again | told).action_extend(5, "Faltan los archivos")
            self.as_director(told.communication_ids).action_register_delivery("phone", received_by="Ana Ruiz")
        risks = (silent, 17, "near"), (silent, 19, "happened"), (told, 17, "none"), (told, 19, "none"), (told, 24, "near")
        for case, day, risk in risks:
            self.assertRisk(case, f"2026-11-{day} 15:00:00", risk)
        self.watch("2026-11-19 12:00:00")
        with freeze_time("2026-11-20 15:00:00"):
            notices = self.as_director((silent | again).communication_ids)
            notices.action_register_delivery("phone", date="2026-11-17", received_by="Ana Ruiz")
            again.sudo().email_from = "ana@example.com"
            self.as_director(self.builder.send(self.make_approved(again))).action_reopen("Falta un punto")
            self.assertEqual(self.get_silence(again), "none")
        self.watch("2026-11-26 12:00:00")
        self.assertEqual([self.kinds(case).count("silence") for case in (silent, again)], [2, 1])

    def test_daily_review(self):
        self.watch("2026-11-11 12:00:00")
        self.assertFalse(self.activities(self.case))
        self.watch("2026-11-17 12:00:00")
        activity = self.activities(self.case)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.director, date(2026, 11, 18)))
        digest = self.env["mail.mail"].search([("subject", "like", "Deemed accepted by silence, or about to be (1)")])
        self.assertEqual(digest.email_to, self.director.email_formatted)
        self.assertNotIn("silence", self.kinds(self.case))
        with self.undone(), freeze_time("2026-11-17 15:00:00"):
            self.as_director(self.case).action_extend(5, "Faltan los archivos")
            self.builder.tell(self.case)
            self.watch("2026-11-18 12:00:00")
            self.assertFalse(self.activities(self.case))
        self.watch("2026-11-19 12:00:00")
        self.watch("2026-11-20 12:00:00")
        self.assertEqual(self.kinds(self.case).count("silence"), 1)
        act = self.case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.data, len(self.activities(self.case))), ("silence", {"term": "2026-11-18"}, 1))
        self.assertChain(self.case)
        with freeze_time("2026-11-20 15:00:00"):
            self.builder.send(self.make_approved(self.case), resolution="not_applicable")
        self.assertFalse(self.activities(self.case))


@freeze_time("2026-11-03 15:00:00")
class TestClaimMark(SigCommon):
    """The mark “claim in process”: within two days, until the claim is decided; again when it is taken up again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.builder.file({"partner_id": cls.contact.id, "type": "datos_reclamo"})

    def duties(self, case):
        return {kind: day for day, kind in case.term_trace["duties"]}

    def test_terms_of_the_law(self):
        """Ley 1581, art. 15, and Ley 1266, art. 16; neither extends the time to complete."""
        for code, *numbers in (
            ("datos_consulta", 10, 5, 0, 0, 0, 2, 0),
            ("datos_reclamo", 15, 8, 5, 2, 0, 2, 2),
            ("habeas_consulta", 10, 5, 0, 0, 0, 0, 0),
            ("habeas_reclamo", 15, 8, 15, 1, 0, 2, 2),
        ):
            self.assertEqual(self.env.ref(f"sig_pqrs.type_{code}")._get_term(), Term(*numbers), code)
        self.assertEqual(self.duties(self.case), {"mark": "2026-11-05", "transfer": "2026-11-05", "require": "2026-11-10"})

    def test_removed_when_decided(self):
        with freeze_time("2026-11-10 15:00:00"):
            self.builder.send(self.make_approved(self.case), delivery="letter")
        with freeze_time("2026-11-13 15:00:00"):
            self.as_director(self.case).action_mark_claim()
            self.assertNotIn("mark", self.duties(self.case))
            self.as_director(self.case.delivery_id).action_register_delivery("letter", date="2026-11-11", reference="Guía 1")
        self.assertEqual(self.kinds(self.case)[-3:], ["response_sent", "claim_unmarked", "closed"])
        with freeze_time("2026-11-16 15:00:00"), self.undone():
            self.case.sudo().delivery_id._fail("Buzón lleno")
            self.assertEqual(self.duties(self.case)["mark"], "2026-11-18", "nobody could mark it while it was answered")
        with freeze_time("2026-11-20 15:00:00"):
            self.as_director(self.case).action_reopen("Faltó un dato", date="2026-11-12")  # the letter had come by then
        self.assertEqual(self.duties(self.case)["mark"], "2026-11-17")
        self.assertIn("mark_claim", self.as_director(self.case).allowed_transitions)
        with freeze_time("2026-11-23 15:00:00"):
            self.as_director(self.case).action_mark_claim()
        self.assertNotIn("mark", self.duties(self.case))
        self.assertChain(self.case)

    def test_removed_with_every_end(self):
        with freeze_time("2026-11-04 15:00:00"):
            self.as_director(self.case).action_mark_claim()
            self.as_director(self.case).action_withdraw("Lo resolvió")
        self.assertEqual(self.kinds(self.case)[-2:], ["withdrawn", "claim_unmarked"])
