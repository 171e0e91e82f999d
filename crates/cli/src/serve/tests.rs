//! A client's messages over pipes in memory, and what the server answers.

use std::path::Path;
use std::thread;

use grounds::{Overrides, Upload, Workspace};
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};

use super::*;

const ACT_2020: &str = "---\ndocument: act\nkind: regulation\nin_force: 2020-01-01\n---\n# An Act\n\n### Article 1 — Reports\n\n\
                        1. Firms shall report losses within 10 days.\n\n### Article 2 — Fines\n\n1. The fine is VRC 100.\n";
const ACT_2022: &str = "---\ndocument: act\nkind: regulation\nin_force: 2022-01-01\n---\n# An Act\n\n### Article 1 — Reports\n\n\
                        1. Firms shall report losses within 5 days.\n\n### Article 2 — Fines\n\n1. The fine is VRC 100.\n";

/// Line 9 has a character of two UTF-16 units before the claim's name.
const RULES: &str = "source act = \"act\"
entity Firm
entity Loss
fact Loss.firm : Firm open ask \"Whose is {Loss}?\"
fact Firm.seen_on : date open ask \"When did {Firm} see it?\"
claim ReportBy(Loss) : date say \"{Loss} is reported by {value}\"
rule report cites act art 1(1) \"within 5 days\"
  in force 2022-01-01 ..
  ReportBy(l) = l.firm.seen_on + 5 days
test \"𝄞\" as of 2022-02-01  l : Loss  expect ReportBy(l) undetermined
";

struct Client {
    connection: Connection,
    server: Option<thread::JoinHandle<()>>,
    next_id: i32,
}

impl Client {
    /// A client that has said hello, of a server for the workspace in `folder`.
    fn new(folder: &Path) -> Self {
        let (server, connection) = Connection::memory();
        let workspace = Some(folder.to_owned());
        let running = thread::spawn(move || {
            let global = GlobalArguments { workspace, json: false, as_of: None, known_at: None, principal: None };
            let as_of = "2022-06-01".parse().expect("a date");
            serve(&server, &global, as_of).expect("the server ends in good order");
        });
        let mut client = Self { connection, server: Some(running), next_id: 0 };
        let hello = client.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": {} }));
        assert_eq!(hello["capabilities"]["positionEncoding"], "utf-16");
        client.tell("initialized", json!({}));
        client
    }

    fn tell(&self, method: &str, params: Value) {
        let sent = self.connection.sender.send(Notification::new(method.to_owned(), params).into());
        sent.expect("the server listens");
    }

    fn response(&mut self, method: &str, params: Value) -> Response {
        self.next_id += 1;
        let request = Request::new(self.next_id.into(), method.to_owned(), params);
        self.connection.sender.send(request.into()).expect("the server listens");
        loop {
            if let Message::Response(response) = self.connection.receiver.recv().expect("the server answers") {
                return response;
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let value = serde_json::to_value(self.response(method, params)).expect("JSON");
        value["result"].clone()
    }

    /// Opens or changes a document, and gives the diagnostics that are published for it.
    fn open(&self, uri: &str, text: &str) -> Value {
        let document = json!({ "uri": uri, "languageId": "grounds-rules", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.published(uri)
    }

    fn change(&self, uri: &str, text: &str) -> Value {
        let document = json!({ "uri": uri, "version": 2 });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [{ "text": text }] }));
        self.published(uri)
    }

    fn published(&self, uri: &str) -> Value {
        loop {
            let message = self.connection.receiver.recv().expect("the server tells");
            let Message::Notification(notification) = message else { continue };
            if notification.method == "textDocument/publishDiagnostics" && notification.params["uri"] == uri {
                return notification.params["diagnostics"].clone();
            }
        }
    }

    /// Asks about the first place where `words` stand in `text`, moved by so many UTF-16 units.
    fn at(&mut self, method: &str, uri: &str, text: &str, words: &str, by: u32) -> Value {
        let mut position = position::position_of(text, text.find(words).expect("the words are there"));
        position.character += by;
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": position }))
    }

    fn goodbye(mut self) {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        self.server.take().expect("running").join().expect("the server does not panic");
    }
}

/// A workspace with an act in two states, and its folder.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grounds = Workspace::create(&folder.path().join(".grounds")).expect("made");
    for (name, text) in [("act-2020.md", ACT_2020), ("act-2022.md", ACT_2022)] {
        let upload = Upload { name: name.to_owned(), bytes: text.as_bytes().to_vec(), ..Upload::default() };
        let at = "2022-03-01T00:00Z".parse().expect("an instant");
        let outcome = grounds.add(&[upload], &Overrides::default(), at).expect("imported");
        assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    }
    folder
}

fn labels(completion: &Value) -> Vec<&str> {
    let items = completion["items"].as_array().expect("a list");
    items.iter().filter_map(|item| item["label"].as_str()).collect()
}

#[test]
fn mistakes_are_shown_as_they_come_and_go() {
    let folder = workspace();
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let client = Client::new(folder.path());
    assert_eq!(client.open(&uri, RULES), json!([]));
    let wrong = RULES.replace("within 5 days\"", "within 6 days\"");
    let found = client.change(&uri, &wrong);
    assert_eq!(found[0]["code"], "quote-not-found");
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["range"]["start"], json!({ "line": 6, "character": 31 }));
    let named = RULES.replace("expect ReportBy(l)", "expect ReportOn(l)");
    let found = client.change(&uri, &named);
    // The quotation marks hold one character of two units.
    assert_eq!(found[0]["range"]["start"], json!({ "line": 9, "character": 45 }), "{found}");
    assert_eq!(client.change(&uri, RULES), json!([]));
    client.goodbye();
}

#[test]
fn files_of_a_folder_are_one_program() {
    let folder = workspace();
    let (first, second) = RULES.split_at(RULES.find("claim").expect("a claim"));
    std::fs::write(folder.path().join("facts.rules"), first).expect("written");
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let mut client = Client::new(folder.path());
    assert_eq!(client.open(&uri, second), json!([]));
    let found = client.at("textDocument/definition", &uri, second, "firm.seen_on", 1);
    assert!(found[0]["uri"].as_str().is_some_and(|uri| uri.ends_with("/facts.rules")), "{found}");
    client.goodbye();
}

#[test]
fn the_cited_words_and_declarations_are_shown() {
    let folder = workspace();
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let mut client = Client::new(folder.path());
    client.open(&uri, RULES);
    let hover = |client: &mut Client, words: &str, by| client.at("textDocument/hover", &uri, RULES, words, by);
    for words in ["art 1(1)", "within 5 days"] {
        let shown = hover(&mut client, words, 2);
        let text = shown["contents"]["value"].as_str().expect("Markdown");
        assert!(text.contains("within 5 days") && text.contains("in force from 2022-01-01"), "{text}");
        assert!(!text.contains("10 days"), "the rule is not in force with the words of 2020: {text}");
    }
    let shown = hover(&mut client, "seen_on + 5", 1);
    assert!(shown["contents"]["value"].as_str().is_some_and(|text| text.contains("fact Firm.seen_on")), "{shown}");
    assert_eq!(hover(&mut client, "Whose", 1), Value::Null);
    client.goodbye();
}

#[test]
fn names_lead_to_where_they_are_declared() {
    let folder = workspace();
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let mut client = Client::new(folder.path());
    client.open(&uri, RULES);
    for (words, by, line, character) in [
        ("l.firm.seen_on", 3, 3, 5),
        ("l.firm.seen_on", 8, 4, 5),
        ("ReportBy(l) undetermined", 0, 5, 6),
        ("act art 1", 1, 0, 7),
        ("Firm open", 0, 1, 7),
        ("l.firm.seen_on", 0, 8, 11),
    ] {
        let found = client.at("textDocument/definition", &uri, RULES, words, by);
        let start = &found[0]["range"]["start"];
        assert_eq!(*start, json!({ "line": line, "character": character }), "{words}: {found}");
    }
    let symbols = client.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(symbols.as_array().map(Vec::len), Some(8));
    client.goodbye();
}

#[test]
fn what_can_stand_at_the_cursor_is_proposed() {
    let folder = workspace();
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let mut client = Client::new(folder.path());
    for (text, expected, unexpected) in [
        ("rule x cites ", "act", "art 1(1)"),
        ("rule x cites act ", "art 1(1)", "act"),
        ("rule x cites act art 2", "art 2(1)", "act"),
        ("rule x cites act art 2 \"The fine\"\n  ReportBy(k) = k.", "firm", "seen_on"),
        ("rule x cites act art 2 \"The fine\"\n  ReportBy(k) = k.firm.", "seen_on", "firm"),
        ("rule x cites act art 2 \"The fine\"\n  Rep", "ReportBy", "report"),
        ("exception x to ", "report", "ReportBy"),
        ("fact Loss.at : ", "Firm", "ReportBy"),
    ] {
        let whole = format!("{RULES}{text}");
        client.open(&uri, &whole);
        let position = position::position_of(&whole, whole.len());
        let at = json!({ "textDocument": { "uri": uri }, "position": position });
        let found = client.ask("textDocument/completion", at);
        let labels = labels(&found);
        assert!(labels.contains(&expected), "{text}: {labels:?}");
        assert!(!labels.contains(&unexpected), "{text}: {labels:?}");
    }
    let prose = format!("{RULES}-- a comment ");
    client.open(&uri, &prose);
    let at = json!({ "textDocument": { "uri": uri }, "position": position::position_of(&prose, prose.len()) });
    assert_eq!(client.ask("textDocument/completion", at)["items"], json!([]));
    client.goodbye();
}

#[test]
fn the_workspace_stays_free_for_others() {
    let folder = workspace();
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let client = Client::new(folder.path());
    client.open(&uri, RULES);
    let grounds = Workspace::open(&folder.path().join(".grounds")).expect("the server has let go of it");
    // While somebody else has it, the server goes on with what it has read.
    assert_eq!(client.open(&uri, RULES), json!([]));
    drop(grounds);
    client.goodbye();
}

#[test]
fn nothing_that_a_client_sends_ends_the_server() {
    let folder = workspace();
    let uri = project::uri_of(&folder.path().join("act.rules"));
    let mut client = Client::new(folder.path());
    let methods = ["hover", "definition", "completion", "documentSymbol", "formatting", "unheardOf"];
    let positions: [(u32, u32); 6] = [(0, 0), (7, 3), (9, 6), (9, 7), (3, u32::MAX), (u32::MAX, 1)];
    let texts =
        [RULES, "", "\u{feff}", "rule", "test \"", "cites cites . .. ( \" -- 𝄞𝄞", "fact A.b : \r\n\r\n", "𝄞.𝄞(𝄞"];
    for text in texts {
        client.open(&uri, text);
        for method in methods {
            for (line, character) in positions {
                let position = json!({ "line": line, "character": character });
                let params = json!({ "textDocument": { "uri": uri }, "position": position });
                client.response(&format!("textDocument/{method}"), params);
            }
        }
    }
    for params in
        [Value::Null, json!([]), json!({ "textDocument": 3 }), json!({ "textDocument": { "uri": "nowhere" } })]
    {
        for method in methods {
            client.response(&format!("textDocument/{method}"), params.clone());
        }
        for method in ["didOpen", "didChange", "didSave", "didClose", "willSave"] {
            client.tell(&format!("textDocument/{method}"), params.clone());
        }
    }
    // Every beginning of a file is a file that somebody is writing.
    for (end, _) in RULES.char_indices().step_by(7) {
        client.open("untitled:1", &RULES[..end]);
        client.at("textDocument/completion", "untitled:1", RULES, &RULES[end..], 0);
        client.at("textDocument/hover", "untitled:1", RULES, &RULES[end..], 0);
    }
    client.goodbye();
}
