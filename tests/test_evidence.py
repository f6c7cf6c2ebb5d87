"""The evidence pack and the case file: what they hold, for whom, and that what leaves verifies offline."""
import json
import re
import zipfile
from functools import partial
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from pypdf import PdfReader

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder
from odoo.addons.sig_pqrs.tools import act_chain, evidence, evidence_check
from odoo.addons.sig_pqrs.tools.incoming_mail import IncomingMail
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import SigCommon, freeze_time

RAW = b"From: ana@example.com\r\nTo: servicioalcliente@example.com\r\nSubject: Queja\r\n\r\nNadie hizo la ronda."


class EvidenceCommon(SigCommon):
    languages = ("en_US", "es_CO")

    def attach(self, case, name="Foto.jpg", raw=b"foto", record=None):
        record = record or case
        return self.env["ir.attachment"].create({"name": name, "raw": raw, "res_model": record._name, "res_id": record.id})

    def make_full_case(self, **vals):
        case = self.make_case(
            subject="Puerta abierta", description="La puerta <quedó> abierta.", document_type="cc",
            document_number="52123456", email_from="ana@example.com", **vals,
        )  # fmt: skip
        case.sudo().attachment_ids = self.attach(case)
        self.keep_mail(case)
        self.builder.acknowledge(case)
        self.builder.send(self.builder.answer(case, self.operations))
        self.builder.rate(case, 4, "Bien explicado")
        return case

    def keep_mail(self, case, raw=RAW):
        return self.env["sig.pqrs.mail"]._create_quietly([{
            **self.env["sig.pqrs.mail"]._prepare_mail(IncomingMail(raw), case.company_id),
            "pqrs_id": case.id, "state": "filed", "date": "2026-11-20 15:00:00",
        }])  # fmt: skip

    def make_pack(self, cases, user=None, **vals):
        action = cases.with_user(user or self.director).action_make_evidence(**vals)
        self.assertEqual(action["type"], "ir.actions.act_url", action)
        return self.env["sig.evidence.pack"].browse(int(action["url"].rpartition("/")[2]))

    def open(self, pack):
        """The ZIP, which verifies."""
        verdict = evidence_check.verify(BytesIO(pack.attachment_id.raw), digest=pack.digest)
        self.assertTrue(verdict.holds, verdict.faults)
        return zipfile.ZipFile(BytesIO(pack.attachment_id.raw))

    def names(self, pack):
        """Names of the members, without the folder of the case; without the verifier."""
        found = self.open(pack).namelist()
        return {name.partition("/")[2] or name for name in found if not name.startswith(f"{evidence.VERIFIER_FOLDER}/")}

    def folders(self, pack):
        folders = {name.partition("/")[0] for name in self.open(pack).namelist() if "/" in name}
        return folders - {evidence.VERIFIER_FOLDER}

    def left_out(self, pack, *expected):
        """Codes of the notes; tests print no PDF, which is one of them."""
        notes = {note.code for note in evidence_check.verify(BytesIO(pack.attachment_id.raw)).notes}
        return notes - ({"left_out_pdf"} - set(expected) if "expediente.html" in self.names(pack) else set())

    def text(self, pack, name="expediente.html"):
        archive = self.open(pack)
        [path] = [path for path in archive.namelist() if path.endswith(name)]
        return " ".join(re.sub("<[^>]+>", " ", archive.read(path).decode()).split())


class TestEvidence(EvidenceCommon):
    def test_pack_of_a_case(self):
        case = self.make_full_case()
        self.attach(case, "Acta de descargos.pdf", b"acta", case.sudo().assignment_ids)
        pack = self.make_pack(case)
        letter, mail = case.sudo().letter_id, self.env["sig.pqrs.mail"].search([("pqrs_id", "=", case.id)])
        self.assertEqual(
            self.names(pack),
            {
                "LEAME.txt", "manifest.json", "expediente.html", "actuaciones.json", "mensajes.json", "anexos/Foto.jpg",
                f"respuesta/{letter.name}", "correos/" + mail.raw_name, "otros/Acta de descargos.pdf",
            },
        )  # fmt: skip
        archive = self.open(pack)
        self.assertEqual(archive.read(f"{case.name}/anexos/Foto.jpg"), b"foto")
        [named] = re.findall(r"\S+/verify_evidence\.py", archive.read("LEAME.txt").decode())
        for name in evidence.VERIFIER:  # the same as is published: `test_evidence_pack`
            member = f"{named.rpartition('/')[0]}/{name}"
            self.assertEqual(archive.read(member), Path(evidence.__file__).with_name(name).read_bytes())
        self.assertEqual(archive.read(f"{case.name}/respuesta/{letter.name}"), letter.raw)
        self.assertEqual(archive.read(f"{case.name}/correos/{mail.raw_name}"), RAW)
        chain = json.loads(archive.read(f"{case.name}/actuaciones.json"))
        self.assertEqual(chain["head"], [case.sudo().act_number, case.sudo().act_head])
        self.assertEqual([act["kind"] for act in chain["acts"]], self.kinds(case))
        self.assertIn("Bien explicado", [act["note"] for act in chain["acts"]])
        self.assertNotIn("52123456", self.text(pack), "the identity document goes only when it is asked for")
        self.assertIn("52123456", self.text(self.make_pack(case, with_identity=True)))
        self.assertEqual((pack.state, pack.user_id, pack.case_ids), ("ready", self.director, case))

    def test_who_makes_it(self):
        case = self.make_full_case()
        others = self.collaborator | self.leader | self.employee | self.interviewer | self.portal
        self.assertDenied(case, others, lambda own: own.action_make_evidence())
        pack = self.make_pack(case, self.management)
        self.assertEqual(self.left_out(pack), {"left_out_mails"})
        self.assertFalse([name for name in self.names(pack) if name.startswith("correos")])
        with_identity = partial(self.make_pack, case, self.management, with_identity=True)
        self.assertEachRaises(AccessError, with_identity, said="Only the SIG gives identities out.")
        plain, whole = (self.env.ref(f"sig_pqrs.action_make_evidence{kind}").id for kind in ("", "_with_identity"))
        for user, shown in ((self.director, {plain, whole}), (self.management, {plain}), (self.leader, set())):
            actions = self.env["ir.actions.actions"].with_user(user).get_bindings("sig.pqrs").get("action", ())
            self.assertEqual({action["id"] for action in actions} & {plain, whole}, shown, user.name)
        case.write({"restricted": True, "authorized_user_ids": [(6, 0, self.director.ids)]})
        self.reload()
        self.assertDenied(case, self.management, lambda own: own.action_make_evidence())
        self.assertTrue(self.make_pack(case, self.administrator))

    def test_reserve(self):
        case = self.make_case(type="peticion", email_from="ana@example.com")
        self.keep_mail(case)
        # as HERA leaves it: an act of the petitioner's user
        act = self.env["sig.pqrs.act"].with_user(self.portal)._append(case, "client_message", "Gracias").sudo()
        told = self.env["sig.pqrs.act"]._append(case, "immediate_measure", "Se llamó a ana@example.com").sudo()
        case.with_user(self.director).action_reserve_identity("Teme represalias")
        self.reload()
        self.assertChain(case)
        self.assertFalse(act.user_id or told.note)
        identity = case.sudo().identity_ids
        said = case.sudo().act_ids[-1].data
        self.assertEqual((said["sealed"], said["notes"]), ([], [act.number, told.number]))
        heads = {case.name: [(case.sudo().act_number, case.sudo().act_head)]}
        self.attach(case, "Cédula de Ana.pdf", b"cedula", identity)._post_add_create()
        for user in (self.director, self.management):
            pack = self.make_pack(case, user)
            self.assertEqual(self.left_out(pack), {"left_out_identity", "erased_texts", "kept_left_out"})
            verdict = evidence_check.verify(BytesIO(pack.attachment_id.raw), heads)
            self.assertEqual((verdict.faults, verdict.gaps), ([], []))
            everything = b"".join(self.open(pack).read(name) for name in self.open(pack).namelist())
            self.assertHoldsNone(everything, b"Ana Ruiz", b"ana@example.com", b"cedula")
            self.assertIn("Identity reserved", self.text(pack))
            chain = json.loads(self.open(pack).read(f"{case.name}/actuaciones.json"))
            [taken] = [item for item in chain["acts"] if item["number"] == act.number]
            self.assertEqual(taken["user"], act_chain.commit(str(self.portal.id), act.user_salt))
            self.assertNotIn(act.user_salt.encode(), everything)
            # Not even by trying them all: the digest is of the commitment.
            guesses = {act_chain.digest(taken["previous_digest"], {**taken, "user": user}) for user in range(self.portal.id + 9)}
            self.assertNotIn(taken["digest"], guesses)
        pack = self.make_pack(case, with_identity=True)
        self.assertEqual(self.left_out(pack), {"erased_texts"})
        self.assertIn("identidad/Cédula de Ana.pdf", self.names(pack))
        self.assertTrue([name for name in self.names(pack) if name.startswith("correos")])

    def test_reserve_of_acts_without_a_commitment(self):
        """As those were recorded that are older than it: the user is not told, and the act sealed."""
        case = self.make_case(type="peticion", email_from="ana@example.com")
        Act = self.registry["sig.pqrs.act"]
        prepare = Act._prepare_act

        def prepare_bare(model, *args, **kwargs):
            vals = prepare(model, *args, **kwargs)
            vals.update(user_salt=False, user_commitment=False)
            vals["digest"] = act_chain.digest(vals["previous_digest"], model._get_content(case.sudo().uuid, vals))
            return vals

        with patch.object(Act, "_prepare_act", prepare_bare):
            act = self.env["sig.pqrs.act"].with_user(self.portal)._append(case, "client_message", "Gracias").sudo()
        self.assertChain(case)
        case.with_user(self.director).action_reserve_identity("Teme represalias")
        self.reload()
        self.assertChain(case)
        self.assertEqual(case.sudo().act_ids[-1].data["sealed"], act.mapped("number"))
        pack = self.make_pack(case, self.management)
        self.assertIn("sealed", self.left_out(pack))
        chain = json.loads(self.open(pack).read(f"{case.name}/actuaciones.json"))
        self.assertEqual([item["user"] for item in chain["acts"] if item.get("sealed")], [None])
        self.assertNotIn("sealed", self.left_out(self.make_pack(case, with_identity=True)))

    def test_what_is_reserved_is_not_guessed_from_a_pack(self):
        """No digest in a pack is one of a telephone, a proof of identity or a name, salted with what the pack holds."""
        case = self.make_case(type="datos_consulta", email_from="ana@example.com")
        self.builder.answer(case, self.operations)
        own = case.with_user(self.director)
        own.action_reserve_identity("Teme represalias")
        own.action_correct_contact(phone="3105550199")
        own.action_check_identity("holder", "Cédula 52123456")
        own.action_send_response(delivery="hand", received_by="Ana Ruiz")
        self.reload()
        salt = case.sudo().private_salt
        archive = self.open(self.make_pack(case, self.management))
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode(errors="replace")
        chain = json.loads(archive.read(f"{case.name}/actuaciones.json"))
        salts = ["", chain["case"], case.name, str(case.id), *(act[name] for act in chain["acts"] for name in ("digest", "previous_digest"))]
        for text in ("Teme represalias", "3105550199", "Cédula 52123456", "Ana Ruiz"):
            self.assertIn(act_chain.commit(text, salt), everything, "it is bound")
            for known in salts:
                self.assertNotIn(act_chain.commit(text, known), everything)
        self.assertNotIn(salt, everything)
        self.assertDenied(
            case, (self.director, self.administrator, self.management, self.leader),
            lambda own: own.read(["private_salt"]), lambda own: own.search([("private_salt", "=like", "a%")]),
        )

    def test_names_of_files_and_lost_content(self):
        case = self.make_case()
        files = self.attach(case, "../../etc/passwd", b"1") | self.attach(case, "Minuta.pdf", b"2")
        files |= self.attach(case, "Minuta.pdf", b"3") | self.attach(case, "perdido.pdf", b"lost content")
        self.env.cr.execute("UPDATE ir_attachment SET store_fname = 'no/existe' WHERE id = %s", [files[3].id])
        self.env.invalidate_all()
        case.sudo().attachment_ids = files
        pack = self.make_pack(case)
        annexes = {name for name in self.names(pack) if name.startswith("anexos/")}
        self.assertEqual(annexes, {"anexos/_.._etc_passwd", "anexos/Minuta.pdf", "anexos/Minuta (2).pdf"})
        self.assertEqual(self.left_out(pack), {"left_out_lost"})

    def test_it_is_kept_for_some_days(self):
        pack = self.make_pack(self.make_case())
        attachment = pack.attachment_id
        with freeze_time("2026-11-30 15:00:00"):
            pack._gc_files()
            self.assertEqual(pack.state, "ready")
        with freeze_time("2026-12-02 15:00:00"):
            pack._gc_files()
        self.assertEqual((pack.state, pack.attachment_id, bool(pack.digest)), ("expired", attachment.browse(), True))
        self.assertFalse(attachment.exists())
        self.assertEachRaises(UserError, pack.with_user(self.director).action_download)

    def test_two_at_once(self):
        """What another transaction changed meanwhile is tried again with the whole request, and is no failure."""
        case = self.make_case()
        for model, step in (("sig.evidence.pack", "_write_zip"), ("ir.actions.report", "_pre_render_qweb_pdf")):
            self.assertTriedAgain(model, step, partial(self.make_pack, case))
            self.assertFalse(self.env["sig.evidence.pack"].search([("case_ids", "in", case.ids)]))

    def test_register_is_not_rewritten(self):
        pack = self.make_pack(self.make_case()).with_user(self.administrator)
        self.assertEachRaises(AccessError, pack.unlink)
        self.assertEachRaises(UserError, lambda: pack.write({"digest": "x"}), lambda: pack.create({"name": "x"}), pack.sudo().unlink)
        self.assertFalse(self.env["sig.evidence.pack"].with_user(self.management).search([]))

    def make_cases(self, count, **vals):
        return self.builder.file([{"partner_id": self.contact.id, "subject": f"Caso {n}", **vals} for n in range(count)])

    def test_a_selection_is_made_by_the_job(self):
        cases = self.make_cases(7)
        self.make_assignment(cases[0])
        action = cases.with_user(self.director).action_make_evidence()
        self.assertEqual(action["tag"], "display_notification")
        pack = self.env["sig.evidence.pack"].search([], limit=1)
        self.assertEqual(pack.state, "waiting")
        self.assertEachRaises(UserError, pack.with_user(self.director).action_download)
        self.run_cron("sig_pqrs.cron_evidence")
        self.reload()
        self.assertEqual((pack.state, pack.failure, pack.activity_ids.user_id), ("ready", False, self.director))
        self.assertEqual(self.folders(pack), set(cases.mapped("name")))

    def test_rights_are_those_of_when_it_is_made(self):
        cases = self.make_cases(7)
        cases.with_user(self.management).action_make_evidence()
        cases[:5].with_user(self.director).write({"restricted": True})
        self.run_cron("sig_pqrs.cron_evidence")
        self.reload()
        pack = self.env["sig.evidence.pack"].search([], limit=1)
        self.assertEqual((self.folders(pack), pack.left_out), (set(cases[5:].mapped("name")), 5))
        manifest = json.loads(self.open(pack).read("manifest.json"))
        self.assertEqual(manifest["restricted_left_out"], 5, "their number")
        self.assertFalse([case.name for case in cases[:5] if case.name in json.dumps(manifest)], "and no name")
        cases.with_user(self.director).write({"restricted": True})
        self.reload()
        self.assertEachRaises(AccessError, cases.with_user(self.management).action_make_evidence)

    def test_a_failure_is_told(self):
        """To who asked for it, in their language, also when its job was ended each time."""
        for user in (self.director, self.director, self.administrator):
            self.make_cases(6).with_user(user).action_make_evidence()
        packs = self.env["sig.evidence.pack"].search([], order="id")
        packs[2].attempts = 3
        self.administrator.lang = "es_CO"
        with self.breaks_on(packs[0].case_ids[0], "sig.evidence.pack", "_write_case"):
            self.run_cron("sig_pqrs.cron_evidence")
        self.reload()
        self.assertEqual(packs.mapped("state"), ["failed", "ready", "failed"])
        self.assertIn("broken", packs[0].failure)
        self.assertIn("Tarda demasiado", packs[2].failure)
        self.assertIn("could not be made", packs[0].activity_ids.summary)

    def test_limits(self):
        Pqrs = self.env["sig.pqrs"].with_user(self.director)
        self.assertEachRaises(UserError, Pqrs.action_make_evidence, said="At least|at least")
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        self.director.company_ids |= other
        theirs = CaseBuilder(self.env, self.director, other).file({"partner_name": "Luis"})
        both = (self.make_case() | theirs).with_context(allowed_company_ids=(self.company | other).ids)
        self.assertEachRaises(UserError, both.with_user(self.director).action_make_evidence, said="of one company")
        with patch("odoo.addons.sig_pqrs.models.proof.evidence_pack.MAX_CASES", 2):
            self.assertEachRaises(UserError, self.make_cases(3).with_user(self.director).action_make_evidence)

    def test_what_the_case_file_says(self):
        case = self.make_full_case()
        text = self.print_html(case)
        self.assertHolds(
            text, "FOR-SIG-PQRS-10", case.name, "Puerta abierta", "La puerta &lt;quedó&gt; abierta.", "Ana Ruiz", "Conjunto El Roble",
            "52123456", "ana@example.com", "24/11/2026 10:00", "The day of receipt does not count", "Operaciones",
            "Colaborador de Operaciones", "Líder de Operaciones", case.sudo().assignment_ids.response_digest,
            "Revisamos los hechos", "4 of 5", "Bien explicado", "Foto.jpg", "Answer sent", "Rated",
            *case.sudo().act_ids.mapped("digest"), "it is complete and unaltered", f"act {case.sudo().act_number}",
        )
        sha256 = case.sudo().attachment_ids._sig_sha256()
        self.assertEqual(len(sha256), 64)
        self.assertHolds(text, sha256, "Communications that were sent")

    def test_who_it_was(self):
        """Users may rename themselves: an act says who it was by the name of then."""
        case = self.make_case()
        before = self.director.name
        self.director.with_user(self.director).name = "Otra Persona"
        self.as_director(case).action_hold("Tutela")
        self.assertEqual(case.sudo().act_ids.sorted("number").mapped("by_name"), [before, "Otra Persona"])
        text = self.print_html(case)
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
        self.assertRegex(self.print_html(hidden), r"Withdrawal\s.*The petitioner\s")

    def test_who_prints_the_case_file(self):
        case = self.make_full_case()
        for user in (self.director, self.administrator, self.management):
            self.assertIn(case.name, self.print_html(case, user))
        self.assertNotIn("52123456", self.print_html(case, self.management))
        others = self.collaborator | self.leader | self.employee | self.portal | self.interviewer
        self.assertDenied(case, others, lambda own: self.print_html(own, own.env.user))
        case.write({"restricted": True, "authorized_user_ids": [(6, 0, self.director.ids)]})
        self.reload()
        self.assertDenied(case, self.management, lambda own: self.print_html(own, own.env.user))

    def test_file_of_a_case_of_which_there_is_nothing_yet(self):
        text = self.print_html(self.make_anonymous())
        self.assertHolds(text, "It was not assigned.", "There is no answer.", "It was not sent.", "There are none", "Anonymous")


class TestEvidenceByHttp(EvidenceCommon, HttpCase):
    """Downloaded, and printed by the real engine."""

    def test_download(self):
        case = self.make_case()
        pack = self.make_pack(case)
        self.env.flush_all()
        url, file = f"/pqrs/evidence/{pack.id}", pack.attachment_id
        own = pack.with_user(self.director)
        self.assertEachRaises(AccessError, lambda: own.read(["attachment_id"]), lambda: file.with_user(self.director).read(["raw"]))
        self.assertFalse(pack._get_mail_thread_data_attachments(), "the chatter does not show it")
        self.authenticate(self.director.login, self.director.login)
        for other in (f"/web/content/{file.id}", f"/web/content/sig.evidence.pack/{pack.id}/attachment_id"):
            self.assertNotIn(b"PK", self.url_open(other).content[:2], other)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(evidence_check.verify(BytesIO(response.content), digest=pack.digest).holds)
        self.assertIn(case.name, response.headers["Content-Disposition"])
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.env.invalidate_all()
        log = own.message_ids[:1]
        self.assertEqual(log.preview, f"Downloaded by {self.director.name}")
        self.assertEachRaises(UserError, log.unlink, lambda: log.write({"body": "x"}))
        for user in (self.management, self.portal):  # by its own address: `test_hostile_round`
            self.authenticate(user.login, user.login)
            self.assertIn(self.url_open(f"/web/content/{file.id}").status_code, (403, 404), user.name)

    def test_printed(self):
        cases = self.make_full_case() | self.make_case(subject="Otra", description="Una palabra " + "larga" * 900 + " y " * 4000)
        with patch("odoo.addons.sig_pqrs.models.proof.evidence_pack.AT_ONCE", 5):
            pack = self.make_pack(cases.with_context(force_report_rendering=True))
        archive = self.open(pack)
        for case in cases:
            pages = [page.extract_text() for page in PdfReader(BytesIO(archive.read(f"{case.name}/expediente.pdf"))).pages]
            text = " ".join(" ".join(pages).split())
            self.assertIn(case.subject, text)
            acts = case.sudo().act_ids.sorted("number")
            # What no act bound yet is bound once it is printed: nothing stays locked meanwhile.
            head = acts[-2] if acts[-1].kind == "kept" else acts[-1]
            self.assertIn(head.digest, text.replace(" ", ""))
            self.assertNotIn((cases - case).name, text)
            for page in pages:
                self.assertHolds(page, "FOR-SIG-PQRS-10", "Prepared by")
        self.assertEqual(self.left_out(pack), set())

    @mute_logger("odoo.addons.sig_pqrs.models.proof.evidence_pack")
    def test_without_the_engine(self):
        case = self.make_full_case()
        with patch.object(self.registry["ir.actions.report"], "get_wkhtmltopdf_state", lambda _self: "install"):
            pack = self.make_pack(case.with_context(force_report_rendering=True))
        self.assertIn("expediente.html", self.names(pack))
        self.assertEqual(self.left_out(pack, "left_out_pdf"), {"left_out_pdf"})
