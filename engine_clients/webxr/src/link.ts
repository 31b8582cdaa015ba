/** The way to the hub: a Worker of its own, or this thread where a page may start none. */

import type { HubEvent } from "./core/protocol";
import { hostHub, type ToHub } from "./host";

declare const __WORKER_URL__: URL;

export interface Link {
  send(data: ToHub, transfer?: Transferable[]): void;
  close(): void;
}

/** `workerUrl`: where frametalk-worker.js lies; false: no worker. */
export function openLink(
  workerUrl: string | URL | false | undefined,
  heard: (event: HubEvent) => void,
): Link {
  if (workerUrl === false || typeof Worker === "undefined") return inline(heard);
  try {
    return threaded(start(workerUrl), heard);
  } catch {
    return inline(heard); // a Content-Security-Policy without worker-src
  }
}

function start(url: string | URL | undefined): Worker {
  // Bundlers look for exactly this expression to take the file along.
  if (url === undefined) return new Worker(__WORKER_URL__, { type: "module", name: "frametalk" });
  return new Worker(url, { type: "module", name: "frametalk" });
}

function threaded(worker: Worker, heard: (event: HubEvent) => void): Link {
  worker.onmessage = ({ data }: MessageEvent<HubEvent>) => heard(data);
  worker.onerror = (event) =>
    heard({
      on: "failure",
      failure: {
        code: "worker_failed",
        text: `frametalk's worker: ${event.message || "it cannot be loaded"}`,
        stage: "link",
        fault: "client",
        remedy: "serve frametalk-worker.js beside frametalk.js, or give its address in `workerUrl`",
        fatal: true,
      },
    });
  return {
    send: (data, transfer = []) => worker.postMessage(data, transfer),
    close: () => worker.terminate(),
  };
}

function inline(heard: (event: HubEvent) => void): Link {
  let open = true;
  const take = hostHub((event) => {
    if (open) heard(event);
  });
  return {
    send: (data) => take(data),
    close: () => {
      open = false;
    },
  };
}
