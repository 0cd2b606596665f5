//! The page that replaces one that cannot be rendered: the errors, as a terminal would show them.

use crate::html::escape;
use crate::preview::http::{Reply, content_type};
use crate::yaml::Report;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// The page that replaces one of the site's.
pub(in crate::preview) fn page(problems: &[Report]) -> Reply {
    let advice = "Fix it and save; this page reloads itself.";
    shown(500, "The site has an error", advice, problems)
}

/// The page that replaces a host page. Foreign scripts may read it, so it contains no lines of files.
pub(in crate::preview) fn elsewhere() -> Reply {
    let advice =
        "The studio and the terminal show where. Fix it and save; this page reloads itself.";
    shown(500, "The site has an error", advice, &[])
}

/// The page that replaces the user's own host page if it could not be loaded.
pub(in crate::preview) fn host_page(problem: &Report) -> Reply {
    let advice = "The page that <code>--host-page</code> names could not be loaded. Reload this page to try \
                  again, or choose the sample page in the studio.";
    shown(
        502,
        "Your page could not be loaded",
        advice,
        std::slice::from_ref(problem),
    )
}

/// The errors come from files, so they are escaped. `title` and `advice` are HTML.
fn shown(status: u16, title: &str, advice: &str, problems: &[Report]) -> Reply {
    let blocks: String = problems
        .iter()
        .map(|problem| format!("<pre tabindex=\"0\">{}</pre>\n", escape(&problem.rendered)))
        .collect();
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/_/trouble/trouble.css\">\n\
         <script type=\"module\" src=\"/_/trouble/trouble.js\"></script>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n\
         <p>{advice}</p>\n{blocks}</main>\n</body>\n</html>\n"
    );
    Reply::new(status, content_type(".html"), page).with("Content-Security-Policy", POLICY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_text() {
        let problem = Report::of_error(&anyhow::anyhow!("</pre><script>alert(1)</script>"));
        let page = String::from_utf8(page(&[problem]).body).unwrap();
        assert!(page.contains("&lt;/pre&gt;&lt;script&gt;"), "{page}");
    }
}
