//! The checked size of a chat, and the event that opens it.

use crate::config::{
    HEIGHT, HeaderStyle, InlineSection, OpenOn, PanelSection, PopupSection, WIDTH,
};

/// A chat's sizes in CSS pixels, by the way it is shown.
#[derive(Debug)]
pub(crate) struct Panel {
    /// Width of the panel: 280 to 1200.
    pub(crate) width: u16,
    /// Height of the panel: 320 to 1200.
    pub(crate) height: u16,
    /// Whether its bar has the launcher's colour.
    pub(crate) is_tinted: bool,
    /// The line below its title, if it is not the theme's text.
    pub(crate) line: Option<String>,
    /// The event that opens it.
    pub(crate) open: OpenOn,
    /// Width of a popup, if it differs from the panel's.
    pub(crate) popup_width: Option<u16>,
    /// Height of a popup, if it differs from the panel's.
    pub(crate) popup_height: Option<u16>,
    /// Height of a chat in the page, if it differs from the theme's.
    pub(crate) inline_height: Option<u16>,
}

impl Panel {
    /// The schema has checked the ranges.
    pub(super) fn from_config(
        panel: PanelSection,
        popup: PopupSection,
        inline: InlineSection,
        has_color: bool,
    ) -> Self {
        let PanelSection {
            width,
            height,
            header,
            line,
            open,
        } = panel;
        let PopupSection {
            width: popup_width,
            height: popup_height,
        } = popup;
        let InlineSection {
            height: inline_height,
        } = inline;
        Self {
            width: width.unwrap_or(WIDTH),
            height: height.unwrap_or(HEIGHT),
            is_tinted: header.map_or(has_color, |style| style == HeaderStyle::Tinted),
            line,
            open: open.unwrap_or_default(),
            popup_width,
            popup_height,
            inline_height,
        }
    }
}
