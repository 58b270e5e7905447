//! The page's text.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Views;

const STYLE: &str = include_str!("page/report.css");
const SCRIPTS: [&str; 9] = [
    include_str!("page/base.js"),
    include_str!("page/colors.js"),
    include_str!("page/plane.js"),
    include_str!("page/matrices.js"),
    include_str!("page/traces.js"),
    include_str!("page/regions.js"),
    include_str!("page/curves.js"),
    include_str!("page/points.js"),
    include_str!("page/main.js"),
];
/// Rows of a table in the page, at most; the file has all.
const MOST_ROWS: usize = 200;
/// What the manifest says of a run that another run of the same study does not say again.
const OF_THE_CLOCK: [&str; 2] = ["wall_s", "replica_steps_per_s"];

/// What is on a page.
#[derive(Debug)]
pub struct Page<'a> {
    /// The manifest of the results.
    pub manifest: &'a Map<String, Value>,
    /// How a command line names the study: its file and the flags that set its keys. Empty where that is not known.
    pub study_words: &'a [String],
    /// Names along dimensions.
    pub labels: &'a [(&'static str, &'a [String])],
    /// Figures by their names, as SVG.
    pub figures: Vec<(&'a str, &'a str)>,
    /// Tables.
    pub tables: Vec<Sheet<'a>>,
    /// What can be looked into.
    pub views: &'a Views,
}

/// A table of text.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// Name of its file, without ending.
    pub name: &'a str,
    /// Names of its columns.
    pub header: &'a [String],
    /// Its rows.
    pub rows: &'a [Vec<String>],
}

impl Page<'_> {
    /// The page as a file that needs no other: the same bytes of the same results.
    pub fn html(&self) -> String {
        let title = self.title();
        let mut html = String::new();
        let _ = write!(
            html,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"icon\" href=\"data:,\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header id=\"head\"></header>\n<main id=\"main\"></main>\n\
             <noscript>This page draws its numbers by a script of its own.</noscript>\n",
            escaped(&title)
        );
        self.write_figures(&mut html);
        let data = self.data(&title).to_string();
        // The text of a script ends at the first `</`.
        let data = data.replace("</", "<\\/").replace("<!--", "<\\u0021--");
        let _ = write!(
            html,
            "<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n\"use strict\";\n"
        );
        for script in SCRIPTS {
            html += script;
        }
        html + "</script>\n</body>\n</html>\n"
    }

    fn title(&self) -> String {
        let command = self.manifest.get("command").and_then(Value::as_str);
        let study = self
            .manifest
            .get("study")
            .and_then(|study| study["name"].as_str());
        match (study, command) {
            (Some(study), Some(command)) => format!("{study}: {command}"),
            (_, command) => command.unwrap_or("results").into(),
        }
    }

    /// Each as a picture of its own, whose names cannot meet those of another.
    fn write_figures(&self, html: &mut String) {
        if self.figures.is_empty() {
            return;
        }
        *html += "<section class=\"figures\" id=\"figures\">\n<h2>Figures</h2>\n";
        for (name, svg) in &self.figures {
            let name = escaped(name);
            let data = STANDARD.encode(svg);
            let _ = writeln!(
                html,
                "<figure><img alt=\"{name}\" loading=\"lazy\" src=\"data:image/svg+xml;base64,{data}\">\
                 <figcaption>{name}.svg</figcaption></figure>"
            );
        }
        *html += "</section>\n";
    }

    /// What the scripts read.
    fn data(&self, title: &str) -> Value {
        let mut manifest = self.manifest.clone();
        for key in OF_THE_CLOCK {
            manifest.remove(key);
        }
        let more = self.views.labels.iter();
        let more = more.map(|(name, of)| (name.clone(), json!(of)));
        let labels = self.labels.iter();
        let labels = labels.map(|(name, of)| (name.to_string(), json!(of)));
        let labels: Map<String, Value> = labels.chain(more).collect();
        let tables = self.tables.iter().map(|table| {
            json!({
                "name": table.name,
                "header": table.header,
                "n_rows": table.rows.len(),
                "rows": table.rows.iter().take(MOST_ROWS).collect::<Vec<_>>(),
            })
        });
        json!({
            "title": title,
            "manifest": manifest,
            "study_words": self.study_words,
            "labels": labels,
            "tables": tables.collect::<Vec<_>>(),
            "coordinates": self.views.coordinates,
            "views": self.views.all,
        })
    }
}

/// Text that HTML shows as it is.
fn escaped(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => all += "&amp;",
            '<' => all += "&lt;",
            '>' => all += "&gt;",
            '"' => all += "&quot;",
            other => all.push(other),
        }
    }
    all
}
