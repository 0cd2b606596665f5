//! An agent as changes of a widget.

use serde_json::{Map, Value};

use super::super::value::Remark;
use super::export::Agent;
use super::secret;
use crate::config::BackendKind;
use crate::edit::Edit;
use crate::yaml::{Place, Problem};

/// The widget that an agent becomes.
pub(crate) struct Target<'p> {
    pub(crate) widget: &'p str,
    /// Its own keys as written, or `null`.
    pub(crate) written: &'p Value,
    /// The same with inherited values.
    pub(crate) merged: &'p Value,
}

/// The changes, and remarks on what else they change.
///
/// # Errors
///
/// An agent with a secret in its instructions, one without instructions for a widget that has none, and settings of
/// another back end that the widget inherits.
pub(crate) fn edits(
    agent: &Agent,
    place: &Target<'_>,
) -> Result<(Vec<Edit>, Vec<Remark>), Problem> {
    check(agent, place)?;
    let mut changes = Changes {
        widget: place.widget,
        at: agent.at,
        edits: Vec::new(),
        remarks: Vec::new(),
    };
    let kind = place.merged["backend"]["type"].as_str();
    match kind.and_then(BackendKind::named) {
        None | Some(BackendKind::Agent) => changes.extend(agent, place),
        Some(kind) => changes.replace(agent, kind, place),
    }
    Ok((changes.edits, changes.remarks))
}

fn check(agent: &Agent, place: &Target<'_>) -> Result<(), Problem> {
    let title = agent.title();
    // Only the number of the line is shown.
    let at = |title: String| {
        let span = agent.words_at..agent.words_at;
        Problem::at(Place { file: 0, span }, title)
    };
    let instructions = agent.settings.get("instructions").and_then(Value::as_str);
    if instructions.is_some_and(secret::is_in) {
        let title = format!("the instructions of `{title}` hold what looks like a key or a token");
        return Err(at(title).hint("remove it: the model could repeat it to visitors"));
    }
    let merged = &place.merged["backend"];
    let is_agent = merged["type"].as_str().and_then(BackendKind::named) == Some(BackendKind::Agent);
    let keys = ["instructions", "instructions_file"];
    // Those of a new widget are a sample.
    let has_words =
        is_agent && !place.written.is_null() && keys.iter().any(|key| !merged[*key].is_null());
    if instructions.is_none() && !has_words {
        let title = format!("`{title}` has no instructions that can be read");
        return Err(
            at(title).hint("write them into `instructions: \"…\"` in that file, and import again")
        );
    }
    let is_inherited = place.written["backend"]["instructions_file"].is_null()
        && !merged["instructions_file"].is_null();
    if is_agent && is_inherited && instructions.is_some() {
        let title = "`defaults.backend.instructions_file` and the instructions of an export exclude each other";
        let hint =
            "move `instructions_file` from `defaults` to the widgets that use it, and import again";
        return Err(Problem::in_file(0, title).hint(hint));
    }
    if place.written["session"].is_null() && !place.merged["session"].is_null() {
        let title =
            "`defaults.session` belongs to `type: hosted`, and this widget becomes an agent";
        let hint =
            "move `session` from `defaults` to the widgets that stay hosted, and import again";
        return Err(Problem::in_file(0, title).hint(hint));
    }
    Ok(())
}

struct Changes<'c> {
    widget: &'c str,
    at: usize,
    edits: Vec<Edit>,
    remarks: Vec<Remark>,
}

impl Changes<'_> {
    /// Sets what the export says. The other keys of the agent stay.
    fn extend(&mut self, agent: &Agent, place: &Target<'_>) {
        let there = &place.written["backend"];
        if agent.settings.contains_key("instructions") && !there["instructions_file"].is_null() {
            self.set(&["backend", "instructions_file"], None);
            self.remark("`instructions_file` is removed: the export's instructions take its place");
        }
        let mut settings = agent.settings.clone();
        // Otherwise, nothing is stored anyway.
        if place.merged["backend"]["store"] != true {
            settings.shift_remove("store");
        }
        self.differences(&settings, there, &mut vec!["backend"]);
    }

    fn differences<'k>(
        &mut self,
        settings: &'k Map<String, Value>,
        there: &Value,
        way: &mut Vec<&'k str>,
    ) {
        for (key, value) in settings {
            let old = &there[key.as_str()];
            way.push(key);
            match value {
                Value::Object(inner) if old.is_object() => self.differences(inner, old, way),
                _ if value != old => self.set(way, Some(value.clone())),
                _ => {}
            }
            way.pop();
        }
    }

    /// Puts the agent in the place of another back end, and takes away what only that one could do.
    fn replace(&mut self, agent: &Agent, kind: BackendKind, place: &Target<'_>) {
        let mut backend = BackendKind::Agent.starter();
        let own = [&place.written["backend"], &place.merged["backend"]];
        let key = own
            .into_iter()
            .find_map(|backend| backend["domain_key"].as_str());
        if let Some(key) = key {
            backend["domain_key"] = key.into();
        }
        for (key, value) in &agent.settings {
            if *value != Value::Bool(false) {
                backend[key] = value.clone();
            }
        }
        self.set(&["backend"], Some(backend));
        if !place.written.is_null() {
            let kind = kind.name();
            self.remark(&format!("`backend: {{type: {kind}}}` is replaced by this agent; visitors no longer see earlier conversations"));
        }
        if !place.written["session"].is_null() {
            self.set(&["session"], None);
            self.remark("`session` is removed: it belongs to `type: hosted`");
        }
        for key in ["attachments", "dictation"] {
            if place.merged["chatkit"]["composer"][key]["enabled"] == true {
                let way = ["chatkit", "composer", key, "enabled"];
                self.set(&way, Some(false.into()));
                self.remark(&format!(
                    "`chatkit.composer.{key}` is turned off: an agent takes text alone"
                ));
            }
        }
        for key in ["models", "tools"] {
            if !place.written["chatkit"]["composer"][key].is_null() {
                self.set(&["chatkit", "composer", key], None);
                self.remark(&format!(
                    "`chatkit.composer.{key}` is removed: with an agent, the site chooses"
                ));
            }
        }
    }

    fn set(&mut self, way: &[&str], value: Option<Value>) {
        let way = ["widgets", self.widget]
            .into_iter()
            .chain(way.iter().copied());
        self.edits.push(Edit {
            path: way.map(str::to_owned).collect(),
            value,
        });
    }

    fn remark(&mut self, message: &str) {
        self.remarks.push((self.at, message.to_owned()));
    }
}
