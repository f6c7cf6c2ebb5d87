from odoo.tests import HttpCase

from .common import SigCommon, freeze_time, real_clock


@real_clock
class TestRating(HttpCase, SigCommon):
    """The client's rating: once, 1 to 5, never by the company's own people; by its page, as whoever has the link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_closed()
        cls.token = cls.case.sudo()._rating_get_access_token()
        cls.url = f"/pqrs/rate/{cls.token}"

    def post(self, url=None, **data):
        token = self.get_token(self.url_open(url or self.url))
        return self.url_open(url or self.url, data={"csrf_token": token, **data})

    def rating(self):
        self.env.invalidate_all()
        return self.case.rating_state, self.case.rating_value

    def test_opening_the_page_records_nothing(self):
        response = self.url_open(self.url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("noindex", response.headers["X-Robots-Tag"])
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertIn(self.case.name, response.text)
        self.assertNotIn(self.case.subject, response.text, "the page tells nothing about the case")
        self.assertEqual(self.rating(), ("asked", 0))

    def test_each_number_of_stars(self):
        for stars in range(1, 6):
            case = self.make_closed()
            url = f"/pqrs/rate/{case.sudo()._rating_get_access_token()}"
            self.assertEqual(self.post(url, rate=str(stars), feedback="<script>x</script>").status_code, 200)
            self.env.invalidate_all()
            self.assertEqual((case.rating_value, case.rating_reason), (stars, "<script>x</script>"))

    def test_once(self):
        token = self.get_token(self.url_open(self.url))
        self.post(rate="5")
        self.assertEqual(self.rating(), ("rated", 5))
        for again, is_taken in (({"rate": "5"}, True), ({"rate": "1"}, False), ({"rate": "5", "feedback": "Y otra cosa"}, False)):
            response = self.url_open(self.url, data={"csrf_token": token, **again})
            self.assertEqual(self.rating(), ("rated", 5))
            self.assertNotIn('name="rate"', response.text)
            self.assertIn(again.get("feedback", ""), response.text, "what is not taken is not lost")
            self.assertEqual("rated already" not in response.text and 'data-done="rate"' in response.text, is_taken)

    def test_bad_stars_keep_what_was_written(self):
        for rate in ("0", "6", "x", ""):
            response = self.post(rate=rate, feedback="Mi razón")
            self.assertEqual(response.status_code, 200)
            self.assertIn("Mi razón", response.text)
            self.assertEqual(self.rating(), ("asked", 0))

    def test_unknown_token_and_token_of_something_else(self):
        other = self.env["rating.rating"].create({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.client.id})
        for token in ("nothing", "0" * 32, other.access_token):
            self.assertEqual(self.url_open(f"/pqrs/rate/{token}").status_code, 404)

    def test_low_rating_is_followed_up(self):
        case = self.make_closed()
        self.builder.rate(case, 2, "No resolvieron")
        activity = case.activity_ids
        self.assertEqual((activity.activity_type_id, activity.user_id), (self.env.ref("sig_pqrs.activity_low_rating"), self.director))
        self.assertIn("No resolvieron", activity.note)
        other = self.make_closed()
        self.company.sig_low_rating = 2
        with self.undone():
            self.builder.rate(other, 3, "Bien")
            self.assertEqual((other.rating_state, other.rating_value, other.rating_reason), ("rated", 3, "Bien"))
            self.assertEqual(other.sudo().rating_ids.filtered("consumed").rating, 3)
            self.assertFalse(other.activity_ids)
        self.company.sig_low_rating = 3
        self.builder.rate(other, 3)
        self.assertTrue(other.activity_ids, "the limit is a setting")
        self.as_director(case).action_new_case_from_rating()
        self.as_director(other).action_reopen("Falta")
        self.assertFalse(case.activity_ids | self.activities(other, "sig_pqrs.activity_low_rating"), "somebody attends to it")

    def test_one_reminder_after_the_days_of_the_setting(self):
        self.contact.lang = "en_US"
        with freeze_time("2026-11-03 15:00:00"):
            case = self.make_closed()
        with freeze_time("2026-11-09 15:00:00"):  # 4 business days later
            self.assertNotIn(case, self.env["sig.pqrs"]._get_rating_reminders(self.company))
        with freeze_time("2026-11-10 15:00:00"):
            self.company.sig_rating_reminder_days = 0
            self.assertFalse(self.env["sig.pqrs"]._get_rating_reminders(self.company))
            self.company.sig_rating_reminder_days = 5
            due = self.env["sig.pqrs"]._get_rating_reminders(self.company)
            self.assertIn(case, due)
            wrote = self.builder.receive(case, "Falta algo")
            self.assertNotIn(case, self.env["sig.pqrs"]._get_rating_reminders(self.company), "who waits is not asked")
            wrote.state = "attended"
            with freeze_time("2027-02-10 15:00:00"):
                self.assertFalse(self.env["sig.pqrs"]._get_rating_reminders(self.company), "it is old")
                self.company.sig_rating_reminder_days = 60
                self.assertIn(case, self.env["sig.pqrs"]._get_rating_reminders(self.company))
            due._remind_ratings()
            self.assertEqual(case.rating_state, "reminded")
            self.assertNotIn(case, self.env["sig.pqrs"]._get_rating_reminders(self.company))
        mails = self.env["mail.mail"].search([("sig_purpose", "=", "rating"), ("res_id", "=", case.id)])
        self.assertEqual(len(mails), 1)
        self.assertIn("We ask only this once more", mails.body_html)

    def test_first_request_in_a_mail_of_its_own(self):
        self.contact.lang = "en_US"
        case = self.as_director(self.make_approved())
        case.action_send_response("hand", proof="Firma")
        [mail] = self.env["mail.mail"].search([("sig_purpose", "=", "rating"), ("res_id", "=", case.id)])
        self.assertIn("<p>If anything was left unanswered", mail.body_html, "it is reminded of")
