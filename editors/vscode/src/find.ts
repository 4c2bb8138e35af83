// Which seatrial is started. Knows nothing of the editor, so that it can be tried without one.

import * as path from "node:path";

/** What has to be known of the machine. */
export interface Machine {
  readonly platform: string;
  readonly isFile: (path: string) => boolean;
}

/** What the editor says. */
export interface Wish {
  /** The setting; empty for none. */
  readonly setting: string;
  readonly folders: readonly string[];
  /** Programs of the workspace may be started. */
  readonly isTrusted: boolean;
}

/** The setting, else the one of a virtual environment of the workspace, else whatever is on PATH. */
export function find(wish: Wish, machine: Machine): string {
  const program = machine.platform === "win32" ? "seatrial.exe" : "seatrial";
  const scripts = machine.platform === "win32" ? "Scripts" : "bin";
  if (wish.setting !== "" && (wish.isTrusted || isOutside(wish.setting, wish.folders))) {
    return isBare(wish.setting) ? wish.setting : path.resolve(wish.folders[0] ?? "", wish.setting);
  }
  if (wish.isTrusted) {
    for (const folder of wish.folders) {
      for (const environment of [".venv", "venv", "env"]) {
        const candidate = path.join(folder, environment, scripts, program);
        if (machine.isFile(candidate)) {
          return candidate;
        }
      }
    }
  }
  return program;
}

/** A name that is looked for on PATH. */
function isBare(program: string): boolean {
  return path.basename(program) === program;
}

function isOutside(program: string, folders: readonly string[]): boolean {
  return path.isAbsolute(program) && folders.every((folder) => path.relative(folder, program).startsWith(".."));
}
