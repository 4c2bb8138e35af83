// Starts `seatrial server` and hands it what the editor shows. Everything else is the server's.

import * as fs from "node:fs";
import * as os from "node:os";
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

import { checklist, type File } from "./checklist";
import { find } from "./find";
import { Turns } from "./turns";

/** Files that an image depends on. */
const FILES = [
  { scheme: "file", language: "dockerfile" },
  { scheme: "file", language: "dockercompose" },
  { scheme: "file", language: "python" },
  { scheme: "file", language: "shellscript" },
  { scheme: "file", language: "ini" },
  { scheme: "file", language: "toml" },
  { scheme: "file", language: "yaml" },
  { scheme: "file", language: "pip-requirements" },
  { scheme: "file", language: "ignore" },
  { scheme: "file", pattern: "**/{*[Dd]ockerfile*,*[Cc]ontainerfile*,requirements*.txt,requirements/*.txt,*.env,.env*,Procfile}" },
];

let client: LanguageClient | undefined;

/** Starts and stops, one after the other. */
const turns = new Turns();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("seatrial.restart", restart),
    vscode.commands.registerCommand("seatrial.facts", showFacts),
    vscode.commands.registerCommand("seatrial.files", showFiles),
    vscode.commands.registerCommand("seatrial.fixAll", () =>
      vscode.commands.executeCommand("editor.action.codeAction", { kind: "source.fixAll.seatrial", apply: "first" }),
    ),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("seatrial.path")) {
        void restart();
      }
    }),
  );
  await turns.take(start);
}

export async function deactivate(): Promise<void> {
  await turns.take(stop);
}

async function showFacts(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || client === undefined) {
    return;
  }
  const uri = client.code2ProtocolConverter.asUri(editor.document.uri);
  const facts: unknown = await client.sendRequest("seatrial/facts", { textDocument: { uri } });
  if (facts === null) {
    void vscode.window.showInformationMessage("seatrial does not know this file as a Dockerfile.");
    return;
  }
  const content = JSON.stringify(facts, undefined, 2);
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "json", content }));
}

async function showFiles(): Promise<void> {
  if (client === undefined) {
    return;
  }
  const files: File[] = await client.sendRequest("seatrial/files", {});
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "markdown", content: checklist(files) }));
}

async function restart(): Promise<void> {
  await turns.take(async () => {
    await stop();
    await start();
  });
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  try {
    await old?.stop();
  } catch {
    // What did not start cannot be stopped.
  }
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("seatrial");
  const command = find(
    {
      setting: settings.get<string>("path", ""),
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      isTrusted: vscode.workspace.isTrusted,
    },
    { platform: process.platform, isFile: (path) => fs.existsSync(path) },
  );
  // Where it is started a bare name may be looked for first: not in a workspace that nobody trusts.
  const server: ServerOptions = { command, args: ["server"], options: { cwd: os.homedir() } };
  const options: LanguageClientOptions = {
    documentSelector: FILES,
    initializationOptions: settings,
  };
  client = new LanguageClient("seatrial", "seatrial", server, options);
  try {
    await client.start();
  } catch (error) {
    const text = `seatrial cannot be started as \`${command}\`: ${String(error)}. Install it (pip install with a clone or the address of its repository), or set seatrial.path.`;
    void vscode.window.showErrorMessage(text);
  }
}
