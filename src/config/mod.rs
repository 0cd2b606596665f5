//! `site.yaml` and `widgets/*.yaml` as written: the only place that knows our keys.
//!
//! ```text
//! text ─▶ tree with places ─▶ ${NAME} replaced ─▶ defaults under widgets ─▶ checked by the schema ─▶ types
//! ```
//!
//! Each step adds its problems to one list, so that one run shows all of them.

pub(crate) mod annotation;
mod backend;
mod brand;
mod check;
mod expand;
mod file;
mod keys;
mod launcher;
mod outline;
mod panel;
mod rules;
mod schema;
mod shape;
mod site;
mod theme;
mod value;
mod widget;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow};
use rayon::prelude::*;

pub(crate) use backend::{
    AgentSection, BackendKind, BackendSection, ContactField, ContactSection, ContactTargetSection,
    DOMAIN_KEY, DomainsSection, EventsSection, FileSearchSection, HostedSection, KnowledgeSection,
    LEAST_OUTPUT, LimitsSection, MODEL, MOST_OUTPUT, McpSection, NetlifyForm, Reasoning,
    SERVER_SECRET, ServerSection, UploadKind, UploadSection, Verbosity, WebSearchSection,
    WebhookSection,
};
pub(crate) use brand::{BrandPart, BrandSection, Tone};
pub(crate) use expand::{globs as named_globs, named as named_variables};
pub(crate) use keys::refuse as refuse_keys;
pub(crate) use launcher::{
    BADGE, ColorSection, Corner, EachColor, ICON, LABEL, LauncherSection, LauncherShape,
    PhoneSection, TeaserSection,
};
pub(crate) use outline::{Outline, OutlinedWidget};
pub(crate) use panel::{
    HEIGHT, HeaderStyle, InlineSection, OpenOn, PanelSection, PopupSection, WIDTH,
};
pub(crate) use rules::{Device, RulesSection};
pub(crate) use schema::published as published_schema;
pub(crate) use schema::{ChatKitNames, schema};
pub(crate) use site::SiteSection;
pub(crate) use theme::{ThemeFile, VariableSection};
pub(crate) use value::ValueSection;
pub(crate) use widget::{
    FallbackSection, FileUploadSection, IDENTITY_SECRET, IdentityKind, LANGUAGE, PageSection,
    ROBOTS, SessionSection, StateValue, TITLE, WidgetSection,
};

use self::file::File;
use crate::environment::Environment;
use crate::fs;
use crate::hint::Hinted;
use crate::yaml::{
    Entry, Kind, Node, Place, Problem, Problems, Report, Source, Told, idle_anchors,
};

/// Folder next to `site.yaml` with one widget in each file.
pub(crate) const WIDGETS: &str = "widgets";

/// The contents of the files, with `defaults` merged under every widget.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Settings of the whole site.
    pub(crate) site: SiteSection,
    /// The widgets by name, in the order of their names.
    pub(crate) widgets: BTreeMap<String, WidgetSection>,
    /// The theme's own file. `None` if it has errors, or if no theme is known.
    pub(crate) theme: Option<ThemeFile>,
    /// The files of the themes that widgets name, without those that have errors.
    pub(crate) other_themes: BTreeMap<String, ThemeFile>,
    /// The same, with the place of every value.
    pub(crate) documents: Documents,
    /// The problems so far.
    pub(crate) problems: Vec<Problem>,
    /// The values with these problems. In `site` and `widgets`, valid stand-ins replace them, so that the rest can be
    /// checked.
    pub(crate) told: Told,
}

/// The files' values and their places.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    /// All files as one tree, with `defaults` merged under every widget.
    pub(crate) root: Arc<Node>,
    /// `theme.yaml`, merged over those that the theme falls back to.
    pub(crate) theme: Option<Node>,
    /// The same of the themes that widgets name.
    pub(crate) other_themes: BTreeMap<String, Node>,
    /// The files, `site.yaml` first.
    pub(crate) sources: Arc<[Source]>,
}

impl Documents {
    /// Whether every section of `site.yaml` is known. An unknown one may be a misspelt `widgets`.
    pub(crate) fn knows_all_sections(&self) -> bool {
        let mut entries = self.root.entries().iter();
        entries.all(|entry| ["site", "defaults", WIDGETS].contains(&entry.key.as_str()))
    }

    /// These problems, each with its line.
    pub(crate) fn show(&self, problems: Vec<Problem>) -> Problems {
        // Thousands of widgets may have a problem each.
        let widgets = self.root.get(WIDGETS).map_or(&[][..], Node::entries);
        let widgets = widgets.iter().map(|entry| (&entry.key, entry));
        let widgets: HashMap<_, _> = widgets.collect();
        let place_of = |way: &[String]| {
            let widget = match way {
                [section, name, rest @ ..] if section == WIDGETS => {
                    widgets.get(name).map(|widget| widget.place_of(rest))
                }
                _ => None,
            };
            widget.unwrap_or_else(|| self.root.place_of(way))
        };
        let located = problems.into_iter();
        let located = located.map(|problem| problem.located_by(place_of));
        Problems::new(located.collect(), Arc::clone(&self.sources))
    }
}

/// The files as read, before theme and variables are applied.
pub(crate) struct Draft {
    root: Node,
    sources: Vec<Source>,
    problems: Vec<Problem>,
    /// The own files of the themes that widgets name.
    other_themes: BTreeMap<String, Vec<Source>>,
}

impl Draft {
    /// The first source is `site.yaml`, each of the others a widget.
    pub(crate) fn parse(sources: Vec<Source>) -> Self {
        let mut problems = Vec::new();
        let root = read_tree(&sources, &mut problems);
        Self {
            root,
            sources,
            problems,
            other_themes: BTreeMap::new(),
        }
    }

    /// The name of the theme, if it is set and valid.
    pub(crate) fn theme(&self) -> Option<&str> {
        name_in(self.root.get("site")?.get("theme")?)
    }

    /// The valid names of themes that widgets have instead of `site`, the theme of the site.
    pub(crate) fn other_themes(&self, site: &str) -> BTreeSet<String> {
        let named = self.themes_of_widgets().filter_map(|node| name_in(node));
        let others = named.filter(|name| *name != site);
        others.map(str::to_owned).collect()
    }

    /// The values of `theme`, of widgets and in `defaults`.
    fn themes_of_widgets(&self) -> impl Iterator<Item = &Node> {
        let widgets = self.root.get(WIDGETS).map_or(&[][..], Node::entries);
        let widgets = widgets.iter().map(|entry| &entry.value);
        let all = self.root.get("defaults").into_iter().chain(widgets);
        all.filter_map(|section| section.get("theme"))
    }

    /// Adds a theme that widgets name, or a problem at the place of its name.
    pub(crate) fn keep_other_theme<T>(
        &mut self,
        name: &str,
        theme: Result<T>,
        settings: impl Fn(&T) -> Vec<Source>,
    ) -> Option<T> {
        match theme {
            Ok(theme) => {
                let own = settings(&theme);
                self.other_themes.insert(name.to_owned(), own);
                Some(theme)
            }
            Err(err) => {
                let named = self
                    .themes_of_widgets()
                    .find(|node| name_in(node) == Some(name));
                let place =
                    named.map_or_else(|| self.root.place.clone(), |node| node.place.clone());
                self.problems
                    .push(Problem::at(place, format!("{err:#}")).hint_of(&err));
                None
            }
        }
    }

    /// Whether the files name any widget.
    pub(crate) fn has_widgets(&self) -> bool {
        let widgets = self.root.get(WIDGETS);
        widgets.is_some_and(|widgets| !widgets.entries().is_empty())
    }

    /// Adds problems of finished files only: while somebody edits, an anchor may be needed again in a moment.
    pub(crate) fn refuse_idle_anchors(&mut self) {
        let files = self.sources.par_iter().enumerate();
        let idle = files.flat_map_iter(|(file, source)| idle_anchors(file, &source.text));
        self.problems.par_extend(idle);
    }

    /// The theme, or `None` and a problem at the place of its name.
    ///
    /// # Errors
    ///
    /// The failure itself, if no file names the theme.
    pub(crate) fn keep_theme<T>(&mut self, theme: Result<T>) -> Result<Option<T>> {
        let err = match theme {
            Ok(theme) => return Ok(Some(theme)),
            Err(err) if self.theme().is_none() => return Err(err),
            Err(err) => err,
        };
        let problem = Problem::on("site.theme", format!("{err:#}")).located(&self.root);
        self.problems.push(problem.hint_of(&err));
        Ok(None)
    }

    /// `theme` are the theme's own files, each over those before it; `None` if they could not be loaded.
    ///
    /// # Errors
    ///
    /// A `site.yaml` that is not YAML: any further problem would be a guess. All others are in [`Config::problems`], so
    /// that they are shown together with those that [`crate::site`] finds.
    pub(crate) fn finish(
        mut self,
        environment: &Environment,
        theme: Option<Vec<Source>>,
    ) -> Result<Config, Problems> {
        let (theme, is_right) = self.read_theme(theme);
        let mut other_nodes = BTreeMap::new();
        let mut right_ones = Vec::new();
        for (name, files) in std::mem::take(&mut self.other_themes) {
            let (node, is_right) = self.read_theme(Some(files));
            right_ones.extend(is_right.then(|| name.clone()));
            other_nodes.extend(node.map(|node| (name, node)));
        }
        let Self {
            mut root,
            sources,
            mut problems,
            other_themes: _,
        } = self;
        let sources: Arc<[Source]> = sources.into();
        if matches!(root.kind, Kind::Refused) {
            return Err(Problems::new(problems, sources));
        }
        expand::expand(&mut root, environment, &mut problems);
        refuse_null_widgets(&mut root, &mut problems);
        lay_defaults_under_widgets(&mut root, theme.as_ref(), &other_nodes);
        let (values, told) = check::check(schema(), &root, &sources, &mut problems);
        let documents = Documents {
            root: Arc::new(root),
            theme,
            other_themes: other_nodes,
            sources,
        };
        let theme = is_right.then(|| theme::typed(documents.theme.as_ref()));
        let theme = theme.transpose().unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let mut other_themes = BTreeMap::new();
        for name in right_ones {
            match theme::typed(documents.other_themes.get(&name)) {
                Ok(file) => _ = other_themes.insert(name, file),
                Err(problem) => problems.push(problem),
            }
        }
        match serde_path_to_error::deserialize::<_, File>(values) {
            Ok(File { site, widgets, .. }) => Ok(Config {
                problems,
                told,
                site,
                widgets,
                theme,
                other_themes,
                documents,
            }),
            // Rules that a schema cannot express.
            Err(err) => {
                // Its `prompts[0].label` is our `prompts.0.label`.
                let way = err.path().to_string().replace('[', ".").replace(']', "");
                problems.push(Problem::on(&way, err.inner().to_string()));
                Err(documents.show(problems))
            }
        }
    }

    /// A theme's files merged over each other, and whether they exist and have no problems.
    fn read_theme(&mut self, theme: Option<Vec<Source>>) -> (Option<Node>, bool) {
        let is_there = theme.is_some();
        let before = self.problems.len();
        let mut layers = Vec::new();
        for source in theme.into_iter().flatten() {
            let file = self.sources.len();
            let (tree, found) = parse(file, &source);
            self.problems.extend(found);
            self.sources.push(source);
            check::check(schema::of_theme(), &tree, &self.sources, &mut self.problems);
            layers.push(tree);
        }
        let is_right = is_there && self.problems.len() == before;
        (theme::merge(layers), is_right)
    }
}

/// Whether this can be part of an address, a file's name and an attribute without escapes: 1 to 64 of `a-z`, `0-9` and
/// `-`.
pub(crate) fn is_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(form)
}

/// Reads `site.yaml` at `path`, then the widgets next to it.
///
/// # Errors
///
/// A missing or unreadable file.
pub(crate) fn read_sources(path: &Path) -> Result<Vec<Source>> {
    read_some(path, &widget_files(path.parent().unwrap_or(Path::new("")))?)
}

/// Reads `site.yaml` at `path`, then these widgets.
///
/// # Errors
///
/// A missing or unreadable file.
pub(crate) fn read_some(path: &Path, widgets: &[PathBuf]) -> Result<Vec<Source>> {
    if fs::read_if_exists(path)?.is_none() {
        return Err(Hinted::new(
            format!("`{}` not found", path.display()),
            "run the command in the folder of your `site.yaml`, pass --config FILE, or start a site with `init`",
        )
        .into());
    }
    let mut paths = vec![path.to_owned()];
    paths.extend_from_slice(widgets);
    // Of many files that cannot be read, it is always the first that is named.
    let sources: Vec<_> = paths.into_par_iter().map(read_source).collect();
    sources.into_iter().collect()
}

/// The files of widgets next to `site.yaml` in this folder, in their order.
///
/// # Errors
///
/// A folder that cannot be read.
pub(crate) fn widget_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.join(WIDGETS);
    let names = fs::files_below(&folder)?.into_iter();
    let names = names.filter(|name| is_yaml(name));
    Ok(names.map(|name| folder.join(name)).collect())
}

/// Whether a file in the folder of widgets is a widget.
pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end == "yaml" || end == "yml")
}

/// The files as one tree, as written: without defaults, and with variables unexpanded. Parts with errors are left out.
pub(crate) fn written(sources: &[Source]) -> Node {
    read_tree(sources, &mut Vec::new())
}

/// The problems for a program. The first `files` sources are the site's; a theme's own file may follow.
pub(crate) fn reports(problems: &Problems, files: usize) -> Vec<Report> {
    let sources = problems.sources();
    let of_site = &sources[..files.min(sources.len())];
    let root = (!of_site.is_empty()).then(|| written(of_site));
    problems.reports(root.as_ref())
}

/// The problems that the schema finds in ChatKit's options, which were read from `source`.
pub(crate) fn check_chatkit(options: &Node, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let sources = std::slice::from_ref(source);
    check::check(schema::of_chatkit(), options, sources, &mut problems);
    problems
}

/// Reads one of these files.
///
/// # Errors
///
/// A file that is missing, cannot be read or is not text.
pub(crate) fn read_source(path: PathBuf) -> Result<Source> {
    let text = String::from_utf8(fs::read(&path)?).map_err(|err| {
        let at = err.utf8_error().valid_up_to();
        anyhow!("`{}` is not UTF-8 text, at byte {at}", path.display())
    })?;
    // Editors on Windows begin files with a byte order mark.
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(Source::new(path, text))
}

/// All files as one tree.
fn read_tree(sources: &[Source], problems: &mut Vec<Problem>) -> Node {
    let (mut root, found) = parse(0, &sources[0]);
    problems.extend(found);
    let own = sources.par_iter().enumerate().skip(1);
    let own = own.map(|(file, source)| {
        let (value, found) = parse(file, source);
        let name = source.path.file_stem().unwrap_or_default();
        let entry = Entry {
            key: name.to_string_lossy().into_owned(),
            key_place: Place { file, span: 0..0 },
            value,
        };
        (entry, found)
    });
    let (own, found): (Vec<_>, Vec<_>) = own.unzip();
    problems.extend(found.into_iter().flatten());
    if own.is_empty() {
        return root;
    }
    let Some(widgets) = root.section(WIDGETS) else {
        // The check of the schema reports it.
        return root;
    };
    let places = widgets
        .iter()
        .map(|entry| (entry.key.clone(), entry.key_place.clone()));
    let mut places: HashMap<String, Place> = places.collect();
    for entry in own {
        match places.get(&entry.key) {
            Some(earlier) => problems.push(
                Problem::at(entry.key_place, format!("duplicate widget `{}`", entry.key))
                    .label("defined again by this file")
                    .context(earlier.clone(), "first defined here"),
            ),
            None => {
                places.insert(entry.key.clone(), entry.key_place.clone());
                widgets.push(entry);
            }
        }
    }
    root
}

/// One file as a tree, and its problems.
fn parse(file: usize, source: &Source) -> (Node, Vec<Problem>) {
    let mut problems = Vec::new();
    let tree = Node::parse(file, &source.text, &mut problems);
    keys::refuse(file, &source.text, &mut problems);
    (tree, problems)
}

/// A widget may be empty, but not `null`: it would disappear silently.
fn refuse_null_widgets(root: &mut Node, problems: &mut Vec<Problem>) {
    for Entry { key, value, .. } in entries_of(root, WIDGETS) {
        if matches!(value.kind, Kind::Null) && !value.place.span.is_empty() {
            let problem = Problem::at(value.place.clone(), format!("`{key}` has no value"));
            problems.push(
                problem
                    .label("this would remove the widget")
                    .hint("for a widget that only uses `defaults`, write `{}`"),
            );
            value.kind = Kind::Refused;
        }
    }
}

/// The valid name of a theme.
fn name_in(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Text(name) if is_name(name) => Some(name),
        _ => None,
    }
}

/// Merges the theme's defaults under those of the site, and both under every widget. `others` are the themes that
/// widgets name.
fn lay_defaults_under_widgets(
    root: &mut Node,
    theme: Option<&Node>,
    others: &BTreeMap<String, Node>,
) {
    let of_site = defaults_of_site(root);
    if let (Some(brand), Some(_)) = (of_site.get("brand"), root.get("site")) {
        brand::put_into_site(root, brand.clone());
    }
    let root_place = root.place.clone();
    // Most widgets have the same.
    let mut known = HashMap::new();
    for entry in entries_of(root, WIDGETS) {
        let own = &entry.value;
        let named = own.get("theme").or_else(|| of_site.get("theme"));
        let named = named.and_then(name_in);
        let other = named.and_then(|name| others.get_key_value(name));
        let replaced = brand::replaced([own, &of_site]);
        let name = other.map(|(name, _)| name.as_str());
        let defaults = known.entry((name, replaced)).or_insert_with(|| {
            let theme = other.map_or(theme, |(_, theme)| Some(theme));
            let of_theme = theme.and_then(|theme| theme.get("defaults")).cloned();
            let of_theme = of_theme.unwrap_or_else(|| nothing(root_place.clone()));
            of_site.clone().over(&brand::without(of_theme, replaced))
        });
        let empty = Node {
            place: entry.value.place.clone(),
            kind: Kind::Null,
        };
        entry.value = std::mem::replace(&mut entry.value, empty).over(defaults);
    }
}

/// The section `defaults`, with the brand of the site under its own.
fn defaults_of_site(root: &Node) -> Node {
    let defaults = root.get("defaults").cloned();
    let defaults = defaults.unwrap_or_else(|| nothing(root.place.clone()));
    match root.get("site").and_then(|site| site.entry("brand")) {
        Some(brand) => defaults.over(&Node {
            place: root.place.clone(),
            kind: Kind::Map(vec![brand.clone()]),
        }),
        None => defaults,
    }
}

/// A map without entries.
fn nothing(place: Place) -> Node {
    Node {
        place,
        kind: Kind::Map(Vec::new()),
    }
}

/// The entries of a section, or none if it is missing.
fn entries_of<'n>(root: &'n mut Node, section: &str) -> impl Iterator<Item = &'n mut Entry> {
    let is_there = root
        .get(section)
        .is_some_and(|node| !node.entries().is_empty());
    let entries = is_there.then(|| root.section(section)).flatten();
    entries.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "site: {url: 'https://chat.example.com'}\n";

    fn parse(text: &str) -> Result<Config, Problems> {
        parse_files([("site.yaml", text)])
    }

    fn parse_files<const N: usize>(files: [(&str, &str); N]) -> Result<Config, Problems> {
        let sources = files.map(|(path, text)| Source::new(path, text));
        let config =
            Draft::parse(sources.into()).finish(&Environment::default(), Some(Vec::new()))?;
        match config.problems.is_empty() {
            true => Ok(config),
            false => Err(config.documents.show(config.problems)),
        }
    }

    #[test]
    fn defaults_are_merged_under_each_widget() {
        let config = parse(&format!(
            "{SITE}\
             defaults: {{panel: {{width: 500}}, launcher: {{label: Ask, position: bottom-left}}}}\n\
             widgets: {{a: {{launcher: {{label: Help}}}}, b: }}\n"
        ))
        .unwrap();
        let widget = &config.widgets["a"];
        assert_eq!(widget.panel.width, Some(500));
        assert_eq!(widget.launcher.label.as_deref(), Some("Help"));
        assert_eq!(widget.launcher.position, Some(Corner::BottomLeft));
        assert_eq!(config.widgets["b"].launcher.label.as_deref(), Some("Ask"));
    }

    #[test]
    fn null_takes_away_a_section_that_would_be_inherited_and_nothing_at_all_does_not() {
        let widget = |own: &str| {
            let config = parse(&format!(
                "{SITE}\
                 defaults:\n\
                 \x20 fallback: {{label: Call us, url: 'tel:+49'}}\n\
                 \x20 launcher: {{label: Ask, teaser: {{text: Hello}}}}\n\
                 \x20 chatkit: {{disclaimer: {{text: Careful}}}}\n\
                 widgets:\n  a:\n{own}\n"
            ));
            config.map(|mut config| config.widgets.remove("a").unwrap())
        };
        for null in ["null", "~", "Null # gone"] {
            assert!(
                widget(&format!("    fallback: {null}"))
                    .unwrap()
                    .fallback
                    .is_none()
            );
        }
        for nothing in ["", " # nothing", "\n    page:"] {
            assert!(
                widget(&format!("    fallback:{nothing}"))
                    .unwrap()
                    .fallback
                    .is_some()
            );
        }
        let without_teaser = widget("    launcher: {teaser: null}").unwrap().launcher;
        assert!(without_teaser.teaser.is_none());
        assert_eq!(without_teaser.label.as_deref(), Some("Ask"));
        let plain = widget("    launcher: null\n    chatkit: {disclaimer: ~}").unwrap();
        assert!(plain.launcher.label.is_none() && plain.launcher.teaser.is_none());
        assert!(plain.chatkit.disclaimer.is_none());
        // For a single value, it is the slip that it looks like.
        let err = widget("    launcher: {label: null}").unwrap_err();
        assert_eq!(err.titles(), ["`label` has no value"]);
    }

    #[test]
    fn required_pairs_may_be_split_between_defaults_and_widget() {
        let text = |own: &str| {
            format!(
                "{SITE}\
                 defaults: {{chatkit: {{theme: {{color: {{accent: {{primary: red}}}}}}}}}}\n\
                 widgets: {{a: {{chatkit: {{theme: {{color: {{accent: {own}}}}}}}}}}}\n"
            )
        };
        assert!(parse(&text("{level: 2}")).is_ok());
        assert!(parse(&text("{}")).is_err());
    }

    #[test]
    fn keys_of_a_back_end_without_a_type_hide_no_other_error() {
        let problems = parse(&format!(
            "{SITE}\
             defaults: {{backend: {{signed: false}}}}\n\
             widgets:\n\
             \x20 a: {{backend: {{type: robot, workflow: wf_1}}}}\n\
             \x20 b: {{backend: {{workflow: wf_1}}}}\n\
             \x20 c: {{backend: {{type: server, workflow: 5}}}}\n\
             \x20 d: {{panel: {{width: 1}}}}\n"
        ));
        assert_eq!(
            problems.unwrap_err().titles(),
            [
                "missing `type` in `backend`",
                "`type` cannot be `robot`",
                "missing `type` in `backend`",
                "`workflow` belongs to `type: hosted`",
                "invalid value for `width`",
            ]
        );
    }

    #[test]
    fn a_widget_without_a_content_is_a_widget() {
        assert!(
            parse(&format!("{SITE}widgets: {{a: }}\n"))
                .unwrap()
                .widgets
                .contains_key("a")
        );
    }

    #[test]
    fn a_file_in_the_folder_of_widgets_is_a_widget() {
        let file = ("widgets/docs.yaml", "panel: {width: 500}\n");
        let config = parse_files([("site.yaml", SITE), file]).unwrap();
        assert_eq!(config.widgets["docs"].panel.width, Some(500));
    }

    #[test]
    fn an_outline_keeps_what_is_written_apart_from_what_is_inherited() {
        let text = format!(
            "{SITE}defaults: {{backend: {{type: hosted}}, panel: {{width: 500}}}}\n\
             widgets: {{a: {{panel: {{height: 600}}}}}}\n"
        );
        let theme = Source::new("theme.yaml", "defaults: {panel: {width: 1, open: load}}");
        let draft = Draft::parse(vec![Source::new("site.yaml", text)]);
        let outline = draft.outline(&[theme], &BTreeSet::from(["a"]));
        let widget = &outline.widgets[0];
        assert_eq!(
            widget.written,
            serde_json::json!({"panel": {"height": 600}})
        );
        assert_eq!(widget.backend, Some("hosted".into()));
        assert_eq!(
            outline.inherited["panel"],
            serde_json::json!({"width": 500, "open": "load"})
        );
    }

    #[test]
    fn a_report_names_the_key_its_place_and_what_to_do() {
        let problems = parse(&format!("{SITE}widgets:\n  a:\n    pannel: 1\n")).unwrap_err();
        let report = &reports(&problems, 1)[0];
        assert_eq!(report.path.as_deref(), Some("widgets.a.pannel"));
        assert_eq!((report.line, report.column), (Some(4), Some(5)));
        assert_eq!(report.help.as_deref(), Some("did you mean `panel`?"));
        assert!(!report.rendered.contains('\u{1b}'));
    }
}
