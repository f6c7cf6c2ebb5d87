from unittest.mock import patch

from odoo.exceptions import UserError

from .common import date, freeze_time
from .test_client_steps import ClientCommon


class ReopenCommon(ClientCommon):
    def answered(self, **vals):
        return self.answer(self.make_own(**vals), "2026-11-24 15:00:00")

    def reopen(self, case, when, kind="disagreement", **more):
        with freeze_time(when):
            case.with_user(self.director).action_reopen("Falta un punto", kind, **more)

    def answer(self, case, when):
        with freeze_time(when):
            return self.builder.send(self.make_approved(case))

    def rate(self, case, when, *said):
        with freeze_time(when):
            self.client_step(self.as_client(case), "rate", *said)

    def bounce(self, case, mail, when):
        with freeze_time(when):
            case.with_context(sig_bounced_message_id=mail.mail_message_id.id)._message_receive_bounce(
                "portal@example.com", self.portal.partner_id
            )


class TestReopen(ReopenCommon):
    """What was closed is taken up again: the first dates stay in the acts, and the second end stands on its own."""

    def test_after_a_rating(self):
        case = self.answered()
        self.rate(case, "2026-11-25 15:00:00", "2", "Falta algo")
        self.reopen(case, "2026-11-26 15:00:00")
        self.assertEqual((case.state, case.outcome, case.date_answered), ("received", False, False))
        self.assertEqual((case.rating_state, case.rating_value, case.rating_reason), ("none", 0, False))
        self.assertEqual(case.date_deadline, date(2026, 12, 18), "the term runs from the disagreement")
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "reopened")
        self.assertEqual(
            act.data,
            {"answered": "2026-11-24 15:00:00", "outcome": "answered", "kind": "disagreement", "received_on": "2026-11-26"},
        )
        rated = case.sudo().act_ids.filtered(lambda act: act.kind == "rated")
        self.assertEqual((rated.data["rate"], rated.note), (2, "Falta algo"), "what was rated stays on record")
        self.answer(case, "2026-11-27 15:00:00")
        self.assertEqual((str(case.date_answered), case.rating_state), ("2026-11-27 15:00:00", "asked"))
        self.assertEqual((case.response_days, case.answer_ids.mapped("response_days")), (1, [0, 1]))
        self.rate(case, "2026-11-28 15:00:00", "5", "Ahora sí")
        self.assertEqual((case.rating_value, case.rating_reason, self.kinds(case).count("rated")), (5, "Ahora sí", 2))
        self.assertChain(case)

    def rate_by_link(self, token, rate, feedback):
        rating = self.env["sig.pqrs"]._get_rating_by_token(token)
        case = self.as_client(self.env["sig.pqrs"].browse(rating.res_id))
        self.client_step(case, "rate", rate, feedback, rating=rating)

    def test_the_link_of_the_first_answer_rates_no_second_one(self):
        case, unrated = self.answered(), self.answered()
        first = case._rating_get_access_token()
        self.reopen(unrated, "2026-11-26 15:00:00")
        self.assertEachRaises(UserError, lambda: self.rate_by_link(unrated._rating_get_access_token(), 1, "Mal"))
        self.assertEqual(unrated.rating_state, "none", "there is nothing to rate meanwhile")
        with freeze_time("2026-11-25 15:00:00"):
            self.rate_by_link(first, 1, "Mal")
        self.reopen(case, "2026-11-26 15:00:00")
        self.assertEachRaises(UserError, lambda: self.rate_by_link(first, 5, "Otra vez"))
        self.answer(case, "2026-11-27 15:00:00")
        second = case._rating_get_access_token()
        self.assertNotEqual(first, second)
        self.assertEachRaises(UserError, lambda: self.rate_by_link(first, 5, "Otra vez"))
        self.rate_by_link(second, 4, "Bien")
        self.assertEqual(case.rating_value, 4)

    def test_after_a_withdrawal(self):
        case = self.make_own()
        self.builder.assign(case, self.operations)
        case.sudo().date_notice_pending = True
        with freeze_time("2026-11-25 15:00:00"):
            self.client_step(self.as_client(case), "withdraw", "Ya no")
        self.reopen(case, "2026-11-26 15:00:00", "resume")
        self.assertEqual((case.state, case.outcome, case.date_deadline), ("assigned", False, date(2026, 12, 16)), "the term goes on")
        reopened = case.sudo().act_ids.filtered(lambda act: act.kind == "reopened")
        self.assertEqual((reopened.data["outcome"], reopened.data["kind"]), ("withdrawn", "resume"))
        states = {each.purpose: each.state for each in case.communication_ids}
        self.assertEqual(states, {"withdrawal": "void", "reopening": "queued"})
        self.assertFalse(case.date_notice_pending, "it tells the date")
        with freeze_time("2026-11-27 15:00:00"):
            self.client_step(self.as_client(case), "withdraw", "Ahora sí, ya no")
        self.assertEqual((case.outcome, self.kinds(case).count("withdrawn")), ("withdrawn", 2))
        self.assertChain(case)

    def test_twice(self):
        case = self.answered()
        self.reopen(case, "2026-11-26 15:00:00")
        self.assertEachRaises(UserError, lambda: self.reopen(case, "2026-11-26 16:00:00"))
        self.answer(case, "2026-11-27 15:00:00")
        self.reopen(case, "2026-11-30 15:00:00", "correction")
        reopened = case.sudo().act_ids.filtered(lambda act: act.kind == "reopened").sorted("number")
        self.assertEqual([act.data["answered"] for act in reopened], ["2026-11-24 15:00:00", "2026-11-27 15:00:00"])
        self.assertEqual(str(case.date_received), "2026-11-24 15:00:00")
        self.assertEqual(case.date_deadline, date(2026, 12, 18), "a correction goes on with the term of the disagreement")
        self.answer(case, "2026-12-21 15:00:00")
        self.assertEqual(case.deadline_state, "answered_late")
        answers = case.answer_ids.sorted("round")
        self.assertEqual(answers.mapped("kind"), ["first", "disagreement", "correction"])
        self.assertEqual((answers.mapped("in_time"), answers.mapped("disputed")), ([True, True, False], [True, False, False]))
        self.assertEqual(answers.mapped("date_from"), [date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 26)])
        self.assertEqual([len(answer.assignment_ids) for answer in answers], [1, 1, 1])
        self.assertChain(case)

    def test_what_each_kind_is_for(self):
        answered = self.answered()
        withdrawn = self.make_own()
        withdrawn.with_user(self.director).action_withdraw("Desistió")
        for case, kind, more, text in (
            (answered, "resume", {}, "was answered"),
            *((answered, kind, {}, "is taken up again for") for kind in ("otra", ["disagreement"])),
            (answered, "disagreement", {"date": "2026-11-23"}, "before it was given"),
            (answered, "disagreement", {"date": "2026-11-27"}, "in the future"),
            (withdrawn, "disagreement", {}, "it is resumed"),
            (withdrawn, "correction", {}, "it is resumed"),
            (answered | withdrawn, "disagreement", {}, "it is resumed"),
        ):
            with self.subTest(str(kind), **more), self.assertRaisesRegex(UserError, text), self.env.cr.savepoint():
                self.reopen(case, "2026-11-26 15:00:00", kind, **more)
        self.assertEqual((answered.state, withdrawn.state), ("closed", "closed"))

    def test_the_petitioner_is_told_until_when(self):
        """Each kind says what happens, by mail and in HERA, and the dialog shows the same mail and dates before."""
        for kind, when, day in (
            ("disagreement", "2026-11-26 15:00:00", "18 de diciembre de 2026"),
            ("correction", "2026-11-26 15:00:00", "16 de diciembre de 2026"),
            ("correction", "2026-12-21 15:00:00", "16 de diciembre de 2026"),
        ):
            with self.subTest(kind, when=when), self.undone():
                case = self.answered()
                with freeze_time(when):
                    dialog = self.begin_step(case, "reopen").create({"reopening": kind, "reason": "Falta un punto"})
                    preview, shown = str(dialog.mail_body), str(dialog.term_preview)
                    self.assertEqual(dialog.date, date.fromisoformat(when[:10]))
                    dialog.action_confirm()
                    self.assertEqual("text-danger" in shown, case.date_deadline < date.fromisoformat(when[:10]))
                told = case.communication_ids.filtered(lambda each: each.purpose == "reopening")
                self.assertEqual((told.state, told.medium, told.date_told), ("queued", "email", case.date_deadline))
                self.assertIn(day, told.sudo().body)
                for place in (
                    str(told.sudo().mail_id.body_html),
                    preview,
                    "\n".join(message["text"] for message in self.see(case)["messages"]),
                ):
                    self.assertIn(told.sudo().body, place)
                self.assertIn(f"{case.date_deadline:%Y}", shown)

    def test_the_drafts_of_each_kind(self):
        """A disagreement is answered anew; a correction goes on from what each process had answered."""
        case = self.make_own()
        case.with_user(self.director).action_add_requests("El acta\nLa copia")
        assignment = self.make_assignment(case)
        for request in assignment.request_ids:
            request.with_user(assignment.user_id).write({"answer": f"Va {request.name}", "resolution": "upheld"})
        self.builder.draft(assignment, "<p>Primera</p>")
        self.builder.approve(assignment)
        self.as_director(case).response_closing = "<p>Cordialmente</p>"
        self.builder.send(case)
        for kind, text, requests, closing in (
            ("disagreement", False, [], False),
            ("correction", "<p>Primera</p>", ["Va El acta", "Va La copia"], "<p>Cordialmente</p>"),
        ):
            with self.subTest(kind), self.undone():
                self.reopen(case, "2026-11-26 15:00:00", kind)
                self.assertEqual(case.process_ids, self.operations, "it took part")
                with freeze_time("2026-11-26 15:00:00"):
                    self.builder.assign(case, self.operations)
                new = case.sudo().assignment_ids - assignment
                self.assertEqual((new.response, new.request_ids.mapped("answer")), (text, requests))
                self.assertEqual((new.request_ids.mapped("number"), case.response_closing), ([1, 2][: len(requests)], closing))
                self.assertTrue(assignment._is_as_approved(), "what was approved is as it was")
                self.assertEachRaises(
                    UserError, lambda: assignment.with_user(self.collaborator).write({"response": "<p>Otra</p>"}),
                    lambda: self.as_director(assignment).action_return("Cambie"),
                    lambda: self.as_director(assignment.request_ids[:1]).write({"name": "Otra cosa"}),
                    lambda: self.as_director(assignment.request_ids[:1]).unlink(),
                )
                self.reload()
                self.assertTrue(case.with_user(self.collaborator).has_access("read"))

    def test_who_gave_way_gives_way_again(self):
        case = self.make_own()
        assignment = self.make_assignment(case)
        self.as_director(assignment).action_name_approver(self.other_leader.id, "La queja es contra el líder")
        self.builder.draft(assignment)
        assignment.with_user(self.other_leader).action_approve()
        self.builder.send(case)
        self.reopen(case, "2026-11-26 15:00:00", "correction")
        with freeze_time("2026-11-26 16:00:00"):
            [again] = self.builder.assign(case, self.operations)
        self.assertEqual(again.sudo().approver_id, self.other_leader)
        self.reload()
        self.assertFalse(again.with_user(self.leader).has_access("read"))
        self.assertFalse(case.with_user(self.leader).has_access("read"))

    def test_a_report_on_an_answer_that_was_disputed(self):
        """Who disagrees with an answer has read it."""
        case = self.answered()
        mail = case.sudo().delivery_id.mail_id
        self.reopen(case, "2026-11-25 15:00:00")
        self.bounce(case, mail, "2026-11-26 15:00:00")
        self.assertEqual((case.answer_ids.state, case.answer_ids.in_time), ("reopened", True))

    def test_assigned_removed_and_assigned_again(self):
        case = self.make_own()
        case.with_user(self.director).action_add_requests("El acta\nLa copia")
        assignment = self.make_assignment(case)
        assignment.request_ids.with_user(assignment.user_id).write({"answer": "Va", "resolution": "not_upheld"})
        self.finish_draft(assignment)
        self.builder.send(case)
        self.reopen(case, "2026-11-26 15:00:00", "correction")
        with freeze_time("2026-11-26 15:00:00"):
            [first] = self.builder.assign(case, self.operations)
            self.as_director(first).action_remove("Sobra")
            [again] = self.builder.assign(case, self.operations)
            self.assertEqual(len(again.request_ids), 2)
            again.request_ids.with_user(again.user_id).write({"resolution": "upheld"})
            self.finish_draft(again, write=False)
        self.assertEqual(self.builder.send(case).resolution, "upheld", "that of this round")

    def test_delivered_before_it_was_taken_up_again(self):
        case = self.answered()
        self.reopen(case, "2026-12-28 15:00:00", "correction")
        with freeze_time("2026-12-28 16:00:00"):
            self.make_approved(case)
            self.assertEachRaises(
                UserError, lambda: self.as_director(case).action_send_response("hand", "2026-11-25", received_by="Ana"),
                lambda: self.as_director(case).action_cancel("spam", "Publicidad"),
            )

    def test_letter_that_is_printed_after_its_delivery(self):
        case = self.make_approved(self.make_own())
        with patch.object(self.registry["sig.letter"], "_render", side_effect=UserError("x")), self.assertLogs(level="WARNING"):
            self.as_director(case).action_send_response("hand", received_by="Ana Ruiz")
        self.assertEqual((case.state, case.letter_id), ("closed", self.env["ir.attachment"]))
        case.sudo()._unstick_delivery()
        act = case.sudo().act_ids.sorted("number")[-1:]
        self.assertEqual((act.kind, act.data["letter"]), ("files_added", case.letter_id.checksum))
        self.assertEqual(([file for file, _commitment in act.data["files"]], case.answer_id.letter_id), (case.letter_id.ids, case.letter_id))
        self.assertChain(case)

    def test_from_the_day_of_the_disagreement(self):
        case = self.answered()
        self.reopen(case, "2026-11-30 15:00:00", date="2026-11-25")
        self.assertEqual((case.date_deadline, case.date_legal), (date(2026, 12, 17), date(2026, 12, 17)))
        self.assertIn("disagreed with our answer on 25 de noviembre de 2026", self.explain(case))
        self.company.sig_policy_days = 8
        self.assertEqual((case.date_deadline, case.date_legal), (date(2026, 12, 7), date(2026, 12, 17)))

    def test_may_be_extended_and_suspended_anew(self):
        case = self.make_own()
        self.as_director(case).action_extend(5, "Faltan registros")
        untold = case.communication_ids.filtered(lambda each: each.purpose == "extension").sudo()
        untold._fail("Buzón lleno")
        self.builder.send(self.make_approved(case))
        self.assertEqual(case.answer_id.date_deadline, date(2026, 12, 23))
        with self.undone(), freeze_time("2026-11-26 15:00:00"):
            self.as_director(case).action_reopen("Falta un punto", "correction")
            self.assertEqual(case.date_deadline, date(2026, 12, 23))
            self.assertEachRaises(UserError, lambda: self.as_director(case).action_extend(5, "Faltan otros"), said="is not possible now")
        self.reopen(case, "2026-11-26 15:00:00")
        self.assertEqual((case.date_deadline, bool(case.sudo()._get_extension())), (date(2026, 12, 18), False))
        with freeze_time("2026-11-27 15:00:00"):
            self.as_director(case).action_extend(5, "Faltan otros")
            self.assertEqual(case.date_deadline, date(2026, 12, 28))
            self.require(case)
            self.builder.tell(case)
        with freeze_time("2026-12-01 15:00:00"):
            self.as_director(case).action_register_completion()
        self.assertEqual(case.date_deadline, date(2026, 12, 30), "one day had run, 19 were left")
        days = "from 27 de noviembre de 2026, when information was required, to 1 de diciembre de 2026"
        self.assertHolds(self.explain(case), "Extended on 27 de noviembre de 2026", f"Suspended {days}")
        self.answer(case, "2026-12-02 15:00:00")
        self.reopen(case, "2026-12-03 15:00:00", "correction")
        self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        self.assertEqual(untold.state, "void")

    def test_dated_by_an_authority(self):
        case = self.make_own(type="autoridad", authority_deadline="2026-11-27 22:00:00")
        case.sudo().attachment_ids = self.env["ir.attachment"].create({"name": "oficio.pdf", "raw": b"%PDF"})
        self.as_director(case).legal_risk = False
        self.builder.send(self.make_approved(case))
        self.assertEachRaises(
            UserError, lambda: self.reopen(case, "2026-11-26 15:00:00"),
            lambda: self.reopen(case, "2026-11-26 15:00:00", authority_deadline="2026-11-20 15:00:00"), said="date and hour",
        )
        self.reopen(case, "2026-11-26 15:00:00", authority_deadline="2026-12-01 22:00:00")
        self.assertEqual((str(case.authority_deadline), case.date_deadline), ("2026-12-01 22:00:00", date(2026, 12, 1)))
        self.assertEqual(case.answer_ids.date_deadline, date(2026, 11, 27))

    def test_imported_deadline_ends(self):
        case = self.answered()
        case.sudo().imported_deadline = date(2026, 12, 1)
        for kind, deadline in (("disagreement", date(2026, 12, 18)), ("correction", date(2026, 12, 1))):
            with self.subTest(kind), self.undone():
                self.reopen(case, "2026-11-26 15:00:00", kind)
                self.assertEqual(case.date_deadline, deadline)

    def test_duties_to_the_regulator_last(self):
        case = self.make_own()
        self.as_director(case).write({"involves_staff": True, "involves_incident": True})
        owing = self.builder.send(self.make_approved(case))
        told = self.make_own()
        self.as_director(told).write({"involves_staff": True, "involves_incident": True})
        self.as_director(told).action_register_regulator_notice("Radicado 1")
        self.builder.send(self.make_approved(told))
        for case, duty in ((owing, date(2026, 11, 24)), (told, False)):
            self.reopen(case, "2026-11-26 15:00:00")
            self.assertEqual(case._get_duty_date("regulator"), duty)

    def test_silence_of_each_term(self):
        """What happened before the disagreement stays; a disagreement that is not answered is met with silence too."""

        def watch(case, when):
            with freeze_time(when):
                self.reload()
                self.env["sig.silence"]._watch(self.company)
                self.reload()
                return self.get_silence(case), self.kinds(case).count("silence")

        in_time = self.answered(type="informacion")
        self.reopen(in_time, "2026-11-26 15:00:00")
        self.assertEqual(watch(in_time, "2026-12-01 15:00:00"), ("none", 0))
        self.assertEqual(in_time.date_legal, date(2026, 12, 11))
        self.assertEqual(watch(in_time, "2026-12-14 15:00:00"), ("happened", 1))
        self.assertEqual(in_time._get_duty_date("copies"), date(2026, 12, 16))

        late = self.make_own(type="informacion")
        self.assertEqual(watch(late, "2026-12-10 15:00:00"), ("happened", 1))
        self.answer(late, "2026-12-10 16:00:00")
        self.reopen(late, "2026-12-11 15:00:00")
        self.assertEqual(watch(late, "2026-12-14 15:00:00"), ("happened", 1), "it was, whatever follows")
        with freeze_time("2026-12-14 15:00:00"):
            late.invalidate_recordset(["warnings"])
            self.assertIn("9 de diciembre de 2026", str(late.warnings))
        self.assertEqual(watch(late, f"{late.date_legal} 15:00:00"), ("happened", 1), "the second term runs to its end")
        self.assertEqual(watch(late, "2027-01-05 15:00:00"), ("happened", 2))

        self.answer(in_time, "2026-12-15 15:00:00")
        self.reopen(in_time, "2026-12-16 15:00:00")
        self.assertEqual(watch(in_time, "2026-12-17 15:00:00"), ("happened", 1), "that of the second term")

        unseen = self.make_own(type="informacion")
        self.answer(unseen, "2026-12-10 16:00:00")
        self.reopen(unseen, "2026-12-10 17:00:00")
        self.assertEqual(watch(unseen, "2026-12-11 15:00:00"), ("happened", 1), "before an act was written")

    def test_what_was_answered_in_time_was_not_met_with_silence(self):
        for answered, silence in (("2026-11-24 15:00:00", "none"), ("2026-12-10 15:00:00", "happened")):
            with self.subTest(answered):
                case = self.answer(self.make_own(type="informacion"), answered)
                self.reopen(case, "2026-12-14 15:00:00", "correction")
                with freeze_time("2026-12-15 15:00:00"):
                    self.env["sig.silence"]._watch(self.company)
                    self.env["sig.daily.review"]._refresh_duties(self.company)
                    self.assertEqual(self.get_silence(case), silence)
                self.assertEqual("silence" in self.kinds(case), silence == "happened")
                self.assertEqual(case.next_duty == "copies", silence == "happened")

    def test_a_correction_that_came_back_and_was_withdrawn(self):
        """What was given before it counts."""
        case = self.answered()
        self.reopen(case, "2026-11-25 15:00:00", "correction")
        self.answer(case, "2026-11-26 15:00:00").sudo().delivery_id._fail("Rebotó")
        self.as_director(case).action_withdraw("Ya no")
        self.assertEqual(case.answer_ids.mapped("counts"), [False, True])

    def test_an_answer_that_came_back_was_none(self):
        """It was taken up again before the mail system said that it had not arrived."""
        case = self.answered(type="informacion")
        mail = case.sudo().delivery_id.mail_id
        self.reopen(case, "2026-11-25 15:00:00", "correction")
        with freeze_time("2026-11-25 16:00:00"):
            self.assertFalse(case._get_duty_date("copies"), "it was answered in time")
        self.bounce(case, mail, "2026-11-26 15:00:00")
        with freeze_time("2026-12-14 15:00:00"):
            self.env["sig.silence"]._watch(self.company)
            self.assertEqual(self.get_silence(case), "happened")
        self.assertTrue(case._get_duty_date("copies"))
        self.assertIn("silence", self.kinds(case))

    def test_who_drafts_or_approves_is_told(self):
        case = self.make_own()
        self.builder.assign(case, self.operations)
        self.builder.assign(case, self.technology)
        drafted, submitted = case.sudo().assignment_ids
        self.builder.draft(submitted)
        case.with_user(self.director).action_withdraw("Desistió")
        draft, approve = "sig_pqrs.activity_draft", "sig_pqrs.activity_approve"
        self.assertFalse(self.activities(drafted, draft) | self.activities(submitted, approve))
        self.reopen(case, "2026-11-25 15:00:00", "resume")
        self.assertEqual(self.activities(drafted, draft).user_id, drafted.user_id)
        self.assertEqual(self.activities(submitted, approve).user_id, submitted.approval_user_id)
        self.assertEqual(self.activities(case, "sig_pqrs.activity_sig").mapped("summary"), ["Case reopened"])
        ready = self.make_approved(self.make_own())
        ready.with_user(self.director).action_withdraw("Desistió")
        self.reopen(ready, "2026-11-25 15:00:00", "resume")
        self.assertEqual(self.activities(ready, "sig_pqrs.activity_sig").mapped("summary"), ["Close and send the answer"])

    def test_a_second_low_rating_is_a_finding_too(self):
        case = self.answered()
        Finding = self.env["sig.finding"].search
        domain = [("kind", "=", "low_rating"), ("case_ids", "in", case.ids)]
        self.rate(case, "2026-11-25 15:00:00", "1", "Mal")
        Finding(domain).with_user(self.director).action_dismiss("Se le explicó")
        self.reopen(case, "2026-11-26 15:00:00")
        self.answer(case, "2026-12-02 15:00:00")
        self.rate(case, "2026-12-02 15:00:00", "2", "Sigue mal")
        self.assertEqual(Finding(domain).sorted("id").mapped("state"), ["dismissed", "open"])

    def test_a_rating_counts_in_its_own_month(self):
        case = self.answered()
        self.rate(case, "2026-11-25 15:00:00", "1", "Mal")
        indicator = self.env["sig.indicator"].search([("kind", "=", "answer_satisfaction")], limit=1)

        def measure():
            for days in ((date(2026, 11, 1), date(2026, 11, 30)), (date(2026, 12, 1), date(2026, 12, 31))):
                figure = indicator.with_company(self.company)._measure_answer_satisfaction(*days)[indicator][False]
                yield figure.numerator, figure.denominator

        self.assertEqual([*measure()], [(0, 1), (0, 0)])
        self.reopen(case, "2026-11-26 15:00:00")
        self.assertEqual([*measure()], [(0, 1), (0, 0)], "taking it up again does not hide it")
        self.answer(case, "2026-12-02 15:00:00")
        self.rate(case, "2026-12-02 15:00:00", "5", "Ahora sí")
        self.assertEqual([*measure()], [(0, 1), (1, 1)], "each answer has its own")


class TestTermCorners(ClientCommon):
    """The term where its rules meet."""

    def test_changes_while_suspended(self):
        """Asked on the fourth business day, and delivered on the 9th of December."""

        def another_type(case):
            self.as_director(case).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
            self.assertEqual(case._get_duty_date("complete"), date(2026, 12, 30))

        def another_term(case):
            case.type_id.sudo().term_days = 12
            self.env["sig.term.change"]._apply(case.sudo(), "Cambió el término del tipo")

        def extension(case):
            self.as_director(case).action_extend(5, "Faltan registros")
            self.assertTrue(case.communication_ids.filtered(lambda notice: notice.purpose == "extension"))

        for kind, change, days_left, deadline in (
            ("queja", another_type, 6, date(2026, 12, 17)),
            ("informacion", another_term, 8, date(2026, 12, 21)),
            ("queja", extension, 16, date(2027, 1, 4)),
        ):
            with self.subTest(change.__name__), self.undone():
                case = self.make_own(type=kind)
                with freeze_time("2026-11-30 15:00:00"):
                    self.builder.tell(self.require(case))
                    change(case)
                    self.assertEqual((case.suspended, case.days_left), (True, days_left))
                with freeze_time("2026-12-09 15:00:00"):
                    self.as_director(case).action_register_completion()
                self.assertEqual(case.date_deadline, deadline)
                self.assertChain(case)

    def test_delivered_in_the_last_hour(self):
        case = self.require(self.make_own())
        self.builder.tell(case)
        self.assertEqual(case._get_duty_date("complete"), date(2026, 12, 24))
        with freeze_time("2026-12-25 04:59:00"):  # 23:59 of the 24th in Bogotá
            self.client_step(self.as_client(case), "deliver", "Va el acta")
        with freeze_time("2027-01-05 15:00:00"):
            self.assertEachRaises(UserError, lambda: self.as_director(case).action_withdraw("No completó", tacit=True))
            self.as_director(case).action_register_completion(message_id=case.sudo()._get_waiting("information").id)
        [step] = [step for step in case.term_trace["steps"] if step["kind"] == "suspended"]
        self.assertEqual(step["end"], "2026-12-24", "whoever confirms it and when")
        self.assertEqual(case.date_deadline, date(2027, 1, 19))
