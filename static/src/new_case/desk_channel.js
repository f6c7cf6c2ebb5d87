import {registry} from "@web/core/registry";
import {BadgeSelectionField, badgeSelectionField} from "@web/views/fields/badge_selection/badge_selection_field";

const DESK_CHANNELS = ["phone", "visit", "letter", "whatsapp", "email"];

/** The channels that the SIG registers; the others have pages of their own. */
export class DeskChannelField extends BadgeSelectionField {
    get options() {
        const {readonly} = this.props;
        return super.options.filter(([value]) => readonly || DESK_CHANNELS.includes(value));
    }
}

registry.category("fields").add("sig_desk_channel", {...badgeSelectionField, component: DeskChannelField});
