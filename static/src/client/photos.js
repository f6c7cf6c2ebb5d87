/** @odoo-module ignore **/
// Photos are made smaller before they are sent: what a phone takes is ten times what a screen shows. What is chosen
// later comes beside what was chosen before: a camera gives one photo at a time.
{
    const SIDE = 1600;
    const HEAVY = 500 * 1024;
    const QUALITY = 0.82;
    const KINDS = /^image\/(jpeg|png|webp|heic|heif|avif|bmp)$/;

    /** While photos are made smaller, what does it: a form waits for it. */
    sig.photos = null;

    async function shrink(file) {
        if (!KINDS.test(file.type)) {
            return file;
        }
        try {
            const image = await createImageBitmap(file, {imageOrientation: "from-image"});
            const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
            if (scale === 1 && file.size <= HEAVY) {
                return file;
            }
            const canvas = document.createElement("canvas");
            canvas.width = Math.round(image.width * scale);
            canvas.height = Math.round(image.height * scale);
            const context = canvas.getContext("2d");
            context.fillStyle = "#fff";
            context.fillRect(0, 0, canvas.width, canvas.height);
            context.drawImage(image, 0, 0, canvas.width, canvas.height);
            image.close();
            const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
            const name = /\.jpe?g$/i.test(file.name) ? file.name : file.name.replace(/(\.[^.]*)?$/, ".jpg");
            return small && small.size < file.size
                ? new File([small], name, {type: "image/jpeg", lastModified: file.lastModified})
                : file;
        } catch {
            return file; // as it is: the server takes it, or says why not
        }
    }

    const chosenBefore = new WeakMap(); // the files of each field
    const takenFrom = new WeakMap(); // the photo of each one that was made smaller, or that is to stay as it is
    const getOriginal = (file) => takenFrom.get(file) || file;

    function put(input, files) {
        const chosen = new DataTransfer();
        files.forEach((file) => chosen.items.add(file));
        input.files = chosen.files;
        input.dispatchEvent(new CustomEvent("change", {bubbles: true, detail: "photos"}));
        list(input);
    }

    sig.putFiles = put;
    sig.removeFile = (input, file) => {
        const others = [...input.files].filter((one) => one !== file);
        put(input, others);
    };

    const isSame = (one, other) =>
        ["name", "size", "lastModified"].every((property) => one[property] === other[property]);

    /** Put what was chosen before beside what is chosen now. */
    function gather(input) {
        const before = input.multiple ? chosenBefore.get(input) || [] : [];
        const known = before.map(getOriginal);
        put(input, [...before, ...[...input.files].filter((file) => !known.some((one) => isSame(one, file)))]);
    }

    /** Name the chosen files, each with a button that takes it away. */
    function list(input) {
        let names = input.parentElement.querySelector(".o_sig_chosen");
        if (!names) {
            names = sig.make("ul", "o_sig_chosen list-unstyled mb-0");
            input.after(names);
        }
        const files = [...input.files];
        chosenBefore.set(input, files); // also what the browser brought back
        names.replaceChildren(
            ...files.map((file) => {
                const remove = sig.makeButton("×", () => {
                    sig.removeFile(input, file);
                    getNote(input).textContent = sig.text("removed", file.name);
                    input.focus();
                });
                remove.setAttribute("aria-label", sig.text("remove", file.name));
                const name = sig.make("span", "text-break overflow-hidden", file.name);
                return sig.make("li", "d-flex align-items-center gap-2 mt-1", remove, name);
            })
        );
    }

    function describeSize(bytes) {
        const isLarge = bytes >= 1e6;
        const number = (bytes / (isLarge ? 1e6 : 1e3)).toLocaleString(document.documentElement.lang, {
            maximumFractionDigits: isLarge ? 1 : 0,
        });
        return `${number} ${isLarge ? "MB" : "kB"}`;
    }

    async function shrinkAll(input) {
        const smaller = new Map();
        for (const file of [...input.files].filter((one) => !takenFrom.has(one))) {
            const small = await shrink(file); // one after the other: a phone has little memory
            if (small !== file) {
                takenFrom.set(small, file);
                smaller.set(file, small);
            }
        }
        const before = [...input.files].filter((file) => smaller.has(file)); // some may be gone meanwhile
        const changed = before.map((file) => smaller.get(file));
        if (!changed.length) {
            return;
        }
        const total = (list) => describeSize(list.reduce((sum, file) => sum + file.size, 0));
        const files = [...input.files].map((file) => smaller.get(file) || file);
        put(input, files);
        const note = getNote(input);
        note.textContent = sig.text("smaller", changed.length, total(before), total(changed));
        note.append(
            " ",
            sig.makeButton(
                sig.text("originals"),
                () => {
                    const originals = [...input.files].map(getOriginal);
                    originals.forEach((file) => takenFrom.set(file, file));
                    put(input, originals);
                    note.textContent = "";
                    input.focus();
                },
                "btn btn-link p-0 align-baseline"
            )
        );
    }

    /** After the photos that were chosen before. */
    function takeTurn(input) {
        const turn = Promise.resolve(sig.photos)
            .then(() => shrinkAll(input))
            .finally(() => {
                if (sig.photos === turn) {
                    sig.photos = null;
                    document.querySelectorAll("input[data-files]").forEach(sig.checkField);
                }
            });
        sig.photos = turn;
    }

    function getNote(input) {
        let note = input.parentElement.querySelector(".o_sig_photos");
        if (!note) {
            note = sig.make("div", "o_sig_photos form-text");
            note.setAttribute("role", "status");
            input.after(note);
        }
        return note;
    }

    document.addEventListener("reset", (ev) => {
        for (const input of ev.target.querySelectorAll("input[type=file]")) {
            chosenBefore.delete(input);
            input.parentElement.querySelectorAll(".o_sig_chosen, .o_sig_photos").forEach((one) => one.remove());
        }
    });

    // Before its field is checked: what is too large may become small enough.
    document.addEventListener(
        "change",
        (ev) => {
            const input = ev.target;
            if (input.matches(".o_sig_form input[type=file]") && ev.detail !== "photos") {
                getNote(input).textContent = "";
                takeTurn(input);
                gather(input);
            }
        },
        true
    );

    sig.onPage(() => document.querySelectorAll(".o_sig_form input[type=file]").forEach(list));
}
