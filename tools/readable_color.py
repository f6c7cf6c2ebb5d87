"""Colors in which text is read: WCAG 2.2, 1.4.3."""

import re

from odoo.tools.image import hex_to_rgb, rgb_to_hex

#: luminance of text with a contrast of 4.5 to the darkest of the light backgrounds of our pages, and of white on it
MAX_LUMINANCE = 0.14


def darken(color, default):
    """
    :param color: "#rrggbb"; anything else counts as ``default``.
    :return: the color, darkened until it is read on a light page, and white on it.
    """
    rgb = hex_to_rgb(color if re.fullmatch("#[0-9a-fA-F]{6}", color or "") else default)
    while get_luminance(rgb) > MAX_LUMINANCE:
        rgb = [int(channel * 0.95) for channel in rgb]
    return rgb_to_hex(rgb)


def get_luminance(rgb):
    red, green, blue = (
        channel / 3294.6 if channel <= 10 else ((channel / 255 + 0.055) / 1.055) ** 2.4 for channel in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
