/** Delivery times: the newest for percentiles, and half seconds for the charts. */

const NEWEST = 2_000;
export const SLOT_MS = 500;
export const SLOTS = 120;

export class Latency {
  #newest = [];
  #at = 0;
  #slots = new Map();

  record(ms, now = Date.now()) {
    this.#newest[this.#at] = ms;
    this.#at = (this.#at + 1) % NEWEST;
    const slot = Math.floor(now / SLOT_MS);
    this.#slots.set(slot, Math.max(ms, this.#slots.get(slot) ?? 0));
    if (this.#slots.size > SLOTS * 2) {
      for (const old of this.#slots.keys()) if (old < slot - SLOTS) this.#slots.delete(old);
    }
  }

  /** Returns { p50, p95, p99 } of the newest 2,000 delivery times in ms, or null when there are none. */
  percentiles() {
    if (this.#newest.length === 0) return null;
    const sorted = Float64Array.from(this.#newest).sort();
    const at = share => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  /**
   * Returns the longest delivery time of each half second of the last minute, oldest first; null without deliveries.
   */
  slots(now = Date.now()) {
    const last = Math.floor(now / SLOT_MS) - 1;
    return Array.from({ length: SLOTS }, (_, i) => this.#slots.get(last - SLOTS + 1 + i) ?? null);
  }

  clear() {
    this.#newest = [];
    this.#at = 0;
    this.#slots.clear();
  }
}

export function milliseconds(ms) {
  if (ms === undefined || ms === null) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

export function bytes(number) {
  if (number < 1000) return `${number} B`;
  if (number < 1e6) return `${(number / 1e3).toFixed(number < 1e5 ? 1 : 0)} kB`;
  return `${(number / 1e6).toFixed(1)} MB`;
}
