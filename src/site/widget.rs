//! One checked widget.

use std::sync::Arc;

use session::{IdentityRule, OriginPattern};

use super::backend::Backend;
use super::base_url::parse_url;
use super::brand::Brand;
use super::found::{Context, Found, text_or, variable_name};
use super::launcher::{Icon, Launcher};
use super::look::{Look, Looks, OwnLook};
use super::panel::Panel;
use super::rules::Rules;
use crate::chatkit::ChatKitOptions;
use crate::config::{
    BackendSection, FallbackSection, IdentityKind, LANGUAGE, PageSection, ROBOTS, TITLE,
    WidgetSection, is_name,
};
use crate::yaml::{Problem, stranger_in};

/// One chat.
#[derive(Debug)]
pub(crate) struct Widget {
    /// 1 to 64 of `a-z`, `0-9` and `-`; unique in the site.
    pub(crate) name: String,
    /// The name of the widget that had this name earlier. Then this is the same widget, for pages with old snippets.
    pub(crate) alias_of: Option<String>,
    /// The back end.
    pub(crate) backend: Backend,
    /// The visitors who may use it.
    pub(crate) identity: IdentityRule,
    /// The variable of the secrets that verify identities, if it is not the usual one.
    pub(crate) identity_secret_env: Option<String>,
    /// Origins of its host pages, if they are not the site's.
    pub(crate) allowed_origins: Option<Vec<OriginPattern>>,
    /// The theme and its variables.
    pub(crate) look: Look,
    /// The brand.
    pub(crate) brand: Arc<Brand>,
    /// ChatKit's options, without `api`.
    pub(crate) chatkit: ChatKitOptions,
    /// The button.
    pub(crate) launcher: Launcher,
    /// The size of the chat, and the event that opens it.
    pub(crate) panel: Panel,
    /// The pages that show the button.
    pub(crate) rules: Rules,
    /// The hosted page.
    pub(crate) page: Page,
    /// Another way to get in touch.
    pub(crate) fallback: Option<Fallback>,
}

/// The hosted page.
#[derive(Debug)]
pub(crate) struct Page {
    /// Title of the page and of the panel.
    pub(crate) title: String,
    /// Description for search engines.
    pub(crate) description: Option<String>,
    /// BCP 47 tag.
    pub(crate) language: String,
    /// Instructions for search engines.
    pub(crate) robots: String,
    /// Icon in the browser tab; by default that of the launcher.
    pub(crate) icon: Option<Icon>,
}

/// Languages that are written from right to left.
const RIGHT_TO_LEFT: [&str; 10] = ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ur", "yi"];

impl Page {
    /// The direction of text: `ltr` or `rtl`.
    pub(crate) fn direction(&self) -> &'static str {
        direction_of(&self.language)
    }
}

/// The direction of text in a language, by its BCP 47 tag: `ltr` or `rtl`.
pub(crate) fn direction_of(language: &str) -> &'static str {
    let language = language.split('-').next().unwrap_or_default();
    let is_one = |known: &&str| known.eq_ignore_ascii_case(language);
    if RIGHT_TO_LEFT.iter().any(is_one) {
        "rtl"
    } else {
        "ltr"
    }
}

/// Another way to get in touch.
#[derive(Debug)]
pub(crate) struct Fallback {
    /// Text of the link.
    pub(crate) label: String,
    /// `https:`, `mailto:` or `tel:`.
    pub(crate) url: String,
}

impl Widget {
    /// The icon in the tab of the hosted page.
    pub(crate) fn page_icon(&self) -> &Icon {
        self.page.icon.as_ref().unwrap_or(&self.launcher.icon)
    }

    /// The widget, or `None` and its errors.
    pub(super) fn from_config(
        name: String,
        section: WidgetSection,
        context: &Context<'_>,
        looks: &Looks<'_>,
        found: &mut Found,
    ) -> Option<Self> {
        check_name(&name, found);
        let WidgetSection {
            // Each is a widget of its own.
            aliases: _,
            backend,
            session,
            identity,
            identity_secret_env,
            allowed_origins,
            theme,
            brand,
            variables,
            mut chatkit,
            launcher,
            panel,
            popup,
            inline,
            rules,
            page,
            fallback,
        } = section;
        let allowed_origins =
            allowed_origins.map(|origins| super::origins_from("allowed_origins", &origins, found));
        let own = looks.brand_of(&brand, context, found);
        own.dress(&mut chatkit);
        let look = OwnLook {
            theme,
            brand: (&brand, &own),
            variables,
        };
        let look = looks.of(&name, look, found);
        let context = &Context {
            theme: looks.theme_of(&look),
            origins: allowed_origins.as_deref().unwrap_or(context.origins),
            ..*context
        };
        super::chatkit::check(&chatkit, backend.as_ref().map(BackendSection::kind), found);
        let attachments = super::chatkit::attachments(&chatkit);
        let locale = chatkit.locale.as_ref().map(|locale| locale.tag());
        let language = page
            .language
            .as_deref()
            .or(locale)
            .unwrap_or(LANGUAGE)
            .to_owned();
        // A missing one was reported already.
        let backend = backend.and_then(|backend| {
            Backend::from_config(backend, session, attachments, &language, context, found)
        });
        let identity = identity_rule(identity, backend.as_ref(), found);
        let identity_secret_env = variable_name("identity_secret_env", identity_secret_env, found);
        if identity_secret_env.is_some() {
            check_own_users(backend.as_ref(), found);
        }
        let launcher = Launcher::from_config(launcher, context, found);
        let panel = Panel::from_config(panel, popup, inline, own.color.is_some());
        let rules = Rules::from_config(rules, found);
        let page = page_from(
            page,
            own.name.clone(),
            chatkit.locale.as_ref().map(|locale| locale.tag()),
            context,
            found,
        );
        let fallback = fallback.map(|section| fallback_from(section, found));
        Some(Self {
            name,
            alias_of: None,
            backend: backend?,
            identity,
            identity_secret_env,
            allowed_origins,
            look,
            brand: own,
            chatkit,
            launcher: launcher?,
            panel,
            rules,
            page: page?,
            fallback: match fallback {
                Some(fallback) => Some(fallback?),
                None => None,
            },
        })
    }
}

fn check_name(name: &str, found: &mut Found) {
    // Strange characters in it were reported already.
    if !is_name(name) && stranger_in(name).is_none() {
        let problem = Problem::on("", format!("`{name}` is not a valid widget name"));
        found.add(problem.hint(
            "use 1 to 64 lower-case letters, digits and hyphens: the name becomes part of addresses",
        ));
    }
}

/// The rule on identities. Only a session can be refused, so there must be one.
fn identity_rule(kind: IdentityKind, backend: Option<&Backend>, found: &mut Found) -> IdentityRule {
    let has_sessions = backend.is_none_or(|backend| backend.has_sessions());
    match kind {
        IdentityKind::Optional => IdentityRule::Optional,
        IdentityKind::Required => {
            if !has_sessions {
                let problem = Problem::on("identity", "`identity: required` needs signed sessions");
                found.add(problem.hint(
                    "remove `signed: false` from `backend`, or let your ChatKit server refuse strangers itself",
                ));
            }
            IdentityRule::Required
        }
    }
}

/// Users of a client must be strangers to OpenAI as well: with one key, it would take users of the same name for one
/// person.
fn check_own_users(backend: Option<&Backend>, found: &mut Found) {
    if let Some(Backend::Hosted(hosted)) = backend
        && hosted.api_key_env.is_none()
    {
        let title = "`identity_secret_env` needs a key of its own";
        let problem = Problem::on("identity_secret_env", title);
        found.add(
            problem
                .label("with one key, OpenAI takes users of the same name for one person")
                .hint("add `api_key_env` to `backend`"),
        );
    }
}

fn page_from(
    section: PageSection,
    name: Option<String>,
    locale: Option<&str>,
    context: &Context<'_>,
    found: &mut Found,
) -> Option<Page> {
    let PageSection {
        title,
        description,
        language,
        robots,
        icon,
    } = section;
    let icon = icon.map(|icon| found.keep(Icon::parse("page.icon", &icon, context)));
    let title = text_or("page.title", title.or(name), TITLE, found);
    let language = language
        .or_else(|| locale.map(str::to_owned))
        .unwrap_or_else(|| LANGUAGE.to_owned());
    Some(Page {
        title: title?,
        description,
        language,
        robots: robots.unwrap_or_else(|| ROBOTS.to_owned()),
        icon: match icon {
            Some(icon) => Some(icon?),
            None => None,
        },
    })
}

fn fallback_from(section: FallbackSection, found: &mut Found) -> Option<Fallback> {
    let FallbackSection { label, url } = section;
    let label = text_or("fallback.label", Some(label), "", found);
    let url = found.keep(link("fallback.url", &url));
    Some(Fallback {
        label: label?,
        url: url?,
    })
}

/// An address that a link can open.
fn link(way: &str, url: &str) -> Result<String, Problem> {
    let parsed = parse_url(url).map_err(|why| Problem::on(way, "not an address").label(why))?;
    match parsed.scheme() {
        "https" | "mailto" | "tel" => Ok(parsed.into()),
        _ => Err(Problem::on(
            way,
            "`url` must begin with `https:`, `mailto:` or `tel:`",
        )),
    }
}
