"""What `dev/attack` and `dev/upgrade` add to the demo: another company with its own SIG, who lacks in the first, and
cases on which everything hangs. It also runs with the code of earlier versions.
"""

import base64

from odoo.fields import Command

#: a small picture
PNG = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAIL = """\
Received: from x by mx.example.com; {date}
From: Ana de la otra <{author}>
To: servicioalcliente@example.com
Subject: Portería sin guarda
Message-Id: <{ident}>
Date: {date}
Content-Type: text/html

<p>Anoche no hubo guarda en la portería.</p>
"""


class Scene:
    """
    :param make_builder: `CaseBuilder` of the code that runs, which may be an earlier one.
    """

    def __init__(self, env, make_builder):
        self.make_builder = make_builder
        self.env = env(context={**env.context, "lang": "es_CO", "tz": "America/Bogota"})
        self.company = env.ref("base.main_company")
        self.builder = make_builder(self.env, env.ref("sig_pqrs.user_director"), self.company)
        self.collaborator = env.ref("sig_pqrs.user_collaborator_operations")
        self.operations = env.ref("sig_pqrs.process_operations")
        self.technology = env.ref("sig_pqrs.process_technology")
        self.client = env.ref("sig_pqrs.user_client_roble").partner_id

    def build(self):
        """
        :return: the other company.
        """
        self.make_people()
        other = self.make_other_company()
        for step in ("submitted", "approved", "sent"):
            self.answer_with_files(self.builder, self.operations, self.collaborator, step)
        self.make_restricted()
        self.talk()
        self.receive_mail()
        self.make_pack()
        return other

    def make_people(self):
        make_user = self.builder.make_user
        make_user(self.env, "admin_sig", "Administradora del SIG", "administrator", self.company)
        integration = make_user(self.env, "integracion", "Otro programa", None, self.company)
        integration.group_ids = [Command.set(self.env.ref("sig_pqrs.group_integration").ids)]

    def make_other_company(self):
        other = self.env["res.company"].create({
            "name": "Vigilancia del Sur Ltda.", "country_id": self.env.ref("base.co").id, "email": "sur@example.com",
            "sig_service_email": "pqrs.sur@example.com",
        })
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        people = {
            role: self.builder.make_user(env, f"otra_{role}", f"{name} de la otra", role, other)
            for role, name in (
                ("administrator", "Administradora"),
                ("director", "Directora"),
                ("leader", "Líder"),
                ("collaborator", "Colaborador"),
            )
        }
        other.sig_director_id = people["director"]
        self.switch_on(other)
        builder = self.make_builder(env, people["director"], other)
        process = builder.make_process("SUR", "Operaciones del sur", people["leader"], people["collaborator"])
        sur = {"partner_id": False, "email_from": "sur1@example.com"}
        self.answer_with_files(builder, process, people["collaborator"], "sent", **sur)
        builder.file({"subject": "Caso restringido del sur", "partner_name": "Eva", "restricted": True})
        return other

    def switch_on(self, company):
        """Have a company receive PQRS, which those of before 19.0.1.5.0 did without being told."""
        if "sig_active" in company._fields:
            company.sig_active = True

    def answer_with_files(self, builder, process, collaborator, step, **vals):
        """A case with annexes, whose answer has an annex of elsewhere and a picture, up to a step."""
        case = builder.file({
            "partner_id": self.client.id, "subject": "Cámara dañada en el parqueadero",
            "attachment_ids": [Command.create({"name": "foto de la petición.png", "raw": PNG})], **vals,
        })
        assignment = builder.assign(case, process)
        elsewhere = builder.assign(builder.file({"partner_name": "Luis", "email_from": "luis@example.com"}), process)
        files = self.env["ir.attachment"].with_user(collaborator).with_company(builder.company)
        annex, picture = files.create([
            {"name": name, "raw": content, "res_model": elsewhere._name, "res_id": elsewhere.id}
            for name, content in (("informe anexo.txt", b"Informe"), ("imagen.png", PNG))
        ])
        own = assignment.with_user(collaborator).with_company(builder.company)
        own.write({"attachment_ids": [Command.link(annex.id)]})
        token = picture.generate_access_token()[0]
        text = f'<p>Se cambió la cámara.</p><p><img src="/web/image/{picture.id}?access_token={token}"/></p>'
        builder.draft(assignment, text)
        if step in ("approved", "sent"):
            builder.approve(assignment)
        if step == "sent":
            builder.send(case)
        return case

    def make_restricted(self):
        """A restricted case with all that can hang on one."""
        case = self.builder.file({
            "partner_name": "Testigo", "email_from": "testigo@example.com", "document_type": "cc",
            "document_number": "52123456", "restricted": True, "subject": "Queja reservada contra un supervisor",
            "description": "Lo vi todo.", "site": "Puesto 9",
            "attachment_ids": [Command.create({"name": "video reservado.txt", "raw": b"Reservado"})],
        })
        assignment = self.builder.assign(case, self.technology)
        director = case.with_user(self.builder.director)
        director.action_add_requests("Que se investigue\nQue se responda")
        assignment.with_user(assignment.user_id).request_ids.write({"answer": "Se hizo", "resolution": "upheld"})
        self.builder.draft(assignment, "<p>Se investigó y se sancionó.</p>")
        director.message_post(  # pylint: disable=translation-required
            body="Nota reservada",
            subtype_xmlid="mail.mt_note", attachments=[("acta reservada.txt", b"Acta")],
        )
        director.activity_schedule(
            "mail.mail_activity_data_todo", summary="Llamar al testigo", user_id=self.builder.director.id
        )
        return case

    def talk(self):
        """The company and the client of HERA write to each other, and somebody leaves a note over a draft."""
        case = self.env["sig.pqrs"].search([("partner_id", "=", self.client.id), ("state", "=", "assigned")], limit=1)
        case.with_user(self.builder.director).action_write_to_client("Buenos días, ya lo revisamos.")
        case = case.with_user(self.env.ref("sig_pqrs.user_client_roble")).sudo()
        if "sig.client.steps" in case.env:
            case.env["sig.client.steps"]._step_write(case, "Muchas gracias.")
        else:  # of an earlier version, for `dev/upgrade`
            case._client_write("Muchas gracias.")
        assignment = case.assignment_ids[:1]
        assignment.with_user(assignment.user_id).message_post(  # pylint: disable=translation-required
            body="Nota sobre el borrador", subtype_xmlid="mail.mt_note", attachments=[("nota.txt", b"Nota")]
        )

    def receive_mail(self):
        for number, author in enumerate(("desconocida@example.org", self.client.email)):
            raw = MAIL.format(author=author, ident=f"{number}@scene", date="Tue, 24 Nov 2026 09:10:05 -0500")
            self.env["mail.thread"].message_process(None, raw.encode())

    def make_pack(self):
        cases = self.env["sig.pqrs"].search([("state", "=", "closed"), ("company_id", "=", self.company.id)], limit=3)
        cases.with_user(self.builder.director).action_make_evidence()
