/** @odoo-module ignore **/
// What is typed is kept on the phone until it is sent, for a week. An anonymous one is kept by its tab alone, and only
// while the page is open.
(() => {
    sig.saveDraft = sig.forgetDraft = sig.leaveDraft = () => undefined;
    try {
        localStorage.getItem("");
    } catch {
        return; // a browser that keeps nothing
    }
    const WEEK = 7 * 24 * 3600 * 1000;
    const TOKENS = ["submission_token", "token"];
    const SECRETS = ["csrf_token", "notice_version"];

    const getKey = (form) => `sig.draft/${sig.getOwner()}/${form.dataset.keep}`;
    const isAnonymous = (form) =>
        "anonymous" in form.dataset || Boolean(form.querySelector("[name=anonymous]:checked"));
    const isText = (field) =>
        field?.matches?.("textarea, select, input:not([type=hidden], [type=file], [type=radio], [type=checkbox])");

    function read(store, key) {
        try {
            return JSON.parse(store.getItem(key));
        } catch {
            return null;
        }
    }

    /** The names of all drafts of an owner, or of one form. */
    const list = (prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix));

    /** The draft that this tab writes; without one, the last one that another tab wrote. */
    function find(form) {
        const key = getKey(form);
        const own = sessionStorage.getItem(key);
        if (own) {
            return own.startsWith("{") ? JSON.parse(own) : read(localStorage, own);
        }
        const drafts = list(`${key}#`).map((name) => ({name, ...read(localStorage, name)}));
        return drafts.sort((one, other) => other.at - one.at)[0];
    }

    sig.forgetDraft = (form) => {
        const key = getKey(form);
        const own = sessionStorage.getItem(key);
        if (own) {
            localStorage.removeItem(own);
            sessionStorage.removeItem(key);
        }
    };

    /** Leave the draft to another time: the form gets something else. */
    sig.leaveDraft = (form) => {
        sessionStorage.removeItem(getKey(form));
        form.querySelector(".o_sig_kept")?.remove();
    };

    /** What somebody wrote and chose in a form. */
    function getValues(form) {
        const values = [];
        for (const field of form.elements) {
            const isTicked = ["radio", "checkbox"].includes(field.type) && field.checked;
            if (
                field.name &&
                field.value &&
                (isTicked || TOKENS.includes(field.name) || (isText(field) && !SECRETS.includes(field.name)))
            ) {
                values.push([field.name, field.value]);
            }
        }
        return values;
    }

    sig.saveDraft = (form) => {
        if (form.dataset.pending && isAnonymous(form)) {
            sig.outbox.remove(form.dataset.pending).catch(() => undefined);
            sig.stopWaiting(form);
        }
        if (form.dataset.pending) {
            return sig.keepPending(form);
        }
        const key = getKey(form);
        const values = getValues(form);
        const files = [...form.querySelectorAll("input[type=file]")].flatMap((input) =>
            [...input.files].map((file) => file.name)
        );
        const isEmpty = !files.length && !values.some(([name]) => isText(form.elements[name]));
        const own = sessionStorage.getItem(key);
        if (isEmpty) {
            sig.forgetDraft(form);
        } else if (isAnonymous(form)) {
            sig.forgetDraft(form);
            sessionStorage.setItem(key, JSON.stringify({at: Date.now(), values, files}));
        } else {
            const name = own && !own.startsWith("{") ? own : `${key}#${Date.now()}${Math.random()}`;
            sessionStorage.setItem(key, name);
            localStorage.setItem(name, JSON.stringify({at: Date.now(), values, files}));
        }
    };

    /** Write values into a form, and unfold what they are in. */
    sig.fill = (form, values) => {
        for (const [name, value] of values) {
            const named = form.elements[name];
            const fields = !named || named.tagName ? [named] : [...named];
            if (!named || fields.some((field) => field.defaultChecked && field.type === "radio")) {
                continue; // the page chose already
            }
            for (const field of fields) {
                if (["radio", "checkbox"].includes(field.type)) {
                    field.checked = field.checked || field.value === value;
                } else {
                    field.value = value;
                }
                if (field.type !== "hidden" && (field.checked || isText(field))) {
                    field.closest("details")?.setAttribute("open", "");
                }
            }
        }
    };

    function say(form, draft, isFilled) {
        const text = isFilled ? sig.text("restored", sig.describeMoment(draft.at)) : "";
        const note = sig.make("div", "o_sig_kept alert alert-info", text);
        note.setAttribute("role", "status");
        if (draft.files.length) {
            note.append(sig.make("p", "mb-0", sig.text("choose_again", draft.files.join(", "))));
        }
        if (isFilled) {
            note.append(
                sig.makeButton(sig.text("discard"), () => {
                    sig.forgetDraft(form);
                    form.reset();
                    note.remove();
                    sig.focus(form.querySelector("input:not([type=hidden], [tabindex]), textarea"));
                })
            );
        }
        form.prepend(note);
    }

    function restore(form) {
        if (form.dataset.pending) {
            return; // it has what waits on the phone
        }
        const draft = form.querySelector(".o_sig_kept") ? null : find(form);
        if (!draft) {
            return;
        }
        const isGiven = [...form.elements].some(
            (field) => isText(field) && (field.defaultValue || field.querySelector?.("option[selected]")?.value)
        );
        const isSame = JSON.stringify(getValues(form)) === JSON.stringify(draft.values);
        const chosen = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
        if (draft.name) {
            sessionStorage.setItem(getKey(form), draft.name);
        }
        if (!isGiven && !isSame) {
            sig.fill(form, draft.values);
        }
        if ((!isGiven && !isSame) || (draft.files.length && !chosen)) {
            say(form, draft, !isGiven && !isSame);
        }
    }

    const getForms = () => document.querySelectorAll("form[data-keep]");

    document.addEventListener("submit", (ev) => {
        if (ev.target.matches("[data-leave]")) {
            getForms().forEach(sig.forgetDraft);
        }
    });

    for (const type of ["input", "change"]) {
        document.addEventListener(type, (ev) => {
            if (ev.target.form?.matches("[data-keep]")) {
                sig.saveDraft(ev.target.form);
            }
        });
    }

    // A page that is read again goes on; one that is left forgets who did not want to be known: at once, or, where the
    // browser does not tell a page how it is left, when the next page is shown.
    let isLeft = false;
    self.navigation?.addEventListener("navigate", (ev) => {
        isLeft = !ev.destination.sameDocument && ev.navigationType !== "reload";
    });
    const forgetAnonymous = () => {
        const names = Object.keys(sessionStorage).filter((key) => key.startsWith("sig.draft/"));
        names
            .filter((key) => sessionStorage.getItem(key).startsWith("{"))
            .forEach((key) => sessionStorage.removeItem(key));
    };
    addEventListener("pagehide", () => {
        if (isLeft) {
            forgetAnonymous();
        }
        [...getForms()].filter(isAnonymous).forEach((form) => form.reset()); // Back may show this page as it was
    });
    if (performance.getEntriesByType("navigation")[0]?.type !== "reload") {
        forgetAnonymous();
    }

    for (const name of list("sig.draft/")) {
        if ((read(localStorage, name)?.at || 0) < Date.now() - WEEK) {
            localStorage.removeItem(name);
        }
    }

    sig.onPage(() => getForms().forEach(restore));
})();
