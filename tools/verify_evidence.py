"""Verify an evidence pack on any computer that has Python 3.10 or later: no Odoo, no network, no secret.

    python3 tools/verify_evidence.py PACK.zip [--digest SHA256] [--head CASE:ACT:SHA256] [--heads FILE] [--lang en]

`evidence_check.py`, `evidence.py`, `strict_zip.py` and `act_chain.py` have to be in its folder. It ends with 0 when
nothing was altered, 1 when something was, 2 when there is nothing to read, and 3 when what a case lacks cannot be
believed. See docs/evidence.md.
"""

import argparse
import sys
from pathlib import Path

if __package__:
    from . import evidence_check
else:
    import evidence_check

#: what each code says, in each language; the first is the one of the people who read it
MESSAGES = {
    "es": {
        "unreadable": "el archivo no es un ZIP, o está truncado",
        "foreign_bytes": "hay bytes que no son de ningún archivo del paquete, desde la posición {where}",
        "odd_header": "el ZIP no está escrito como un paquete, así que otro programa podría leerlo distinto: {where}",
        "odd_name": "nombre que algún sistema desempaqueta en otro lugar, o sobre otro archivo: {where}",
        "no_manifest": "no hay manifiesto: {where}",
        "manifest_altered": "el manifiesto fue alterado: {where}",
        "altered_member": "archivo alterado: {where}",
        "added": "archivo agregado, que no está en el manifiesto: {where}",
        "missing": "archivo suprimido: {where}",
        "duplicated": "archivo repetido: {where}",
        "reordered": "los archivos no están en el orden del manifiesto",
        "no_acts": "{where}: no se pueden leer las actuaciones",
        "altered": "{where}, actuación {act}: su contenido fue alterado",
        "broken_link": "{where}, actuación {act}: no sigue a la anterior (alterada, insertada o suprimida)",
        "gap": "{where}, actuación {act}: falta la anterior",
        "reordered_act": "{where}, actuación {act}: está fuera de orden",
        "note_altered": "{where}, actuación {act}: su texto fue alterado",
        "note_missing": "{where}, actuación {act}: falta su texto, y ninguna actuación posterior dice que se suprimió",
        "false_seal": "{where}, actuación {act}: se presenta como sellada, y nada en las actuaciones lo permite",
        "truncated": "{where}: faltan las últimas actuaciones; se anotó la número {act}",
        "witness_mismatch": "{where}, actuación {act}: no es la que se anotó por fuera",
        "beyond_head": "{where}, actuación {act}: está después de la última anotada",
        "other_case": "{where}, actuación {act}: es de otro caso",
        "bound_file": "{where}, actuación {act}: no está el archivo que ella identifica",
        "erased_file": "{where}, actuación {act}: el archivo que ella identifica se suprimió con los datos personales",
        "erased_texts": "{where}, actuación {act}: suprimió o reservó el texto de actuaciones anteriores",
        "kept_altered": "{where}: no es lo que se incorporó con la actuación {act}: fue alterado",
        "kept_renamed": "{where}: no es el nombre con el que se incorporó con la actuación {act}: fue cambiado",
        "kept_missing": "{where}, actuación {act}: falta un archivo o mensaje que ella incorporó",
        "kept_erased": "{where}, actuación {act}: lo que ella incorporó se suprimió con los datos personales",
        "kept_left_out": "{where}, actuación {act}: el paquete no incluye un archivo o mensaje que ella incorporó",
        "after_head": "{where}: el sello comparado prueba hasta la actuación {act}; las posteriores, no",
        "sealed": "{where}, actuación {act}: sellada (reserva de identidad o datos suprimidos); se verifica solo su "
        "lugar en la cadena",
        "left_out_identity": "{where}: el paquete no incluye la identidad reservada",
        "left_out_mails": "{where}: el paquete no incluye los correos originales",
        "left_out_messages": "{where}: el paquete no incluye los mensajes que quien lo hizo no puede leer",
        "left_out_files": "{where}: el paquete no incluye los archivos que quien lo hizo no puede leer",
        "left_out_lost": "{where}: no se encontró el contenido de un archivo cuando se hizo el paquete",
        "left_out_pdf": "{where}: el expediente está en HTML, porque no se pudo imprimir",
        "summary": "Casos: {cases} · Actuaciones: {acts} · Archivos: {members} · Sellos externos comparados: {heads}",
        "digest": "Resumen SHA-256 del manifiesto: {digest}",
        "holds": "ÍNTEGRO: nada fue alterado.",
        "acts_hold": "ACTUACIONES ÍNTEGRAS en los casos con sello ({proven} de {cases}), con los archivos y mensajes "
        "que se nombran; expediente, correos y lo demás sin comprobar.",
        "incomplete": "INCOMPLETO: las actuaciones con sello están íntegras ({proven} de {cases} casos), pero lo que "
        "sigue solo lo dice el paquete; expediente, correos y los archivos que no se nombran, sin comprobar.",
        "unproven": "SIN COMPROBAR: el paquete no se contradice, pero nada se comparó con lo que se anotó por fuera.",
        "broken": "ALTERADO:",
        "notes": "Notas:",
        "bound": "Archivos y mensajes que prueban las actuaciones con sello:",
        "no_head": "Casos sin sello, de los que nada se comprobó: {names}",
        "no_witness": "Compare el resumen del manifiesto, o los sellos de las cartas y correos, con lo que se anotó "
        "por fuera: sin eso no se descarta que se haya rehecho el paquete completo.",
        "no_digest": "El resumen del manifiesto prueba todo el paquete (--digest): está en el registro del paquete.",
    },
    "en": {
        "unreadable": "the file is no ZIP, or is truncated",
        "foreign_bytes": "there are bytes that belong to no file of the pack, from position {where}",
        "odd_header": "the ZIP is not written as a pack, so that another program could read it differently: {where}",
        "odd_name": "a name that some system unpacks elsewhere, or over another file: {where}",
        "no_manifest": "there is no manifest: {where}",
        "manifest_altered": "the manifest was altered: {where}",
        "altered_member": "file altered: {where}",
        "added": "file added, which the manifest does not list: {where}",
        "missing": "file removed: {where}",
        "duplicated": "file repeated: {where}",
        "reordered": "the files are not in the order of the manifest",
        "no_acts": "{where}: the acts cannot be read",
        "altered": "{where}, act {act}: its content was altered",
        "broken_link": "{where}, act {act}: does not follow the one before (altered, inserted or removed)",
        "gap": "{where}, act {act}: the one before is missing",
        "reordered_act": "{where}, act {act}: is out of order",
        "note_altered": "{where}, act {act}: its text was altered",
        "note_missing": "{where}, act {act}: its text is missing, and no later act says that it was erased",
        "false_seal": "{where}, act {act}: calls itself sealed, and nothing in the acts allows it",
        "truncated": "{where}: the last acts are missing; number {act} was noted",
        "witness_mismatch": "{where}, act {act}: is not the one that was noted outside",
        "beyond_head": "{where}, act {act}: comes after the last one noted",
        "other_case": "{where}, act {act}: is of another case",
        "bound_file": "{where}, act {act}: the file that it identifies is not there",
        "erased_file": "{where}, act {act}: the file that it identifies was erased with the personal data",
        "erased_texts": "{where}, act {act}: erased or reserved the text of acts before it",
        "kept_altered": "{where}: is not what was added with act {act}: it was altered",
        "kept_renamed": "{where}: is not the name with which it was added with act {act}: it was changed",
        "kept_missing": "{where}, act {act}: a file or message that it added is missing",
        "kept_erased": "{where}, act {act}: what it added was erased with the personal data",
        "kept_left_out": "{where}, act {act}: the pack leaves out a file or message that it added",
        "after_head": "{where}: the head that was compared proves up to act {act}, not the later ones",
        "sealed": "{where}, act {act}: sealed (reserve of identity, or data erased); only its place in the chain is "
        "verified",
        "left_out_identity": "{where}: the pack leaves out the reserved identity",
        "left_out_mails": "{where}: the pack leaves out the original mails",
        "left_out_messages": "{where}: the pack leaves out messages that whoever made it may not read",
        "left_out_files": "{where}: the pack leaves out files that whoever made it may not read",
        "left_out_lost": "{where}: the content of a file was not found when the pack was made",
        "left_out_pdf": "{where}: the case file is in HTML, because it could not be printed",
        "summary": "Cases: {cases} · Acts: {acts} · Files: {members} · Outside heads compared: {heads}",
        "digest": "SHA-256 of the manifest: {digest}",
        "holds": "WHOLE: nothing was altered.",
        "acts_hold": "ACTS WHOLE in the cases with a head ({proven} of {cases}), with the files and messages that are "
        "named; case files, mails and the rest are not proven.",
        "incomplete": "INCOMPLETE: the acts with a head are whole ({proven} of {cases} cases), but of what follows "
        "there is the word of the pack alone; case files, mails and the files that are not named are not proven.",
        "unproven": "NOT PROVEN: the pack does not contradict itself, but nothing was compared with what was noted "
        "outside.",
        "broken": "ALTERED:",
        "notes": "Notes:",
        "bound": "Files and messages that the acts with a head prove:",
        "no_head": "Cases without a head, of which nothing is proven: {names}",
        "no_witness": "Compare the digest of the manifest, or the heads on letters and in mails, with what was noted "
        "outside: without that, nothing tells a pack that was made again as a whole.",
        "no_digest": "The digest of the manifest proves the whole pack (--digest): it is on the record of the pack.",
    },
}


def describe(fault: evidence_check.Fault, lang: str = "es") -> str:
    """A fault or a note in words."""
    code = {("altered", 0): "altered_member", ("reordered", fault.act or -1): "reordered_act"}.get(
        (fault.code, fault.act), fault.code
    )
    text = MESSAGES[lang].get(code)
    return text.format(where=_clean(fault.where), act=fault.act) if text else _clean(f"{fault.where}: {fault.code}")


def _clean(text: str) -> str:
    """What a pack says, on one line: whoever made it does not write in the report."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text))


def get_outcome(verdict: evidence_check.Verdict) -> str:
    """What a verification comes to: ``broken holds incomplete acts_hold unproven``."""
    if verdict.faults:
        return "broken"
    if verdict.trusted:
        return "holds"
    if verdict.gaps:
        return "incomplete"
    return "acts_hold" if verdict.proven else "unproven"


def write_report(verdict: evidence_check.Verdict, lang: str = "es") -> str:
    """The report of a verification, in words."""
    texts = MESSAGES[lang]
    outcome = get_outcome(verdict)
    lines = [texts[outcome].format(proven=len(verdict.proven), cases=len(verdict.cases))]
    lines += [f"  - {describe(fault, lang)}" for fault in verdict.faults or verdict.gaps]
    notes = [*(verdict.gaps if verdict.faults else ()), *verdict.notes]
    if outcome in ("acts_hold", "incomplete"):
        if verdict.bound:
            lines += [texts["bound"], *(f"  - {_clean(path)}" for path in verdict.bound)]
        if names := [_clean(name) for name in verdict.cases if name not in verdict.proven]:
            lines.append(texts["no_head"].format(names=", ".join(names)))
    if notes:
        lines += [texts["notes"], *(f"  - {describe(note, lang)}" for note in notes)]
    lines.append(
        texts["summary"].format(
            members=verdict.members, acts=sum(verdict.cases.values()), cases=len(verdict.cases), heads=verdict.heads
        )
    )
    if verdict.digest:
        lines.append(texts["digest"].format(digest=verdict.digest))
    if outcome == "unproven":
        lines.append(texts["no_witness"])
    elif outcome in ("acts_hold", "incomplete"):
        lines.append(texts["no_digest"])
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an evidence pack of PQRS.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--digest", default="", help="SHA-256 of the manifest, as noted when the pack was made")
    parser.add_argument("--head", action="append", default=[], help="CASE:ACT:SHA256, as printed on letters and mails")
    parser.add_argument("--heads", action="append", default=[], type=Path, help="file of heads, as exported")
    parser.add_argument("--lang", choices=sorted(MESSAGES), default="es")
    options = parser.parse_args(arguments)
    try:
        texts = [*options.head, *(path.read_text(errors="replace") for path in options.heads)]
        heads = evidence_check.read_heads("\n".join(texts))
        with options.pack.open("rb") as file:
            verdict = evidence_check.verify(file, heads, options.digest)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(write_report(verdict, options.lang) + "\n")
    return {"broken": 1, "incomplete": 3}.get(get_outcome(verdict), 0)


if __name__ == "__main__":
    sys.exit(main())
