"""What people see of similar cases while they register, triage and draft, and how an answer becomes another one."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase

from .common import CaseBuilder, date, moment, real_clock
from .test_similar import STOLEN, SimilarCommon

ANSWER = (
    "<p>Señora Ana Ruiz:</p><p>El 12 de marzo de 2026 el guarda Pedro Gómez hizo la ronda, según la Ley 1755 de 2015."
    "<br/>Le devolvimos $ 120.000 por su petición PQRS-2026-00042 y le escribimos a ana@example.com.</p>"
)


@real_clock
class TestSimilarPanel(SimilarCommon, HttpCase):
    def ask(self, case, user=None):
        return self.env["sig.similar"].with_user(user or self.director).get_similar(case.id)

    def type_in(self, user=None, **values):
        similar = self.env["sig.similar"].with_user(user or self.director)
        return similar.get_similar(values={"company_id": self.company.id, **values})

    def test_beside_a_case(self):
        closed = self.make_closed(subject=STOLEN, site="Torre 3")
        other = self.make_case(subject="Bicicleta dañada en el parqueadero", partner_id=False, partner_name="Vecino")
        first, second = self.ask(self.make_case(subject=STOLEN, site="Torre 3"))["similar"]
        self.assertEqual((first["id"], second["id"], first["name"]), (closed.id, other.id, f"{closed.name} · {STOLEN}"))
        self.assertIn("Closed", first["note"])
        self.assertEqual(first["why"], "Same site · Same client · Robaron, bicicleta, parqueadero, torre")
        self.assertEqual(second["why"], "bicicleta, parqueadero")
        self.assertIn("tomamos las medidas", first["answer"]["text"])
        self.assertEqual(first["sections"], [[closed.assignment_ids.id, "Operaciones"]])
        self.assertNotIn("answer", second)

    def test_while_it_is_typed(self):
        """By the SIG, which files: nothing is stored."""
        case = self.make_case(subject=STOLEN)
        count = self.env["sig.pqrs"].search_count([])
        row, = self.type_in(subject="Robo", description="en el garaje, una bicicleta", client_id=self.client.id)["similar"]
        self.assertEqual((row["id"], row["why"]), (case.id, "Same client · Robo, garaje, bicicleta"))
        for values in ({}, {"subject": False}, {"subject": "Otra cosa"}, {"subject": STOLEN, "company_id": False, "reason_id": 0, "unknown": 1}):
            self.assertLessEqual(len(self.type_in(**values)["similar"]), 1)
        for wrong in ("20/11/2026", "x", 5, ["2026-11-20"]):
            self.assertEachRaises(UserError, lambda wrong=wrong: self.type_in(subject=STOLEN, incident_date=wrong), said="not a date")
        for user in (self.leader, self.collaborator, self.management, self.interviewer, self.employee, self.portal):
            self.assertEqual(self.type_in(user, subject=STOLEN), {"similar": [], "same_fact": []}, user.name)
        self.assertEqual(self.env["sig.pqrs"].search_count([]), count)

    def test_who_asks(self):
        """Of a case that one does not read nothing is told, and beside one that one reads only what one reads."""
        case = self.make_case(subject=STOLEN)
        mine = self.make_case(subject=STOLEN)
        self.make_assignment(mine)
        for user in (self.collaborator, self.leader, self.employee, self.portal, self.make_stranger()):
            self.assertEqual(self.ask(case, user), {"similar": [], "same_fact": []}, user.name)
        self.assertEqual(self.ask(mine, self.collaborator)["similar"], [])
        self.assertEqual([row["id"] for row in self.ask(mine)["similar"]], [case.id])
        for wrong in (False, "x", [1], 0, 2**40, True):
            self.assertEqual(self.env["sig.similar"].with_user(self.director).get_similar(wrong)["similar"], [])

    def test_in_the_browser(self):
        self.builder.send(self.builder.answer(self.make_case(subject=STOLEN), self.operations, text=ANSWER))
        self.start_tour("/odoo/pqrs-my-day", "sig_pqrs_similar_typed", login=self.director.login)
        case = self.make_case(subject="Se llevaron la bicicleta del garaje", partner_id=False, partner_name="Luz Mora")
        self.start_tour(f"/odoo/pqrs/{case.id}", "sig_pqrs_similar_triage", login=self.director.login)
        draft = self.make_assignment(case)
        self.start_tour(f"/odoo/sig.pqrs.assignment/{draft.id}", "sig_pqrs_similar_draft", login=self.collaborator.login)
        self.assertEqual(draft.state, "pending")


class TestSameFact(SimilarCommon):
    def find_same(self, case):
        return [row["id"] for row in self.env["sig.similar"].with_user(self.director).get_similar(case.id)["same_fact"]]

    def make(self, day=24, name="Vecino", **vals):
        when = moment(self.company, date(2026, 11, day))
        return self.make_case(when, **{"partner_id": False, "partner_name": name, "email_from": f"{name}@example.com", "site": "Torre 3", **vals})

    def test_the_same_site_and_day_by_others(self):
        case = self.make(name="ana", incident_date="2026-11-20", subject="Riña")
        told = self.make(23, "beto", incident_date="2026-11-20", subject="Golpes", site="torre 3")
        received = self.make(20, "caro", subject="Gritos")
        self.make(24, "ana", incident_date="2026-11-20", subject="La misma persona")
        self.make(24, "dora", incident_date="2026-11-19", subject="Otro día")
        self.make(24, "eva", incident_date="2026-11-20", subject="Otro sitio", site="Torre 4")
        self.make(21, "fabio", subject="Otro día")
        self.make(24, "gil", incident_date="2026-11-20", restricted=True)
        self.make(24, "hugo", incident_date="2026-11-20", identity_reserved=True)
        self.assertEqual(self.find_same(case), [received.id, told.id])
        self.assertEqual(self.find_same(self.make(24, "ines", site=False)), [])
        self.assertEqual((told.state, received.state), ("received", "received"), "nothing is joined by itself")

    def test_who_works_on_both(self):
        case, other, own = self.make(name="ana"), self.make(name="beto"), self.make(name="ana")
        for each in (case, other, own):
            self.make_assignment(each)
        for user in (self.leader, self.collaborator, self.management):
            same_fact = self.env["sig.similar"].with_user(user).get_similar(case.id)["same_fact"]
            self.assertEqual([row["id"] for row in same_fact], [other.id], user.name)

    def test_while_it_is_typed(self):
        other = self.make(name="ana", incident_date="2026-11-20", subject="Riña")
        values = {"subject": "Gritos", "site": "Torre 3", "incident_date": "2026-11-20", "company_id": self.company.id}
        similar = self.env["sig.similar"].with_user(self.director)
        self.assertEqual([row["id"] for row in similar.get_similar(values=values)["same_fact"]], [other.id])
        self.assertFalse(similar.get_similar(values={**values, "email_from": "ana@example.com"})["same_fact"])
        self.assertFalse(similar.get_similar(values={**values, "incident_date": False, "site": "Torre 4"})["same_fact"])


@real_clock
class TestStartingPoint(SimilarCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.closed = cls.builder.send(cls.builder.answer(cls.make_case(subject=STOLEN, site="Torre 3"), cls.operations, text=ANSWER))
        cls.section = cls.closed.assignment_ids

    def start(self, user=None, section=None):
        return self.env["sig.similar"].with_user(user or self.collaborator).get_starting_point((section or self.section).id)

    def test_its_text_with_marks(self):
        text = self.start()
        self.assertEqual(
            text,
            "<p>«[…: name]»:</p><p>El «[…: date]» el «[…: name]» hizo la ronda, según la Ley 1755 de 2015.</p>"
            "<p>Le devolvimos «[…: amount]» por su petición «[…: number]» y le escribimos a «[…: email or link]».</p>",
        )
        self.assertHoldsNone(text, "Ana", "Ruiz", "Pedro", "120", "00042", "@")

    def test_who_may(self):
        for user in (self.director, self.leader, self.management):
            self.assertTrue(self.start(user))
        others = (self.other_collaborator, self.other_leader, self.employee, self.portal, self.make_stranger())
        self.assertEachRaises(AccessError, *(lambda user=user: self.start(user) for user in others))

    def test_of_what(self):
        """Only of an answer that was given, of a case that all its readers may see."""
        drafted = self.make_assignment(self.make_case(subject=STOLEN))
        approved = self.make_approved(subject=STOLEN).assignment_ids
        for section in (drafted, approved):
            self.assertEachRaises(UserError, lambda section=section: self.start(section=section))
        self.as_director(self.closed).restricted = True
        self.assertEachRaises(UserError, lambda: self.start(self.director))

    def test_the_names_of_its_case(self):
        """Of who asked and of the client, each word, however it is written."""
        case = self.make_case(partner_id=False, partner_name="Luz Mora", email_from="luz@example.com", client_id=self.client.id)
        text = "<p>Le dijimos a luz que en el roble ya no hay turno</p>"
        closed = self.builder.send(self.builder.answer(case, self.operations, text=text))
        marked = "<p>Le dijimos a «[…: name]» que en el «[…: name]» ya no hay turno</p>"
        self.assertEqual(self.start(section=closed.assignment_ids), marked)

    def test_the_company_that_answers(self):
        own = CaseBuilder(self.env, self.director, self.company)
        text = f"<p>Ana, escriba a {self.company.sig_service_email}.</p><p>{self.company.name}</p>"
        closed = own.send(own.answer(self.make_case(), self.operations, text=text))
        started = self.start(section=closed.assignment_ids)
        self.assertHolds(started, self.company.sig_service_email, self.company.name)
        self.assertNotIn("Ana", started)
