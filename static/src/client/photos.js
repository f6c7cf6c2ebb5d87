/** @odoo-module ignore **/
// Photos are made smaller before they are sent: what a phone takes is ten times what a screen shows.
{
    const SIDE = 1600;
    const HEAVY = 500 * 1024;
    const QUALITY = 0.82;
    const KINDS = /^image\/(jpeg|png|webp|heic|heif|avif|bmp)$/;

    /** Photos that are being made smaller; a form waits for them. */
    sig.photos = Promise.resolve();

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

    function put(input, files) {
        const chosen = new DataTransfer();
        files.forEach((file) => chosen.items.add(file));
        input.files = chosen.files;
        input.dispatchEvent(new CustomEvent("change", {bubbles: true, detail: "photos"}));
    }

    function describeSize(bytes) {
        const isLarge = bytes >= 1e6;
        const number = (bytes / (isLarge ? 1e6 : 1e3)).toLocaleString(document.documentElement.lang, {
            maximumFractionDigits: isLarge ? 1 : 0,
        });
        return `${number} ${isLarge ? "MB" : "kB"}`;
    }

    async function shrinkAll(input) {
        const originals = [...input.files];
        const files = [];
        for (const file of originals) {
            files.push(await shrink(file)); // one after the other: a phone has little memory
        }
        const isStill = originals.every((file, index) => file === input.files[index]);
        const changed = files.filter((file, index) => file !== originals[index]);
        if (!isStill || !changed.length) {
            return;
        }
        const total = (list) => describeSize(list.reduce((sum, file) => sum + file.size, 0));
        const before = originals.filter((file, index) => file !== files[index]);
        put(input, files);
        const note = getNote(input);
        note.textContent = sig.text("smaller", changed.length, total(before), total(changed));
        note.append(
            " ",
            sig.makeButton(
                sig.text("originals"),
                () => {
                    put(input, originals);
                    note.textContent = "";
                    input.focus();
                },
                "btn btn-link p-0 align-baseline"
            )
        );
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

    document.addEventListener("change", (ev) => {
        const input = ev.target;
        if (input.matches(".o_sig_form input[type=file]") && ev.detail !== "photos") {
            getNote(input).textContent = "";
            sig.photos = sig.photos.then(() => shrinkAll(input));
        }
    });
}
