import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The tavern's page, which `frametalk demo` serves. It is built into the Python package, so that users need no node. */
export default defineConfig({
  root: here("demo"),
  base: "./",
  resolve: { alias: { frametalk: here("dist/frametalk.js") } },
  build: {
    target: "es2022",
    outDir: here("../../server/frametalk/data/page"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's policy forbids data: addresses
    chunkSizeWarningLimit: 900,
  },
});
