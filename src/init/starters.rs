//! What a new widget starts with: a file for each template and language, `starters/<template>.<language>.yaml`. The
//! lists of both are the names of the files, so whoever adds a file has added a template or a language.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use rust_embed::RustEmbed;
use serde_json::{Value, json};

use crate::config::{BackendKind, LANGUAGE};
use crate::hint::Hinted;
use crate::theme::about;
use crate::yaml::Node;

#[derive(RustEmbed)]
#[folder = "src/init/starters/"]
struct Files;

/// The template of a widget whose purpose nobody has named.
const TEMPLATE: &str = "support";

/// The place of the owner's name in a text.
const NAME: &str = "{name}";

/// What a chat is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// Such as `support`.
    pub(crate) name: &'static str,
    /// A few words for those who choose, in English.
    pub(crate) about: &'static str,
}

/// A language that templates have texts in: a tag of BCP 47, such as `de`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Language(pub(crate) &'static str);

/// The default first, then by name.
static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let names: BTreeSet<_> = files().map(|(template, _)| template).collect();
    let mut all: Vec<_> = names.into_iter().map(Template::of).collect();
    all.sort_by_key(|template| template.name != TEMPLATE);
    all
});

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let tags: BTreeSet<_> = files().map(|(_, tag)| tag).collect();
    tags.into_iter().map(|tag| Language(kept(tag))).collect()
});

/// The template and the language of each file.
fn files() -> impl Iterator<Item = (String, String)> {
    Files::iter().filter_map(|path| {
        let (template, language) = path.strip_suffix(".yaml")?.split_once('.')?;
        Some((template.to_owned(), language.to_owned()))
    })
}

fn text(template: &str, language: &str) -> Option<String> {
    let file = Files::get(&format!("{template}.{language}.yaml"))?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}

/// A text of these lists, which are made once and last as long as the program.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// A widget as `site.yaml` has it, with its usual name.
#[derive(Clone, Debug)]
pub(crate) struct Starter {
    pub(crate) name: String,
    pub(crate) widget: Value,
}

impl Template {
    fn of(name: String) -> Self {
        let comment = text(&name, LANGUAGE).map(|text| about("", &text));
        let about = comment.unwrap_or_default().trim_end_matches('.').to_owned();
        Self {
            name: kept(name),
            about: kept(about),
        }
    }

    /// All templates, the one to begin with first.
    pub(crate) fn all() -> &'static [Self] {
        &TEMPLATES
    }

    /// The template with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut all = Self::all().iter().copied();
        all.find(|template| template.name == name)
    }

    /// The languages that it has texts in.
    pub(crate) fn languages(self) -> impl Iterator<Item = Language> {
        let all = Language::all().iter().copied();
        all.filter(move |language| text(self.name, language.0).is_some())
    }

    /// A language that nobody has chosen by hand; English, if it has no texts in that one.
    pub(crate) fn or_english(self, language: Language) -> Language {
        match text(self.name, language.0) {
            Some(_) => language,
            None => Language::default(),
        }
    }

    /// Its widget, in a language and with a back end of this kind, for an owner whom visitors know by this name.
    ///
    /// # Errors
    ///
    /// A language that it has no texts in.
    pub(crate) fn starter(
        self,
        language: Language,
        kind: BackendKind,
        owner: &str,
    ) -> Result<Starter> {
        let Some(text) = text(self.name, language.0) else {
            let tags: Vec<_> = self.languages().map(|language| language.0).collect();
            let title = format!("template `{}` has no texts in `{}`", self.name, language.0);
            let hint = format!("it has them in {}", tags.join(", "));
            return Err(Hinted::new(title, hint).into());
        };
        let tree = Node::parse(0, &text, &mut Vec::new());
        let entry = tree.entries().first().expect("a test reads every file");
        let mut widget = entry.value.to_json();
        fill_in(&mut widget, owner);
        widget["backend"] = backend(kind, &widget["backend"]);
        widget["page"]["language"] = json!(language.0);
        Ok(Starter {
            name: entry.key.clone(),
            widget,
        })
    }
}

/// The section of a new back end, with what a template has for this kind.
fn backend(kind: BackendKind, template: &Value) -> Value {
    let mut section = kind.starter();
    if template["type"] == kind.name() {
        for (key, value) in template.as_object().into_iter().flatten() {
            section[key] = value.clone();
        }
    }
    section
}

/// Puts the owner's name into every text.
fn fill_in(value: &mut Value, owner: &str) {
    match value {
        Value::String(text) => *text = text.trim_end().replace(NAME, owner),
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in(item, owner)),
        Value::Object(map) => map.values_mut().for_each(|value| fill_in(value, owner)),
        _ => {}
    }
}

impl Default for Template {
    fn default() -> Self {
        Self::all()[0]
    }
}

impl ValueEnum for Template {
    fn value_variants<'a>() -> &'a [Self] {
        Self::all()
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.about))
    }
}

impl Language {
    /// All languages that some template has texts in, by their tags.
    pub(crate) fn all() -> &'static [Self] {
        &LANGUAGES
    }

    /// The language of a tag such as `de` or `de-AT`, and of a locale such as `de_AT.UTF-8`.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let tag = tag.split(['.', '@']).next()?.replace('_', "-");
        let whole = Self::named(&tag);
        whole.or_else(|| Self::named(tag.split('-').next()?))
    }

    /// The language with this tag.
    pub(crate) fn named(tag: &str) -> Option<Self> {
        let mut all = Self::all().iter().copied();
        all.find(|language| language.0.eq_ignore_ascii_case(tag))
    }
}

impl Default for Language {
    fn default() -> Self {
        Self(LANGUAGE)
    }
}

impl ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        Self::all()
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::is_lucide;

    /// What every template must speak. Any of them may have texts in further languages.
    const REQUIRED: [&str; 6] = ["de", "en", "es", "fr", "ja", "pt"];

    #[test]
    fn every_template_has_each_language_a_name_and_a_description() {
        let names: Vec<_> = Template::all().iter().map(|each| each.name).collect();
        for name in ["support", "docs", "sales", "booking", "internal"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert_eq!(Template::default().name, TEMPLATE);
        for template in Template::all() {
            assert!(!template.about.is_empty(), "{}", template.name);
            let tags: Vec<_> = template.languages().map(|language| language.0).collect();
            for tag in REQUIRED {
                assert!(tags.contains(&tag), "{} in {tag}", template.name);
            }
        }
    }

    #[test]
    fn a_widget_of_a_template_says_everything_in_its_language() {
        for (template, language) in files() {
            let place = format!("{template}.{language}.yaml");
            let text = text(&template, &language).unwrap();
            let mut problems = Vec::new();
            let tree = Node::parse(0, &text, &mut problems);
            assert!(problems.is_empty() && tree.entries().len() == 1, "{place}");
            let [template, language] = [template, language].map(kept);
            let template = Template::named(template).unwrap();
            let starter = template.starter(Language(language), BackendKind::Agent, "Ada & Co.");
            let Starter { name, widget } = starter.unwrap();
            let english = template.starter(Language::default(), BackendKind::Agent, "");
            assert_eq!(name, english.unwrap().name, "{place}");
            assert!(!widget.to_string().contains(NAME), "{place}");
            for text in [
                "/backend/instructions",
                "/chatkit/startScreen/greeting",
                "/chatkit/composer/placeholder",
                "/chatkit/disclaimer/text",
                "/launcher/label",
                "/page/title",
            ] {
                let said = widget.pointer(text).and_then(Value::as_str);
                assert!(said.is_some_and(|said| !said.is_empty()), "{place} {text}");
            }
            assert_eq!(widget["page"]["language"], language, "{place}");
            for text in ["/backend/instructions", "/page/title"] {
                let said = widget.pointer(text).unwrap().to_string();
                assert!(said.contains("Ada & Co."), "{place} {text}");
            }
            let prompts = widget["chatkit"]["startScreen"]["prompts"].as_array();
            assert!((3..=4).contains(&prompts.unwrap().len()), "{place}");
            let icons = prompts.into_iter().flatten().map(|prompt| &prompt["icon"]);
            for icon in icons.chain(widget["launcher"].get("icon")) {
                let name = icon.as_str().unwrap().strip_prefix("lucide:");
                assert!(name.is_some_and(is_lucide), "{place} {icon}");
            }
        }
    }

    #[test]
    fn a_language_without_texts_is_refused_by_name_and_english_takes_its_place_if_nobody_chose_it()
    {
        let (template, dutch) = (Template::default(), Language("nl"));
        let refused = template.starter(dutch, BackendKind::Agent, "Ada");
        let err = refused.unwrap_err();
        assert_eq!(err.to_string(), "template `support` has no texts in `nl`");
        let hint = Hinted::find(&err).unwrap();
        assert!(hint.starts_with("it has them in de, en, es"), "{hint}");
        assert_eq!(template.or_english(dutch), Language("en"));
        assert_eq!(template.or_english(Language("ja")), Language("ja"));
    }

    #[test]
    fn only_an_agent_gets_the_instructions() {
        for kind in BackendKind::all() {
            let starter = Template::default().starter(Language::default(), *kind, "Ada");
            let backend = &starter.unwrap().widget["backend"];
            let expected = json!(kind.name());
            assert_eq!(backend["type"], expected);
            let has_some = backend["instructions"].as_str().is_some();
            assert_eq!(has_some, *kind == BackendKind::Agent);
        }
    }

    #[test]
    fn a_language_is_found_by_tags_and_locales() {
        for (tag, found) in [
            ("de", Some("de")),
            ("pt-BR", Some("pt")),
            ("fr_CA.UTF-8", Some("fr")),
            ("DE@euro", Some("de")),
            ("nl", None),
            ("C.UTF-8", None),
            ("", None),
        ] {
            assert_eq!(Language::of(tag).map(|language| language.0), found, "{tag}");
        }
    }
}
