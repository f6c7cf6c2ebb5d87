/** @odoo-module ignore **/
// What the scripts of clients' pages share. Every form works without them: docs/decisions.md, "Pages of clients".
var sig = (self.sig = self.sig || {}); // eslint-disable-line no-var
{
    const getPage = () => document.getElementById("sig_page");

    /** A text of the page, in its language; values take the places of its %s. */
    sig.text = (name, ...values) => {
        const text = getPage().content.querySelector(`[data-text="${name}"]`).textContent.trim();
        return text.replace(/%s/g, () => values.shift());
    };

    /** Whose drafts are on this page: an opaque name of the user, empty for the public. */
    sig.getOwner = () => {
        const {owner, offline} = getPage()?.dataset || {};
        return (offline ? localStorage.getItem("sig.owner") : owner) || "";
    };

    /** Call a function for this page, and for each one that takes its place. */
    sig.onPage = (init) => {
        init();
        document.addEventListener("sig:page", init);
    };

    /** For how long to wait, in milliseconds, before something that failed some times is tried again. */
    sig.getPause = (tries) => [5000, 15000, 30000, 60000, 120000, 300000][Math.min(tries, 5)];

    sig.describeMoment = (at) =>
        new Date(at).toLocaleString(document.documentElement.lang, {dateStyle: "long", timeStyle: "short"});

    /** A new UUID, also where the browser makes none: on an address without TLS, or when it is old. */
    sig.makeId = () =>
        crypto.randomUUID?.() ||
        "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
            (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16)
        );

    sig.make = (tag, className, ...children) => {
        const element = document.createElement(tag);
        element.className = className;
        element.append(...children);
        return element;
    };

    sig.makeButton = (label, onClick, className = "btn btn-outline-primary") => {
        const button = sig.make("button", className, label);
        button.type = "button";
        button.addEventListener("click", onClick);
        return button;
    };

    sig.focus = (element) => {
        if (element && !element.matches("a, button, input, select, textarea, [tabindex]")) {
            element.tabIndex = -1;
        }
        element?.focus();
    };

    /** Keep chosen files, and the element itself where a captcha of core listens to it. */
    function carryOver(form, next) {
        if (form.dataset.pending) {
            next.dataset.pending = form.dataset.pending;
        }
        const chosen = [...form.querySelectorAll("input[type=file]")].filter((input) => input.files.length);
        for (const input of chosen) {
            const place = next.querySelector(`input[type=file][name="${input.name}"]`);
            if (place) {
                input.className = place.className;
                place.replaceWith(input);
            }
        }
        if (form.dataset.captcha) {
            const widgets = form.querySelectorAll(".s_turnstile, .turnstile_captcha_valid");
            form.replaceChildren(...next.childNodes, ...widgets);
            next.replaceWith(form);
        }
        return chosen.length;
    }

    /** The links to other languages lead to the page that is shown. */
    function leadOn(answer) {
        const links = ".o_sig_foot a, .js_change_lang";
        const next = answer.querySelectorAll(links);
        document.querySelectorAll(links).forEach((link, place) => {
            link.setAttribute("href", (next[place] || link).getAttribute("href"));
        });
    }

    /**
     * Show a page of the server in the place of this one.
     *
     * @param {Document} answer
     * @param {string} address where the answer came from
     * @param {HTMLFormElement} [done] the form that the server took
     */
    sig.show = (answer, address, done) => {
        const old = document.querySelector("main");
        const main = document.adoptNode(answer.querySelector("main"));
        let kept = 0;
        for (const form of old.querySelectorAll("form.o_sig_form")) {
            const next = main.querySelector(`form.o_sig_form[action="${form.getAttribute("action")}"]`);
            kept += form !== done && next ? carryOver(form, next) : 0;
        }
        if (kept) {
            main.querySelectorAll(".o_sig_files_lost").forEach((hint) => hint.remove());
        }
        old.replaceWith(main);
        document.title = answer.title;
        const url = new URL(address);
        url.searchParams.delete("done"); // it is told once
        if (url.pathname !== location.pathname) {
            leadOn(answer);
        }
        history.replaceState(null, "", url);
        document.dispatchEvent(new Event("sig:page"));
        const heads = ["[autofocus]", "[role=alert]", "[data-done]", "h1"];
        sig.focus(heads.map((head) => main.querySelector(head)).find(Boolean));
    };
}
