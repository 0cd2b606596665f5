//! What the loader is told, in its own file: one widget, one request.

use anyhow::Result;
use serde::Serialize;

use crate::chatkit::ColorScheme;
use crate::site::{Side, Site, Widget};
use crate::theme::{Shape, Theme};

/// Settings of one loader. Public, and small, because every visitor of every host page gets them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoaderSettings<'a> {
    name: &'a str,
    /// Address of the hosted page.
    page: String,
    title: &'a str,
    label: &'a str,
    icon: Vec<Shape>,
    /// What the panel follows: the same as the chat in it.
    scheme: ColorScheme,
    /// Whether the launcher sits where lines begin, rather than where they end.
    at_start: bool,
    /// CSS pixels.
    width: u16,
    /// CSS pixels.
    height: u16,
    /// CSS colours of launcher and icon, or null for the theme's.
    color: Option<[String; 2]>,
}

impl<'a> LoaderSettings<'a> {
    /// # Errors
    ///
    /// An icon that the theme lacks.
    pub(super) fn new(site: &Site, widget: &'a Widget, theme: &Theme) -> Result<Self> {
        let launcher = &widget.launcher;
        Ok(Self {
            name: &widget.name,
            page: format!("{}/w/{}/", site.base_url.origin(), widget.name),
            title: &widget.page.title,
            label: &launcher.label,
            icon: theme.icon(&launcher.icon)?,
            scheme: widget.chatkit.color_scheme(),
            at_start: launcher.side == Side::Start,
            width: widget.panel.width,
            height: widget.panel.height,
            color: launcher
                .color
                .map(|color| [color.to_css(), color.readable_on_it().to_owned()]),
        })
    }
}
