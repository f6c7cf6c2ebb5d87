"""Some hundreds of cases and tickets, each taken through its life by the steps that users take.

Everything is as of one fixed moment, so that results compare and databases keep.
"""

from datetime import date, datetime, time, timedelta
from random import Random

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder, moment
from odoo.addons.sig_pqrs.models import clock
from odoo.addons.sig_pqrs.models.case.priority import NORMAL, URGENT
from odoo.fields import Command

#: the day on which everything is measured, a Wednesday; the morning's review is done
TODAY = date(2026, 9, 16)
NOW = datetime(2026, 9, 16, 15)

PROCESSES = (
    ("OPE", "Operaciones"),
    ("TEC", "Tecnología"),
    ("COM", "Comercial"),
    ("GHU", "Gestión Humana"),
    ("FIN", "Financiera"),
    ("LOG", "Logística"),
)
MEMBERS = 4
CASES_PER_OPEN = 9
#: what is alike of cases and tickets is drawn apart for each, so that no process or team meets some subjects only
CHANCE = 19
PARTNERS = 300
SUBJECTS = (
    ("queja", "Ronda nocturna sin realizar"),
    ("queja", "Trato descortés en la portería"),
    ("reclamo", "Cobro de un servicio no prestado"),
    ("reclamo", "Pérdida de un paquete en recepción"),
    ("peticion", "Cambio del horario del puesto"),
    ("peticion", "Copia del libro de minuta"),
    ("sugerencia", "Iluminación del parqueadero"),
    ("informacion", "Documentos del contrato de vigilancia"),
    ("derecho_peticion", "Constancia del servicio prestado"),
    ("queja", "Relevo que llegó tarde"),
)
CHANNELS = ("phone", "visit", "letter", "whatsapp", "email")
DESCRIPTION = (
    "El día de los hechos, hacia las diez de la noche, el guarda del puesto no hizo la ronda que ordena la consigna. "
    "Solicitamos que se revisen las grabaciones y que se nos informe qué medidas tomará la empresa. "
) * 3
ANSWER = "<p>" + "Revisamos los hechos con el supervisor de la zona y tomamos las medidas del caso. " * 5 + "</p>"

#: login of who works as each role, beside the groups of the peer whose sight is closest: collaborators read the cases
#: of their process, as the peer's users do those of their team
ROLES = ("director", "leader", "collaborator", "management", "auditor")
LOGINS = {
    "director": "bench_director",
    "leader": "bench_leader_ope",
    "collaborator": "bench_ope_0",
    "management": "bench_management",
    "auditor": "bench_auditor",
}
#: login and password of a client with a user of the portal, who has a case and a ticket in every three hundred
CLIENT = "bench_client"
PEER_GROUPS = {
    "director": "helpdesk_mgmt.group_helpdesk_user",
    "leader": "helpdesk_mgmt.group_helpdesk_user_team",
    "collaborator": "helpdesk_mgmt.group_helpdesk_user_team",
    "management": "helpdesk_mgmt.group_helpdesk_user",
    "auditor": "helpdesk_mgmt.group_helpdesk_user",
}


def build(env):
    """People, cases, and tickets where the peer is installed."""
    env.company.write(
        {
            "name": "Vigilancia de Ejemplo",
            "country_id": env.ref("base.co").id,
            "email": "empresa@example.com",
            "sig_service_email": "servicioalcliente@example.com",
            "sig_tz": "America/Bogota",
        }
    )
    with clock.at(NOW):
        env.company._sig_set_up()
    people = _People(env)
    _Cases(env, people).build()
    if "helpdesk.ticket" in env:
        _Tickets(env, people).build()
    env["mail.mail"].search([("state", "=", "outgoing")]).write({"state": "cancel"})


class _People:
    def __init__(self, env):
        self.env = env
        self.director = self._make_user(LOGINS["director"], "Directora SIG", "director")
        self.management = self._make_user(LOGINS["management"], "Gerente General", "management")
        env.company.sig_director_id = self.director
        env.company._sig_open()
        auditor = self._make_user(LOGINS["auditor"], "Auditor", "auditor")
        with clock.at(NOW):
            env["sig.audit.access"].with_user(self.director).create(
                {"user_id": auditor.id, "date_from": TODAY, "date_to": TODAY + timedelta(days=30), "reason": "ISO 9001"}
            )
        self.leaders, self.members = [], []
        for code, name in PROCESSES:
            self.leaders.append(self._make_user(f"bench_leader_{code.lower()}", f"Líder de {name}", "leader"))
            self.members.append(
                [
                    self._make_user(f"bench_{code.lower()}_{number}", f"Colaborador {number} de {name}", "collaborator")
                    for number in range(MEMBERS)
                ]
            )
        companies = env["res.partner"].create(
            [
                {
                    "name": f"Conjunto Residencial {number:03d}",
                    "is_company": True,
                    "email": f"conjunto{number}@example.com",
                }
                for number in range(PARTNERS)
            ]
        )
        self.contacts = env["res.partner"].create(
            [
                {
                    "name": f"Persona {number:03d} Ruiz",
                    "parent_id": company.id,
                    "email": f"persona{number}@example.com",
                    "phone": "+57 601 7450000",
                }
                for number, company in enumerate(companies)
            ]
        )

        env["res.users"].with_context(no_reset_password=True).create(
            {
                "login": CLIENT,
                "password": CLIENT,
                "partner_id": self.contacts[0].id,
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
        )

    def _make_user(self, login, name, role):
        user = CaseBuilder.make_user(self.env, login, name, role)
        if group := self.env.ref(PEER_GROUPS[role], raise_if_not_found=False):
            user.group_ids = [Command.link(group.id)]
        return user


class _Cases:
    """Cases in every state: about one in nine is open."""

    def __init__(self, env, people):
        self.env = env
        self.people = people
        self.builder = CaseBuilder(env, people.director)
        self.company = env.company
        self.calendar = self.company._sig_calendar(date(2026, 1, 1))
        self.processes = [
            self.builder.make_process(
                code,
                name,
                people.leaders[position],
                self.env["res.users"].union(*people.members[position]),
                deputy_ids=[Command.set(people.leaders[position - 1].ids)],
            )
            for position, (code, name) in enumerate(PROCESSES)
        ]
        self.number = 0
        self.chance = Random(CHANCE)

    def build(self):
        for weeks in range(40):
            self._build_closed(date(2026, 3, 2) + timedelta(days=3 * weeks), weeks)
        self._build_open()
        restricted = self.env["sig.pqrs"].search([], order="id")[::40]
        restricted.write({"restricted": True, "authorized_user_ids": [Command.set(self.people.leaders[0].ids)]})
        with clock.at(moment(self.company, TODAY, 6, 30)):
            self.env["sig.daily.review"]._watch_company(self.company)
            self.company.sig_watched_on = TODAY

    # -- Steps ------------------------------------------------------------------------------------------------------

    def _file(self, count, when):
        vals_list = []
        for _case in range(count):
            self.number += 1
            kind, subject = self.chance.choice(SUBJECTS)
            vals_list.append(
                {
                    "type": kind,
                    "subject": f"{subject}, puesto {self.number}",
                    "description": DESCRIPTION,
                    "channel": self.chance.choice(CHANNELS),
                    "partner_id": self.people.contacts[self.number % PARTNERS].id,
                    "site": f"Puesto {self.number}",
                    "priority": URGENT if self.number % 20 == 0 else NORMAL,
                }
            )
        cases = self.builder.file(vals_list, when)
        self.builder.acknowledge(cases, when + timedelta(minutes=5))
        return cases

    def _assign(self, case, when, count=1):
        """To one process, or to ``count``, and to a member of each."""
        chosen = self.chance.sample(self.processes, count)
        members = {
            process: self.chance.choice(self.people.members[self.processes.index(process)]) for process in chosen
        }
        return self.builder.assign(case, chosen, when, users=members)

    def _on(self, day, hour=10):
        return moment(self.company, day, hour)

    def _build_closed(self, day, weeks):
        day = self.calendar.roll(day)
        cases = self._file(9, self._on(day))
        director = cases.with_user(self.people.director)
        for position, case in enumerate(cases):
            number = weeks * 9 + position
            if position == 0 and weeks % 2:
                with clock.at(self._on(self.calendar.add(day, 2))):
                    director.browse(case.id).action_transfer("Alcaldía Local", "No es de nuestra competencia.")
            elif position == 0:
                with clock.at(self._on(self.calendar.add(day, 4))):
                    director.browse(case.id).action_withdraw("El cliente desiste.")
            elif position == 1 and weeks % 4 == 0:
                with clock.at(self._on(self.calendar.add(day, 1))):
                    director.browse(case.id).action_cancel("spam", "Publicidad.")
            else:
                late = position == 2
                assignments = self._assign(case, self._on(self.calendar.add(day, 1)), 2 if number % 3 == 0 else 1)
                answered = self.calendar.add(day, 18 if late else 6 + number % 7)
                self.builder.draft(assignments, ANSWER, self._on(answered, 8))
                self.builder.approve(assignments, self._on(answered, 9))
                self.builder.send(case, self._on(answered, 11))
                if number % 2:
                    self.builder.rate(
                        case, 1 + number % 5, "Gracias por la respuesta.", self._on(self.calendar.add(answered, 3))
                    )
        self.builder.tell(cases, self._on(self.calendar.add(day, 5)))

    def _build_open(self):
        """Received over the last three weeks; a few before, and overdue."""
        days = [self._business_day_before(TODAY, back) for back in range(1, 16)]
        for number, path in enumerate(
            ["received"] * 8
            + ["assigned"] * 10
            + ["two"] * 9
            + ["submitted"] * 5
            + ["returned"] * 3
            + ["approved"] * 4
            + ["suspended"] * 3
            + ["extended"] * 3
            + ["overdue"] * 3
        ):
            back = 22 if path == "overdue" else 14 - number % 15
            day = self._business_day_before(TODAY, 22) if path == "overdue" else days[back]
            case = self._file(1, self._on(day))
            if path == "received":
                continue
            day = min(self.calendar.add(day, 1), TODAY)
            assignments = self._assign(case, self._on(day, 7), 2 if path == "two" else 1)
            if path in ("submitted", "returned", "approved"):
                self.builder.draft(assignments, ANSWER, self._on(day, 8))
            if path == "approved":
                self.builder.approve(assignments, self._on(day, 9))
            with clock.at(self._on(day, 9)):
                if path == "returned":
                    leader = assignments.leader_id
                    assignments.with_user(leader).action_return("Falta la fecha de los hechos.")
                elif path == "suspended":
                    case.action_request_information("Indique la fecha y el lugar de los hechos.")
                elif path == "extended":
                    case.action_extend(5, "Faltan las grabaciones del proveedor.")
            self.builder.tell(case, self._on(day, 10))

    def _business_day_before(self, day, count):
        passed = self.calendar.count(date(2026, 1, 1), day)
        return self.calendar.add(date(2026, 1, 1), passed - count)


class _Tickets:
    """As many tickets of the peer, in its stages, with its SLA on a calendar that knows the same holidays."""

    def __init__(self, env, people):
        self.env = env
        self.people = people

    def build(self):
        env = self.env
        calendar = env["resource.calendar"].create(
            {"name": "Jornada", "tz": "America/Bogota", "company_id": env.company.id}
        )
        env["resource.calendar.leaves"].create(
            [
                {
                    "name": day.name,
                    "calendar_id": calendar.id,
                    "date_from": moment(env.company, day.date, 0),
                    "date_to": moment(env.company, day.date + timedelta(days=1), 0) - timedelta(seconds=1),
                }
                for day in env["sig.nonworking.day"].search([("kind", "=", "holiday")])
            ]
        )
        teams = env["helpdesk.ticket.team"].create(
            [
                {
                    "name": name,
                    "user_id": self.people.leaders[position].id,
                    "user_ids": [
                        Command.set(
                            [self.people.leaders[position].id, *(user.id for user in self.people.members[position])]
                        )
                    ],
                    "use_sla": True,
                    "resource_calendar_id": calendar.id,
                }
                for position, (_code, name) in enumerate(PROCESSES)
            ]
        )
        stages = {
            name: env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            for name in ("new", "in_progress", "awaiting", "done", "cancelled")
        }
        env["helpdesk.sla"].create(
            {
                "name": "Quince días hábiles",
                "days": 15,
                "team_ids": [Command.set(teams.ids)],
                "stage_id": stages["done"].id,
            }
        )
        count = env["sig.pqrs"].search_count([])
        open_count = env["sig.pqrs"].search_count([("state", "in", ("received", "assigned", "approved"))])
        chance = Random(CHANCE)
        categories = env["helpdesk.ticket.category"].create(
            [{"name": name} for name in ("Queja", "Reclamo", "Petición", "Sugerencia")]
        )
        tickets = (
            env["helpdesk.ticket"]
            .with_user(self.people.director)
            .create(
                [
                    {
                        "name": f"{chance.choice(SUBJECTS)[1]}, puesto {number}",
                        "description": f"<p>{DESCRIPTION}</p>",
                        "team_id": chance.choice(teams).id,
                        "partner_id": self.people.contacts[number % PARTNERS].id,
                        "partner_name": self.people.contacts[number % PARTNERS].name,
                        "partner_email": self.people.contacts[number % PARTNERS].email,
                        "category_id": chance.choice(categories).id,
                        "channel_id": env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id,
                    }
                    for number in range(count)
                ]
            )
        )
        still_open, closed = tickets[:open_count], tickets[open_count:]
        env.cr.flush()
        for number, ticket in enumerate(tickets):
            if ticket in still_open and number % 6 == 0:
                continue  # new, and nobody's
            ticket.user_id = chance.choice(self.people.members[teams.ids.index(ticket.team_id.id)])
            ticket.stage_id = stages["awaiting" if ticket in still_open and number % 5 == 1 else "in_progress"]
            env.cr.flush()
        for number, ticket in enumerate(closed):
            ticket.message_post(
                body="Revisamos los hechos y tomamos las medidas del caso.",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            ticket.stage_id = stages["cancelled" if number % 20 == 0 else "done"]
            if number % 2 and number % 20:
                ticket.sudo().rating_apply(
                    1 + number % 5, token=ticket.sudo()._rating_get_access_token(), feedback="Gracias."
                )
            env.cr.flush()
        # The project's open cases have activities, by themselves; people plan them on tickets.
        for ticket in still_open:
            ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                TODAY + timedelta(days=2),
                user_id=(ticket.user_id or self.people.director).id,
            )
        self._spread(still_open, closed)

    def _spread(self, still_open, closed):
        """Tickets are born now; their dates become those that cases have."""
        self.env.flush_all()
        for tickets, first, days in ((still_open, TODAY - timedelta(days=21), 21), (closed, date(2026, 3, 2), 120)):
            for number, ticket in enumerate(tickets):
                born = datetime.combine(first + timedelta(days=number % days), time(15))
                self.env.cr.execute(
                    """UPDATE helpdesk_ticket SET create_date = %(born)s, last_stage_update = %(later)s,
                              assigned_date = assigned_date - create_date + %(born)s,
                              closed_date = closed_date - create_date + %(later)s WHERE id = %(id)s""",
                    {"born": born, "later": born + timedelta(days=8), "id": ticket.id},
                )
                self.env.cr.execute(
                    """UPDATE helpdesk_ticket_sla SET deadline = %s, last_state_date = %s WHERE ticket_id = %s""",
                    [born + timedelta(days=21), born, ticket.id],
                )
        self.env.invalidate_all()
