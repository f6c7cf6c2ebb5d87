"""Messages with the petitioner and files are proved by the acts: here, in a pack offline, and once they are erased."""
import hashlib
import io
import json
from io import BytesIO
from unittest.mock import patch

from odoo.addons.sig_pqrs.tools import act_chain, evidence, evidence_check, verify_evidence
from odoo.tests import BaseCase, tagged
from odoo.tools import SQL, mute_logger

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
        message = case.with_user(self.portal).sudo()._create_client_message(SAID, [])
        message.attachment_ids = self.attach(case, "Foto.jpg", b"la foto")
        case.with_user(self.director).action_write_to_client(ANSWERED)
        self.reload()
        return case

    def keep(self, case):
        self.run_cron("sig_pqrs.cron_kept")
        self.reload()
        return self.get_kept(case)

    def get_kept(self, case):
        return case.sudo().act_ids.filtered(lambda act: act.kind == "kept")

    def get_messages(self, case):
        return self.env["mail.message"].search(case.sudo()._get_client_message_domain(), order="id")

    def verify(self, pack, **options):
        return evidence_check.verify(BytesIO(pack.attachment_id.raw), **options)

    def get_heads(self, case):
        return {case.name: [(case.sudo().act_number, case.sudo().act_head)]}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestKeptProof(KeptProofCommon):
    def test_bound_once_by_an_act_that_tells_nothing(self):
        case = self.make_told()
        before = self.kinds(case)
        with self.subTest("nothing is bound on the way"):
            self.assertNotIn("kept", before)
            self.assertTrue(case.sudo().kept_pending)
        act = self.keep(case)
        self.assertEqual(len(act), 1)
        files = case.sudo().attachment_ids | self.get_messages(case).attachment_ids
        self.assertEqual({id_ for id_, _digest in act.data["files"]}, set(files.ids))
        self.assertEqual({id_ for id_, _digest in act.data["names"]}, set(files.ids))
        self.assertEqual({id_ for id_, _digest in act.data["messages"]}, set(self.get_messages(case).ids))
        self.assertFalse(act.note)
        self.assertTrue(act.user_id._is_superuser(), "it does not tell who brought it")
        for file in files:
            self.assertNotIn(file._sig_sha256(), json.dumps(act.data), "a short file is found by trying")
        self.assertChain(case)
        self.assertFalse(case.sudo().kept_pending)
        self.assertEqual(self.keep(case), act)
        case.with_user(self.portal).sudo()._create_client_message("Otra cosa", [])
        later = self.keep(case) - act
        self.assertEqual(later.data.keys(), {"messages"})
        self.assertEqual(len(later.data["messages"]), 1)

    def test_drafts_and_talk_are_not_bound(self):
        assignment = self.make_assignment()
        case = assignment.pqrs_id
        self.attach(case, "borrador.txt", record=assignment)
        case.with_user(self.director).message_post(body="Llamé y no contestó")
        self.assertFalse(case.sudo().kept_pending)
        self.assertFalse(self.keep(case))

    def test_in_a_pack(self):
        case = self.make_told()
        self.keep(case)
        pack = self.make_pack(case)
        archive = self.open(pack)
        told = json.loads(archive.read(f"{case.name}/mensajes.json"))
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
                *(f"{case.name}/mensajes.json #{id_}" for id_ in ids),
            },
        )
        self.assertIn("anexos/Acta.txt", verify_evidence.write_report(verdict))
        salt = case.sudo().private_salt
        self.assertFalse([name for name in archive.namelist() if salt.encode() in archive.read(name)])

    def test_a_pack_binds_what_no_job_bound_yet(self):
        case = self.make_told()
        pack = self.make_pack(case)
        self.reload()
        self.assertEqual(len(self.get_kept(case)), 1)
        self.assertEqual(len(self.verify(pack, heads=self.get_heads(case)).bound), 4)

    def test_altered_or_gone_in_the_database(self):
        """Whoever can write in the database and the file store is found by the button, on paper and in the pack."""
        store = self.env["ir.attachment"]
        for name, change, code, where in (
            ("text", lambda case: self.rewrite(self.get_messages(case)[0], body="<p>Nada pasó</p>"), "message_altered", "/mensajes.json #"),
            ("date", lambda case: self.rewrite(self.get_messages(case)[0], date="2026-11-01 10:00:00"), "message_altered", "/mensajes.json #"),
            ("author", lambda case: self.rewrite(self.get_messages(case)[0], email_from="x@example.com"), "message_altered", "/mensajes.json #"),
            ("direction", lambda case: self.rewrite(
                self.get_messages(case)[0], subtype_id=self.env.ref("sig_pqrs.mt_to_client").id), "message_altered", "/mensajes.json #"),
            ("file", lambda case: case.sudo().attachment_ids.write({"raw": b"otra cosa"}), "file_altered", "/anexos/Acta.txt"),
            ("name", lambda case: self.rewrite(case.sudo().attachment_ids, name="Otra acta.txt"), "file_renamed", "/anexos/Otra acta.txt"),
            ("no message", lambda case: self.get_messages(case)[1].unlink(), "message_missing", ""),
            ("no file", lambda case: case.sudo().attachment_ids.unlink(), "file_missing", ""),
            ("lost", lambda case: self.rewrite(case.sudo().attachment_ids, store_fname="no/existe"), "file_missing", ""),
        ):  # fmt: skip
            with self.subTest(name):
                case = self.make_told()
                act = self.keep(case)
                own = case.with_user(self.director)
                self.assertEqual(own.action_verify_acts()["params"]["type"], "success")
                self.assertIn("it is complete and unaltered", self.render(case))
                change(case)
                self.reload()
                self.assertChain(case)
                self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [(act.number, code)])
                told = own.action_verify_acts()["params"]
                self.assertEqual(told["type"], "danger")
                self.assertIn(self.env["sig.act.check"]._get_fault_names()[code], told["message"])
                self.assertNotIn("it is complete and unaltered", self.render(case))
                faults = self.verify(self.make_pack(case)).faults
                expected = "kept_renamed" if code == "file_renamed" else "kept_altered" if where else "kept_missing"
                self.assertEqual([(fault.code, fault.act) for fault in faults], [(expected, act.number)])
                self.assertTrue(faults[0].where.startswith(f"{case.name}{where}"), faults[0].where)
                store.invalidate_model()

    def rewrite(self, record, **values):
        for name, value in values.items():
            self.env.cr.execute(SQL(
                "UPDATE %s SET %s = %s WHERE id = %s", SQL.identifier(record._table), SQL.identifier(name), value, record.id,
            ))

    def test_names_of_before(self):
        """Acts that bind no name verify as they did."""
        case = self.make_told()
        registry = self.env.registry["sig.case.binding"]
        bind = registry._bind_records

        def bind_no_names(*args, **kwargs):
            return {kind: pairs for kind, pairs in bind(*args, **kwargs).items() if kind != "names"}

        with patch.object(registry, "_bind_records", bind_no_names):
            act = self.keep(case)
        self.assertNotIn("names", act.data)
        self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [])
        verdict = self.verify(self.make_pack(case), heads=self.get_heads(case))
        self.assertEqual((verdict.faults, verdict.gaps), ([], []))

    def test_names_that_a_pack_changes(self):
        """In a pack made again, with a name that its member has not, and without what proves the name."""
        case = self.make_told()
        twin = self.attach(case, "Acta.txt", b"otra acta")
        case.sudo().attachment_ids |= twin
        act = self.keep(case)
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
            self.assertEqual([(fault.code, fault.act) for fault in faults], [("kept_renamed", act.number)] * expected)

    def remake(self, pack, acts, change):
        """The pack made again as a whole, with other proofs."""
        archive = self.open(pack)
        manifest = json.loads(archive.read(evidence.MANIFEST))
        members = []
        for entry in manifest["members"]:
            content = archive.read(entry["path"])
            if entry["path"] == acts:
                chain = json.loads(content)
                content = json.dumps({**chain, "kept": change(chain["kept"])}).encode()
                entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())
            members.append((entry["path"], content))
        manifest["digest"] = evidence.manifest_digest(manifest)
        return write_zip([*members, (evidence.MANIFEST, json.dumps(manifest))])

    def test_under_reserve(self):
        case = self.make_told()
        act = self.keep(case)
        case.with_user(self.director).action_reserve_identity("Teme represalias")
        self.reload()
        self.assertEqual(self.env["sig.case.binding"]._get_faults(case), [], "it moved, and is what it was")
        self.assertEqual(self.left_out(self.make_pack(case)) & {"kept_left_out", "left_out_identity"}, {"kept_left_out", "left_out_identity"})
        whole = self.make_pack(case, with_identity=True)
        verdict = self.verify(whole, heads=self.get_heads(case))
        self.assertEqual(verdict.faults + verdict.gaps, [])
        self.assertIn(f"{case.name}/mensajes.json #{act.data['messages'][0][0]}", verdict.bound)
        text = b"".join(self.open(self.make_pack(case)).read(name) for name in self.open(self.make_pack(case)).namelist())
        self.assertNotIn(SAID.encode(), text)

    def test_those_that_fail_do_not_hold_up_the_others(self):
        """However many they are, and though they were first; they are told once, and tried again."""
        bad = [self.make_told() for _number in range(4)]
        good = self.make_told()
        broken = {case.id for case in bad}
        registry = self.env.registry["sig.case.binding"]
        commit, original = registry._commit, registry._cron_keep

        def commit_or_fail(model, case, *args):
            if case.id in broken:
                raise ValueError("broken")
            return commit(model, case, *args)

        self.patch(registry, "_commit", commit_or_fail)
        self.patch(registry, "_cron_keep", lambda model: original(model, batch=2))
        loggers = ("odoo.addons.sig_pqrs.models.mixin.record_mixin", "odoo.addons.sig_pqrs.models.proof.case_binding")

        def run():
            with mute_logger(loggers[0]), self.assertLogs(loggers[1], "ERROR") as logs:
                self.run_cron("sig_pqrs.cron_kept")
            self.reload()
            return " ".join(logs.output)

        told = run()
        self.assertTrue(self.get_kept(good))
        self.assertFalse(good.sudo().kept_failed_at)
        for case in bad:
            self.assertIn(case.name, told)
            self.assertFalse(self.get_kept(case))
            self.assertEqual(str(case.sudo().kept_failed_at), "2026-11-24 15:00:00")
            self.assertEqual(case.activity_search(["sig_pqrs.activity_chain"]).user_id, self.director)
        with freeze_time("2026-11-24 20:00:00"):
            self.run_cron("sig_pqrs.cron_kept")
            self.assertEqual(str(bad[0].sudo().kept_failed_at), "2026-11-24 15:00:00", "not yet")
        with freeze_time("2026-11-24 21:00:00"):
            broken.discard(bad[0].id)
            run()
        self.assertTrue(self.get_kept(bad[0]))
        self.assertFalse(bad[0].sudo().kept_failed_at)
        self.assertEqual(str(bad[3].sudo().kept_failed_at), "2026-11-24 21:00:00")
        self.assertEqual(len(bad[3].activity_search(["sig_pqrs.activity_chain"])), 1)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestKeptErased(RetentionCommon, KeptProofCommon):
    def test_erased(self):
        case = self.make_old()
        with freeze_time("2025-01-20 15:00:00"):
            case.sudo().attachment_ids |= self.attach(case, "Acta.txt", b"79555444")
            case.with_user(self.director).sudo()._create_client_message("Me llamo Ana Ruiz", [])
            act = self.keep(case)
        heads = self.get_heads(case)
        self.assertTrue(act.data["files"])
        case.sudo().write({"client_message_pending": False, "client_message_id": False})
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
        everything = b"".join(self.open(pack).read(name) for name in self.open(pack).namelist()).decode(errors="replace")
        for salt in ("", case.sudo().uuid):
            self.assertNotIn(act_chain.commit(hashlib.sha256(b"79555444").hexdigest(), salt), everything)


@tagged("post_install", "-at_install")
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
                path = writer.add(f"{self.FOLDER}/anexos/foto.jpg", [file])
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

    def test_nonsense(self):
        """What is no pack of ours is said, and stops nothing."""
        for broken in ({"body": "x"}, "texto", [1]):
            verdict = self.make(broken)
            self.assertTrue(verdict.faults)
