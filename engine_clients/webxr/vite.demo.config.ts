import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The tavern's page: what `frametalk demo` serves. It lands in the Python package, so that nobody needs node. */
export default defineConfig({
  root: here("demo"),
  base: "./",
  resolve: { alias: { frametalk: here("dist/frametalk.js") } },
  build: {
    target: "es2022",
    outDir: here("../../server/frametalk/data/page"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's policy loads no data: addresses
    chunkSizeWarningLimit: 900,
  },
});
