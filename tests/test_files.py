"""What is approved, sent, filed or a proof is the record's own file: nobody changes it by another record or link."""
from base64 import b64decode, b64encode
from hashlib import sha256

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged

from .common import freeze_time
from .test_action_plan import PlanCommon
from .test_kept import KeptCommon
from .test_management_review import ReviewCommon

BLUE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
RED = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


class FilesCommon(KeptCommon):
    def make_own(self, user, raw=b"original", **vals):
        """A file on a record on which the user may write, and so may replace it whenever they like."""
        self.env.flush_all()
        values = {"name": "acta.txt", "datas": b64encode(raw).decode(), "res_model": "res.users", "res_id": user.id, **vals}
        return self.env["ir.attachment"].browse(self.json2_ok(user, "ir.attachment", "create", vals_list=[values]))

    def replace(self, user, file, raw=b"otra cosa"):
        """By RPC, and in the end deleted."""
        values = {"datas": b64encode(raw).decode(), "name": "otra.txt"}
        self.json2_ok(user, "ir.attachment", "write", file.ids, vals=values)
        self.assertEqual(file.raw, raw)
        self.json2_ok(user, "ir.attachment", "unlink", file.ids)

    def assertOwn(self, file, record, raw=b"original"):
        self.assertEqual((file.res_model, file.res_id, file.raw), (record._name, record.id, raw))
        self.assertFalse(file.public or file.access_token or file.res_field)
        self.assertDenied(
            file, self.collaborator | self.leader | self.director | self.administrator,
            lambda own: own.write({"datas": "eA=="}), lambda own: own.write({"name": "x"}), lambda own: own.write({"public": True}),
            lambda own: own.write({"res_model": "res.users", "res_id": own.env.uid}), lambda own: own.unlink(), error=UserError,
        )


class TestAnswerFiles(FilesCommon):
    def test_annex_of_a_record_of_ones_own(self):
        """The collaborator links it; after the approval nothing that becomes of it reaches the client."""
        for number, command in enumerate((lambda file: [4, file.id], lambda file: [6, 0, file.ids])):
            case = self.make_case(partner_id=self.portal.partner_id.id, email_from="portal@example.com")
            assignment = self.make_assignment(case)
            file = self.make_own(self.collaborator)
            self.json2_ok(
                self.collaborator, "sig.pqrs.assignment", "write", assignment.ids,
                vals={"response": "<p>Revisamos</p>", "attachment_ids": [command(file)]},
            )
            annex = assignment.attachment_ids
            self.assertNotEqual(annex, file)
            self.json2_ok(self.collaborator, "sig.pqrs.assignment", "action_submit", assignment.ids)
            approved = assignment._get_approved_files()
            self.builder.approve(assignment)
            self.replace(self.collaborator, file)
            self.assertEqual(assignment._get_approved_files(), approved)
            self.assertEqual(approved, [("acta.txt", sha256(b"original").hexdigest())])
            self.assertOwn(annex, assignment)
            self.builder.send(case)
            self.assertIn(annex, case.sudo().delivery_id.mail_id.attachment_ids)
            self.env.flush_all()
            self.authenticate(self.portal.login, self.portal.login)
            self.assertEqual(self.url_open(f"/my/pqrs/{case.id}/file/{annex.id}").content, b"original", number)
            self.authenticate(None, None)

    def test_file_that_is_taken_away(self):
        """A file of a draft may be changed and deleted while it is written, but it stays where it is, for its readers."""
        file = self.make_own(self.collaborator, res_model="sig.pqrs.assignment", res_id=self.assignment.id)
        self.draft.write({"response": "<p>Revisamos</p>", "attachment_ids": [Command.link(file.id)]})
        self.assertEqual(self.draft.attachment_ids, file)
        for vals in (
            {"res_model": "res.users", "res_id": self.collaborator.id}, {"res_id": 0}, {"res_field": "image_1920"}, {"public": True},
            {"type": "url", "url": "https://example.com"},
        ):
            self.assertRefused(self.collaborator, "ir.attachment", "write", file.ids, vals=vals)
        self.json2_ok(self.collaborator, "ir.attachment", "write", file.ids, vals={"datas": "eA=="})
        self.draft.action_submit()
        self.assertOwn(file, self.assignment, b"x")

    def test_what_is_no_file_or_not_ones_own(self):
        link = self.make_own(self.collaborator, type="url", url="https://example.com/acta.pdf", datas=False)
        self.assertEachRaises(UserError, lambda: self.draft.write({"attachment_ids": [Command.link(link.id)]}), said="is a link")
        hidden = self.make_own(self.other_collaborator, res_model=False, res_id=0)
        self.assertEachRaises(AccessError, lambda: self.draft.write({"attachment_ids": [Command.link(hidden.id)]}))
        public = self.make_own(self.collaborator, res_model=False, res_id=0, public=True)
        public.sudo().access_token = "known"
        self.draft.write({"attachment_ids": [Command.set(public.ids)]})
        self.assertFalse(public.public or public.access_token, "what is taken opens by no link of before")
        self.assertEqual(public.res_id, self.assignment.id)

    def test_photo_of_the_case(self):
        """It is copied to the draft, and an annex that is hidden later is found there."""
        photo = self.env["ir.attachment"].create({"name": "foto.txt", "raw": b"original", "res_model": "sig.pqrs", "res_id": self.case.id})
        self.case.sudo().attachment_ids = photo
        self.draft.write({"attachment_ids": [Command.link(photo.id)]})
        self.assertNotEqual(self.draft.attachment_ids, photo)
        self.assertEqual(self.case.sudo().attachment_ids, photo)


class TestPictures(FilesCommon):
    def show(self, file, more=""):
        token = file.sudo().generate_access_token()[0]
        self.env.flush_all()
        return f"/web/image/{file.id}{more}?access_token={token}"

    def draft_text(self, text):
        self.json2_ok(self.collaborator, "sig.pqrs.assignment", "write", self.assignment.ids, vals={"response": text})
        return self.assignment._get_pictures(self.assignment.response)

    def test_picture_that_is_replaced(self):
        """Whatever the way in which the text loads it."""
        file = self.make_own(self.collaborator, BLUE, name="foto.png")
        address = self.show(file)
        hidden = address.replace("image", "im%61ge", 1)
        text = (
            f"<p>Vea</p><p><img src='{address}'/><img src='{self.show(file, '-abc/foto.png')}'/><img src='{hidden}'/></p>"
            f"<p style=\"background-image: url('{address}')\">a</p>"
        )
        pictures = self.draft_text(text)
        self.assertEqual(len(pictures), 4)
        self.assertNotIn(f"/{file.id}", self.assignment.response)
        self.finish_draft(self.assignment, write=False)
        approved = self.assignment._get_approved_files()
        self.assertEqual({name for name, _digest in approved}, {"foto.png"})
        digest = self.assignment._compute_digest()
        pictures[0].sudo().raw = RED  # by who may do anything, past the guard
        self.assertNotEqual(self.assignment._compute_digest(), digest, "the digest covers them")
        pictures[0].sudo().raw = BLUE
        self.replace(self.collaborator, file, RED)
        self.assertEqual(self.assignment._get_approved_files(), approved)
        page, _kind = self.env["ir.actions.report"].with_user(self.director)._render_qweb_html(
            "sig_pqrs.report_response_letter", self.case.ids
        )
        for picture in pictures:
            self.assertEqual((picture.res_model, picture.res_id, picture.raw), ("sig.pqrs.assignment", self.assignment.id, BLUE))
            address = f"/web/image/{picture.id}?access_token={picture.access_token}"
            self.assertIn(address, page.decode())
            self.assertEqual(self.url_open(address).content, BLUE)
            users = self.collaborator | self.leader | self.director
            self.assertDenied(picture, users, lambda own: own.write({"raw": RED}), error=UserError)

    def test_picture_of_the_draft_itself(self):
        """As the editor uploads it: it stays, and the address too."""
        file = self.make_own(self.collaborator, BLUE, res_model="sig.pqrs.assignment", res_id=self.assignment.id)
        address = self.show(file, "-abc/foto.png")
        self.assertEqual(self.draft_text(f"<p><img src='{address}'/></p>"), file)
        self.assertIn(address, self.assignment.response)
        self.json2_ok(self.collaborator, "ir.attachment", "write", file.ids, vals={"datas": b64encode(RED).decode()})
        self.draft.action_submit()
        self.assertDenied(file, self.collaborator, lambda own: own.write({"raw": BLUE}), error=UserError)

    def test_picture_that_one_may_not_use(self):
        secret = self.make_own(self.other_collaborator, BLUE, res_model=False, res_id=0)
        own = self.make_own(self.collaborator, BLUE)
        before = self.assignment.response
        for address in (
            f"/web/image/{secret.id}", f"/web/image/{secret.id}?access_token=x", "/web/image/999999999",
            "/web/image/res.users/2/image_1920?access_token=x", "/web/image/base.main_company", "/web/image?id=1",
            f"{self.show(own)}&model=res.users&field=image_1920", f"{self.show(own)}&id=1",
        ):
            status, body = self.json2(
                self.collaborator, "sig.pqrs.assignment", "write", self.assignment.ids,
                vals={"response": f"<p><img src=\"{address.replace('&', '&amp;')}\"/></p>"},
            )
            self.assertEqual(status, 422, address)
            self.assertIn("insert its file", str(body))
        self.assertEqual(self.assignment.response, before)
        pictures = self.draft_text("<p><img src='data:image/png;base64,aaaa'/><img src='https://example.com/a.png'/>1 = 1</p>")
        self.assertFalse(pictures)
        self.assertIn("https://example.com/a.png", self.assignment.response)

    def test_cut_short_by_a_full_disk(self):
        """Core finds what is left of it under the name of the whole, and says that another file is there."""
        content = f"acta {self.id()} {freeze_time}".encode() * 9
        file = self.env["ir.attachment"].create({"name": "acta.txt", "raw": content})
        with open(file._full_path(file.store_fname), "wb") as cut:
            cut.write(content[:20])
        self.assertEqual(self.env["ir.attachment"].create({"name": "otra.txt", "raw": content}).raw, content)

    def test_what_may_be_something_else_tomorrow(self):
        """Pictures of other servers and links to files are no part of what is approved: they are not submitted, nor sent."""
        file = self.make_own(self.collaborator, BLUE)
        foreign = (
            "<img src='https://example.com/a.png'/>", "<p style=\"background: url('//example.com/a.png')\">a</p>",
            f"<a href='/web/content/{file.id}?download=1'>Acta</a>", f"<a href='{self.base_url()}/web/image/{file.id}'>a</a>",
            f"<a href='/web/c%6fntent/{file.id}'>a</a>",
        )
        for text in foreign:
            self.draft_text(f"<p>Vea</p>{text}")
            self.assertEachRaises(UserError, self.draft.action_submit, said="insert the file of a picture")
        self.draft_text("<p>Vea <a href='https://example.com/ley'>la ley</a></p><img src='data:image/png;base64,aaaa'/>")
        self.finish_draft(self.assignment, write=False)
        case = self.case.with_user(self.director)
        case.response_closing = foreign[0]
        self.assertEachRaises(UserError, case.action_send_response, said="insert the file of a picture")
        self.assertEqual(case.delivery_state, "none")

    def test_superuser_proves_nothing(self):
        """What a channel writes shows no file of which it does not know the token."""
        secret = self.make_own(self.other_collaborator, BLUE)
        self.assignment.sudo().response = f"<p><img src='/web/image/{secret.id}'/>a</p>"
        self.assertNotIn("web/image", self.assignment.response)
        self.assignment.sudo().response = f"<p><img src='{self.show(secret)}'/>a</p>"
        self.assertEqual(self.assignment._get_pictures(self.assignment.response).res_model, "sig.pqrs.assignment")

    def test_opening_and_template(self):
        """A picture of a template goes with its text, and the text of the SIG has its own too."""
        template = self.env["sig.response.template"].create({"name": "Con foto", "part": "section", "body": "<p>x</p>"})
        file = self.env["ir.attachment"].create({"name": "plano.png", "raw": BLUE, "res_model": template._name, "res_id": template.id})
        template.body = f"<p><img src='{self.show(file)}'/></p>"
        with Form(self.draft) as form:
            form.template_id = template
        self.assertEqual(self.assignment._get_pictures(self.assignment.response).res_id, self.assignment.id)
        own = self.make_own(self.director, BLUE)
        self.case.with_user(self.director).write({"response_opening": f"<p><img src='{self.show(own)}'/></p>"})
        picture = self.case._get_pictures(self.case.sudo().response_opening)
        self.assertEqual((picture.res_model, picture.res_id), ("sig.pqrs", self.case.id))


class TestOtherFiles(FilesCommon):
    def test_annexes_and_proofs_of_the_sig(self):
        file, case = self.make_own(self.director), self.make_case()
        self.json2_ok(self.director, "sig.pqrs", "write", case.ids, vals={"attachment_ids": [[4, file.id]]})
        proof = self.make_own(self.director)
        closed = self.make_approved(partner_id=False, partner_name="Ana", email_from=False)
        self.json2_ok(self.director, "sig.pqrs", "action_send_response", closed.ids, delivery="hand", proof=proof.ids)
        for own in (file, proof):
            self.replace(self.director, own)
        self.assertOwn(case.sudo().attachment_ids, case)
        self.assertOwn(closed.sudo().delivery_id.proof_ids, closed.delivery_id)
        self.assertFalse(self.env["sig.case.binding"]._get_faults(case))
        self.assertEqual(closed.with_user(self.management).delivery_id.proof_file_ids.mapped("name"), ["acta.txt"])

    def test_files_of_notes(self):
        for record, user in ((self.case, self.director), (self.assignment, self.collaborator)):
            file, picture = self.make_own(user), self.make_own(user, BLUE)
            token = picture.sudo().generate_access_token()[0]
            self.json2_ok(
                user, record._name, "message_post", record.ids, attachment_ids=file.ids,
                body=f"<p>Vea <img src='/web/image/{picture.id}?access_token={token}'/></p>", body_is_html=True,
            )
            message = record.sudo().message_ids[:1]
            note = message.attachment_ids
            self.replace(user, file)
            self.replace(user, picture, RED)
            self.assertEqual((note.name, note.raw, note.res_model, note.res_id), ("acta.txt", b"original", record._name, record.id))
            self.assertEqual(record._get_pictures(message.body).mapped("raw"), [BLUE])

    def test_what_somebody_writes_to_us_shows_no_file_of_ours(self):
        """A mail may name any file: it brings no copy of it to the case."""
        secret = self.env["ir.attachment"].create({"name": "nómina.png", "raw": BLUE})
        body = f"<p>Hola <img src='/web/image/{secret.id}'/></p>"
        message = self.case.sudo().message_post(body=body, body_is_html=True, message_type="email", email_from="x@example.com")
        self.assertFalse(message.attachment_ids)
        copies = self.env["ir.attachment"].search([("res_model", "=", "sig.pqrs"), ("res_id", "=", self.case.id)])
        self.assertFalse(copies.filtered(lambda file: file.checksum == secret.checksum))

    def test_heads_of_the_acts(self):
        """The file of the heads of a day stays as it is: its SHA-256 is known outside."""
        heads = self.env["ir.attachment"].create({"name": "sellos.txt", "raw": b"1 abc"})
        export = self.env["sig.act.head.export"].sudo().create(
            {"company_id": self.company.id, "date": "2026-11-23", "attachment_id": heads.id}
        )
        heads.sudo().write({"res_model": export._name, "res_id": export.id})
        steps = (lambda own, vals=vals: own.write(vals) for vals in ({"raw": b"1 abd"}, {"name": "x"}, {"res_id": 0}))
        self.assertDenied(heads, self.director | self.administrator, *steps, error=UserError)

    def test_one_file_for_many(self):
        cases = self.make_approved(partner_id=False, partner_name="Ana") | self.make_approved(identity_reserved=True)
        cases.with_user(self.director).action_send_response(delivery="hand", proof=self.make_own(self.director).ids)
        holders = [delivery._get_private_record() for delivery in cases.sudo().delivery_id]
        owners = {(holder._name, holder.id) for holder in holders}
        self.assertEqual({(proof.res_model, proof.res_id) for proof in cases.sudo().delivery_id.proof_ids}, owners)
        reserved = cases[1]
        self.assertFalse(reserved.with_user(self.management).delivery_id.proof_file_ids)
        self.assertEqual(len(reserved.with_user(self.director).delivery_id.proof_file_ids), 1)
        self.assertDenied(
            reserved.delivery_id, self.management, lambda own: own.read(["proof_ids"]),
            lambda own: own.web_read({"proof_file_ids": {"fields": {"name": {}}}}),
        )


@freeze_time("2026-07-20 15:00:00")
class TestFilesOfReviews(ReviewCommon):
    def test_the_content_of_a_field_is_written_in_the_field(self):
        Attachment = self.env["ir.attachment"].with_user(self.director)
        place = {"res_model": "sig.management.review", "res_id": self.make_review().id, "res_field": "content"}
        free = Attachment.create({"name": "acta.txt", "raw": b"otra"})
        self.assertEachRaises(
            AccessError, lambda: Attachment.create({"name": "acta.txt", "raw": b"otra", **place}), lambda: free.write(place)
        )

    def test_closed_review(self):
        review = self.make_review()
        section = review.section_ids.filtered(lambda section: section.code == "audits")
        files = self.env["ir.attachment"].with_user(self.director)
        file = files.create({"name": "a.txt", "raw": b"original", "res_model": "res.users", "res_id": self.director.id})
        section.with_user(self.director).attachment_ids = file
        copy = section.attachment_ids
        copy.with_user(self.director).write({"name": "auditoría.txt"})
        self.close(review)
        file.write({"raw": b"otra"})
        self.assertEqual(copy.raw, b"original")
        for kept in copy | review.pdf_id:
            steps = (lambda own, vals=vals: own.write(vals) for vals in ({"raw": b"x"}, {"name": "x"}, {"res_id": 0}))
            self.assertDenied(kept, self.director | self.administrator, *steps, error=UserError)


class TestFilesOfImprovement(PlanCommon):
    def test_evidence(self):
        lines = self.start().line_ids
        files = self.env["ir.attachment"].with_user(self.leader)
        file = files.create({"name": "acta.txt", "raw": b"original", "res_model": "res.users", "res_id": self.leader.id})
        lines.with_user(self.leader).action_complete(attachments=file.ids)
        file.write({"raw": b"otra"})
        self.assertEqual([line.attachment_ids.res_id for line in lines], lines.ids)
        for copy in lines.attachment_ids:
            self.assertEqual(copy.raw, b"original")
            users = self.leader | self.director | self.administrator
            self.assertDenied(copy, users, lambda own: own.write({"raw": b"otra"}), lambda own: own.unlink(), error=UserError)
        loose = files.create({"name": "b.txt", "raw": b"b", "res_model": lines._name, "res_id": lines[0].id})
        loose.write({"raw": b"c"})
        loose.unlink()


@tagged("post_install", "-at_install")
class TestFileFields(TransactionCase):
    def test_every_field(self):
        """All that link files read what is linked, in the records and in the dialogs."""
        for model in self.env.registry.values():
            for field in model._fields.values():
                links = field.comodel_name == "ir.attachment" and field.type in ("many2many", "one2many")
                if links and field.store and model._name.startswith("sig."):
                    self.assertTrue(field.bypass_search_access, str(field))
