import { defineConfig, type Plugin } from "vite";

/** The library's three files. Worker and worklet are self-contained, so that a page can serve them as they are. */
const ENTRIES = {
  production: ["frametalk", "src/index.ts"],
  worker: ["frametalk-worker", "src/worker.ts"],
  audio: ["frametalk-audio", "src/audio/worklet.ts"],
} as const;

/** Inserts the addresses of the other two files after this build, in the form that bundlers recognise. */
function addresses(): Plugin {
  return {
    name: "frametalk-addresses",
    renderChunk: (code) =>
      code
        .replaceAll("__WORKER_URL__", 'new URL("./frametalk-worker.js", import.meta.url)')
        .replaceAll("__AUDIO_URL__", 'new URL("./frametalk-audio.js", import.meta.url)'),
  };
}

export default defineConfig(({ mode }) => {
  const [name, entry] = ENTRIES[mode as keyof typeof ENTRIES] ?? ENTRIES.production;
  return {
    plugins: [addresses()],
    build: {
      target: "es2022",
      emptyOutDir: mode === "production",
      lib: { entry, formats: ["es"], fileName: () => `${name}.js` },
    },
    test: { include: ["test/**/*.test.ts"], environment: "node" },
  };
});
