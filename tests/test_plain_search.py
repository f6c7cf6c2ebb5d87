from unittest.mock import patch

from .common import SigCommon, real_clock

TYPED = ("camara", "CAMARA", "Cámara", "CÁMARA", "cÂmara")


@real_clock
class TestPlainSearch(SigCommon):
    """What is typed is found without accents and capitals, on a database without ``unaccent``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(cls.registry, "has_unaccent", False))
        cls.startClassPatcher(patch.object(cls.registry, "unaccent", lambda sql: sql))
        cls.chamber = cls.env["res.partner"].create({"name": "CÁMARA de Comercio de Nariño", "is_company": True})
        cls.case = cls.make_case(subject="Daño de la Cámara (100 % quemada)", partner_id=cls.chamber.id)
        cls.other = cls.make_case(subject="Otra cosa")
        cls.reload()

    def find(self, domain, user=None, model="sig.pqrs"):
        """What a list shows, among the records of the test."""
        Model = self.env[model].with_user(user or self.director)
        return Model.browse([row["id"] for row in Model.web_search_read(domain, {"display_name": {}})["records"]])

    def offer(self, model, text, user=None):
        """What a menu of choice offers."""
        Model = self.env[model].with_user(user or self.director)
        return Model.browse([row["id"] for row in Model.web_name_search(text, {"display_name": {}})])

    def test_lists_and_menus_of_cases(self):
        for typed in TYPED:
            with self.subTest(typed):
                for domain in (
                    *([(path, "ilike", typed)] for path in ("subject", "display_name", "client_id", "client_id.name", "partner_name")),
                    ["|", ("name", "ilike", typed), ("subject", "ilike", typed)], [("client_id", "child_of", typed)],
                ):
                    found = self.find(domain)
                    self.assertIn(self.case, found, domain)
                    self.assertNotIn(self.other, found, domain)
                self.assertIn(self.case, self.offer("sig.pqrs", typed))
                self.assertNotIn(self.case, self.find([("subject", "not ilike", typed)]))
                self.assertIn(self.other, self.find([("subject", "not ilike", typed)]))
                groups = self.env["sig.pqrs"].with_user(self.director).web_read_group(
                    [("subject", "ilike", typed)], ["type_id"], ["__count"]
                )
                self.assertEqual(sum(group["__count"] for group in groups["groups"]), 1)

    def test_contacts_on_our_screens(self):
        Partner = self.env["res.partner"].with_user(self.director)
        view = self.env["sig.pqrs"].with_user(self.director).get_view(view_type="form")["arch"]
        self.assertEqual(view.count("sig_plain_search"), 2, "petitioner and client")
        for typed in TYPED:
            found = Partner.with_context(sig_plain_search=True).web_name_search(typed, {"display_name": {}})
            self.assertIn(self.chamber.id, [row["id"] for row in found])
        self.assertFalse(Partner.name_search("camara de comercio de narino"), "as the host has it, elsewhere")

    def test_pattern(self):
        """Wildcards and signs mean what they mean to core."""
        for text, expected in (
            ("dano%camara", True), ("c_mara", True), ("(100 \\% q", True), ("(100 % q", True), ("camara.", False),
            ("camara (100", True), ("[a]", False), ("nino" * 60, False), ("\\", False), ("camara\\", False),
            ("ca.ara", False), ("narino", False), ("^dano", False), ("***:dano", False), ("(?i)dano", False), ("%%%%%%camara", False),
        ):
            with self.subTest(text):
                self.assertEqual(self.case in self.find([("subject", "ilike", text)]), expected)
        self.assertIn(self.case, self.find([("subject", "ilike", "cámara".encode().decode())]))
        self.assertEqual(self.find([("subject", "like", "camara"), ("id", "=", self.case.id)]), self.case.browse())

    def test_roles_find_what_they_read(self):
        assignment = self.make_assignment(self.case)
        for user, reads in ((self.leader, True), (self.collaborator, True), (self.management, True), (self.other_leader, False)):
            self.assertEqual(self.case in self.offer("sig.pqrs", "camara", user), reads, user.name)
            self.assertEqual(self.case in self.find([("client_id", "ilike", "narino")], user), reads, user.name)
            found = self.find([("pqrs_id", "ilike", "camara")], user, "sig.pqrs.assignment")
            self.assertEqual(assignment in found, reads, user.name)
        self.assertIn(assignment, self.find([("process_id", "ilike", "operacíones")], model="sig.pqrs.assignment") )
        self.leader.name = "Andrés Peña"
        self.reload()
        self.assertIn(assignment, self.find([("leader_id", "ilike", "andres pena")], model="sig.pqrs.assignment"))

    def test_reserve(self):
        """Who may not know who asks does not find the case by the name, however it is typed."""
        person = self.env["res.partner"].create({"name": "Verónica Ñúñez", "email": "nunez@example.com"})
        case = self.make_case(partner_id=person.id)
        self.make_assignment(case)
        case.with_user(self.director).action_reserve_identity("Lo pidió")
        self.reload()
        for user in (self.leader, self.collaborator, self.management):
            for typed in ("veronica", "VERÓNICA", "nunez"):
                for domain in (
                    [("display_name", "ilike", typed)], [("partner_name", "ilike", typed)],
                    [("partner_id", "ilike", typed)], [("client_id", "ilike", typed)],
                ):
                    self.assertNotIn(case, self.find(domain, user), (user.name, domain))
                self.assertNotIn(case, self.offer("sig.pqrs", typed, user))
            self.assertIn(case, self.find([("id", "=", case.id)], user), "they read it all the same")

    def test_catalogues(self):
        for model, vals in (
            ("sig.pqrs.reason", {"name": "Facturación errónea"}),
            ("sig.document", {"name": "Facturación errónea", "code": "D-9", "version": "1"}),
            ("sig.response.template", {"name": "Facturación errónea", "body": "<p>x</p>"}),
            ("sig.survey.dimension", {"name": "Facturación errónea", "code": "fe"}),
        ):
            record = self.env[model].create(vals)
            self.reload()
            for typed in ("facturacion erronea", "FACTURACIÓN"):
                self.assertIn(record, self.offer(model, typed), model)
                self.assertIn(record, self.find([("name", "ilike", typed)], model=model), model)
        self.assertIn(self.technology, self.offer("sig.process", "TECNOLOGIA"))

    def test_unaccent_of_the_host(self):
        """Where core ignores accents, with its own index, nothing of ours is between."""
        with patch.object(self.registry, "has_unaccent", True), patch.object(self.registry, "unaccent", lambda sql: sql):
            self.assertNotIn(self.case, self.find([("subject", "ilike", "camara")]))
