// Hearing of changes: server-sent events, and asking again where those do not
// come through. An event carries no content, so a lost one costs only time.

import { eventsURL } from "./api.js";

const retryMS = [1000, 2000, 4000, 8000, 15000];
const pollMS = 5000;       // while no stream is open
const safetyMS = 30000;    // while one is: a proxy may hold its events back

export class Live {
  /** hear({ticket, kind}) for an event; ask() when anything may have changed. */
  constructor(hear, ask) {
    this.hear = hear;
    this.ask = ask;
    this.tries = 0;
    this.running = false;
    this.open = false;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.connect();
    this.poll();
  }

  stop() {
    this.running = false;
    this.open = false;
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    if (this.source) this.source.close();
    this.source = null;
  }

  /** Tries again at once: the network or the person has come back. */
  wake() {
    if (!this.running) return;
    if (!this.open) { this.tries = 0; this.connect(); }
    this.ask();
  }

  connect() {
    clearTimeout(this.retry);
    if (this.source) this.source.close();
    const source = new EventSource(eventsURL);
    this.source = source;
    source.onopen = () => {
      const again = this.tries > 0;
      this.open = true;
      this.tries = 0;
      if (again) this.ask(); // what was said meanwhile was not heard
    };
    const heard = (event) => {
      this.open = true;
      let said = null;
      try { said = JSON.parse(event.data); } catch { /* a blank or foreign event: still a sign of change */ }
      this.hear(said || {});
    };
    source.onmessage = heard;
    for (const kind of ["new", "ticket", "queue", "state", "agent", "message", "deadline", "file", "report"]) source.addEventListener(kind, heard);
    source.onerror = () => {
      this.open = false;
      source.close(); // our own pace, so that a desk that returns is not met by everyone at once
      if (!this.running || this.source !== source) return;
      this.poll();
      const wait = retryMS[Math.min(this.tries++, retryMS.length - 1)];
      this.retry = setTimeout(() => this.running && this.connect(), wait * (0.7 + 0.6 * Math.random()));
    };
  }

  poll() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.running) return;
      this.ask();
      this.poll();
    }, this.open ? safetyMS : pollMS);
  }
}
