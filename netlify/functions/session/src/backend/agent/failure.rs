//! Failures of an answer: what the visitor is told, whether trying again helps, and what the owner can do.
//! Nothing here repeats what an upstream has said but plain words, because servers echo what they were sent.

use ureq::Error;

use super::protocol::Event;
use super::responses::Broken;
use super::words::Words;
use crate::backend::upstream::{Reply, error_words, is_out_of_quota};

/// Why an answer has failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) told: Told,
    /// For the log.
    pub(super) code: &'static str,
    /// Cause and fix, for the log.
    pub(super) detail: String,
}

/// What the visitor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    TryAgain,
    Busy,
    Unavailable,
    Filtered,
    TooLong { limit: u32 },
    Full,
    Unknown,
    Unsupported,
}

impl Told {
    pub(super) fn text(self, words: &Words) -> String {
        match self {
            Told::TryAgain => words.try_again.to_owned(),
            Told::Busy => words.busy.to_owned(),
            Told::Unavailable => words.unavailable.to_owned(),
            Told::Filtered => words.filtered.to_owned(),
            Told::TooLong { limit } => words.too_long.replace("{limit}", &limit.to_string()),
            Told::Full => words.full.to_owned(),
            Told::Unknown => words.unknown.to_owned(),
            Told::Unsupported => words.unsupported.to_owned(),
        }
    }

    /// Returns whether the same question may be answered the next time.
    pub(super) fn allows_retry(self) -> bool {
        match self {
            Told::TryAgain | Told::Busy => true,
            Told::Unavailable
            | Told::Filtered
            | Told::TooLong { .. }
            | Told::Full
            | Told::Unknown
            | Told::Unsupported => false,
        }
    }
}

const STATUS: &str = "if this persists, see https://status.openai.com";

impl Failure {
    pub(super) fn new(told: Told, code: &'static str, detail: impl Into<String>) -> Failure {
        Failure {
            told,
            code,
            detail: detail.into(),
        }
    }

    /// Writes it for the visitor.
    pub(super) fn write(&self, words: &Words, output: &mut Vec<u8>) {
        let message = &self.told.text(words);
        let allow_retry = self.told.allows_retry();
        let error = Event::Error {
            code: "custom",
            message,
            allow_retry,
        };
        error.write(output);
    }

    /// The upstream could not be reached.
    pub(super) fn of_call(err: &Error) -> Failure {
        let code = match err {
            Error::Timeout(_) => "upstream_timeout",
            _ => "upstream_error",
        };
        let detail = format!(
            "failed to reach the upstream: {err}; if this persists, check `OPENAI_BASE_URL` and the proxy variables, or \
             see https://status.openai.com"
        );
        Failure::new(Told::TryAgain, code, detail)
    }

    /// The upstream refused.
    pub(super) fn of_reply(reply: &Reply) -> Failure {
        let no_body = Vec::new();
        let body = reply.body.as_ref().unwrap_or(&no_body);
        if let Some(known) = Failure::known(&reply.error("code")).filter(|_| reply.status == 400) {
            return known;
        }
        let (told, code, cause) = match reply.status {
            300..=399 => (
                Told::Unavailable,
                "upstream_error",
                "the upstream redirects; set `OPENAI_BASE_URL` to the address it redirects to",
            ),
            400 | 422 => (
                Told::Unavailable,
                "upstream_error",
                "the upstream refused the request; check the widget's `model`, tools and limits",
            ),
            401 => (
                Told::Unavailable,
                "upstream_error",
                "the upstream refused the key; check that `OPENAI_API_KEY`, or the variable in the widget's `api_key_env`, is complete, active and from this account",
            ),
            403 => (
                Told::Unavailable,
                "upstream_error",
                "the key is not allowed to do this; check its permissions and those of its project",
            ),
            404 => (
                Told::Unavailable,
                "upstream_error",
                "the upstream does not know the model, or has no Responses API; check the widget's `model` and \
                 `OPENAI_BASE_URL`",
            ),
            429 if is_out_of_quota(body) => (
                Told::Unavailable,
                "rate_limited",
                "no credit is left; check usage and billing",
            ),
            429 => (
                Told::Busy,
                "rate_limited",
                "the upstream's rate limit is reached; check the limits of the account",
            ),
            _ => (Told::TryAgain, "upstream_error", STATUS),
        };
        let words = error_words(body);
        let status = reply.status;
        Failure::new(
            told,
            code,
            format!("upstream status {status}{words}: {cause}"),
        )
    }

    /// The upstream gave up in the middle, with this code.
    pub(super) fn of_code(code: &str) -> Failure {
        Failure::known(code).unwrap_or_else(|| {
            let body = serde_json::json!({"error": {"code": code}}).to_string();
            let words = error_words(body.as_bytes());
            let detail = format!("the upstream stopped answering{words}; {STATUS}");
            Failure::new(Told::TryAgain, "upstream_error", detail)
        })
    }

    /// What a code means, wherever it occurs.
    fn known(code: &str) -> Option<Failure> {
        let (told, log, cause) = match code {
            "rate_limit_exceeded" | "slow_down" => (
                Told::Busy,
                "rate_limited",
                "the upstream's rate limit is reached; check the limits of the account",
            ),
            "insufficient_quota" => (
                Told::Unavailable,
                "rate_limited",
                "no credit is left; check usage and billing",
            ),
            "invalid_prompt"
            | "content_filter"
            | "content_policy_violation"
            | "bio_policy"
            | "cyber_policy" => (
                Told::Filtered,
                "upstream_error",
                "the upstream refuses this question by its policy; there is nothing to fix",
            ),
            "context_length_exceeded" => (
                Told::Full,
                "upstream_error",
                "the conversation is longer than the model takes; lower `limits.turns`, or shorten the instructions",
            ),
            _ => return None,
        };
        Some(Failure::new(told, log, format!("`{code}`: {cause}")))
    }

    /// The upstream's stream could not be read.
    pub(super) fn of_stream(broken: &Broken) -> Failure {
        let (code, cause) = match broken {
            Broken::Cut => ("upstream_error", "the upstream cut the answer off"),
            Broken::Silent => (
                "upstream_timeout",
                "nothing came from the upstream for a minute, or the time was up",
            ),
            Broken::Garbled => (
                "upstream_error",
                "the upstream sent something that is not an event of a Responses API; check `OPENAI_BASE_URL`",
            ),
            Broken::TooLarge => (
                "upstream_error",
                "the upstream sent an event that is too large",
            ),
        };
        Failure::new(Told::TryAgain, code, format!("{cause}; {STATUS}"))
    }
}
