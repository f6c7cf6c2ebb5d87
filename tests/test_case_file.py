"""The case file: what it prints, and for whom."""

from .test_evidence import EvidenceCommon


class TestCaseFile(EvidenceCommon):
    def test_what_it_says(self):
        case = self.make_full_case()
        text = self.render(case)
        self.assertHolds(
            text, "FOR-SIG-PQRS-10", case.name, "Puerta abierta", "La puerta &lt;quedó&gt; abierta.", "Ana Ruiz", "Conjunto El Roble",
            "52123456", "ana@example.com", "24/11/2026 10:00", "The day of receipt does not count", "Operaciones",
            "Colaborador de Operaciones", "Líder de Operaciones", case.sudo().assignment_ids.response_digest,
            "Revisamos los hechos", "4 of 5", "Bien explicado", "Foto.jpg", "Answer sent", "Rated",
            *case.sudo().act_ids.mapped("digest"), "it is complete and unaltered", f"act {case.sudo().act_number}",
        )
        sha256 = case.sudo().attachment_ids._sig_sha256()
        self.assertEqual(len(sha256), 64)
        self.assertIn(sha256, text)

    def test_who_it_was(self):
        """Users may rename themselves: an act says who it was by the name of then."""
        case = self.make_case()
        before = self.director.name
        self.director.with_user(self.director).name = "Otra Persona"
        self.as_director(case).action_hold("Tutela")
        self.assertEqual(case.sudo().act_ids.sorted("number").mapped("by_name"), [before, "Otra Persona"])
        text = self.render(case)
        self.assertIn(f"{before} ", text)
        self.env.cr.execute("UPDATE sig_pqrs_act SET user_name = NULL WHERE pqrs_id = %s", [case.id])  # as of before
        self.env.invalidate_all()
        self.assertEqual(set(case.sudo().act_ids.mapped("by_name")), {"Otra Persona"})

    def test_who_it_was_without_a_name(self):
        """What the petitioner did without a user is theirs, and nothing else is."""
        Act, public = self.env["sig.pqrs.act"], self.env.ref("base.public_user")
        own, hidden = self.make_case(), self.make_anonymous()
        Act._append(own.with_user(public).sudo(), "incident_flagged")
        Act._append(own.with_user(self.env.ref("base.user_root")), "withdrawn", data={"outcome": "tacitly_withdrawn"})
        for case in (own, hidden):
            self.client_step(case.with_user(public).sudo(), "withdraw", "Ya no")
        by = [(act.kind, act.by_name) for act in own.sudo().act_ids.sorted("number")]
        self.assertEqual(by[1:3], [("incident_flagged", "The system"), ("withdrawn", "The system")])
        self.assertEqual(by[3], ("withdrawn", "The petitioner, on the website"))
        self.assertRegex(self.render(hidden), r"Withdrawal\s.*The petitioner\s")

    def test_who_prints_it(self):
        case = self.make_full_case()
        for user in (self.director, self.administrator, self.management):
            self.assertIn(case.name, self.render(case, user))
        self.assertNotIn("52123456", self.render(case, self.management))
        others = self.collaborator | self.leader | self.employee | self.portal | self.interviewer
        self.assertDenied(case, others, self.render_own)
        case.write({"restricted": True, "authorized_user_ids": [(6, 0, self.director.ids)]})
        self.reload()
        self.assertDenied(case, self.management, self.render_own)

    def render_own(self, case):
        return self.render(case, case.env.user)

    def test_a_case_of_which_there_is_nothing_yet(self):
        text = self.render(self.make_anonymous())
        self.assertHolds(text, "It was not assigned.", "There is no answer.", "It was not sent.", "There are none", "Anonymous")
