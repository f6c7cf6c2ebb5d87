"""Evidence packs without Odoo: what is written verifies, and whatever is altered afterwards is named."""
import hashlib
import io
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.sig_pqrs.tools import act_chain, evidence, evidence_check, strict_zip, verify_evidence
from odoo.tests import BaseCase

MOMENT = datetime(2026, 11, 24, 10)
LETTER = b"%PDF-1.4 la carta"


def make_acts(case, count=4, letter=LETTER):
    """A chain of acts; the last but one binds the letter."""
    acts, previous = [], act_chain.GENESIS
    for number in range(1, count + 1):
        note = f"Texto {number}" if number % 2 else ""
        act = {
            "case": case, "number": number, "kind": "received", "date": "2026-11-20 10:00:00 2026-11-20 10:00:00", "user": 2,
            "days": 0, "data": json.dumps({"letter": hashlib.sha1(letter).hexdigest()} if number == count - 1 else {}),
            "note_commitment": act_chain.commit(note, "sal"), "note": note, "note_salt": "sal",
            "previous_digest": previous,
        }
        previous = act["digest"] = act_chain.digest(previous, act)
        acts.append(act)
    return acts


def make_pack(acts=None, letter=LETTER, folder="PQRS-2026-00001", **about):
    acts = make_acts("uuid-1") if acts is None else acts
    file = io.BytesIO()
    writer = evidence.PackWriter(file, {"company": "Alliance"}, MOMENT)
    writer.add("PQRS-2026-00001/expediente.pdf", [b"%PDF-1.4 ", b"expediente"])
    writer.add(f"{folder}/respuesta/carta.pdf", [letter])
    writer.add("PQRS-2026-00001/correos/recibido.eml", [b"From: ana@example.com\r\n\r\nHola"])
    head = [acts[-1]["number"], acts[-1]["digest"]] if acts else [0, act_chain.GENESIS]
    writer.add_case("PQRS-2026-00001", "PQRS-2026-00001", {"case": "uuid-1", "head": head, "acts": acts}, **about)
    writer.close()
    return file.getvalue()


def write_zip(members):
    """A ZIP of ``[(name, content)]``, written as packs are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2026, 11, 24, 10, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with pack.open(info, "w") as member:
                member.write(data.encode() if isinstance(data, str) else data)
    return file.getvalue()


def read_zip(content):
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return [(info.filename, pack.read(info)) for info in pack.infolist()]


def remake(content, change):
    """The pack with its members changed: ``change`` gets and gives ``[(name, content)]``."""
    return write_zip(change(read_zip(content)))


def replace(name, data):
    return lambda members: [(path, data(old) if path == name else old) for path, old in members]


def flip(data, position=0):
    position %= len(data)
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def verify(content, *args):
    return evidence_check.verify(io.BytesIO(content), *args)


class TestEvidenceTools(BaseCase):
    def assertFaults(self, content, *expected):
        self.assertEqual({tuple(fault) for fault in verify(content).faults}, set(expected))

    def test_members_dropped_added_repeated_and_moved(self):
        content = make_pack()
        letter = "PQRS-2026-00001/respuesta/carta.pdf"
        dropped = remake(content, lambda members: [member for member in members if member[0] != letter])
        self.assertFaults(dropped, ("missing", letter, 0), ("bound_file", "PQRS-2026-00001", 3))
        self.assertFaults(remake(content, lambda members: [*members, ("otro.txt", b"x")]), ("added", "otro.txt", 0))
        self.assertFaults(remake(content, lambda members: [members[1], members[0], *members[2:]]), ("reordered", "manifest.json", 0))
        with self.assertWarns(UserWarning):
            repeated = remake(content, lambda members: [*members, (letter, LETTER)])
        self.assertFaults(repeated, ("duplicated", letter, 0))
        self.assertFaults(remake(content, lambda members: members[:-1]), ("no_manifest", "manifest.json", 0))

    def test_acts_altered_with_the_manifest_made_again(self):
        """Whoever can write the manifest too still has to break the chain."""
        acts = make_acts("uuid-1")
        for change, expected in (
            (lambda acts: acts[1].update(kind="closed"), ("altered", 2)),
            (lambda acts: acts[0].update(note="Otro texto"), ("note_altered", 1)),
            (lambda acts: acts.pop(1), ("gap", 3)),
            (lambda acts: acts.insert(1, acts.pop(2)), ("reordered", 2)),
            (lambda acts: acts[0].update(case="uuid-2"), ("other_case", 1)),
            (lambda acts: acts[2].update(data="{}"), ("altered", 3)),
        ):
            changed = [dict(act) for act in acts]
            change(changed)
            found = {(fault.code, fault.act) for fault in verify(make_pack(changed)).faults}
            self.assertIn(expected, found)
        other = make_pack(letter=b"%PDF-1.4 otra carta")
        elsewhere = make_pack(folder="PQRS-2026-000010")
        for content in (other, elsewhere):
            self.assertEqual({fault.code for fault in verify(content).faults}, {"bound_file"})
        counted = self.extend(acts, "erasure", data={"erased": 1})
        self.assertTrue(verify(make_pack(counted)).holds, "the act on a claim names no file")

    def test_what_is_no_head_and_no_data(self):
        for head in ([], "", [4], [4, "0" * 64, 1]):

            def behead(data, head=head):
                manifest = json.loads(data)
                manifest["cases"][0]["head"] = head
                manifest["digest"] = evidence.manifest_digest(manifest)
                return json.dumps(manifest)

            self.assertFaults(remake(make_pack(), replace("manifest.json", behead)), ("no_acts", "PQRS-2026-00001", 0))
        acts = make_acts("uuid-1")
        acts[1]["data"] = "[" * 200_000
        self.assertFaults(make_pack(acts), ("no_acts", "PQRS-2026-00001", 0))

    def test_whole_pack_made_again(self):
        """Nothing inside tells it; what was noted outside does."""
        acts = make_acts("uuid-1")
        printed = f"PQRS-2026-00001 4 {acts[-1]['digest']}"
        noted = verify(make_pack()).digest
        forged = make_pack(acts[:-1])
        self.assertTrue(verify(forged).holds)
        heads = evidence_check.read_heads(f"Sellos del día\n{printed}\nPQRS-2026-00001:2:{acts[1]['digest'].upper()}\n")
        self.assertEqual(heads, {"PQRS-2026-00001": [(4, acts[3]["digest"]), (2, acts[1]["digest"])]})
        self.assertEqual(verify(forged, heads).faults, [("truncated", "PQRS-2026-00001", 4)])
        self.assertEqual(verify(forged, {}, noted).faults, [("manifest_altered", "manifest.json", 0)])
        verdict = verify(make_pack(), heads, noted)
        self.assertTrue(verdict.holds, "the same files make the same pack")
        self.assertEqual((verdict.members, verdict.cases, verdict.heads), (4, {"PQRS-2026-00001": 4}, 2))
        rewritten = make_acts("uuid-1", letter=b"%PDF-1.4 otra carta")
        verdict = verify(make_pack(rewritten, letter=b"%PDF-1.4 otra carta"), heads)
        self.assertEqual(verdict.faults, [("witness_mismatch", "PQRS-2026-00001", 4)])

    def extend(self, acts, kind, **values):
        acts = [dict(act) for act in acts]
        act = {**make_acts("uuid-1", 1)[0], "number": len(acts) + 1, "kind": kind, "note": "", "note_commitment": "", **values}
        act["previous_digest"] = acts[-1]["digest"] if acts else act_chain.GENESIS
        act["data"] = json.dumps(values.get("data", {}))
        act["digest"] = act_chain.digest(act["previous_digest"], act)
        return [*acts, act]

    def heads(self, acts, *numbers):
        return {"PQRS-2026-00001": [(number, acts[number - 1]["digest"]) for number in numbers or [len(acts)]]}

    def codes(self, faults):
        return [(fault.code, fault.act) for fault in faults]

    def test_letter_left_out_of_a_case_with_a_head(self):
        """That a pack leaves files out is in its manifest, act by act, which a head does not prove."""
        heads = self.heads(make_acts("uuid-1"))
        content = make_pack(letter=b"otra carta", left_out=["files"], omitted=[3])
        self.assertEqual(self.codes(verify(content, heads).gaps), [("bound_file", 3)])
        content = make_pack(letter=b"otra carta", left_out=["files"], omitted=[2])
        self.assertEqual(self.codes(verify(content, heads).faults), [("bound_file", 3)], "of another act it was")
        for reason in ("files", "identity"):
            content = make_pack(letter=b"otra carta", left_out=[reason])
            verdict = verify(content, heads)
            self.assertEqual((verdict.faults, self.codes(verdict.gaps)), ([], [("bound_file", 3)]))
            self.assertFalse(verdict.bound or verify(content, heads, verify(content).digest).gaps)
        verdict = verify(make_pack(letter=b"otra carta", left_out=["mails", "lost", "pdf"]), heads)
        self.assertEqual(self.codes(verdict.faults), [("bound_file", 3)])

    def test_what_heads_prove(self):
        """The report names what was proven, and says of no other file that it was not altered."""
        acts = make_acts("uuid-1")
        forged = remake(make_pack(), replace("PQRS-2026-00001/expediente.pdf", lambda _old: b"%PDF-1.4 otro"))

        def list_again(members):
            """The pack has a manifest that lists what its members are now."""
            manifest = json.loads(members.pop()[1])
            for entry in manifest["members"]:
                data = dict(members)[entry["path"]]
                entry.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())
            manifest["digest"] = evidence.manifest_digest(manifest)
            return [*members, ("manifest.json", json.dumps(manifest))]

        forged = remake(forged, list_again)
        letter = "PQRS-2026-00001/respuesta/carta.pdf"
        for numbers, bound, later in (((4,), [letter], False), ((2,), [], True), ((2, 3), [letter], True)):
            verdict = verify(forged, self.heads(acts, *numbers))
            self.assertEqual((verdict.faults, verdict.proven), ([], {"PQRS-2026-00001": max(numbers)}))
            self.assertEqual((verdict.bound, [note.code for note in verdict.notes]), (bound, ["after_head"] * later))
            report = verify_evidence.write_report(verdict)
            self.assertNotIn("nada fue alterado", report)
            self.assertIn("expediente, correos y lo demás sin comprobar", report)
            self.assertEqual(letter in report, bool(bound))
            self.assertNotIn("Casos sin sello", report)
        noted = verify(make_pack()).digest
        self.assertIn("ÍNTEGRO", verify_evidence.write_report(verify(make_pack(), {}, noted)))
        self.assertFalse(verify(forged, {}, noted).holds)

    def test_one_head_of_many_cases(self):
        """A head speaks for its case alone, and the others are named."""
        file = io.BytesIO()
        with evidence.PackWriter(file, {}, MOMENT) as writer:
            for case in ("A-1", "A-2", "A-3"):
                writer.add(f"{case}/respuesta/carta.pdf", [LETTER])
                acts = make_acts(case)
                writer.add_case(case, case, {"case": case, "head": [4, acts[-1]["digest"]], "acts": acts})
            writer.close()
        verdict = verify(file.getvalue(), {"A-2": [(4, make_acts("A-2")[-1]["digest"])], "B-9": [(1, "0" * 64)]})
        report = verify_evidence.write_report(verdict)
        self.assertIn("ACTUACIONES ÍNTEGRAS en los casos con sello (1 de 3)", report)
        self.assertIn("Casos sin sello, de los que nada se comprobó: A-1, A-3\n", report)
        self.assertIn("SIN COMPROBAR", verify_evidence.write_report(verify(file.getvalue(), {"B-9": [(1, "0" * 64)]})))

    @given(
        st.sets(st.integers(1, 4)), st.sets(st.integers(1, 4)), st.booleans(), st.booleans(), st.integers(1, 4), st.booleans(),
    )  # fmt: skip
    @settings(max_examples=150, deadline=None)
    def test_nobody_adds_excuses(self, sealed, blanked, swapped, partial, known, trusted):
        """With acts added at the end, whatever is forged up to the head is told as a fault or a gap, never believed."""
        acts = make_acts("uuid-1")
        heads = self.heads(acts, known)
        said = {"sealed": sorted(sealed), "erased": [hashlib.sha1(LETTER).hexdigest()]}
        forged = self.extend(acts, "anonymized", data=said)
        for number in sealed:
            forged[number - 1].update(user=None, sealed=True, date="2020-01-01")
        blanked = {number for number in blanked if forged[number - 1]["note"]}
        for number in blanked:
            forged[number - 1].update(note="")
        noted = verify(make_pack(left_out=["files"] if partial else [])).digest if trusted else ""
        content = make_pack(forged, b"otra" if swapped else LETTER, left_out=["files"] if partial else [])
        verdict = verify(content, heads, noted)
        self.assertEqual(verify_evidence.get_outcome(verdict) == "broken", trusted)
        if not trusted:
            told = {code for code, _act in self.codes([*verdict.faults, *verdict.gaps])}
            expected = {"sealed"} if sealed else set()
            expected |= {"erased_texts"} if blanked else set()
            expected |= {"erased_file"} if swapped and 3 not in sealed else set()
            self.assertEqual(told, expected)
            self.assertIn(("after_head", known), self.codes(verdict.notes))

    def test_who_made_the_pack_does_not_write_in_the_report(self):
        name = "x\nÍNTEGRO: nada fue alterado.\x1b[2J"
        for code in ("added", "left_out_{where.__class__}\n{0}", "sealed"):
            text = verify_evidence.describe(evidence_check.Fault(code, name))
            self.assertTrue(text.isprintable(), text)
        acts = make_acts("uuid-1")
        file = io.BytesIO()
        with evidence.PackWriter(file, {}, MOMENT) as writer:
            writer.add_case(name, "x", {"case": "uuid-1", "head": [4, acts[-1]["digest"]], "acts": acts}, left_out=["files", "{9}"])
            writer.close()
        report = verify_evidence.write_report(verify(file.getvalue(), {name: [(4, acts[-1]["digest"])]}))
        self.assertNotIn("\nÍNTEGRO", report)
        self.assertNotIn("\x1b", report)

    def test_broken_archives(self):
        content = make_pack()
        for broken in (b"", b"x", content[:100], content[: len(content) - 30], b"PK\x05\x06" + b"\0" * 18):
            self.assertTrue(verify(broken).faults)
        for manifest in (b"", b"[]", b"{}", b'{"format": "sig_pqrs evidence pack 1"}', b"\xff", b"[" * 9999, b'{"format": 1}'):
            self.assertFaults(
                remake(content, replace("manifest.json", lambda _old, manifest=manifest: manifest)),
                ("manifest_altered", "manifest.json", 0),
            )
        acts = "PQRS-2026-00001/actuaciones.json"
        for data in (b"", b"[]", b'{"acts": [1]}', b'{"acts": [{}]}', b'{"acts": {}}'):
            codes = {fault.code for fault in verify(remake(content, replace(acts, lambda _old, data=data: data))).faults}
            self.assertEqual(codes, {"altered", "no_acts"})

    def test_names(self):
        self.assertEqual([evidence.safe_name(name) for name in (None, "...", "x" * 300 + ".pdf")], ["_", "_", "x" * 76 + ".pdf"])
        with evidence.PackWriter(io.BytesIO(), {}, MOMENT) as writer:
            paths = [writer.add(path, []) for path in ("a/x.pdf", "a/x.pdf", "a/X.PDF", "a/x", "a/x", "manifest.json")]
        self.assertEqual(paths, ["a/x.pdf", "a/x (2).pdf", "a/X (3).PDF", "a/x", "a/x (2)", "manifest (2).json"])

    @given(st.text())
    @settings(max_examples=200, deadline=None)
    def test_any_name_can_be_unpacked(self, name):
        safe = evidence.safe_name(name)
        self.assertTrue(safe)
        self.assertLessEqual(len(safe.encode()), 80)
        self.assertFalse(set(safe) & set('<>:"/\\|?*\n\r\t\0'))
        self.assertNotIn(safe, (".", ".."))
        self.assertEqual(evidence.safe_name(safe), safe)

    @given(st.integers(0))
    @settings(max_examples=80, deadline=None)
    def test_a_byte_of_the_archive_itself(self, position):
        """Of the file as it lies on a disk: nothing that is read of it changes unnoticed."""
        content = make_pack()
        changed = flip(content, position)
        if verify(changed).holds:  # bits after the end of a compressed stream, which nobody reads
            self.assertEqual(read_zip(content), read_zip(changed))

    def test_pack_of_before(self):
        """As version 19.0.1.4.0 wrote it: ZIP64 in local headers, reasons for a whole case, a sample, no verifier."""
        old = (Path(__file__).parent / "data" / "pack-19.0.1.4.0.zip").read_bytes()
        head = [(4, "cb98423a8097bc6f45fa0e5a959951c8b2900b40b4f7cd06fc13b1d46b8a2130")]
        noted = "5b5b2b3f4894935f03d791ddae6087597addf69ef07309fa78e808b83f6bf4db"
        verdict = verify(old, {"PQRS-2026-00001": head}, noted)
        self.assertEqual((verdict.faults, verdict.gaps, verdict.trusted), ([], [], True))
        self.assertEqual(self.codes(verify(old, {"PQRS-2026-00001": head}).gaps), [("bound_file", 3)])
        self.assertTrue(verify(flip(old, old.index(struct.pack("<2H", 1, 16)) + 4)).faults)

    def test_verifier_is_the_published_one(self):
        """Whoever forges a pack can forge the verifier in it: its SHA-256 is published where no pack reaches."""
        tools = Path(verify_evidence.__file__).parent
        docs = (tools.parent / "docs" / "evidence.md").read_text()
        for name in evidence.VERIFIER:
            digest = hashlib.sha256((tools / name).read_bytes()).hexdigest()
            self.assertIn(f"{digest}  {evidence.VERIFIER_FOLDER}/{name}\n", docs, f"tell it in docs/evidence.md: {digest}")

    def run_command(self, content, *arguments):
        """Code and output of the command that a pack holds, run with a bare Python, elsewhere, by its files alone."""
        file = io.BytesIO()
        with evidence.PackWriter(file, {}, MOMENT) as writer:
            writer.add_verifier()
            writer.close()
        with tempfile.TemporaryDirectory() as path:
            folder = Path(path)
            zipfile.ZipFile(file).extractall(folder)
            (folder / "pack.zip").write_bytes(content)
            arguments = [argument.replace("FOLDER", str(folder)) for argument in arguments]
            (folder / "sellos.txt").write_text(f"PQRS-2026-00001 9 {'a' * 64}\n")
            done = subprocess.run(
                [sys.executable, "-S", "-E", folder / evidence.VERIFIER_FOLDER / "verify_evidence.py", folder / "pack.zip", *arguments],
                cwd="/", capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
            return done.returncode, done.stdout + done.stderr

    def test_command(self):
        code, output = self.run_command(make_pack(), "--digest", verify(make_pack()).digest.upper())
        self.assertEqual(code, 0, output)
        self.assertIn("ÍNTEGRO: nada fue alterado.", output)
        self.assertNotIn("se anotó por fuera", output)
        code, output = self.run_command(make_pack())
        self.assertEqual(code, 0, output)
        self.assertNotIn("nada fue alterado", output)
        self.assertIn("Casos: 1 · Actuaciones: 4 · Archivos: 4", output)
        self.assertIn("se anotó por fuera", output)
        code, output = self.run_command(make_pack(), "--heads", "FOLDER/sellos.txt")
        self.assertEqual(code, 1)
        self.assertIn("PQRS-2026-00001: faltan las últimas actuaciones; se anotó la número 9", output)
        head = f"PQRS-2026-00001:4:{make_acts('uuid-1')[-1]['digest']}"
        code, output = self.run_command(make_pack(), "--head", head)
        self.assertEqual(code, 0, output)
        self.assertIn("expediente, correos y lo demás sin comprobar", output)
        code, output = self.run_command(make_pack(letter=b"otra", left_out=["files"]), "--head", head)
        self.assertEqual(code, 3, output)
        self.assertIn("INCOMPLETO", output)
        letter = "PQRS-2026-00001/respuesta/carta.pdf"
        code, output = self.run_command(remake(make_pack(), replace(letter, flip)))
        self.assertEqual(code, 1)
        self.assertIn(f"archivo alterado: {letter}", output)
        self.assertEqual(self.run_command(b"no es un zip")[0], 1)
        self.assertEqual(self.run_command(make_pack(), "--heads", "FOLDER/no-existe.txt")[0], 2)


class Part:
    """An entry of a ZIP as its bytes: what is not said is as a pack has it."""

    def __init__(self, name, data, **said):
        self.name, self.data = name.encode(), data
        deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.stream = deflater.compress(data) + deflater.flush()
        self.before = self.after = self.extra = self.local_extra = self.comment = b""
        self.flags, self.method, self.needed, self.made_by = 0 if name.isascii() else 0x800, 8, 20, 3 << 8 | 20
        self.mode, self.local_name, self.local_size, self.internal = 0o644 << 16, self.name, len(data), 0
        for key, value in said.items():
            setattr(self, key, value)


def build(parts, comment=b"", end=b"", count=None):
    """A ZIP of parts, byte by byte; its offsets are right, whatever else is not."""
    body, directory = b"", b""
    for part in parts:
        body += part.before
        sums = (zlib.crc32(part.data), len(part.stream))
        stamp = (0x5000, 0x5D78)
        central = (part.made_by, part.needed, part.flags, part.method, *stamp, *sums, len(part.data), len(part.name))
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", *central, len(part.extra), len(part.comment), 0, part.internal, part.mode, len(body)
        )
        directory += part.name + part.extra + part.comment
        local = (part.needed, part.flags, part.method, *stamp, *sums, part.local_size, len(part.local_name))
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *local, len(part.local_extra))
        body += part.local_name + part.local_extra + part.stream + part.after
    count = len(parts) if count is None else count
    closing = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), len(comment))
    return body + directory + end + closing + comment


class TestOneReading(BaseCase):
    """A pack is a ZIP that every program reads alike: whatever lets two of them differ is refused, with its place."""

    LETTER = "PQRS-2026-00001/respuesta/carta.pdf"

    def parts(self, **said):
        return [Part(name, data, **(said if name == self.LETTER else {})) for name, data in read_zip(make_pack())]

    def assertRefused(self, content, code, where=None):
        verdict = verify(content)
        self.assertTrue({fault.code for fault in verdict.faults} & set(code.split()), verdict.faults)
        if where is not None:
            self.assertIn((code, where), {(fault.code, fault.where) for fault in verdict.faults})
        self.assertNotIn(f": {verdict.faults[0].code}", verify_evidence.describe(verdict.faults[0]))

    def test_as_it_is_written(self):
        self.assertTrue(verify(build(self.parts())).holds, verify(build(self.parts())).faults)
        made = make_pack()
        for name, raw in (("local", b"PK\3\4"), ("central", b"PK\1\2")):
            position, extra = made.index(raw), {"local": 28, "central": 30}[name]
            self.assertEqual(made[position + extra : position + extra + 2], b"\0\0", "no extra fields")

    def test_bytes_before_after_and_between(self):
        content = make_pack()
        other = write_zip([("LEAME.txt", b"otro"), ("manifest.json", b"{}")])
        self.assertRefused(other + content, "foreign_bytes", "0")
        for before in (other, b"x", b"PK\3\4", b"\0"):
            self.assertRefused(build(self.parts(before=before)), "foreign_bytes")
        for after in (b"x", b"\0", content, b"PK\5\6" + b"\0" * 18):
            self.assertRefused(content + after, "foreign_bytes odd_header")
        self.assertRefused(build(self.parts(), comment=b"nota"), "foreign_bytes")
        self.assertRefused(build(self.parts(after=b"oculto")), "foreign_bytes")
        last = self.parts()
        last[-1].after = b"oculto"
        self.assertRefused(build(last), "foreign_bytes")
        self.assertRefused(build(self.parts(), end=b"oculto"), "foreign_bytes unreadable")
        self.assertRefused(build(self.parts(), count=4), "foreign_bytes")

    def test_extra_fields_and_comments(self):
        """An extra field 0x7075 is another name, which some programs take instead."""
        other = b"\1" + struct.pack("<L", zlib.crc32(self.LETTER.encode())) + b"otra carta.pdf"
        unicode_path = struct.pack("<2H", 0x7075, len(other)) + other
        sizes = struct.pack("<2H2Q", 1, 16, 1, 1)
        for extra in (unicode_path, sizes, b"\0" * 4):
            for said in ({"extra": extra}, {"local_extra": extra}, {"extra": extra, "local_extra": extra}):
                self.assertRefused(build(self.parts(**said)), "odd_header", self.LETTER)
        self.assertRefused(build(self.parts(comment=b"nota")), "odd_header", self.LETTER)

    def test_headers_that_disagree(self):
        local = self.LETTER.replace("carta", "falsa").encode()
        for said in (
            {"local_name": local}, {"local_name": local + b"x"}, {"local_size": 3}, {"method": 0}, {"flags": 0x8}, {"flags": 0x800},
            {"flags": 1}, {"mode": 0o120777 << 16}, {"mode": 0}, {"made_by": 20}, {"needed": 45}, {"internal": 1},
        ):  # fmt: skip
            self.assertRefused(build(self.parts(**said)), "odd_header", self.LETTER)
        pipe = io.BytesIO()
        with (
            patch.object(zipfile.ZipFile, "_seekable", property(lambda _self: False, lambda *_args: None), create=True),
            zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as pack,
        ):
            pack.writestr("x", b"x")
        self.assertRefused(pipe.getvalue(), "odd_header", "x")  # its sizes come after the content

    def test_bytes_after_a_compressed_stream(self):
        stream = Part(self.LETTER, LETTER).stream
        for hidden in (stream + b"oculto", stream[:-1], stream + stream):
            self.assertRefused(build(self.parts(stream=hidden)), "altered", self.LETTER)

    def test_names(self):
        for name, code in (
            (self.LETTER, "duplicated"), (self.LETTER.upper(), "duplicated"), ("../fuera", "odd_name"), ("/fuera", "odd_name"),
            ("a//b", "odd_name"), ("a\\b", "odd_name"), ("C:x", "odd_name"), ("a/", "odd_name"), ("a\n", "odd_name"), ("a.", "odd_name"),
            (f"{self.LETTER}/otra", "odd_name"), ("PQRS-2026-00001", "odd_name"),
            ("CON", "odd_name"), ("x/nul.pdf", "odd_name"), ("aux .tar.gz", "odd_name"), ("Com¹.txt", "odd_name"), ("lpt9/x", "odd_name"),
        ):  # fmt: skip
            self.assertRefused(build([*self.parts(), Part(name, b"otra")]), code)
        both = [Part(name, b"x") for name in ("\u00f1", "n\u0303")]
        self.assertRefused(build(both), "duplicated")
        [undecodable] = parts = [Part("x", b"x", local_name=b"\xff", flags=0x800)]
        undecodable.name = b"\xff"
        self.assertRefused(build(parts), "odd_name")

    def test_records_of_zip64(self):
        """Who reads them and who does not would find another directory."""
        content = make_pack()
        other = build([Part("manifest.json", b"{}")])
        start = other.index(b"PK\1\2")
        record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(other) - start - 22, start)
        locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(content) - 22, 1)
        self.assertRefused(content[:-22] + record + locator + content[-22:], "foreign_bytes unreadable")

    def test_packs_that_need_zip64(self):
        """Beyond two gigabytes, here as if after some bytes."""
        members = [(f"x/{number}", b"%d" % number) for number in range(9)]
        self.startPatcher(patch.object(zipfile, "ZIP64_LIMIT", 100))
        self.startPatcher(patch.object(strict_zip, "LIMIT", 100))
        large = write_zip(members)
        self.assertIn(b"PK\6\6", large)
        pack = strict_zip.StrictZip(io.BytesIO(large))
        self.assertEqual([(name, b"".join(pack.read_member(name))) for name in pack.entries], members)
        for position in (large.index(b"PK\6\6") + 56, large.index(b"PK\6\6") + 24, len(large) - 12, len(large) - 6):
            with self.assertRaises(strict_zip.ContainerError):
                strict_zip.StrictZip(io.BytesIO(flip(large, position)))

    @given(st.integers(0), st.binary(min_size=1, max_size=40), st.integers(1, 200))
    @settings(max_examples=150, deadline=None)
    def test_nothing_is_put_in_or_taken_out(self, position, data, length):
        content = make_pack()
        position %= len(content)
        self.assertFalse(verify(content[:position] + data + content[position:]).holds)
        self.assertFalse(verify(content[:position] + content[position + length :]).holds)

    @given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=60)), max_size=4))
    @settings(max_examples=100, deadline=None)
    def test_what_is_accepted_is_read_alike(self, members):
        """Whatever the names: what is not refused is what any program unpacks."""
        content = build([Part(name.encode(errors="replace").decode(), data) for name, data in members])
        try:
            pack = strict_zip.StrictZip(io.BytesIO(content))
        except strict_zip.ContainerError:
            return
        self.assertEqual([(name, b"".join(pack.read_member(name))) for name in pack.entries], read_zip(content))
