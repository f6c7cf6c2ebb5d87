/** @odoo-module ignore **/
// What is missing or wrong is told beside its field, in the words of the server, before anything is sent.
{
    const MB = 1024 * 1024;
    const MARKUP = ["htm", "html", "xhtml", "svg", "svgz", "xml", "mht", "mhtml"];
    const EMAIL = /^[^\s@,;<>]+@[^\s@,;<>.]+(\.[^\s@,;<>.]+)+$/;

    const isAnonymous = (form) => Boolean(form.querySelector("[name=anonymous]:checked"));

    function checkFiles(input) {
        const {files: most, file_mb: size, total_mb: total, kinds, texts} = JSON.parse(input.dataset.files);
        const files = [...input.files];
        const problems = [];
        if (files.length > most) {
            problems.push(texts.many);
        } else if (files.reduce((sum, file) => sum + file.size, 0) > total * MB) {
            problems.push(texts.total);
        }
        for (const {name, size: bytes} of files) {
            const kind = (/.\.([^.]+)$/.exec(name) || ["", ""])[1].toLowerCase();
            const problem =
                (bytes > size * MB && "large") ||
                (!bytes && "empty") ||
                (MARKUP.includes(kind) && "markup") ||
                (kind && !kinds.includes(`.${kind}`) && "refused");
            if (problem) {
                problems.push(texts[problem].replace("%s", () => name));
            }
        }
        return problems.join("\n");
    }

    function isMissing(field) {
        if (field.type === "radio") {
            return !field.form.querySelector(`[name="${field.name}"]:checked`);
        }
        const other = field.form.elements[field.dataset.or];
        return field.type === "checkbox" ? !field.checked : !field.value.trim() && !(other && other.value.trim());
    }

    /** What is wrong with a field; empty when nothing is. */
    function describe(field) {
        const {missing, malformed, medium, missingMedium} = field.dataset;
        const value = field.value.trim();
        if (isAnonymous(field.form) && field.closest(".sig_pqrs_identity")) {
            return "";
        }
        if (field.dataset.files) {
            return sig.photos ? "" : checkFiles(field); // checked when they are smaller
        }
        if (missing && isMissing(field)) {
            return missing;
        }
        if (malformed && value && (field.type === "email" ? !EMAIL.test(value) : value.replace(/\D/g, "").length < 7)) {
            return malformed;
        }
        if (medium && !value && field.form.elements.response_medium?.value === medium) {
            return missingMedium;
        }
        return "";
    }

    /** Say it in the element of the server, or in a new one. */
    function tell(field, problem) {
        const isRadio = field.type === "radio";
        const place = isRadio ? field.closest("fieldset") : field;
        const id = `${isRadio ? `pqrs_${field.name}` : field.id}_error`;
        let error = document.getElementById(id);
        if (!error && problem) {
            error = sig.make("div", "invalid-feedback d-block");
            error.id = id;
            (isRadio ? place.querySelector("legend") : field.parentElement.lastElementChild).after(error);
        }
        const described = (place.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
        place.setAttribute("aria-describedby", [...described, ...(problem ? [id] : [])].join(" "));
        field.classList.toggle("is-invalid", Boolean(problem));
        field.setAttribute("aria-invalid", Boolean(problem));
        if (error) {
            error.textContent = problem;
        }
    }

    /** The first field of each name; only one radio speaks for all. */
    function getFields(form) {
        const names = new Set();
        return [...form.elements].filter((field) => {
            const isKnown = field.type === "radio" && names.has(field.name);
            names.add(field.name);
            return (
                field.dataset &&
                !isKnown &&
                ["missing", "malformed", "medium", "files"].some((rule) => rule in field.dataset)
            );
        });
    }

    /** Tell all that is wrong; focus the first. */
    sig.check = (form) => {
        const wrong = getFields(form).filter((field) => {
            const problem = describe(field);
            tell(field, problem);
            return problem;
        });
        if (wrong.length) {
            for (let fold = wrong[0].closest("details"); fold; fold = fold.parentElement.closest("details")) {
                fold.open = true;
            }
            wrong[0].focus();
        }
        return !wrong.length;
    };

    sig.checkField = (field) => tell(field, describe(field));

    /** What was told goes away once it is mended; a type that cannot be anonymous unticks it. */
    function onChange(ev) {
        const form = ev.target.form;
        if (!form?.matches(".o_sig_form")) {
            return;
        }
        const anonymous = form.elements.anonymous;
        if (ev.target.name === "type" && anonymous && !ev.target.dataset.anonymous) {
            anonymous.checked = false;
        }
        for (const field of getFields(form)) {
            if (
                field.classList.contains("is-invalid") ||
                (field === ev.target && ev.type === "change" && field.dataset.files)
            ) {
                sig.checkField(field);
            }
        }
    }
    document.addEventListener("input", onChange);
    document.addEventListener("change", onChange);

    // The key "next" of a phone leads to the next field.
    document.addEventListener("keydown", (ev) => {
        if (
            ev.key === "Enter" &&
            !ev.isComposing &&
            ev.target.enterKeyHint === "next" &&
            ev.target.form?.matches(".o_sig_form")
        ) {
            ev.preventDefault();
            const fields = [...ev.target.form.elements].filter((field) => field === ev.target || field.offsetParent);
            fields[fields.indexOf(ev.target) + 1]?.focus();
        }
    });

    sig.onPage(() => {
        for (const form of document.querySelectorAll("form.o_sig_form[method=post]")) {
            form.noValidate = true;
        }
    });
}
