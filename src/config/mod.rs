//! `site.yaml` and `widgets/*.yaml` as written: the only place that knows YAML.
//!
//! ```text
//! text ─▶ tree with places ─▶ ${NAME} replaced ─▶ defaults under widgets ─▶ held against the schema ─▶ types
//! ```
//!
//! Each step adds what is wrong to one list, so that a person sees all of it in one run.

mod check;
mod document;
mod expand;
mod launcher;
mod panel;
mod problem;
mod rules;
mod schema;
mod secrets;
mod site;
mod theme;
mod widget;
mod yaml;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub(crate) use document::{Entry, Kind, Node, Place};
pub(crate) use expand::{DOMAIN_KEY, is_variable_name, named as named_variables};
pub(crate) use launcher::{
    ColorSection, Corner, EachColor, LauncherSection, LauncherShape, TeaserSection,
};
pub(crate) use panel::{InlineSection, OpenOn, PanelSection, PopupSection};
pub(crate) use problem::{Problem, Problems, Report, Source};
pub(crate) use rules::{Device, RulesSection};
pub(crate) use schema::published as published_schema;
pub(crate) use schema::{ChatKitNames, schema};
pub(crate) use secrets::{holds_key, refuse as refuse_keys};
pub(crate) use site::SiteSection;
pub(crate) use theme::{ThemeFile, ValueSection, VariableSection};
pub(crate) use widget::{
    BackendKind, BackendSection, FallbackSection, FileUploadSection, IdentityKind, PageSection,
    SessionSection, UploadKind, UploadSection, WidgetSection,
};

use crate::environment::Environment;
use crate::fs;
use crate::hint::Hinted;

/// Folder beside `site.yaml` with one widget in each file.
pub(crate) const WIDGETS: &str = "widgets";

/// What the files say, with `defaults` laid under every widget.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// What holds for the whole site.
    pub(crate) site: SiteSection,
    /// The widgets by name, in the order of their names.
    pub(crate) widgets: BTreeMap<String, WidgetSection>,
    /// What the theme says about itself.
    pub(crate) theme: ThemeFile,
    /// The same with the place of every value.
    pub(crate) documents: Documents,
    /// What the schema says against it. The values that it is about are missing above, and the rest can be checked.
    pub(crate) problems: Vec<Problem>,
}

/// The files' values and their places.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    /// As one file would be that holds everything, with `defaults` laid under every widget.
    pub(crate) root: Arc<Node>,
    /// `theme.yaml`, laid over those that the theme falls back to.
    pub(crate) theme: Option<Node>,
    /// The files, `site.yaml` first.
    pub(crate) sources: Arc<[Source]>,
}

impl Documents {
    /// These problems with the lines that they are about.
    pub(crate) fn show(&self, problems: Vec<Problem>) -> Problems {
        let located = problems
            .into_iter()
            .map(|problem| problem.located(&self.root));
        Problems::new(located.collect(), Arc::clone(&self.sources))
    }
}

/// The file's own shape. A key that is not a field here is an error.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// What holds for the whole site.
    site: SiteSection,
    /// Laid under every widget: maps are merged key by key, anything else is replaced. A section that is `null` in
    /// a widget takes away what is here.
    #[serde(default, deserialize_with = "ignored")]
    #[expect(dead_code, reason = "for the schema; what is merged is the tree")]
    defaults: WidgetSection,
    /// The chats by name: 1 to 64 small letters, digits and hyphens. `widgets/<name>.yaml` adds one as well.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"pattern": "^[a-z0-9-]{1,64}$"}))]
    widgets: BTreeMap<String, WidgetSection>,
}

/// `defaults` alone may be incomplete. It is part of every widget by now.
fn ignored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WidgetSection, D::Error> {
    IgnoredAny::deserialize(deserializer)?;
    Ok(WidgetSection::default())
}

/// The files as read, before a theme and variables have their say.
pub(crate) struct Draft {
    root: Node,
    sources: Vec<Source>,
    problems: Vec<Problem>,
}

impl Draft {
    /// The first source is `site.yaml`, each further one a widget.
    pub(crate) fn parse(sources: Vec<Source>) -> Self {
        let mut problems = Vec::new();
        let root = read_tree(&sources, &mut problems);
        Self {
            root,
            sources,
            problems,
        }
    }

    /// The name of the theme, if there is one that can be a name.
    pub(crate) fn theme(&self) -> Option<&str> {
        match &self.root.get("site")?.get("theme")?.kind {
            Kind::Text(name) if is_name(name) => Some(name),
            _ => None,
        }
    }

    /// Whether the files name any widget.
    pub(crate) fn has_widgets(&self) -> bool {
        let widgets = self.root.get(WIDGETS);
        widgets.is_some_and(|widgets| !widgets.entries().is_empty())
    }

    /// A theme that is not to be had, at the place of its name, with all else that can be told without it.
    pub(crate) fn without_theme(
        mut self,
        err: anyhow::Error,
        environment: &Environment,
    ) -> anyhow::Error {
        if self.theme().is_none() {
            return err;
        }
        let problem = Problem::on("site.theme", format!("{err:#}")).located(&self.root);
        let problem = match Hinted::find(&err) {
            Some(hint) => problem.hint(hint),
            None => problem,
        };
        self.problems.push(problem.aside());
        match self.finish(environment, Vec::new()) {
            Ok(config) => config.documents.show(config.problems).into(),
            Err(problems) => problems.into(),
        }
    }

    /// What the files say, before anything is laid under anything. `theme` are the theme's own files, each over
    /// those before it.
    pub(crate) fn outline(&self, theme: &[Source]) -> Outline {
        let nothing = Node {
            place: self.root.place.clone(),
            kind: Kind::Map(Vec::new()),
        };
        let layers = theme.iter();
        let theme = theme::merge(layers.map(|file| Node::parse(0, &file.text, &mut Vec::new())));
        let of_site = self.root.get("defaults").unwrap_or(&nothing);
        let of_theme = theme.as_ref().and_then(|theme| theme.get("defaults"));
        let inherited = of_site.clone().over(of_theme.unwrap_or(&nothing));
        let site = self.root.get("site").unwrap_or(&nothing);
        let widgets = self.root.get(WIDGETS).map_or(&[][..], Node::entries);
        let widget = |entry: &Entry| {
            let whole = entry.value.clone().over(&inherited);
            let kind = whole.get("backend").and_then(|backend| backend.get("type"));
            OutlinedWidget {
                name: entry.key.clone(),
                file: self.sources[entry.value.place.file].path.clone(),
                backend: kind.map(Node::to_json),
                written: entry.value.to_json(),
                merged: whole.to_json(),
            }
        };
        Outline {
            site: site.to_json(),
            defaults: of_site.to_json(),
            widgets: widgets.iter().map(widget).collect(),
            inherited: inherited.to_json(),
        }
    }

    /// `theme` are the theme's own files, each over those before it.
    ///
    /// # Errors
    ///
    /// What is no YAML, an API key, a `theme.yaml` that is wrong, and a value that everything needs. Anything else is in
    /// [`Config::problems`], so that it is told with what [`crate::site`] finds.
    pub(crate) fn finish(
        mut self,
        environment: &Environment,
        theme: Vec<Source>,
    ) -> Result<Config, Problems> {
        let layers: Vec<_> = theme
            .into_iter()
            .map(|file| self.read_theme(file))
            .collect();
        let theme = theme::merge(layers);
        let Self {
            mut root,
            sources,
            mut problems,
        } = self;
        let sources: Arc<[Source]> = sources.into();
        // What is no YAML can only be half understood: what else is wrong would be a guess.
        if !problems.iter().all(Problem::is_aside) {
            return Err(Problems::new(problems, sources));
        }
        expand::expand(&mut root, environment, &mut problems);
        refuse_null_widgets(&root, &mut problems);
        lay_defaults_under_widgets(&mut root, theme.as_ref());
        check::check(&schema(), &root, &sources, &mut problems);
        let right = match problems.is_empty() {
            true => root.to_value(),
            false => root.without(&problems).to_value(),
        };
        let documents = Documents {
            root: Arc::new(root),
            theme,
            sources,
        };
        let theme = theme::typed(documents.theme.as_ref())
            .map_err(|problem| documents.show(vec![problem]))?;
        match serde_path_to_error::deserialize::<_, File>(right) {
            Ok(File { site, widgets, .. }) => Ok(Config {
                problems,
                site,
                widgets,
                theme,
                documents,
            }),
            // What is wrong is also needed.
            Err(_) if !problems.is_empty() => Err(documents.show(problems)),
            // Rules that a schema can not express.
            Err(err) => {
                // Its `prompts[0].label` is our `prompts.0.label`.
                let way = err.path().to_string().replace('[', ".").replace(']', "");
                let problem = Problem::on(&way, err.inner().to_string());
                Err(documents.show(vec![problem]))
            }
        }
    }

    /// A theme's file, with everything that is wrong in it.
    fn read_theme(&mut self, theme: Source) -> Node {
        let file = self.sources.len();
        let tree = Node::parse(file, &theme.text, &mut self.problems);
        secrets::refuse(file, &theme.text, &mut self.problems);
        self.sources.push(theme);
        if self.problems.iter().all(Problem::is_aside) {
            check::check(
                &schema::of_theme(),
                &tree,
                &self.sources,
                &mut self.problems,
            );
        }
        tree
    }
}

/// What the files say, as written.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) site: Value,
    pub(crate) defaults: Value,
    /// `defaults` over those of the theme.
    pub(crate) inherited: Value,
    /// In the order of the files.
    pub(crate) widgets: Vec<OutlinedWidget>,
}

/// One widget as written.
#[derive(Debug)]
pub(crate) struct OutlinedWidget {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// `hosted`, `server`, or whatever is there by mistake.
    pub(crate) backend: Option<Value>,
    /// Its own keys only.
    pub(crate) written: Value,
    /// The same over what it inherits.
    pub(crate) merged: Value,
}

/// Whether this can be a part of an address, a file's name and an attribute as it stands:
/// 1 to 64 of `a-z`, `0-9` and `-`.
pub(crate) fn is_name(name: &str) -> bool {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(form)
}

/// Reads `site.yaml` at `path` and the widgets beside it: `site.yaml` first.
///
/// # Errors
///
/// A missing or unreadable file.
pub(crate) fn read_sources(path: &Path) -> Result<Vec<Source>> {
    if fs::read_if_exists(path)?.is_none() {
        return Err(Hinted::new(
            format!("there is no `{}`", path.display()),
            "go to the folder that holds your `site.yaml`, or name it with --config FILE",
        )
        .into());
    }
    let folder = path.parent().unwrap_or(Path::new("")).join(WIDGETS);
    let mut paths = vec![path.to_owned()];
    let beside = fs::files_below(&folder)?.into_iter();
    let widgets = beside.filter(|name| is_yaml(name));
    paths.extend(widgets.map(|name| folder.join(name)));
    paths.into_iter().map(read_source).collect()
}

/// Whether a file in the folder of widgets is one.
pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end == "yaml" || end == "yml")
}

/// The files as one tree, as written: without defaults, and with variables as such. What is wrong in them is
/// left out.
pub(crate) fn written(sources: &[Source]) -> Node {
    read_tree(sources, &mut Vec::new())
}

/// What is wrong with ChatKit's options, as far as their schema tells. `source` is where they were read.
pub(crate) fn check_chatkit(options: &Node, source: &Source) -> Vec<Problem> {
    let mut problems = Vec::new();
    let sources = std::slice::from_ref(source);
    check::check(&schema::of_chatkit(), options, sources, &mut problems);
    problems
}

/// Reads one of these files.
///
/// # Errors
///
/// A file that is missing, can not be read or is not text.
pub(crate) fn read_source(path: PathBuf) -> Result<Source> {
    let text = String::from_utf8(fs::read(&path)?).map_err(|err| {
        let at = err.utf8_error().valid_up_to();
        anyhow!("`{}` is not UTF-8 text, at byte {at}", path.display())
    })?;
    // Editors on Windows begin files with a mark that is no part of the text.
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(Source { path, text })
}

/// All files as one tree.
fn read_tree(sources: &[Source], problems: &mut Vec<Problem>) -> Node {
    let mut root = Node::parse(0, &sources[0].text, problems);
    secrets::refuse(0, &sources[0].text, problems);
    let mut own = Vec::with_capacity(sources.len());
    for (file, source) in sources.iter().enumerate().skip(1) {
        secrets::refuse(file, &source.text, problems);
        let value = Node::parse(file, &source.text, problems);
        let name = source.path.file_stem().unwrap_or_default();
        own.push(Entry {
            key: name.to_string_lossy().into_owned(),
            key_place: Place { file, span: 0..0 },
            value,
        });
    }
    if own.is_empty() {
        return root;
    }
    let Some(widgets) = root.section(WIDGETS) else {
        // The check of the schema says what is wrong.
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
                    .label("this file is the second")
                    .context(earlier.clone(), "the first is here")
                    .aside(),
            ),
            None => {
                places.insert(entry.key.clone(), entry.key_place.clone());
                widgets.push(entry);
            }
        }
    }
    root
}

/// A widget may say nothing, but not that there is none: it would be gone without a word.
fn refuse_null_widgets(root: &Node, problems: &mut Vec<Problem>) {
    let widgets = root.get(WIDGETS).map_or(&[][..], Node::entries);
    for Entry { key, value, .. } in widgets {
        if matches!(value.kind, Kind::Null) && !value.place.span.is_empty() {
            let problem = Problem::at(value.place.clone(), format!("`{key}` has no value"));
            problems.push(
                problem
                    .label("this takes the widget away")
                    .hint("write nothing here for a widget of `defaults` alone"),
            );
        }
    }
}

/// The theme's defaults lie under those of the site, and both under every widget.
fn lay_defaults_under_widgets(root: &mut Node, theme: Option<&Node>) {
    let nothing = Node {
        place: root.place.clone(),
        kind: Kind::Map(Vec::new()),
    };
    let of_site = root
        .get("defaults")
        .cloned()
        .unwrap_or_else(|| nothing.clone());
    let of_theme = theme.and_then(|theme| theme.get("defaults"));
    let defaults = of_site.over(of_theme.unwrap_or(&nothing));
    for entry in root.section(WIDGETS).into_iter().flatten() {
        let empty = Node {
            place: entry.value.place.clone(),
            kind: Kind::Null,
        };
        entry.value = std::mem::replace(&mut entry.value, empty).over(&defaults);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "site: {url: 'https://chat.example.com'}\n";

    fn parse(text: &str) -> Result<Config, Problems> {
        parse_files([("site.yaml", text)])
    }

    fn parse_files<const N: usize>(files: [(&str, &str); N]) -> Result<Config, Problems> {
        let sources = files.map(|(path, text)| Source {
            path: path.into(),
            text: text.to_owned(),
        });
        let config = Draft::parse(sources.into()).finish(&Environment::default(), Vec::new())?;
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
        let path = "site.yaml".into();
        let text = format!(
            "{SITE}defaults: {{backend: {{type: hosted}}, panel: {{width: 500}}}}\n\
             widgets: {{a: {{panel: {{height: 600}}}}}}\n"
        );
        let theme = Source {
            path: "theme.yaml".into(),
            text: "defaults: {panel: {width: 1, open: load}}".to_owned(),
        };
        let outline = Draft::parse(vec![Source { path, text }]).outline(&[theme]);
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
        let report = &problems.reports(1)[0];
        assert_eq!(report.path.as_deref(), Some("widgets.a.pannel"));
        assert_eq!((report.line, report.column), (Some(4), Some(5)));
        assert_eq!(report.help.as_deref(), Some("did you mean `panel`?"));
        assert!(!report.rendered.contains('\u{1b}'));
    }
}
