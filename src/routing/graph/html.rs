//! The picture as a page with a search box.

use super::node::Graph;
use super::svg::{draw, escaped};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A whole page. It loads nothing, and its own policy forbids that it could.
pub fn html(graph: &Graph, title: &str) -> String {
    let title = escaped(title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n\
         <h1>{title}</h1>\n\
         <input type=\"search\" placeholder=\"name or expression\" aria-label=\"Find\" \
         autocomplete=\"off\">\n\
         <span id=\"count\" aria-live=\"polite\"></span>\n\
         <span class=\"hint\">click a box to keep its ways; Esc shows everything</span>\n\
         </header>\n<main>\n"
    );
    draw(graph, &mut out);
    out.push_str("</main>\n<script>\n");
    out.push_str(SCRIPT);
    out.push_str("</script>\n</body>\n</html>\n");
    out
}
