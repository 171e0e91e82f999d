// Starts `grounds rules serve` and shows what it answers. Plain JavaScript without dependencies: nothing to build, nothing to install.
"use strict";

const { spawn } = require("child_process");
const vscode = require("vscode");
const { Connection } = require("./connection");

const LANGUAGE = { language: "grounds-rules" };

/** The running server, or undefined. */
let server;
let diagnostics;
let output;

/** The program and its arguments, as configured. */
function commandLine() {
  const settings = vscode.workspace.getConfiguration("grounds");
  const options = [];
  if (settings.get("workspace")) options.push("--workspace", settings.get("workspace"));
  if (settings.get("asOf")) options.push("--as-of", settings.get("asOf"));
  return { program: settings.get("command") || "grounds", options: ["rules", "serve", ...options] };
}

async function start() {
  if (!vscode.workspace.isTrusted) return;
  const { program, options } = commandLine();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const child = spawn(program, options, { cwd: folder?.scheme === "file" ? folder.fsPath : undefined });
  const running = { child, connection: new Connection(child.stdout, child.stdin) };
  server = running;
  child.on("error", (error) => {
    output.appendLine(`${program} does not start: ${error.message}`);
    vscode.window.showWarningMessage(`Grounds: ${program} does not start. Install it, or name it in the setting grounds.command.`);
    stopped(running);
  });
  child.on("exit", (code) => {
    if (server === running) output.appendLine(`the language server has ended (${code})`);
    stopped(running);
  });
  child.stdin.on("error", () => stopped(running));
  child.stderr.on("data", (bytes) => output.append(bytes.toString()));
  running.connection.onNotification = (method, params) => {
    if (method === "textDocument/publishDiagnostics") publish(params);
    if (method === "window/logMessage") output.appendLine(params.message);
  };
  const root = folder ? folder.toString() : null;
  const parameters = { processId: process.pid, rootUri: root, capabilities: { general: { positionEncodings: ["utf-16"] } } };
  await running.connection.request("initialize", parameters);
  running.connection.notify("initialized", {});
  running.isReady = true;
  vscode.workspace.textDocuments.forEach(opened);
}

function stopped(which) {
  which.connection.close();
  if (server === which) {
    server = undefined;
    diagnostics.clear();
  }
}

async function stop() {
  const running = server;
  if (!running) return;
  server = undefined;
  diagnostics.clear();
  const goodbye = running.connection.request("shutdown", null).then(() => running.connection.notify("exit", null));
  // A server that does not answer is ended all the same.
  await Promise.race([goodbye.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1000))]);
  running.child.kill();
}

const isRules = (document) => vscode.languages.match(LANGUAGE, document) > 0;

function tell(method, params) {
  if (server?.isReady) server.connection.notify(method, params);
}

function opened(document) {
  if (!isRules(document)) return;
  const { version } = document;
  const text = document.getText();
  tell("textDocument/didOpen", { textDocument: { uri: document.uri.toString(), languageId: "grounds-rules", version, text } });
}

function changed({ document }) {
  if (!isRules(document)) return;
  const textDocument = { uri: document.uri.toString(), version: document.version };
  tell("textDocument/didChange", { textDocument, contentChanges: [{ text: document.getText() }] });
}

const about = (document) => ({ textDocument: { uri: document.uri.toString() } });

async function ask(method, params) {
  if (!server?.isReady) return null;
  // A server that has gone answers nothing; the editor goes on without it.
  return server.connection.request(method, params).catch(() => null);
}

const place = (position) => new vscode.Position(position.line, position.character);
const stretch = (range) => new vscode.Range(place(range.start), place(range.end));
const at = (document, { line, character }) => ({ ...about(document), position: { line, character } });

function publish({ uri, diagnostics: found }) {
  const shown = found.map((one) => {
    const severity = one.severity === 1 ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
    const diagnostic = new vscode.Diagnostic(stretch(one.range), one.message, severity);
    diagnostic.code = one.code;
    diagnostic.source = one.source;
    return diagnostic;
  });
  diagnostics.set(vscode.Uri.parse(uri), shown);
}

function providers() {
  const { languages } = vscode;
  return [
    languages.registerHoverProvider(LANGUAGE, {
      async provideHover(document, position) {
        const hover = await ask("textDocument/hover", at(document, position));
        return hover && new vscode.Hover(new vscode.MarkdownString(hover.contents.value), stretch(hover.range));
      },
    }),
    languages.registerDefinitionProvider(LANGUAGE, {
      async provideDefinition(document, position) {
        const found = (await ask("textDocument/definition", at(document, position))) || [];
        return found.map((one) => new vscode.Location(vscode.Uri.parse(one.uri), stretch(one.range)));
      },
    }),
    languages.registerCompletionItemProvider(
      LANGUAGE,
      {
        async provideCompletionItems(document, position) {
          const found = await ask("textDocument/completion", at(document, position));
          return ((found && found.items) || []).map((one) => {
            // The protocol counts kinds from 1, the editor from 0.
            const item = new vscode.CompletionItem(one.label, one.kind - 1);
            item.detail = one.detail;
            item.documentation = one.documentation;
            item.sortText = one.sortText;
            item.insertText = one.textEdit.newText;
            item.range = stretch(one.textEdit.range);
            return item;
          });
        },
      },
      ".", " ", "(",
    ),
    languages.registerDocumentSymbolProvider(LANGUAGE, {
      async provideDocumentSymbols(document) {
        const found = (await ask("textDocument/documentSymbol", about(document))) || [];
        return found.map(({ name, detail, kind, range, selectionRange }) =>
          new vscode.DocumentSymbol(name, detail, kind - 1, stretch(range), stretch(selectionRange)));
      },
    }),
    languages.registerDocumentFormattingEditProvider(LANGUAGE, {
      async provideDocumentFormattingEdits(document) {
        const edits = (await ask("textDocument/formatting", about(document))) || [];
        return edits.map((edit) => vscode.TextEdit.replace(stretch(edit.range), edit.newText));
      },
    }),
  ];
}

async function restart() {
  await stop();
  await start().catch((error) => output.appendLine(String(error)));
}

function activate(context) {
  output = vscode.window.createOutputChannel("Grounds rules");
  diagnostics = vscode.languages.createDiagnosticCollection("grounds-rules");
  const { workspace } = vscode;
  context.subscriptions.push(
    output,
    diagnostics,
    workspace.onDidOpenTextDocument(opened),
    workspace.onDidChangeTextDocument(changed),
    workspace.onDidSaveTextDocument((document) => isRules(document) && tell("textDocument/didSave", about(document))),
    workspace.onDidCloseTextDocument((document) => isRules(document) && tell("textDocument/didClose", about(document))),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("grounds") && restart()),
    vscode.commands.registerCommand("grounds.restart", restart),
    ...providers(),
  );
  return restart();
}

module.exports = { activate, deactivate: stop };
