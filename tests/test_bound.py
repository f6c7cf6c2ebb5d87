"""By whatever door a file or a text comes to a case, an act binds it in the same transaction."""
import json

from odoo.addons.sig_pqrs.models.channel.upload import Upload
from odoo.addons.sig_pqrs.tools import evidence
from odoo.fields import Command
from odoo.http import Request

from .common import brief_refusals
from .mail import MailCommon, write_mail
from .rpc import RpcCommon
from .test_client_steps import PDF
from .test_communication import NoticeCommon
from .test_files import BLUE
from .test_intake import FORM
from .test_kept_proof import KeptProofCommon
from .test_legal_review import LegalCommon

TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\nEn la torre 2.\r\n"
FILE = 'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="foto.txt"\r\n\r\nla foto\r\n'


class TestBound(KeptProofCommon, MailCommon, NoticeCommon, LegalCommon, RpcCommon):
    activity_type = "sig_pqrs.activity_message"

    def assertActs(self, case, *kinds):
        """Acts of these kinds, and no others, bind all that came to the case."""
        self.reload()
        acts = self.get_binding(case.sudo())
        self.assertEqual((tuple(acts.mapped("kind")), self.env["sig.case.binding"]._bind_missing(case.sudo())), (kinds, {}))
        return acts

    def assertBound(self, case, *kinds):
        """The same, and whoever alters it is found, here and offline."""
        acts, case = self.assertActs(case, *kinds), case.sudo()
        self.assertChain(case)
        self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [])
        verdict = self.verify(self.make_pack(case, with_identity=True), heads=self.get_heads(case))
        self.assertEqual((verdict.faults, verdict.gaps), ([], []))
        with self.undone():
            self.tamper(case, acts)
            found = {number for number, _fault in self.env["sig.case.binding"]._get_faults(case)}
            self.assertEqual(found, set(acts.mapped("number")), "here")
            faults = self.verify(self.make_pack(case, with_identity=True), heads=self.get_heads(case)).faults
            self.assertEqual({fault.act for fault in faults}, set(acts.mapped("number")), "offline")

    def tamper(self, case, acts):
        files = self.env["ir.attachment"].browse(self.get_bound_ids(acts, "files"))
        self.assertEqual(files, files.exists())
        for file in files:
            file.raw = b"%PDF otra cosa"
        for model, kind in (("mail.message", "messages"), ("sig.pqrs.communication", "communications")):
            texts = self.env[model].browse(self.get_bound_ids(acts, kind))
            self.env.flush_all()
            for text in texts:
                self.rewrite(text, body="Otra cosa")
        self.env.invalidate_all()

    def make_own_case(self, **vals):
        return self.make_case(partner_id=self.portal.partner_id.id, email_from="portal@example.com", **vals)

    def as_client(self, case):
        return case.with_user(self.portal).sudo()

    def make_file(self, user=None, name="acta.txt", raw=b"original", **vals):
        return self.env["ir.attachment"].with_user(user or self.director).create({"name": name, "raw": raw, **vals})

    def write_with_file(self, ident, headers="", **values):
        headers = f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=XX\r\n{headers}"
        return write_mail(ident=f"{ident}@x", headers=headers, body=f"--XX\r\n{TEXT}--XX\r\n{FILE}--XX--\r\n", **values)

    def test_petitions_of_the_pages_and_of_integrations(self):
        for channel, anonymous in (("web", False), ("web", True), ("portal", False), ("api", False)):
            with self.subTest(channel, anonymous=anonymous):
                form = {**FORM, "incident_date": None, "anonymous": anonymous}
                Intake = self.env["sig.pqrs.intake"].with_user(self.portal if channel == "portal" else self.env.ref("base.public_user"))
                partner = self.portal.partner_id if channel == "portal" else None
                petition = Intake.sudo()._read_petition(form, [PDF, Upload("b.pdf", PDF.content)], self.company, partner)
                case = Intake.sudo()._file_petition(petition, channel, f"t{anonymous}")
                self.assertEqual(len(case.sudo().attachment_ids), 2)
                (self.assertBound if anonymous else self.assertActs)(case, "received")

    def test_filed_by_the_sig(self):
        for reserved in (False, True):
            file = self.make_file()
            case = self.make_own_case(type="queja", identity_reserved=reserved, attachment_ids=[Command.link(file.id)])
            self.assertEqual(case.sudo().attachment_ids, file.sudo())
            self.assertBound(case, "received")
        other = self.make_file(res_model="res.partner", res_id=self.client.id)
        case = self.make_case(attachment_ids=[Command.set(other.ids)])
        self.assertNotEqual(case.sudo().attachment_ids, other.sudo(), "a copy")
        self.assertBound(case, "received")

    def test_alone_or_beside_others(self):
        files = [self.make_file(raw=name.encode()) for name in "ab"]
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "partner_id": self.contact.id, "channel": "phone"}
        first, bare, last = self.env["sig.pqrs"].with_user(self.director).create([
            {**vals, "subject": "Uno", "attachment_ids": [Command.link(files[0].id)]}, {**vals, "subject": "Dos"},
            {**vals, "subject": "Tres", "attachment_ids": [Command.link(files[1].id)]},
        ])  # fmt: skip
        self.assertActs(first, "received")
        self.assertBound(last, "received")
        self.assertActs(bare)
        self.assertFalse(bare.sudo().private_salt)
        self.assertEqual(self.kinds(bare), ["received"])

    def test_mails(self):
        case = self.receive(self.write_with_file("1"))
        self.assertEqual(case.sudo().attachment_ids.mapped("name"), ["foto.txt"])
        self.assertActs(case, "received")
        mail = self.env["sig.pqrs.mail"].search([("pqrs_id", "=", case.id)])
        reply = f"References: <{mail.message_ident.strip('<>')}>\r\n"
        self.receive(self.write_with_file("2", headers=reply))
        self.assertActs(case, "received", "message_received")
        self.receive(self.write_with_file("3", headers=reply, author="Otro <otro@example.org>"))
        self.assertBound(case, "received", "message_received", "message_received")

    def test_pages_of_the_client(self):
        for vals in ({}, {"type": "queja", "identity_reserved": True}):
            case = self.make_own_case(**vals)
            self.client_step(self.as_client(case), "write", "Fue en la torre 2", [PDF])
            case.with_user(self.director).action_request_information("Envíe el acta")
            self.client_step(self.as_client(case), "deliver", "Aquí está", [PDF])
            self.assertActs(case, "message_received", "information_delivered")
            case.with_user(self.director).action_refuse_completion("Falta la firma")
            self.assertBound(case, "message_received", "information_delivered", "message_sent")

    def test_after_closing(self):
        for reserved in (False, True):
            case = self.make_own_case(type="queja", identity_reserved=reserved)
            case = self.builder.send(self.builder.answer(case, self.operations))
            self.client_step(self.as_client(case), "write", "Sigue igual", [PDF])
            self.assertBound(case, "response_sent", "client_message")
            new = self.env["sig.pqrs"].browse(case.with_user(self.director).action_new_case_from_message()["res_id"])
            self.assertBound(new, "files_added")
            self.client_step(self.as_client(case), "rate", "2", "No me llamaron")
            self.assertChain(case)
            rated = case.sudo().act_ids.filtered(lambda act: act.kind == "rated")
            self.assertTrue(rated.note_commitment)

    def test_written_to_the_client(self):
        case = self.make_own_case()
        case.with_user(self.director).action_write_to_client("Lo revisamos hoy", self.make_file().ids)
        self.assertActs(case, "message_sent")
        self.builder.tell(case)
        self.assertBound(case, "message_sent", "notified")
        anonymous = self.make_anonymous(type="queja")
        anonymous.with_user(self.director).action_write_to_client("Lo revisamos hoy", self.make_file().ids)
        self.assertBound(anonymous, "message_sent", "notified")

    def test_answers(self):
        for delivery, kinds in (("hand", ["delivered", "response_sent"]), ("email", ["response_sent"])):
            case = self.make_own_case()
            [assignment] = self.builder.assign(case, self.operations)
            annex = self.make_file(self.collaborator)
            assignment.with_user(self.collaborator).attachment_ids = [Command.link(annex.id)]
            self.finish_draft(assignment)
            case = case.with_user(self.director)
            case.write({"legal_risk": True, "legal_reviewer_id": self.reviewer.id})
            case.action_request_legal_review()
            case.with_user(self.reviewer).action_legal_approve()
            self.assertActs(case)
            proof = self.make_file(name="guía.pdf") if delivery == "hand" else None
            case.action_send_response(delivery=delivery, **({"proof": proof.ids} if proof else {}))
            self.builder.tell(case)
            self.assertEqual(case.state, "closed")
            self.assertBound(case, *kinds)
            sent = self.get_binding(case)[-1]
            answer = case.sudo().answer_id
            self.assertEqual(self.get_bound_ids(sent, "files"), {annex.id, *answer._get_files().ids})
            self.assertEqual(bool(self.get_bound_ids(sent, "messages")), delivery == "email", "the mail as it left")
            case.action_reopen("No está de acuerdo")
            self.assertActs(case, *kinds)

    def test_transfers(self):
        for reserved in (False, True):
            case = self.make_own_case(type="queja", identity_reserved=reserved)
            case.with_user(self.director).action_transfer("Policía Nacional", "Es competente")
            forwarding = case.sudo()._get_forwardings().with_user(self.director)
            forwarding.action_register_delivery("letter", proof=self.make_file().ids)
            self.assertBound(case, "transfer", "forwarded")

    def test_commitments(self):
        case = self.builder.answer(self.make_own_case(), self.operations)
        promise = self.env["sig.pqrs.commitment"].with_user(self.director).create(
            {"pqrs_id": case.id, "name": "Cambiar la reja", "date_due": "2026-12-15", "user_id": self.leader.id}
        )
        self.builder.send(case)
        promise.with_user(self.leader).action_complete(attachments=self.make_file(self.leader).ids)
        self.assertBound(case, "response_sent", "commitment_done")

    def test_added_on_the_form(self):
        case = self.make_own_case()
        self.json2_ok(self.director, "sig.pqrs", "write", case.ids, vals={"attachment_ids": [[4, self.make_file().id]]})
        self.assertEqual(self.assertActs(case, "files_added").user_id, self.director)
        picture = self.make_file(name="a.png", raw=BLUE)
        token = picture.sudo().generate_access_token()[0]
        case.with_user(self.director).response_opening = f'<p><img src="/web/image/{picture.id}?access_token={token}"></p>'
        self.assertBound(case, "files_added", "files_added")

    def test_reserve(self):
        assignment = self.make_assignment(self.make_own_case(type="queja", attachment_ids=[Command.link(self.make_file().id)]))
        case = assignment.pqrs_id
        file = self.make_file(self.collaborator)
        assignment.with_user(self.collaborator).message_post(body="La llamé", attachment_ids=file.ids)
        case.with_user(self.director).message_post(body="Llamé y no contestó")
        self.assertActs(case, "received")
        case.with_user(self.director).action_reserve_identity("Teme represalias", case.sudo().attachment_ids.ids)
        self.assertBound(case, "received", "identity_reserved")
        case.with_user(self.director).action_reveal_identity("Autorizó por escrito")
        self.assertBound(case, "received", "identity_reserved")

    def test_core_s_own_doors(self):
        """What calls of the ORM bring, `test_hostile` proves."""
        for name, add in (
            ("box of the form", self.upload_of_the_form),
            ("box of the thread", lambda case: self.upload_of_the_thread(case, False)),
            ("note", lambda case: self.post(case, self.upload_of_the_thread(case, True))),
            ("activity", self.finish_activity),
        ):  # fmt: skip
            with self.subTest(name):
                case = self.make_own_case()
                add(case)
                self.assertEqual(self.assertActs(case, "files_added").user_id, self.director)

    def upload_of_the_form(self, case):
        self.authenticate(self.director.login, self.director.login)
        data = {"model": "sig.pqrs", "id": case.id, "csrf_token": Request.csrf_token(self)}
        answer = self.url_open("/web/binary/upload_attachment", data, files={"ufile": ("acta.txt", b"original")})
        self.assertIn("id", answer.json()[0], answer.text)

    def upload_of_the_thread(self, case, is_pending):
        self.env.flush_all()
        self.authenticate(self.director.login, self.director.login)
        data = {"thread_id": case.id, "thread_model": "sig.pqrs", "csrf_token": Request.csrf_token(self)}
        data.update({"is_pending": "true"} if is_pending else {})
        answer = self.url_open("/mail/attachment/upload", data, files={"ufile": ("acta.txt", b"original")}).json()
        return answer["data"]["attachment_id"]

    def post(self, case, file_id):
        data = {"body": "Nota", "attachment_ids": [file_id], "message_type": "comment", "subtype_xmlid": "mail.mt_note"}
        params = {"thread_model": "sig.pqrs", "thread_id": case.id, "post_data": data}
        answer = self.url_open("/mail/message/post", json={"jsonrpc": "2.0", "method": "call", "params": params}).json()
        self.assertIn("result", answer, answer)

    def finish_activity(self, case):
        activity = case.with_user(self.director).activity_schedule("mail.mail_activity_data_todo", user_id=self.director.id)
        activity.action_feedback("Hecho", self.make_file().ids)

    def test_mails_as_they_left(self):
        case = self.make_own_case()
        self.run_cron("sig_pqrs.cron_notices")
        self.builder.tell(case)
        self.assertActs(case, "acknowledged")
        case.with_user(self.director).action_request_information("Envíe el acta")
        self.builder.tell(case)
        self.assertBound(case, "acknowledged", "notified")
        told = json.loads(self.open(self.make_pack(case)).read(f"{case.name}/mensajes.json"))
        self.assertIn("Envíe el acta", told[-1]["body"])
        self.assertEqual(set(told[-1]), set(evidence.MESSAGE))

    def test_hostile(self):
        """Whatever a user tries, nothing comes to a case, leaves it or changes there without an act that tells it."""
        assignment = self.make_assignment(self.make_own_case())
        case = assignment.pqrs_id
        self.client_step(self.as_client(case), "write", "Fue en la torre 2", [PDF])
        reserved = self.make_own_case(type="queja", identity_reserved=True)
        self.client_step(self.as_client(reserved), "write", "Fue en la torre 3", [PDF])
        self.extend(case)
        cases = (case | reserved).sudo()
        kept = self.env["ir.attachment"].browse(self.get_bound_ids(self.get_binding(cases[0]), "files"))
        said = self.env["sig.pqrs.act"]._read_entries(cases)
        users = (self.director, self.collaborator, self.management, self.portal)  # `dev/attack` tries it as each role
        self.startPatcher(brief_refusals(self.registry))
        places = [(record._name, record.id) for record in (*cases, *cases.identity_ids, *cases.communication_ids)]
        for user in users:
            env = self.env(user=user, su=False)
            for number, attempt in enumerate(self.get_attempts(env, kept)):
                for model, id_ in places:
                    with self.subTest(user=user.name, attempt=number, model=model):
                        try:
                            with self.env.cr.savepoint():
                                attempt(model, id_)
                                self.env.flush_all()
                        except Exception:  # refused, for whatever reason
                            self.env.invalidate_all()
        self.reload()
        for each in cases:
            self.assertEqual((self.env["sig.case.binding"]._bind_missing(each), self.env["sig.case.binding"]._get_faults(each)), ({}, []))
            self.assertChain(each)
            acts = self.env["sig.pqrs.act"]._read_entries(each)[each.id]
            self.assertEqual(acts[: len(said[each.id])], said[each.id])
            self.assertLessEqual({act["kind"] for act in acts[len(said[each.id]) :]}, {"files_added"})

    def get_attempts(self, env, kept):
        Attachment, Message, note = env["ir.attachment"], env["mail.message"], env.ref("mail.mt_note").id

        def make(**vals):
            return Attachment.create({"name": "acta.txt", "raw": b"original", **vals})

        def move_in_two(model, id_):
            file = make()
            file.res_id = id_
            file.res_model = model

        def post(model, id_, **values):
            env[model].browse(id_).message_post(body="Nota", **values)

        def schedule(model, id_):
            env["mail.scheduled.message"].create({
                "model": model, "res_id": id_, "body": "Nota", "attachment_ids": make().ids, "is_note": True,
                "author_id": env.user.partner_id.id, "scheduled_date": "2026-11-24 15:00:00",
            }).post_message()  # fmt: skip

        def compose(model, id_):
            env["mail.compose.message"].with_context(active_model=model).create({
                "model": model, "res_ids": [id_], "body": "Nota", "attachment_ids": make().ids, "subtype_id": note,
            }).action_send_mail()  # fmt: skip

        def change_picture(model, id_):
            file = make(raw=BLUE, mimetype="image/png", res_model=model, res_id=id_)
            file.write({"raw": b"otra", "name": "otra.png"})

        return (
            lambda model, id_: make(res_model=model, res_id=id_),
            lambda model, id_: make(res_model=model, res_id=id_, public=True, type="url", url="/x").write({"type": "binary", "raw": b"x"}),
            lambda model, id_: make(res_model=model, res_id=id_, res_field="attachment_ids"),
            lambda model, id_: make().write({"res_model": model, "res_id": id_}),
            lambda model, id_: kept[:1].with_env(env).copy({"res_model": model, "res_id": id_, "name": "copia"}),
            lambda model, id_: kept.with_env(env).write({"res_model": model, "res_id": id_}),
            lambda model, id_: kept.with_env(env).write({"raw": b"otra"}),
            lambda model, id_: kept.with_env(env).write({"name": f"{model} {id_}"}),
            lambda model, id_: kept.with_env(env).unlink(),
            lambda model, id_: make(res_model=model, res_id=id_)._post_add_create(),
            lambda model, id_: post(model, id_, attachment_ids=make().ids),
            lambda model, id_: post(model, id_, attachments=[("acta.txt", b"original")]),
            lambda model, id_: post(model, id_, attachment_ids=kept.ids),
            lambda model, id_: Message.create({"model": model, "res_id": id_, "body": "x", "subtype_id": note, "attachment_ids": make().ids}),
            lambda model, id_: Message.search([("model", "=", model), ("res_id", "=", id_)]).write({"attachment_ids": make().ids}),
            lambda model, id_: Message.search([("model", "=", model), ("res_id", "=", id_)]).write({"body": "otra cosa"}),
            lambda model, id_: Message.search([("model", "=", model), ("res_id", "=", id_)]).unlink(),
            lambda model, id_: env[model].browse(id_).message_notify(body="x", partner_ids=env.user.partner_id.ids, attachment_ids=make().ids),
            lambda model, id_: env[model].browse(id_).write({"attachment_ids": [Command.link(make().id)]}),
            lambda model, id_: env[model].browse(id_).write({"attachment_ids": [Command.create({"name": "a", "raw": b"a"})]}),
            lambda model, id_: env[model].browse(id_).write({"proof_ids": [Command.link(make().id)]}),
            lambda model, id_: env[model].browse(id_).write({"body": "otra cosa"}),
            move_in_two, schedule, compose, change_picture,
        )  # fmt: skip
