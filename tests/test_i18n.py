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

#: the words of the SIG director, by selection field
WORDS = {
    "sig_pqrs__state": {
        "to_file": "Por radicar",
        "received": "Radicada",
        "assigned": "En gestión",
        "approved": "Por enviar",
        "closed": "Cerrada",
        "cancelled": "Anulada",
    },
    "sig_pqrs__outcome": {
        "answered": "Respondida",
        "transferred": "Trasladada",
        "withdrawn": "Desistida",
        "tacitly_withdrawn": "Desistimiento tácito",
        "duplicate": "Duplicada",
        "spam": "No es PQRS",
    },
    "sig_pqrs__resolution": {
        "upheld": "Procedente",
        "partially_upheld": "Parcialmente procedente",
        "not_upheld": "No procedente",
        "not_applicable": "No aplica",
    },
    "sig_deadline_mixin__deadline_state": {
        "on_track": "En término",
        "due_soon": "Por vencer",
        "due_today": "Vence hoy",
        "overdue": "Vencida",
        "suspended": "Término suspendido",
        "answered_on_time": "Respondida en término",
        "answered_late": "Respondida fuera de término",
        "not_applicable": "No aplica",
    },
    "sig_pqrs__delivery_state": {
        "none": "Sin enviar",
        "pending": "Por notificar",
        "sent": "Enviada",
        "failed": "No entregada",
        "handed": "Entregada",
        "published": "Publicada",
    },
    "sig_pqrs_assignment__state": {
        "pending": "En elaboración",
        "submitted": "Por aprobar",
        "approved": "Aprobada",
        "returned": "Devuelta para ajustes",
        "declined": "No compete",
    },
    "sig_pqrs__channel": {
        "web": "Página web",
        "portal": "Aplicativo HERA",
        "email": "Correo electrónico",
        "phone": "Teléfono",
        "visit": "Visita",
        "letter": "Comunicación escrita",
        "whatsapp": "WhatsApp",
        "api": "Integración",
    },
    "sig_pqrs_communication__purpose": {
        "requirement": "Requerimiento de información",
        "extension": "Prórroga",
        "transfer": "Traslado por competencia",
    },
    "sig_pqrs_act__kind": {
        "requirement": "Requerimiento de información",
        "extension": "Prórroga",
        "transfer": "Traslado por competencia",
        "withdrawn": "Desistimiento",
    },
}
TYPES = {
    "peticion": "Petición",
    "derecho_peticion": "Derecho de petición",
    "informacion": "Petición de información o documentos",
    "queja": "Queja",
    "reclamo": "Reclamo",
    "sugerencia": "Sugerencia",
    "felicitacion": "Felicitación",
    "datos_consulta": "Consulta de datos personales",
    "datos_reclamo": "Reclamo de datos personales",
    "autoridad": "Requerimiento de autoridad",
}
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
    "sugerencia": (
        "Observación realizada por el cliente en pro del mejoramiento de la prestación del servicio de la empresa."
    ),
    "derecho_peticion": (
        "Es el Derecho que tiene toda persona para presentar solicitudes respetuosas ante las autoridades o entidades "
        "públicas o privadas, ya sea por motivos de interés general o particular. El derecho de petición es un derecho "
        "fundamental establecido en el artículo 23 de la Constitución Política de Colombia y reglamentado en la ley "
        "1755 de 2015."
    ),
}
#: by view: the button's name, or the step that it opens
BUTTONS = {
    "pqrs_view_form": {
        "action_file": "Radicar",
        "discard": "No es PQRS",
        "%(sig_pqrs.action_assign_wizard)d": "Asignar",
        "request_information": "Requerir información",
        "register_completion": "Información completa",
        "extend": "Prorrogar",
        "transfer": "Trasladar por competencia",
        "withdraw": "Registrar desistimiento",
        "%(sig_pqrs.action_send_wizard)d": "Cerrar y enviar respuesta",
        "action_open_notify": "Registrar notificación",
        "immediate_measure": "Medida inmediata",
        "reclassify": "Reclasificar",
        "reopen": "Reabrir",
        "cancel": "Anular",
    },
    "assignment_view_form": {
        "action_submit": "Enviar a aprobación",
        "action_approve": "Aprobar respuesta",
        "return": "Devolver para ajustes",
        "decline": "No compete a mi proceso",
        "reassign": "Reasignar",
    },
}
ROLES = {
    "group_collaborator": "Colaborador",
    "group_process_leader": "Líder de proceso",
    "group_sig_director": "Dirección SIG",
    "group_top_management": "Alta dirección",
    "group_administrator": "Administrador",
    "group_interviewer": "Encuestador",
}
MENUS = {
    "menu_root": "HERA – PQRS",
    "menu_my_work": "Mi día",
    "menu_pqrs": "PQRS",
    "menu_pqrs_to_file": "Por radicar",
    "menu_pqrs_unassigned": "Sin asignar",
    "menu_pqrs_in_progress": "En gestión",
    "menu_assignment_to_approve": "Por aprobar",
    "menu_pqrs_to_send": "Por enviar",
    "menu_pqrs_all": "Todas",
    "menu_configuration": "Configuración",
}
SUBJECTS = {
    "mail_acknowledgement": "Recibimos su solicitud – Radicado {{ object.name }}",
    "mail_requirement": "Necesitamos información para responderle – Radicado {{ object.name }}",
    "mail_new_date": "Nueva fecha de respuesta – Radicado {{ object.name }}",
    "mail_response": "Respuesta a su solicitud – Radicado {{ object.name }}",
    "mail_transfer": "Trasladamos su solicitud – Radicado {{ object.name }}",
    "mail_withdrawal": "Archivo de su solicitud – Radicado {{ object.name }}",
    "mail_rating": "¿Cómo le pareció nuestra respuesta? – Radicado {{ object.name }}",
}
#: what the code says
SENTENCES = {
    "PQRS assigned: %(case)s (draft for %(date)s)": "PQRS asignada: %(case)s (borrador para el %(date)s)",
    "Answer to approve: %s": "Respuesta por aprobar: %s",
    "Answer returned: %s": "Respuesta devuelta: %s",
    "Your PQRS of today: %s": "Sus PQRS de hoy: %s",
    "How the term was counted": "Cómo se contó el término",
    "Deadline": "Fecha límite",
    "INTEGRATED MANAGEMENT SYSTEM": "SISTEMA INTEGRADO DE GESTIÓN",
    "Prepared by": "Elaboró",
    "Reviewed by": "Revisó",
    "Approved by": "Aprobó",
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

    def record(self, place, xmlid):
        return self.by_place.get(f"model:{place}:sig_pqrs.{xmlid}")

    # -- The file ---------------------------------------------------------------------------------------------------

    def test_every_term_of_the_sources_is_translated(self):
        terms = {row[4] for row in TranslationModuleReader(self.env.cr, ["sig_pqrs"])}
        self.assertGreater(len(terms), 500)
        self.assertFalse(terms.difference(self.by_source), "run dev/i18n")
        self.assertFalse(terms.difference(entry.msgid for entry in self.template), "run dev/i18n")

    def test_nothing_is_empty_or_fuzzy(self):
        for entry in self.spanish:
            with self.subTest(entry.msgid):
                self.assertTrue(entry.msgstr)
                self.assertFalse(entry.fuzzy or entry.obsolete)

    def test_terms_of_the_code_are_marked_as_such(self):
        in_code = [entry for entry in self.spanish if entry.occurrences[0][0].startswith("code:")]
        self.assertTrue(in_code)
        for entry in in_code:
            with self.subTest(entry.msgid):
                self.assertRegex(entry.comment, "odoo-(python|javascript)")
                self.assertTrue(entry.occurrences[0][0].startswith("code:addons/sig_pqrs/"))

    def test_placeholders_and_tags_stay(self):
        for entry in self.spanish:
            with self.subTest(entry.msgid):
                self.assertEqual(Counter(PLACEHOLDER.findall(entry.msgid)), Counter(PLACEHOLDER.findall(entry.msgstr)))
                self.assertEqual(
                    Counter(TAG.findall(entry.msgid.replace("'client'", "'cliente'"))),
                    Counter(TAG.findall(entry.msgstr)),
                )

    # -- The words --------------------------------------------------------------------------------------------------

    def test_words_of_selections(self):
        for field, words in WORDS.items():
            for value, word in words.items():
                with self.subTest(f"{field}.{value}"):
                    self.assertEqual(
                        self.record("ir.model.fields.selection,name", f"selection__{field}__{value}"), word
                    )

    def test_words_of_types(self):
        for code, word in TYPES.items():
            with self.subTest(code):
                self.assertEqual(self.record("sig.pqrs.type,name", f"type_{code}"), word)

    def test_definitions_are_those_of_the_procedure(self):
        for code, definition in DEFINITIONS.items():
            with self.subTest(code):
                self.assertEqual(self.record("sig.pqrs.type,definition", f"type_{code}"), definition)

    def test_words_of_buttons(self):
        actions = {
            str(self.env.ref(f"sig_pqrs.{name}").id): name for name in ("action_assign_wizard", "action_send_wizard")
        }
        for xmlid, words in BUTTONS.items():
            found = {}
            for button in self.env.ref(f"sig_pqrs.{xmlid}").with_context(lang=None)._get_combined_arch().iter("button"):
                name = button.get("name")
                if step := re.search(r"'default_step': '(\w+)'", button.get("context") or ""):
                    name = step[1]
                elif name in actions:
                    name = f"%(sig_pqrs.{actions[name]})d"
                found.setdefault(name, self.by_source.get(button.get("string")))
            for name, title in self.env["sig.pqrs.step.wizard"]._fields["step"].selection:
                found.setdefault(name, self.by_source.get(title))  # in the menu of more steps
            for name, word in words.items():
                with self.subTest(f"{xmlid} {name}"):
                    self.assertEqual(found.get(name), word)

    def test_words_of_roles_menus_and_subjects(self):
        for place, words in (
            ("res.groups,name", ROLES),
            ("ir.ui.menu,name", MENUS),
            ("mail.template,subject", SUBJECTS),
        ):
            for xmlid, word in words.items():
                with self.subTest(xmlid):
                    self.assertEqual(self.record(place, xmlid), word)

    def test_words_of_messages(self):
        for source, word in SENTENCES.items():
            with self.subTest(source):
                self.assertEqual(self.by_source.get(source), word)

    def test_one_word_for_who_asks(self):
        for entry in self.spanish:
            with self.subTest(entry.msgid):
                self.assertNotIn("peticionari", entry.msgstr.lower(), "say “solicitante”")

    # -- What users get ---------------------------------------------------------------------------------------------

    def test_colombian_users_read_it(self):
        env = self.env(context={"lang": "es_CO"})
        self.assertEqual(env.ref("sig_pqrs.type_queja").name, "Queja")
        self.assertEqual(env.ref("sig_pqrs.type_queja").definition, DEFINITIONS["queja"])
        self.assertEqual(dict(env["sig.pqrs"]._fields["state"]._description_selection(env)), WORDS["sig_pqrs__state"])
        form = env["sig.pqrs"].get_view(view_type="form")["arch"]
        self.assertIn('string="Cerrar y enviar respuesta"', form)
        self.assertIn("<div>\n<p>Respetado(a)", env.ref("sig_pqrs.mail_response").body_html)

    @freeze_time("2026-11-27 15:00:00")
    def test_jobs_write_in_the_language_of_the_sig(self):
        """A job has no user whose language it could take."""
        company = self.env.company
        company.sig_director_id = self.env["res.users"].create(
            {
                "login": "sig_director_es",
                "name": "Directora SIG",
                "lang": "es_CO",
                "group_ids": [(4, self.env.ref("sig_pqrs.group_sig_director").id)],
            }
        )
        self.assertEqual(company._sig_lang(), "es_CO")
        director = self.env(user=company.sig_director_id, context={})
        case = director["sig.pqrs"].create(
            {
                "subject": "Ruido",
                "type_id": self.env.ref("sig_pqrs.type_queja").id,
                "anonymous": True,
                "date_received": fields.Datetime.now() - timedelta(days=7),
            }
        )
        self.assertIsNone(case.env.lang)
        company.sig_watched_on = False
        company.sig_watch_hour = 0
        with self.enter_registry_test_mode():
            self.env.ref("sig_pqrs.cron_watch").method_direct_trigger()
        self.assertIn("Asignar la PQRS", case.activity_ids.mapped("summary"))
        silent = case.sudo()._in_company_language()
        silent._open_communications("acknowledgement")
        self.assertIn("Por notificar: Acuse de recibo", case.activity_ids.mapped("summary"))
