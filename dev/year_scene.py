"""Run by dev/year in a shell of Odoo: the company on the eve of the year, its people, and its clients.

Prints the id of the user of the mail pipe.
"""

import os
from datetime import datetime

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.fields import Command

PROCESSES = {
    "ope": "Operaciones",
    "tec": "Tecnología",
    "com": "Comercial",
    "ghu": "Gestión Humana",
    "fin": "Financiera",
}
MEMBERS = 3
#: jobs of core that have to do with PQRS; others ask servers elsewhere, or are of applications that nobody uses here
CORE_JOBS = ("mail.ir_cron_mail_scheduler_action", "base_automation.ir_cron_data_base_automation_check")
CHANNELS = ("email", "email", "email", "visit", "phone")

env = env  # noqa: F821, PLW0127  # of the shell
company, now = env.company, datetime.now()
lang = "es_CO" if env["res.lang"]._get_data(code="es_CO").id else "en_US"


def set_up_company():
    params = env["ir.config_parameter"]
    params.set_param("web.base.url", os.environ["SIG_ODOO"])
    params.set_param("web.base.url.freeze", "True")
    domain = env["mail.alias.domain"]
    company.write(
        {
            "name": "Vigilancia de Ejemplo",
            "country_id": env.ref("base.co").id,
            "email": "empresa@example.com",
            "phone": "+57 601 7450000",
            "sig_service_email": "servicioalcliente@example.com",
            "sig_trusted_relays": "mx.example.com",
            "sig_report_monthly": True,
            "alias_domain_id": (
                domain.search([("name", "=", "example.com")]) or domain.create({"name": "example.com"})
            ).id,
        }
    )
    company.partner_id.lang = lang
    env["res.users"].browse(2).write({"password": "admin", "tz": "America/Bogota"})


def speak_spanish():
    if lang == "en_US":
        return
    env["ir.default"].set("res.partner", "lang", lang)
    env["res.users"].search([]).partner_id.lang = lang
    spanish = env["res.lang"]._lang_get(lang)
    env["website"].search([]).write({"language_ids": [Command.set(spanish.ids)], "default_lang_id": spanish.id})


def make_people():
    """Logins are the passwords: ``director``, ``admin_sig``, ``leader_ope``, ``ope_0`` and so on."""
    people = [
        ("director", "Directora SIG", "director"),
        ("sig_aux", "Profesional SIG", "director"),
        ("legal", "Asesor jurídico", "collaborator"),
        ("admin_sig", "Administradora SIG", "administrator"),
        ("management", "Gerente General", "management"),
        ("interviewer", "Encuestador", "interviewer"),
    ]
    for code, name in PROCESSES.items():
        people.append((f"leader_{code}", f"Líder de {name}", "leader"))
        people += [(f"{code}_{number}", f"Colaborador {number} de {name}", "collaborator") for number in range(MEMBERS)]
    users = CaseBuilder.make_users(env, people, lang=lang)
    return {user.login: user for user in users}


def make_processes(users):
    codes = list(PROCESSES)
    for position, (code, name) in enumerate(PROCESSES.items()):
        members = env["res.users"].union(*(users[f"{code}_{number}"] for number in range(MEMBERS)))
        # every other process has a deputy: where there is none, the SIG approves in an absence without substitute
        deputies = [users[f"leader_{codes[position - 1]}"].id] if position % 2 else []
        builder.make_process(
            code.upper(),
            name,
            users[f"leader_{code}"],
            members,
            deputy_ids=[Command.set(deputies)],
            internal_days=8,
            checklist="<ul><li>Responde todo lo pedido</li><li>Tiene fechas</li></ul>",
        )


def make_clients(interviewer, count):
    """Companies with one contact each; some have no email, some addresses take no mail."""
    clients = env["res.partner"].create(
        [
            {
                "name": f"Conjunto Residencial {number:03d}",
                "is_company": True,
                "email": f"conjunto{number}@cliente.example.net",
                "phone": f"601745{number:04d}",
                "city": ("Bogotá", "Medellín", "Cali")[number % 3],
                "sig_is_client": True,
                "sig_survey_channel": CHANNELS[number % len(CHANNELS)],
                "sig_survey_interviewer_id": interviewer.id,
                "lang": lang,
            }
            for number in range(count)
        ]
    )
    env["res.partner"].create(
        [
            {
                "name": f"Persona {number:03d} Ruiz",
                "parent_id": client.id,
                "email": f"persona{number}@cliente.example.net",
                "phone": f"310555{number:04d}",
                "lang": lang,
            }
            for number, client in enumerate(clients)
        ]
    )


set_up_company()
speak_spanish()
users = make_people()
company.write({"sig_director_id": users["director"].id, "sig_legal_reviewer_id": users["legal"].id})
company._sig_open()
env["website"].search([]).sig_pqrs_figures = True
builder = CaseBuilder(env, users["director"])
make_processes(users)
make_clients(users["interviewer"], int(os.environ["SIG_YEAR_CLIENTS"]))
for number, dimension in enumerate(env["sig.survey.dimension"].search([])):
    processes = env["sig.process"].search([])
    dimension.process_ids = processes[number % len(processes)]
for number, indicator in enumerate(env["sig.indicator"].search([], order="sequence, id"), 1):
    indicator.qvo_code = f"QVO-{number:02d}"
vacuum = env.ref("base.autovacuum_job")
ours = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", "ir.cron")])
jobs = env["ir.cron"].browse(ours.mapped("res_id")) | vacuum | env["ir.cron"].union(*map(env.ref, CORE_JOBS))
(env["ir.cron"].search([]) - jobs).active = False
jobs.nextcall = now.replace(minute=0, second=0, microsecond=0)
vacuum.interval_type = "weeks"  # it takes minutes of a year by itself
gateway = CaseBuilder.make_user(env, "gateway", "Correo", "gateway", email=False)
env.cr.commit()
print(gateway.id)
