//! The section `backend:` of a widget: what answers the visitor. One file for each kind.

mod agent;
mod hosted;
mod server;

use std::borrow::Cow;

use clap::ValueEnum;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use agent::{
    AgentSection, ContactField, ContactSection, ContactTargetSection, DomainsSection,
    EventsSection, FileSearchSection, KnowledgeSection, LEAST_OUTPUT, LimitsSection, MODEL,
    MOST_OUTPUT, McpSection, NetlifyForm, Reasoning, Verbosity, WebSearchSection, WebhookSection,
};
pub(crate) use hosted::HostedSection;
pub(crate) use server::{
    DOMAIN_KEY, SECRET as SERVER_SECRET, ServerSection, UploadKind, UploadSection,
};

/// What answers the visitor.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum BackendSection {
    /// A model, with instructions.
    Agent(AgentSection),
    /// Your own ChatKit server.
    Server(ServerSection),
    /// An OpenAI workflow.
    Hosted(HostedSection),
}

impl BackendSection {
    pub(crate) fn kind(&self) -> BackendKind {
        match self {
            Self::Agent(_) => BackendKind::Agent,
            Self::Server(_) => BackendKind::Server,
            Self::Hosted(_) => BackendKind::Hosted,
        }
    }
}

/// The key of the site's domain, if a back end does not say it.
fn domain_key_default() -> String {
    format!("the value of the variable `{DOMAIN_KEY}`")
}

/// The kinds of back end.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, Serialize, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BackendKind {
    /// A model, with your instructions.
    #[default]
    Agent,
    /// Your own ChatKit server.
    Server,
    /// An OpenAI workflow, until OpenAI closes Agent Builder on 2026-11-30.
    Hosted,
}

impl BackendKind {
    /// All kinds, the one to begin with first.
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// Its `type` in `site.yaml`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Server => "server",
            Self::Hosted => "hosted",
        }
    }

    /// The kind with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = Self::all().iter().copied();
        all.into_iter().find(|kind| kind.name() == name)
    }

    /// The section that a new back end of this kind needs, with sample values that `check` lists as to-dos.
    pub(crate) fn starter(self) -> Value {
        let settings = match self {
            Self::Agent => agent::starter(),
            Self::Server => server::starter(),
            Self::Hosted => hosted::starter(),
        };
        let mut section = json!({"type": self.name()});
        for (key, value) in settings {
            section[key] = value;
        }
        section
    }

    /// The same for options that may let visitors send files.
    pub(crate) fn starter_with_files(self) -> Value {
        let mut section = self.starter();
        match self {
            Self::Server => server::take_files(&mut section),
            Self::Agent | Self::Hosted => {}
        }
        section
    }

    /// Whether visitors can send files to this section, which is of this kind.
    pub(crate) fn takes_files(self, section: &Value) -> bool {
        match self {
            Self::Agent => false,
            Self::Server => server::takes_files(section),
            Self::Hosted => true,
        }
    }

    /// The comment above a new back end in `site.yaml`, by line.
    pub(crate) fn comment(self) -> &'static str {
        match self {
            Self::Agent => agent::COMMENT,
            Self::Server => server::COMMENT,
            Self::Hosted => hosted::COMMENT,
        }
    }

    /// The variables that count where a section is silent.
    pub(super) fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Agent | Self::Server => &[DOMAIN_KEY],
            // The function reads the workflow's id, not the generator.
            Self::Hosted => &[],
        }
    }

    /// The schema of its keys, without `type`.
    fn keys(self, generator: &mut SchemaGenerator) -> Schema {
        match self {
            Self::Agent => AgentSection::json_schema(generator),
            Self::Server => ServerSection::json_schema(generator),
            Self::Hosted => HostedSection::json_schema(generator),
        }
    }
}

/// The keys of all kinds in one map, each with the kinds that have it as `x-type`: `defaults` may leave `type` out, and
/// a message can name the kind that a key belongs to.
impl JsonSchema for BackendSection {
    fn schema_name() -> Cow<'static, str> {
        "BackendSection".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut kind = generator.subschema_for::<BackendKind>();
        kind.insert("description".into(), json!("The kind of back end."));
        let mut properties = Map::from_iter([("type".to_owned(), kind.to_value())]);
        for kind in BackendKind::all() {
            let mut keys = kind.keys(generator);
            let own = keys.get_mut("properties").and_then(Value::as_object_mut);
            for (key, property) in own.into_iter().flatten() {
                let property = properties.entry(key).or_insert_with(|| property.take());
                match property["x-type"].as_array_mut() {
                    Some(kinds) => kinds.push(json!(kind.name())),
                    None => property["x-type"] = json!([kind.name()]),
                }
            }
        }
        json_schema!({
            "description": "What answers the visitor.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "required": ["type"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_everywhere() {
        for kind in BackendKind::all() {
            let read = serde_yaml::from_str::<BackendSection>(&kind.starter().to_string());
            assert_eq!(read.unwrap().kind(), *kind);
            assert_eq!(kind.to_possible_value().unwrap().get_name(), kind.name());
            assert_eq!(BackendKind::named(kind.name()), Some(*kind));
            let with_files = kind.starter_with_files();
            assert_eq!(kind.takes_files(&with_files), *kind != BackendKind::Agent);
        }
    }

    /// The schema has only one of each name.
    #[test]
    fn keys_of_several_kinds_take_the_same_values() {
        let mut generator = SchemaGenerator::default();
        let all = BackendSection::json_schema(&mut generator);
        for kind in BackendKind::all() {
            let own = kind.keys(&mut generator).to_value();
            for (key, property) in own["properties"].as_object().unwrap() {
                let mut shared = all.as_value()["properties"][key].clone();
                shared.as_object_mut().unwrap().remove("x-type");
                assert_eq!(*property, shared, "{key}");
            }
        }
    }
}
