// The files that were read, as a list to work through.

/** What the server tells of a file. */
export interface File {
  uri: string;
  name: string;
  isDockerfile: boolean;
  findings: number;
}

/** Markdown: a box for each file, ticked where nothing was found. */
export function checklist(files: readonly File[]): string {
  const line = (file: File): string => {
    const found = file.findings === 0 ? "" : `: ${String(file.findings)} ${file.findings === 1 ? "finding" : "findings"}`;
    const name = file.name.replace(/[\\`*_[\]<>]/g, "\\$&");
    return `- [${file.findings === 0 ? "x" : " "}] [${name}](${file.uri})${found}\n`;
  };
  const part = (title: string, list: readonly File[]): string => (list.length === 0 ? "" : `\n## ${title}\n\n${list.map(line).join("")}`);
  const dockerfiles = files.filter((file) => file.isDockerfile);
  const others = files.filter((file) => !file.isDockerfile);
  if (files.length === 0) {
    return "# What seatrial checks\n\nNo Dockerfile was found in this workspace.\n";
  }
  return `# What seatrial checks\n${part("Dockerfiles", dockerfiles)}${part("Files that they lead to", others)}`;
}
