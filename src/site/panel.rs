//! How large a chat is, and when it opens, checked.

use crate::config::{InlineSection, OpenOn, PanelSection, PopupSection};

/// Width of a panel in CSS pixels, and in the theme's style.
pub(crate) const WIDTH: u16 = 400;

/// Height of a panel in CSS pixels, and in the theme's style.
pub(crate) const HEIGHT: u16 = 680;

/// A chat's sizes in CSS pixels, by the way it is shown.
#[derive(Debug)]
pub(crate) struct Panel {
    /// Of what the launcher opens: 280 to 1200.
    pub(crate) width: u16,
    /// Likewise: 320 to 1200.
    pub(crate) height: u16,
    /// What opens it.
    pub(crate) open: OpenOn,
    /// Of a popup, unless it is the panel's.
    pub(crate) popup_width: Option<u16>,
    /// Likewise.
    pub(crate) popup_height: Option<u16>,
    /// Of a chat in the page, unless it is the theme's.
    pub(crate) inline_height: Option<u16>,
}

impl Panel {
    /// The schema has checked the ranges.
    pub(super) fn from_config(
        panel: PanelSection,
        popup: PopupSection,
        inline: InlineSection,
    ) -> Self {
        let PanelSection {
            width,
            height,
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
            open: open.unwrap_or(OpenOn::Click),
            popup_width,
            popup_height,
            inline_height,
        }
    }
}
