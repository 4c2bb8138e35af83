// VS Code's own protocol library plays a session against the server that SEATRIAL names.

import * as assert from "node:assert";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  CodeActionRequest,
  CodeActionResolveRequest,
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";

const server = process.env["SEATRIAL"];
const STEPS = 200;
const DOCKERFILE = "FROM python:3.13-slim-trixie\nENV DJANGO_DEBUG=1\nWORKDIR /app\nADD . .\nUSER 1000\nCMD [\"gunicorn\", \"shop.wsgi\"]\n";
const SETTINGS = "import os\nDEBUG = os.environ.get('DJANGO_DEBUG') == '1'\n";

function project(): string {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "seatrial-")));
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  write("Dockerfile", DOCKERFILE);
  write("compose.yaml", "services:\n  web:\n    build: .\n");
  write(".dockerignore", ".git\n");
  write("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n");
  write("shop/__init__.py", "");
  write(
    "shop/wsgi.py",
    "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\napplication = get_wsgi_application()\n",
  );
  write("shop/settings.py", SETTINGS);
  return root;
}

test("a session of VS Code's library", { skip: server === undefined ? "SEATRIAL names no server" : false, timeout: 120_000 }, async (t) => {
  const root = project();
  const child = spawn(server ?? "", ["server"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill());
  const client = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  client.onRequest(ConfigurationRequest.type, () => [null]);
  client.onRequest(RegistrationRequest.type, () => undefined);
  client.onRequest("workspace/diagnostic/refresh", () => null);
  client.listen();
  const uri = (name: string): string => pathToFileURL(path.join(root, name)).toString();
  const given = await client.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: uri(""),
    workspaceFolders: [{ uri: pathToFileURL(root).toString(), name: "shop" }],
    capabilities: {
      general: { positionEncodings: ["utf-16"] },
      workspace: {
        configuration: true,
        diagnostics: { refreshSupport: true },
        didChangeWatchedFiles: { dynamicRegistration: true },
        workspaceEdit: { documentChanges: true },
      },
      textDocument: {
        diagnostic: {},
        codeAction: { resolveSupport: { properties: ["edit"] }, codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } },
      },
    },
  });
  assert.strictEqual(given.capabilities.positionEncoding, "utf-16");
  await client.sendNotification(InitializedNotification.type, {});

  const texts: Record<string, string> = { Dockerfile: DOCKERFILE, "shop/settings.py": SETTINGS };
  let version = 1;
  for (const [name, text] of Object.entries(texts)) {
    const languageId = name === "Dockerfile" ? "dockerfile" : "python";
    await client.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri: uri(name), languageId, version, text },
    });
  }
  const codes = async (name: string): Promise<string[]> => {
    const report = await client.sendRequest(DocumentDiagnosticRequest.type, { textDocument: { uri: uri(name) } });
    assert.strictEqual(report.kind, "full");
    const items: Diagnostic[] = report.kind === "full" ? report.items : [];
    return items.map((item) => String(item.code)).sort();
  };
  const write = async (name: string, text: string): Promise<void> => {
    version += 1;
    await client.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: uri(name), version },
      contentChanges: [{ text }],
    });
  };

  for (let step = 0; step < STEPS; step += 1) {
    const isOn = step % 2 === 1;
    await write("shop/settings.py", isOn ? SETTINGS : `# é🙂 ${step}\nDEBUG = False\n`);
    if (step % 3 === 0) {
      const position = { line: 0, character: 8 };
      await client.sendRequest(HoverRequest.type, { textDocument: { uri: uri("Dockerfile") }, position });
      await client.sendRequest(CompletionRequest.type, { textDocument: { uri: uri("Dockerfile") }, position });
    }
    if (step % 10 < 2) {
      assert.strictEqual((await codes("Dockerfile")).includes("debug-enabled-by-env"), isOn, `step ${step}`);
      assert.strictEqual((await codes("shop/settings.py")).includes("debug-enabled"), isOn, `step ${step}`);
    }
  }

  const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const actions = await client.sendRequest(CodeActionRequest.type, {
    textDocument: { uri: uri("Dockerfile") },
    range,
    context: { diagnostics: [], only: ["source.fixAll"] },
  });
  const action = actions?.[0];
  assert.ok(action !== undefined && "kind" in action && action.kind === "source.fixAll.seatrial");
  const whole = await client.sendRequest(CodeActionResolveRequest.type, action);
  assert.ok(JSON.stringify(whole.edit).includes("COPY . ."));

  await client.sendRequest(ShutdownRequest.type);
  await client.sendNotification(ExitNotification.type);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.strictEqual(code, 0);
  client.dispose();
  fs.rmSync(root, { recursive: true });
});
