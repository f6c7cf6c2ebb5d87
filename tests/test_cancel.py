from .test_client_steps import ClientCommon
from .test_communication import NoticeCommon


class TestCancel(NoticeCommon, ClientCommon):
    """Ley 1755 de 2015, art. 15, par. 2: nothing that was filed ends in silence."""

    def cancel(self, case, kind, original=False):
        self.as_director(case).action_cancel(kind, "Es una oferta comercial", duplicate_of=original and original.id)
        return case.communication_ids

    def test_not_a_petition(self):
        for case in (self.make_own(), self.make_assignment(self.make_own()).pqrs_id, self.make_approved(self.make_own())):
            notice = self.cancel(case, "spam")
            self.assertEqual((case.state, notice.purpose, notice.state), ("cancelled", "cancellation", "queued"))
            body = notice.sudo().mail_id.body_html
            self.assertIn("Es una oferta comercial", body)
            self.assertIn(case.name, notice.sudo().mail_id.subject)
            self.assertIn("Es una oferta comercial", str(self.see(case)["messages"]))
            self.assertChain(case)

    def test_what_was_never_filed_is_told_nothing(self):
        for step, arguments in (("discard", ("Publicidad",)), ("cancel", ("spam", "Publicidad"))):
            stranger = self.env["sig.pqrs"].create({
                "type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Oferta", "channel": "email",
                "email_from": "extrano@example.com", "state": "to_file",
            })
            getattr(self.as_director(stranger), f"action_{step}")(*arguments)
            self.assertEqual((stranger.outcome, stranger.communication_ids.ids), ("spam", []))

    def test_duplicate_is_told_where_it_goes_on(self):
        first, again = self.make_own(), self.make_own()
        notice = self.cancel(again, "duplicate", first)
        self.assertEqual((notice.purpose, notice.state), ("cancellation", "queued"))
        self.assertIn(first.name, notice.sudo().mail_id.body_html)
        self.assertIn(first.name, self.see(again)["story"])
