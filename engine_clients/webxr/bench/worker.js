// The library's worker, whose WebSocket hands the replies' sound to the page on request: `bench.js` compares it with
// what was heard.
import "./tap.js";
import "./frametalk-worker.js";
