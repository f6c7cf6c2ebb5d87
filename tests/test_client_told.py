from lxml import html

from odoo.addons.sig_pqrs.models.communication.client_notice import TEMPLATES
from odoo.tests import HttpCase

from .common import SigCommon, freeze_time, real_clock
from .english import find_english
from .test_client_steps import ClientCommon

BUTTON = "See my request"


class TestMailsLead(ClientCommon):
    """Each mail about a case ends in one button, which opens it to its petitioner."""

    languages = ("en_US",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.contact | cls.portal.partner_id).lang = "en_US"

    def get_links(self, mail):
        links = html.fromstring(mail.body_html).iter("a")
        return [(" ".join(link.text_content().split()), link.get("href")) for link in links]

    def test_in_spanish(self):
        """All that is read, the subject too, and where each link leads."""
        self.contact.lang = self.env["res.lang"]._activate_lang("es_CO").code
        case = self.make_case(lang="es_CO").sudo()
        places = {"Ver mi solicitud": case._get_tracking_url(), "Aviso de privacidad": case._get_notice_url()}
        notices = self.env["sig.client.notice"].with_user(self.director).sudo()
        for purpose in TEMPLATES:
            with self.subTest(purpose), self.undone():
                mail = notices._queue(case.with_user(self.director).sudo(), purpose, "Texto")[case.id]
                text = html.fromstring(mail.body_html).text_content()
                self.assertIn(case.name, mail.subject)
                self.assertFalse(find_english(f"{mail.subject}\n{text.replace(self.company.name, '')}"))
                links = dict(self.get_links(mail))
                if "Calificar la respuesta" in links:
                    self.assertEqual(links.pop("Calificar la respuesta"), case._get_rating_url())
                self.assertEqual(links, {name: url for name, url in places.items() if name in links})
                self.assertIn("Ver mi solicitud", links)

    def assertLeads(self, case, url):
        """What is their frame's; that each mail has it, `test_in_spanish` proves."""
        notices = self.env["sig.client.notice"].with_user(self.director).sudo()
        for purpose in ("acknowledgement", "response", "message"):
            with self.subTest(purpose), self.undone():
                mail = notices._queue(case.with_user(self.director).sudo(), purpose, "Texto")[case.id]
                links = self.get_links(mail)
                self.assertEqual(links[-1], (BUTTON, url))
                self.assertEqual([text for text, _href in links].count(BUTTON), 1)
                self.assertNotIn(case.sudo()._get_tracking_code(), mail.mail_message_id.body, "who works on it has no key")
                self.assertEqual(mail.email_to, case.sudo()._get_contact().email)

    def test_who_uses_hera_is_led_into_it(self):
        case = self.make_own()
        self.assertLeads(case, f"{case.get_base_url()}/my/pqrs/{case.id}")
        self.assertLeads(self.make_reserved(), self.env["sig.pqrs"].search([], order="id desc", limit=1)._get_hera_url())

    def test_others_are_led_by_their_link(self):
        case = self.make_case()
        self.assertLeads(case, case.sudo()._get_tracking_url())
        self.client.sig_is_client = True
        self.contact.with_user(self.director).action_sig_hera_invite()
        self.assertLeads(case, case.sudo()._get_tracking_url())

    def test_copies_of_what_few_may_read_are_not_made(self):
        cases = self.make_own(), self.make_reserved(), self.make_own(restricted=True)
        notices = self.env["sig.client.notice"].with_user(self.director).sudo()
        mails = [notices._queue(case.with_user(self.director).sudo(), "response", "Texto")[case.id] for case in cases]
        self.assertEqual([mail.email_cc for mail in mails], [self.company.sig_service_email, False, False])

    def test_previews_open_nothing(self):
        case = self.make_case()
        preview = self.env["sig.client.notice"].with_user(self.director)._preview(case, "requirement", "Texto")
        self.assertIn(BUTTON, preview["body_html"])
        self.assertNotIn(case.sudo()._get_tracking_code(), preview["body_html"])

    def test_the_answer_is_in_its_mail(self):
        case = self.make_case()
        section = self.builder.assign(case, self.operations)
        self.builder.promise(section, "Cambiar las luminarias", "2026-12-10")
        self.builder.draft(section, "<p>Cambiamos <b>el turno</b>.<img src='/web/image/1' alt='Foto'></p><ul><li>Torre 2</li></ul>")
        self.builder.approve(section)
        case.with_user(self.director).write({"response_opening": "<p>Buen día.</p>", "response_closing": "<p>Quedamos atentos.</p>"})
        case.with_user(self.director).action_send_response()
        mail = case.sudo().delivery_id.mail_id
        text = " ".join(html.fromstring(mail.body_html).text_content().split())
        for said in ("Buen día.", "Cambiamos el turno.", "Torre 2", "Quedamos atentos.", "Cambiar las luminarias, before the end of"):
            self.assertEqual(text.count(said), 1, (said, text))
        self.assertNotIn("/web/image", mail.body_html)
        self.assertEqual(mail.attachment_ids.filtered(lambda file: b"letter" in file.raw), case.sudo().letter_id)


class TestStory(ClientCommon):
    """The page of a case says what happened, what follows and when, whatever became of it and of its answer."""

    languages = ("en_US",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.at_work = cls.make_own()

    def send(self, delivery="email", **how):
        case = self.make_approved(self.make_own())
        case.with_user(self.director).action_send_response(delivery, **how)
        return case

    def answer(self):
        return self.builder.send(self.make_approved(self.make_own()))

    def reopen(self, kind, case=None):
        case = case or self.answer()
        case.with_user(self.director).action_reopen("Falta un punto", kind)
        return case

    def bounce(self, case, purpose):
        told = case.sudo().communication_ids.filtered(lambda each: each.purpose == purpose)[:1]
        told._fail("550 no such user")
        return case

    def deliver(self, case):
        self.client_step(self.as_client(case), "deliver", "Va el acta", token="t")
        return case

    def extend(self, case):
        case.with_user(self.director).action_extend(5, "Falta un peritaje")
        return case

    def withdraw(self, case):
        self.client_step(self.as_client(case), "withdraw", "Ya no")
        return case

    def end(self, action, *arguments):
        case = self.make_own()
        getattr(case.with_user(self.director), action)(*arguments)
        return case

    def write_after(self, case, step="write"):
        if step == "review":
            self.client_step(self.as_client(case), "rate", "1")
        self.client_step(self.as_client(case), step, "Falta algo")
        return case

    def test_story(self):
        by = "We will answer by December 16, 2026 at the latest."
        last = "until December 24, 2026"
        stopped = "the days to answer do not run"
        came_back = "The mail to po···@example.com came back. We try again another way."
        rows = [
            # state, delivery of the answer, how it came to be, what the story says, what did not arrive
            ("received", "none", self.make_own, ["We received your request and are reading it.", by], ""),
            ("assigned", "none", lambda: self.make_assignment(self.make_own()).pqrs_id, ["preparing the answer", by], ""),
            ("approved", "none", lambda: self.make_approved(self.make_own()), ["preparing the answer", by], ""),
            ("approved", "pending", self.send, ["ready, and on its way to you", by], ""),
            ("approved", "pending", lambda: self.send("letter"), ["ready, and on its way to you", by], ""),
            ("approved", "failed", lambda: self.bounce(self.answer(), "response"), ["could not deliver our answer", by], "Answer"),
            ("closed", "sent", self.answer, ["We answered your request on November 24, 2026. You find the answer below."], ""),
            ("closed", "handed", lambda: self.send("hand", proof="Firma"), ["We answered your request", "below"], ""),
            ("closed", "published", lambda: self.send("portal"), ["We answered your request", "below"], ""),
            ("received", "none", lambda: self.require(self.make_own()), ["We need something from you", last, stopped], ""),
            ("received", "none", lambda: self.bounce(self.require(self.make_own()), "requirement"), ["We need", stopped], "Requirement of information"),
            ("received", "none", lambda: self.deliver(self.require(self.make_own())), ["We received what you sent", stopped], ""),
            ("received", "none", lambda: self.extend(self.make_own()), ["We need more time", "December 23, 2026"], ""),
            ("received", "none", lambda: self.bounce(self.extend(self.make_own()), "extension"), ["We need more time"], "Extension"),
            ("received", "none", lambda: self.reopen("disagreement"), ["You do not agree with our answer", by, "earlier answer below"], ""),
            ("received", "none", lambda: self.reopen("correction"), ["so we correct it", by, "earlier answer below"], ""),
            ("received", "none", lambda: self.reopen("resume", self.withdraw(self.make_own())), ["taken up your request again", by], ""),
            ("closed", "sent", lambda: self.write_after(self.answer()), ["We answered", "what you wrote afterwards"], ""),
            ("closed", "sent", lambda: self.write_after(self.answer(), "review"), ["We answered", "You asked us to review"], ""),
            ("closed", "none", lambda: self.withdraw(self.make_own()), ["You withdrew your request"], ""),
            ("closed", "none", lambda: self.end("action_transfer", "Alcaldía", "No es nuestra"), ["competent to answer: Alcaldía"], ""),
            ("cancelled", "none", lambda: self.end("action_cancel", "spam", "Publicidad"), ["not handled as a request"], ""),
            ("cancelled", "none", lambda: self.end("action_cancel", "duplicate", "Repetida", self.at_work.id), ["goes on under"], ""),
        ]  # fmt: skip
        for happened_on in ("2026-11-20", False):
            self.assertEqual(bool(self.see(self.make_own(incident_date=happened_on).sudo())["incident_date"]), bool(happened_on))
        for number, (state, delivery, make, told, lost) in enumerate(rows):
            with self.subTest(number=number, state=state, delivery=delivery), self.undone():
                case = make()
                self.assertEqual((case.state, case.delivery_state), (state, delivery))
                view = self.see(self.as_client(case))
                self.assertHolds(view["story"], *told)
                self.assertEqual(bool(view["undelivered"]), bool(lost))
                if lost:
                    self.assertIn(f"We could not deliver to you: {lost}. {came_back}", view["undelivered"])
                view = self.see(self.as_client(case, self.colleague), own=False)
                self.assertFalse(view["undelivered"])
                text = view["story"].replace("You find the answer below.", "") + view["status_label"]
                self.assertTrue(text)
                self.assertNotRegex(text, r"(?i)\byou", "a colleague is told of somebody else's request")

    def test_progress(self):
        """What was done and when, where it is, and what is ahead."""

        def later(day, make, *arguments):
            with freeze_time(f"2026-11-{day} 15:00:00"):
                return make(*arguments)

        def assign(case):
            self.make_assignment(case)
            return later(26, self.make_assignment, case, self.technology).pqrs_id

        ahead, filed = "Answered  ahead", "Filed 11/24/2026 done"
        for make, *expected in (
            (self.make_own, "Filed 11/24/2026 current", "In progress  ahead", ahead),
            (lambda: self.require(self.make_own()), filed, "Waiting for you  current", ahead),
            (lambda: self.deliver(self.require(self.make_own())), filed, "We check what you sent  current", ahead),
            (lambda: later(25, assign, self.make_own()), filed, "In progress 11/25/2026 current", ahead),
            (lambda: later(25, self.answer), "Filed 11/25/2026 done", "In progress 11/25/2026 done", "Answered 11/25/2026 done"),
            (lambda: later(25, self.withdraw, self.reopen("resume", self.withdraw(self.make_own()))), filed, "Withdrawn 11/25/2026 done"),
            (lambda: self.reopen("resume", self.withdraw(self.make_own())), "Filed 11/24/2026 current", "In progress  ahead", ahead),
            (lambda: self.end("action_transfer", "Alcaldía", "No"), filed, "Transferred 11/24/2026 done"),
            (lambda: self.end("action_cancel", "spam", "Publicidad"), filed, "Cancelled 11/24/2026 done"),
        ):  # fmt: skip
            with self.undone():
                view = self.see(self.as_client(make()))
                self.assertEqual([" ".join(step.values()) for step in view["steps"]], expected)
                self.assertEqual(view["can"] == {"write"}, view["status"] in ("withdrawn", "transferred", "spam"))

    def test_a_term_that_ended_promises_nothing(self):
        case = self.make_own()
        with freeze_time("2026-12-20 15:00:00"):
            story = self.see(self.as_client(case))["story"]
        self.assertIn("The term to answer ended on December 16, 2026: we will answer as soon as possible.", story)


@real_clock
class TestReview(HttpCase, SigCommon):
    """After one or two stars the client may ask to have the answer reviewed: once, and by the link of the rating alone."""

    def make_rated(self, stars=2, **vals):
        case = self.make_closed(**vals)
        url = f"/pqrs/rate/{case.sudo()._rating_get_access_token()}"
        self.post(url, url, rate=str(stars))
        return case, url

    def post(self, url, page, **data):
        token = self.get_token(self.url_open(page))
        response = self.url_open(url, data={"csrf_token": token, **data})
        self.env.invalidate_all()
        return response

    def get_reviews(self, case):
        return case.sudo().communication_ids.filtered(lambda each: each.purpose == "disagreement")

    def test_few_stars(self):
        for stars in (2, 3):
            case, url = self.make_rated(stars)
            self.assertEqual(f"{url}/review" in self.url_open(url).text, stars <= 2, stars)
            self.assertEqual("review" in self.see(case.sudo())["can"], stars <= 2)

    def test_asked_once(self):
        case, url = self.make_rated()
        for _again in range(2):
            response = self.post(f"{url}/review", "/pqrs/track", text="Falta la fecha")
            self.assertEqual((response.status_code, response.request.method), (200, "GET"), "it goes on by redirect")
        review = self.get_reviews(case)
        self.assertEqual((len(review), review.body, review.state, review.author), (1, "Falta la fecha", "received", "petitioner"))
        self.assertIn('data-done="review"', response.text)
        self.assertNotIn("Falta la fecha", response.text, "the link tells nothing of the case")
        self.assertIn("client_message", self.kinds(case))
        self.assertChain(case)

    def test_it_waits_for_the_sig_as_others_do(self):
        case, url = self.make_rated()
        self.post(f"{url}/review", url)
        self.assertIn("to_read", self.get_tiles(self.director))
        self.assertIn("asks us to review", " ".join(case.sudo().activity_ids.mapped("summary")))
        own = case.with_user(self.director)
        self.assertLessEqual({"thank", "new_case_from_message", "reopen"}, set(own.allowed_transitions))
        self.assertEqual(str(self.env["sig.reopening"]._get_disagreed_on(own)), str(self.company._sig_today()))
        own.action_reopen("Tiene razón")
        self.assertFalse(own.sudo()._get_waiting_after_end())
        page = self.post(f"{url}/review", "/pqrs/track", text="Falta <la> fecha").text
        self.assertHolds(page, 'role="alert"', ">Falta &lt;la&gt; fecha<")
        view = self.see(case.sudo())
        self.assertTrue(view["earlier_answers"][0]["text"], "what was answered stays")

    def test_the_link_alone_does_no_more(self):
        case, url = self.make_rated(4)
        self.post(f"{url}/review", "/pqrs/track", text="No")
        self.assertFalse(self.get_reviews(case), "not after four stars")
        fresh = self.make_closed()
        unrated = f"/pqrs/rate/{fresh.sudo()._rating_get_access_token()}"
        self.assertIn('name="rate"', self.post(f"{unrated}/review", "/pqrs/track", text="No").text)
        self.assertFalse(self.get_reviews(fresh))
        self.as_director(fresh).action_reopen("Faltó algo")
        page = self.post(unrated, unrated, rate="1", feedback="Mi razón").text
        self.assertHolds(page, 'role="alert"', ">Mi razón<")
        self.assertNotIn('name="rate"', page, "there is no answer to rate now")
        case, url = self.make_rated()
        self.assertEqual(self.url_open(f"{url}/review", data={"text": "No"}).status_code, 400, "no token of a page")
        self.assertEqual(self.url_open(f"{url}/review").status_code, 405)
        self.authenticate("sig_collaborator", "sig_collaborator")
        self.post(f"{url}/review", url, text="No")
        self.assertFalse(self.get_reviews(case), "our own people are not the client")
