/** Every export of the library has a doc comment, and so has every public member of what index.ts exports. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const SOURCES = new URL("../src/", import.meta.url).pathname;
const EXPORT = /^export (?:abstract )?(?:class|interface|type|function|const) (\w+)/;
const MEMBER = /^ {2}(?:readonly |static |get |async )*(\w+)\??[(<:]|^ {2}(?:readonly )(\w+) =/;
const HIDDEN = /^ {2}(?:private|set|constructor|this)\b/;

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf-8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path, lines: readFileSync(SOURCES + path, "utf-8").split("\n") }));

/** Whether a doc comment ends above a line; a linter's comment may stand between. */
function documented(lines: string[], index: number): boolean {
  let above = index - 1;
  while (lines[above]?.trim().startsWith("// biome-ignore")) above--;
  return lines[above]?.trim().endsWith("*/") ?? false;
}

/** Names of public members without a doc comment, in the declaration that begins at a line. */
function undocumentedMembers(lines: string[], start: number): string[] {
  const end = lines.findIndex((line, index) => index > start && line.startsWith("}"));
  return lines.slice(start + 1, end).flatMap((line, offset) => {
    const found = HIDDEN.test(line) ? null : MEMBER.exec(line);
    const name = found?.[1] ?? found?.[2];
    return name && !documented(lines, start + 1 + offset) ? [name] : [];
  });
}

it("covers every exported declaration", () => {
  const missing = files.flatMap(({ path, lines }) =>
    lines.flatMap((line, index) => {
      const name = EXPORT.exec(line)?.[1];
      return name && !documented(lines, index) ? [`${path}: ${name}`] : [];
    }),
  );
  expect(missing).toEqual([]);
});

it("covers every public member of the library's classes and interfaces", () => {
  const index = files.find(({ path }) => path === "index.ts")?.lines.join("\n") ?? "";
  const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g)];
  expect(exported.length).toBeGreaterThan(10);
  const missing = exported.flatMap(([, names = "", module]) => {
    const lines = files.find(({ path }) => path === `${module}.ts`)?.lines ?? [];
    return names.split(",").flatMap((entry) => {
      const name = entry.replace("type ", "").trim();
      const declaration = new RegExp(`^export (?:class|interface) ${name}\\b.*\\{$`);
      const start = lines.findIndex((line) => declaration.test(line));
      return start < 0 ? [] : undocumentedMembers(lines, start).map((m) => `${name}.${m}`);
    });
  });
  expect(missing).toEqual([]);
});
