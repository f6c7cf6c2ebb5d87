"""Messages with the petitioner and files are proved by the acts: here, in a pack offline, and once they are erased."""
import hashlib
import io
import json
from io import BytesIO

from odoo.addons.sig_pqrs.tools import act_chain, evidence, evidence_check, verify_evidence
from odoo.tests import BaseCase
from odoo.tools import SQL

from .common import freeze_time
from .test_evidence import EvidenceCommon
from .test_evidence_pack import MOMENT, write_zip
from .test_retention import RetentionCommon

SAID = "El portón quedó abierto"
ANSWERED = "Lo revisamos hoy"


class KeptProofCommon(EvidenceCommon):
    def make_told(self, case=None):
        """A case with an annex, a message of its client with a photo, and one to the client."""
        case = case or self.make_case(partner_id=self.portal.partner_id.id, email_from="portal@example.com")
        case.sudo().attachment_ids = self.attach(case, "Acta.txt", b"lo que pas\xc3\xb3")
        self.builder.receive(case, SAID, medium="portal", files=[{"name": "Foto.jpg", "raw": b"la foto"}])
        case.with_user(self.director).action_write_to_client(ANSWERED)
        self.reload()
        return case

    def get_binding(self, case):
        """The acts that bind files or messages."""
        acts = case.sudo().act_ids.sorted("number")
        return acts.filtered(lambda act: any(evidence.get_bound(act.data or {}, kind) for kind in evidence.BOUND))

    def get_bound_ids(self, acts, kind):
        return {id_ for act in acts for id_, _commitment in evidence.get_bound(act.data, kind)}

    def rewrite(self, record, **values):
        for name, value in values.items():
            self.env.cr.execute(SQL(
                "UPDATE %s SET %s = %s WHERE id = %s", SQL.identifier(record._table), SQL.identifier(name), value, record.id,
            ))

    def get_messages(self, case):
        return case.sudo().communication_ids.sorted("id")

    def verify(self, pack, **options):
        return evidence_check.verify(BytesIO(pack.attachment_id.raw), **options)

    def get_heads(self, case):
        return {case.name: [(case.sudo().act_number, case.sudo().act_head)]}


class TestKeptProof(KeptProofCommon):
    def test_in_a_pack(self):
        case = self.make_told()
        for file in case.sudo().attachment_ids | self.get_messages(case).attachment_ids:
            self.assertNotIn(file._sig_sha256(), json.dumps(self.get_binding(case).mapped("data")), "a short file is found by trying")
        pack = self.make_pack(case)
        archive = self.open(pack)
        told = json.loads(archive.read(f"{case.name}/comunicaciones.json"))
        self.assertEqual([item["by_petitioner"] for item in told], [True, False])
        self.assertIn(SAID, told[0]["body"])
        self.assertIn(ANSWERED, told[1]["body"])
        self.assertEqual(set(told[0]), set(evidence.MESSAGE), "nothing that no act binds")
        verdict = self.verify(pack, heads=self.get_heads(case))
        self.assertFalse(verdict.faults + verdict.gaps)
        ids = self.get_messages(case).ids
        self.assertEqual(
            set(verdict.bound),
            {
                f"{case.name}/anexos/Acta.txt", f"{case.name}/mensajes/Foto.jpg",
                *(f"{case.name}/comunicaciones.json #{id_}" for id_ in ids),
            },
        )
        self.assertIn("anexos/Acta.txt", verify_evidence.write_report(verdict))
        salt = case.sudo().private_salt
        self.assertFalse([name for name in archive.namelist() if salt.encode() in archive.read(name)])

    def test_altered_or_gone_in_the_database(self):
        """Whoever can write in the database and the file store is found by the button, on paper and in the pack."""
        store = self.env["ir.attachment"]
        text, annex = "/comunicaciones.json #", "/anexos/Acta.txt"
        for name, of, change, code, where in (
            ("text", "first", lambda message: self.rewrite(message, body="Nada pasó"), "message_altered", text),
            ("date", "first", lambda message: self.rewrite(message, date="2026-11-01 10:00:00"), "message_altered", text),
            ("author", "first", lambda message: self.rewrite(message, email_from="x@example.com"), "message_altered", text),
            ("direction", "first", lambda message: self.rewrite(message, author="stranger"), "message_altered", text),
            ("file", "annex", lambda file: file.write({"raw": b"otra cosa"}), "file_altered", annex),
            ("name", "annex", lambda file: self.rewrite(file, name="Otra acta.txt"), "file_renamed", "/anexos/Otra acta.txt"),
            ("no message", "last", self.delete, "message_missing", ""),
            ("no file", "annex", lambda file: file.with_env(self.env).unlink(), "file_missing", ""),
            ("lost", "annex", lambda file: self.rewrite(file, store_fname="no/existe"), "file_missing", ""),
            ("of another case", "annex", lambda file: self.rewrite(file, res_id=self.make_case().id), "file_missing", ""),
        ):  # fmt: skip
            with self.subTest(name):
                case = self.make_told()
                first, last = self.get_messages(case)
                record = {"first": first, "last": last, "annex": case.sudo().attachment_ids}[of]
                kind = "files" if of == "annex" else "communications"
                [act] = [act for act in self.get_binding(case) if record.id in self.get_bound_ids(act, kind)]
                own = case.with_user(self.director)
                self.assertEqual(own.action_verify_acts()["params"]["type"], "success")
                self.assertIn("it is complete and unaltered", self.print_html(case))
                change(record)
                self.reload()
                self.assertChain(case)
                self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [(act.number, code)])
                told = own.action_verify_acts()["params"]
                self.assertEqual(told["type"], "danger")
                self.assertIn(self.env["sig.act.check"]._get_fault_names()[code], told["message"])
                self.assertNotIn("it is complete and unaltered", self.print_html(case))
                if name == "of another case":
                    continue
                faults = self.verify(self.make_pack(case)).faults
                expected = "kept_renamed" if code == "file_renamed" else "kept_altered" if where else "kept_missing"
                self.assertEqual([(fault.code, fault.act) for fault in faults], [(expected, act.number)])
                self.assertTrue(faults[0].where.startswith(f"{case.name}{where}"), faults[0].where)
                store.invalidate_model()

    def delete(self, record):
        self.env.flush_all()
        self.env.cr.execute(SQL("DELETE FROM %s WHERE id = %s", SQL.identifier(record._table), record.id))

    def test_names_that_a_pack_changes(self):
        """In a pack made again, with a name that its member has not, and without what proves the name."""
        case = self.make_told()
        twin = self.attach(case, "Acta.txt", b"otra acta")
        case.sudo().attachment_ids |= twin
        acts = self.get_binding(case)
        pack = self.make_pack(case)
        archive = self.open(pack)
        self.assertIn(f"{case.name}/anexos/Acta (2).txt", archive.namelist())
        heads = self.get_heads(case)
        self.assertEqual(self.verify(pack, heads=heads).faults, [])
        path = f"{case.name}/anexos/Acta.txt"
        for change, expected in (
            (lambda proofs: [proof for proof in proofs if proof["kind"] != "names"], 3),
            (lambda proofs: [{**proof, "name": "Otra.txt"} if proof["kind"] == "names" else proof for proof in proofs], 3),
            (lambda proofs: [{**proof, "path": path} if proof["kind"] == "names" else proof for proof in proofs], 2),
        ):
            content = self.remake(pack, f"{case.name}/actuaciones.json", change)
            faults = evidence_check.verify(BytesIO(content), heads=heads).faults
            self.assertEqual([fault.code for fault in faults], ["kept_renamed"] * expected)
            self.assertLessEqual({fault.act for fault in faults}, set(acts.mapped("number")))
        for move, expected in ((("Acta", "Otra"), "kept_renamed"), ((f"{case.name}/anexos", f"{case.name}0/anexos"), "kept_missing")):

            def follow(proofs, move=move):
                return [{**proof, "path": proof["path"].replace(*move)} if "path" in proof else proof for proof in proofs]

            content = self.remake(pack, f"{case.name}/actuaciones.json", follow, move)
            self.assertEqual({fault.code for fault in evidence_check.verify(BytesIO(content), heads=heads).faults}, {expected})

    def remake(self, pack, acts, change, move=("", "")):
        """The pack made again as a whole, with other proofs and paths."""
        archive = self.open(pack)
        manifest = json.loads(archive.read(evidence.MANIFEST))
        members = []
        for entry in manifest["members"]:
            content = archive.read(entry["path"])
            if entry["path"] == acts:
                chain = json.loads(content)
                content = json.dumps({**chain, "kept": change(chain["kept"])}).encode()
                entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
            entry["path"] = entry["path"].replace(*move)
            members.append((entry["path"], content))
        manifest["digest"] = evidence.manifest_digest(manifest)
        return write_zip([*members, (evidence.MANIFEST, json.dumps(manifest))])

    def test_under_reserve(self):
        case = self.make_told()
        message = self.get_messages(case)[0]
        case.with_user(self.director).action_reserve_identity("Teme represalias")
        self.reload()
        self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [], "it moved, and is what it was")
        self.assertEqual(self.left_out(self.make_pack(case)) & {"kept_left_out", "left_out_identity"}, {"kept_left_out", "left_out_identity"})
        whole = self.make_pack(case, with_identity=True)
        verdict = self.verify(whole, heads=self.get_heads(case))
        self.assertEqual(verdict.faults + verdict.gaps, [])
        self.assertIn(f"{case.name}/comunicaciones.json #{message.id}", verdict.bound)
        text = b"".join(self.open(self.make_pack(case)).read(name) for name in self.open(self.make_pack(case)).namelist())
        self.assertNotIn(SAID.encode(), text)

    def test_messages_that_acts_of_before_bind(self):
        """The conversation of 19.0.1.4.0 was of messages: acts bind them, packs hold them, and they verify."""
        case = self.make_case(partner_id=self.portal.partner_id.id, email_from="portal@example.com").sudo()
        said, told = self.env["mail.message"].create([{
            "model": case._name, "res_id": case.id, "body": f"<p>{text}</p>", "subtype_id": self.env.ref(f"sig_pqrs.mt_{subtype}_client").id,
            "author_id": self.portal.partner_id.id, "message_type": "comment",
        } for text, subtype in (("Uno", "from"), ("Gracias", "to"))])  # fmt: skip
        Binding = self.env["sig.case.binding"]
        values = {"pqrs_id": case.id, "purpose": "message", "state": "sent", "medium": "portal", "date_recorded": case.date_received}
        self.env["sig.pqrs.communication"].create([{**values, "message_id": one.id, "body": "x"} for one in said | told])
        self.env["sig.pqrs.act"]._append(case, "kept", data=Binding._bind_each({case: {"messages": said | told}})[case])
        pack = self.make_pack(case)
        packed = json.loads(self.open(pack).read(f"{case.name}/mensajes.json"))
        self.assertEqual([item["body"] for item in packed], ["<p>Uno</p>", "<p>Gracias</p>"])
        verdict = self.verify(pack, heads=self.get_heads(case))
        self.assertEqual((verdict.faults, verdict.gaps, Binding._get_faults(case)), ([], [], []))
        self.rewrite(told, body="<p>Nada</p>")
        self.reload()
        self.assertEqual([code for _act, code in Binding._get_faults(case)], ["message_altered"])
        self.assertChain(case)


class TestKeptErased(RetentionCommon, KeptProofCommon):
    def test_erased(self):
        case = self.make_old()
        with freeze_time("2025-01-20 15:00:00"):
            case.sudo().attachment_ids |= self.attach(case, "Acta.txt", b"79555444")
            self.builder.receive(case, "Me llamo Ana Ruiz").with_user(self.director).action_attend()
        heads = self.get_heads(case)
        acts = self.get_binding(case)
        self.assertEqual(acts.mapped("kind"), ["received", "response_sent", "files_added", "client_message"])
        self.erase()
        self.reload()
        self.assertTrue(case.anonymized_on)
        self.assertChain(case)
        self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [])
        self.assertFalse(case.sudo().private_salt)
        pack = self.make_pack(case)
        verdict = self.verify(pack, digest=pack.digest)
        self.assertTrue(verdict.holds, verdict.faults)
        self.assertIn("kept_erased", {note.code for note in verdict.notes})
        gaps = {gap.code for gap in self.verify(pack, heads=heads).gaps}
        self.assertIn("kept_erased", gaps, "a head of before the erasing does not say that it was")
        found = self.verify(pack, heads=self.get_heads(case))
        self.assertFalse(found.faults + found.gaps)
        self.assertEqual(self.get_binding(case), acts, "what the act of erasing says of files binds none")
        everything = b"".join(self.open(pack).read(name) for name in self.open(pack).namelist()).decode(errors="replace")
        for salt in ("", case.sudo().uuid):
            self.assertNotIn(act_chain.commit(hashlib.sha256(b"79555444").hexdigest(), salt), everything)


class TestKeptOffline(BaseCase):
    """Packs written by hand: what contradicts the acts is named, whatever the manifest says."""

    MESSAGE = {"id": 7, "date": "2026-11-20 10:00:00", "from": "ana@example.com", "by_petitioner": True, "subject": "", "body": "<p>Hola</p>"}
    FOLDER = "PQRS-2026-00001"

    def make(self, message=None, file=b"foto", later=(), lack=(), **about):
        """A pack whose only act binds a message and a file; both may be other than those it binds."""
        digest = hashlib.sha256(b"foto").hexdigest()
        data = {
            "messages": [[7, act_chain.commit(evidence.message_content(self.MESSAGE), "sal-7")]],
            "files": [[3, act_chain.commit(digest, "sal-3")]],
        }
        acts, previous = [], act_chain.GENESIS
        for number, (kind, values) in enumerate([("kept", data), *later], 1):
            act = {
                "case": "uuid-1", "number": number, "kind": kind, "date": "2026-11-20 10:00:00 2026-11-20 10:00:00", "user": 1, "days": 0,
                "data": json.dumps(values), "note_commitment": "", "note": "", "note_salt": "", "previous_digest": previous,
            }
            previous = act["digest"] = act_chain.digest(previous, act)
            acts.append(act)
        content = io.BytesIO()
        with evidence.PackWriter(content, {}, MOMENT) as writer:
            chain = {"case": "uuid-1", "head": [len(acts), previous], "acts": acts, "kept": []}
            if "file" not in lack:
                path = f"{self.FOLDER}/anexos/foto.jpg"
                if "member" not in lack:
                    writer.add(path, [file])
                chain["kept"].append({"kind": "files", "id": 3, "path": path, "salt": "sal-3"})
            if "message" not in lack:
                messages = message if isinstance(message, list) else [message or self.MESSAGE]
                chain["messages"] = writer.add(f"{self.FOLDER}/mensajes.json", [json.dumps(messages).encode()])
                chain["kept"].append({"kind": "messages", "id": 7, "salt": "sal-7"})
            if "salts" in lack:
                chain["kept"] = []
            writer.add_case(self.FOLDER, self.FOLDER, chain, **about)
            writer.close()
        return evidence_check.verify(io.BytesIO(content.getvalue()), {self.FOLDER: [(1, acts[0]["digest"])]})

    def assertFault(self, verdict, *expected):
        self.assertEqual({(fault.code, fault.where) for fault in verdict.faults}, set(expected))

    def test_whole(self):
        verdict = self.make()
        self.assertFault(verdict)
        self.assertEqual(set(verdict.bound), {f"{self.FOLDER}/anexos/foto.jpg", f"{self.FOLDER}/mensajes.json #7"})

    def test_each_part_of_a_message(self):
        self.assertEqual(set(self.MESSAGE), set(evidence.MESSAGE))
        for name, value in (("date", "2026-11-21 10:00:00"), ("from", "x"), ("by_petitioner", False), ("subject", "x"), ("body", "<p>hola</p>")):
            self.assertFault(self.make({**self.MESSAGE, name: value}), ("kept_altered", f"{self.FOLDER}/mensajes.json #7"))
        self.assertFault(self.make({**self.MESSAGE, "id": 8}), ("kept_missing", self.FOLDER))
        altered = ("kept_altered", f"{self.FOLDER}/mensajes.json #7")
        self.assertFault(self.make({**self.MESSAGE, "text": "Otra cosa"}), altered)
        self.assertFault(self.make([self.MESSAGE, {**self.MESSAGE, "body": "<p>Otra cosa</p>"}]), altered)

    def test_what_is_missing_needs_a_reason(self):
        for lack in (("file",), ("message",), ("file", "message"), ("salts",)):
            self.assertFault(self.make(lack=lack), ("kept_missing", self.FOLDER))
        for lack, left_out, excused in (
            (("file",), ["files"], True), (("file",), ["messages"], False), (("message",), ["messages"], True),
            (("message",), ["files"], False), (("file", "message"), ["identity"], True), (("file",), ["lost", "mails"], False),
        ):  # fmt: skip
            verdict = self.make(lack=lack, left_out=left_out)
            self.assertEqual(not verdict.faults, excused, (lack, left_out))
            self.assertEqual("kept_left_out" in {gap.code for gap in verdict.gaps}, excused)
        erased = self.make(lack=("file", "message"), later=[("anonymized", {})])
        self.assertFault(erased)
        self.assertEqual({gap.code for gap in erased.gaps}, {"kept_erased"}, "no head proves that it was erased")
        self.assertFault(self.make(file=b"otra", later=[("anonymized", {})]), ("kept_altered", f"{self.FOLDER}/anexos/foto.jpg"))

    def test_a_file_taken_out_accuses_nothing_else(self):
        verdict = self.make(lack=("member",))
        self.assertFault(verdict, ("kept_missing", self.FOLDER))
        self.assertEqual(verdict.bound, [f"{self.FOLDER}/mensajes.json #7"])

    def test_nonsense(self):
        """What is no pack of ours is said, and stops nothing."""
        for broken in ({"body": "x"}, "texto", [1]):
            verdict = self.make(broken)
            self.assertTrue(verdict.faults)
