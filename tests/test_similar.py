"""Cases alike: found by the words that people use, shown to who may read them, and gone with what is erased."""
from unittest.mock import patch

from odoo.exceptions import ValidationError

from ..models.knowledge import similar
from .common import SigCommon, real_clock
from .test_retention import RetentionCommon

STOLEN = "Robaron una bicicleta del parqueadero de la torre"


class SimilarCommon(SigCommon):
    def find(self, text, user=None, company=None, **kwargs):
        company = company or self.company
        env = self.env(user=user or self.director, su=False)
        return env["sig.similar"]._find(text, company.with_env(env), **kwargs)

    def find_cases(self, text, user=None, **kwargs):
        return [row.case for row in self.find(text, user, **kwargs)]


@real_clock
class TestSimilar(SimilarCommon):
    def test_one_word_in_many_forms(self):
        case = self.make_case(subject="Errores de FACTURACIÓN", description="Las cámaras de la portería no grabaron")
        self.make_case(subject="Trato del personal", description="El supervisor respondió de mala manera")
        for text in (
            "facturacion y camara", "Facturaciones, CÁMARAS", "porterías y grabar", "Porteria: grabó la camara?",
            "facturas.camaras", "la facturación,\nde las (cámaras)",
        ):
            self.assertEqual(self.find_cases(text), [case], text)

    def test_words_that_say_nothing(self):
        self.make_case(subject="También están más de los que había", description="ana@example.com https://example.com 3001112233")
        for text in ("también están más había", "con el de la que", "ana@example.com https://example.com", "3001112233 12/03", "", "  ", "y o a"):
            self.assertFalse(self.find(text), text)

    def test_how_words_were_written(self):
        self.make_case(subject=STOLEN)
        found, = self.find("Me robaron la BICICLETA; bicicletas y más bicicletas")
        self.assertEqual(found.words, ["robaron", "BICICLETA"])

    def test_any_text(self):
        """What people paste is a text, never a query."""
        self.make_case(subject=STOLEN)
        for text in ("robaron' & | ! ( bicicleta", "robaron:* <-> \\bicicleta", "robaron %s %(x)s bicicleta\x0b", "robaron " * 9000 + "bicicleta"):
            self.assertLessEqual(len(self.find(text)), 1, text[:50])
        self.assertTrue(self.find("robaron' & | ! ( bicicleta"))

    def test_words_follow_the_case(self):
        case = self.make_case(subject="Ascensor detenido", description="El ascensor se detuvo")
        self.assertEqual(self.find_cases("ascensor detenido"), [case])
        case.with_user(self.director).write({"subject": "Humedad", "description": "La terraza inundada"})
        self.assertFalse(self.find("ascensor detenido"))
        self.assertEqual(self.find_cases("terrazas inundadas"), [case])
        self.env.cr.execute("UPDATE sig_pqrs SET description = 'ascensor detenido' WHERE id = %s", [case.id])
        self.assertEqual(self.find_cases("ascensor detenido"), [case])

    def test_cases_without_words_get_them(self):
        """As those of a version before, when it is upgraded."""
        case = self.make_case(subject=STOLEN)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sig_pqrs_words")
        self.assertFalse(self.find(STOLEN))
        self.env["sig.words"].init()
        self.assertEqual(self.find_cases(STOLEN), [case])

    def test_words_that_mean_the_same(self):
        case = self.make_case(subject="El celador no abrió", description="Dejó el vehículo en el estacionamiento")
        found, = self.find("Un guarda del parqueadero")
        self.assertEqual((found.case, found.words), (case, ["guarda", "parqueadero"]))
        self.assertFalse(self.find("Citófono y timbre"))
        words = self.env["sig.synonym"].with_user(self.director).create({"name": "citófono, intercomunicador"})
        other = self.make_case(subject="Intercomunicador sin timbre")
        self.assertEqual(self.find_cases("Citófonos y timbres"), [other])
        words.name = "citófono, teléfono"
        self.assertFalse(self.find("Citófonos y timbres"))
        words.name = "citófono, intercomunicador"
        words.active = False
        self.assertFalse(self.find("Citófonos y timbres"))

    def test_what_a_line_is(self):
        Synonym = self.env["sig.synonym"].with_user(self.director)
        self.assertEachRaises(
            ValidationError,
            *(lambda name=name: Synonym.create({"name": name}) for name in ("cámara", "cámara, cámaras", "circuito cerrado, cctv", "cctv, 24/7", ",", "de, la", "tv, televisor")),
        )

    def test_who_writes_them(self):
        line = self.env["sig.synonym"].create({"name": "citófono, intercomunicador", "company_id": self.company.id})
        others = self.leader | self.collaborator | self.management | self.interviewer | self.employee | self.portal
        self.assertDenied(line, others, lambda own: own.write({"name": "a, b"}), lambda own: own.create({"name": "citófono, timbre"}), lambda own: own.unlink(), lambda own: own.read(["name"]))
        self.assertDenied(line, self.make_stranger(), lambda own: own.read(["name"]))
        line.with_user(self.director).unlink()

    def test_of_each_company(self):
        """What one company adds, or copies to change it, is of no other."""
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.env["sig.synonym"].create({"name": "citófono, intercomunicador", "company_id": other.id})
        own = self.env.ref("sig_pqrs.synonym_parqueadero")._copy_for(other)
        own.name = "parqueadero, bahía"
        Words = self.env["sig.words"]
        self.assertEqual(Words._expand(Words._get_lexemes("citófono"), self.company), {"citofon": {"citofon"}})
        self.assertEqual(Words._expand(Words._get_lexemes("citófono"), other), {"citofon": {"citofon", "intercomun"}})
        self.assertIn("garaj", Words._expand(Words._get_lexemes("parqueadero"), self.company)["parqueader"])
        self.assertNotIn("garaj", Words._expand(Words._get_lexemes("parqueadero"), other)["parqueader"])

    def test_rare_words_say_more(self):
        common = self.make_case(subject="Ronda nocturna de la torre", description="Ronda de la torre sin luz")
        rare = self.make_case(subject="Ronda con dron", description="Perros en la terraza")
        for number in range(30):
            self.make_case(subject=f"Ronda nocturna de la torre {number}", description="Sin luz")
        self.env.flush_all()
        self.env.cr.execute("ANALYZE sig_pqrs_words")
        best = self.find("Ronda nocturna: un dron en la terraza de la torre", limit=40)
        self.assertEqual(best[0].case, rare)
        self.assertIn(common, [row.case for row in best])
        scores = [row.score for row in best]
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_when_there_are_many(self):
        """Few are compared: those with rare words, however old, and of common words the newest; unknown ones hide none."""
        oldest = self.make_case(subject="Ronda con dron")
        cases = [self.make_case(subject=f"Ronda nocturna {number}") for number in range(30)]
        self.env.flush_all()
        self.env.cr.execute("ANALYZE sig_pqrs_words")
        with patch.object(similar, "MOST_COMPARED", 4):
            self.assertEqual(self.find_cases("dron en la ronda")[0], oldest)
            found = self.find_cases("Rondas nocturnas")
            self.assertTrue(found)
            self.assertLessEqual(set(found), set(cases[-10:]))
            self.assertTrue(self.find("Zepelín y trirreme: la ronda nocturna"))

    def test_what_else_is_the_same(self):
        reason, other_reason = self.env["sig.pqrs.reason"].search([], limit=2)
        plain = self.make_case(subject=STOLEN, reason_id=other_reason.id)
        same = self.make_case(subject=STOLEN, site="Torre 3", reason_id=reason.id, client_id=self.client.id)
        newer = self.make_case(subject=STOLEN, partner_id=False, partner_name="Vecino")
        found = self.find(STOLEN, site="Torre 3", client=self.client, reason=reason)
        self.assertEqual((found[0].case, [row.reasons for row in found if row.case == same]), (same, [["site", "client", "reason"]]))
        self.assertEqual({row.case: row.reasons for row in found}[newer], [])
        self.assertEqual(self.find_cases(STOLEN, domain=[("id", "not in", (same | newer).ids)]), [plain])
        self.assertEqual(self.find_cases(STOLEN, domain=[("site", "=", "Torre 3")]), [same])
        self.assertEqual(len(self.find(STOLEN, limit=2)), 2)

    def test_each_role(self):
        of_operations, of_technology = (self.make_case(subject=STOLEN) for _number in range(2))
        self.make_assignment(of_operations, self.operations)
        self.make_assignment(of_technology, self.technology)
        both = {of_operations, of_technology}
        for user, cases in (
            (self.director, both), (self.administrator, both), (self.management, both), (self.leader, {of_operations}),
            (self.deputy, {of_operations}), (self.collaborator, {of_operations}), (self.other_collaborator, {of_technology}),
            (self.other_leader, {of_technology}), (self.interviewer, set()), (self.employee, set()), (self.portal, set()),
            (self.env.ref("base.public_user"), set()),
        ):
            self.assertEqual(set(self.find_cases(STOLEN, user)), cases, user.name)

    def test_sudo_shows_no_more(self):
        case = self.make_case(subject=STOLEN)
        similar = self.env["sig.similar"].with_user(self.collaborator).sudo()
        self.assertFalse(similar._find(STOLEN, self.company))
        self.make_assignment(case)
        self.assertEqual([row.case for row in similar._find(STOLEN, self.company)], [case])

    def test_what_nobody_is_shown(self):
        """Not even the SIG, which reads them: what is near is shown beside the cases of others."""
        shown = self.make_case(subject=STOLEN)
        self.make_case(subject=STOLEN, restricted=True)
        self.make_case(subject=STOLEN, identity_reserved=True)
        self.as_director(self.make_case(subject=STOLEN)).action_cancel("spam", "No es una petición")
        later = self.make_case(subject=STOLEN)
        self.assertEqual(set(self.find_cases(STOLEN)), {shown, later})
        self.as_director(later).restricted = True
        self.assertEqual(self.find_cases(STOLEN), [shown])

    def test_another_company(self):
        self.make_case(subject=STOLEN)
        stranger = self.make_stranger()
        self.assertFalse(self.find(STOLEN, stranger) or self.find(STOLEN, stranger, stranger.company_id))
        self.assertFalse(self.find(STOLEN, company=stranger.company_id))


class TestErasedWords(SimilarCommon, RetentionCommon):
    def test_what_is_erased_is_not_found(self):
        case = self.make_old()
        case.sudo().write({"description": "Ana Ruiz vio el dron sobre la terraza"})
        self.assertEqual(self.find_cases("dron terraza"), [case])
        self.erase()
        for text in ("dron terraza", "Ana Ruiz", "vio el dron"):
            self.assertFalse(self.find(text), text)
        self.env.cr.execute("SELECT words::text FROM sig_pqrs_words WHERE case_id = %s", [case.id])
        self.assertNotRegex(self.env.cr.fetchone()[0], "dron|ruiz|ana")
