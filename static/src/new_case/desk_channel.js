import {registry} from "@web/core/registry";
import {BadgeSelectionField, badgeSelectionField} from "@web/views/fields/badge_selection/badge_selection_field";

const OWN_DOORS = ["web", "portal", "api"];

/** The channels that the SIG registers: all but those whose petitions come in by pages or programs. */
export class DeskChannelField extends BadgeSelectionField {
    get options() {
        const {readonly} = this.props;
        return super.options.filter(([value]) => readonly || !OWN_DOORS.includes(value));
    }
}

registry.category("fields").add("sig_desk_channel", {...badgeSelectionField, component: DeskChannelField});
