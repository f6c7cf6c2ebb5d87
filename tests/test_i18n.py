import re
from collections import Counter
from datetime import timedelta

import polib

from odoo import fields
from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

from .common import freeze_time

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}")
TAG = re.compile(r"<[^<>]*>")

#: PRO-SIG-10, section 4, word for word
DEFINITIONS = {
    "peticion": (
        "Es una actuación por medio de la cual el cliente o un tercero interesado, de manera respetuosa, solicita a la "
        "empresa cualquier petición o información relacionada con la prestación del servicio."
    ),
    "queja": (
        "Es la expresión o manifestación que le hace el usuario a la organización por la inconformidad que le generó "
        "la prestación de nuestros servicios."
    ),
    "reclamo": (
        "Derecho que tiene todo ciudadano de exigir o demandar solución referente a la atención inadecuada u omisión "
        "de la prestación del servicio."
    ),
    # The procedure has the name of its company there; the website of any other shows this too.
    "sugerencia": "Observación realizada por el cliente en pro del mejoramiento de la prestación del servicio de la empresa.",
    "derecho_peticion": (
        "Es el Derecho que tiene toda persona para presentar solicitudes respetuosas ante las autoridades o entidades "
        "públicas o privadas, ya sea por motivos de interés general o particular. El derecho de petición es un derecho "
        "fundamental establecido en el artículo 23 de la Constitución Política de Colombia y reglamentado en la ley "
        "1755 de 2015."
    ),
}


@tagged("post_install", "-at_install")
class TestSpanish(TransactionCase):
    """What every user reads: all of it in Spanish, in the words that the company chose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = f"{get_module_path('sig_pqrs')}/i18n"
        cls.spanish = polib.pofile(f"{folder}/es.po")
        cls.template = polib.pofile(f"{folder}/sig_pqrs.pot")
        cls.by_source = {entry.msgid: entry.msgstr for entry in cls.spanish}
        cls.by_place = {place: entry.msgstr for entry in cls.spanish for place, _line in entry.occurrences}

        if "es_CO" not in dict(cls.env["res.lang"].get_installed()):
            language = cls.env["res.lang"]._activate_lang("es_CO")
            cls.env["base.language.install"].create({"lang_ids": [(6, 0, language.ids)]}).lang_install()

    def test_every_term_of_the_sources_is_translated(self):
        terms = {row[4] for row in TranslationModuleReader(self.env.cr, ["sig_pqrs"])}
        self.assertGreater(len(terms), 500)
        self.assertFalse(terms.difference(self.by_source), "run dev/i18n")
        self.assertFalse(terms.difference(entry.msgid for entry in self.template), "run dev/i18n")

    def test_each_entry(self):
        """None is empty or fuzzy, placeholders and tags stay, and of who asks there is one word."""
        for entry in self.spanish:
            with self.subTest(entry.msgid):
                self.assertTrue(entry.msgstr)
                self.assertFalse(entry.fuzzy or entry.obsolete)
                self.assertEqual(Counter(PLACEHOLDER.findall(entry.msgid)), Counter(PLACEHOLDER.findall(entry.msgstr)))
                self.assertEqual(Counter(TAG.findall(entry.msgid.replace("'client'", "'cliente'"))), Counter(TAG.findall(entry.msgstr)))
                self.assertNotIn("peticionari", entry.msgstr.lower(), "say “solicitante”")
                if entry.occurrences[0][0].startswith("code:"):  # as which the server finds it
                    self.assertRegex(entry.comment, "odoo-(python|javascript)")
                    self.assertTrue(entry.occurrences[0][0].startswith("code:addons/sig_pqrs/"))

    def test_definitions_are_those_of_the_procedure(self):
        for code, definition in DEFINITIONS.items():
            with self.subTest(code):
                self.assertEqual(self.by_place.get(f"model:sig.pqrs.type,definition:sig_pqrs.type_{code}"), definition)

    @freeze_time("2026-11-27 15:00:00")
    def test_jobs_write_in_the_language_of_the_sig(self):
        """A job has no user whose language it could take."""
        company = self.env.company
        company.sig_director_id = self.env["res.users"].create({
            "login": "sig_director_es", "name": "Directora SIG", "lang": "es_CO",
            "group_ids": [(4, self.env.ref("sig_pqrs.group_sig_director").id)],
        })
        self.assertEqual(company._sig_lang(), "es_CO")
        director = self.env(user=company.sig_director_id, context={})
        case = director["sig.pqrs"].create({
            "subject": "Ruido", "type_id": self.env.ref("sig_pqrs.type_queja").id, "anonymous": True,
            "date_received": fields.Datetime.now() - timedelta(days=7),
        })
        self.assertIsNone(case.env.lang)
        company.sig_watched_on = False
        company.sig_watch_hour = 0
        with self.enter_registry_test_mode():
            self.env.ref("sig_pqrs.cron_watch").method_direct_trigger()
        self.assertIn("Asignar la PQRS", case.activity_ids.mapped("summary"))
        silent = case.sudo()._in_given_or_company_language()
        silent._open_communications("acknowledgement")
        self.assertIn("Por notificar: Acuse de recibo", case.activity_ids.mapped("summary"))
