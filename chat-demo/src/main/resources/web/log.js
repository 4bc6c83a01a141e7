/**
 * A list that keeps only the visible rows, and a few around them, in the DOM. Rows may have any height: the height is
 * estimated until a row was shown once. When rows above change, the visible row stays where it is; at the end, the list
 * stays at the end.
 */

const AROUND = 700;
const GUESS = 46;
const NEAR_END = 60;
const NEAR_TOP = 500;

export class LogView {
  items = [];
  #heights = [];
  #shown = new Map();
  #stale = new Set();
  #stick = true;
  #asked = false;

  /**
   * @param parts { scroller, rows, top, bottom } elements; top and bottom replace the rows that are not in the DOM
   * @param make (item, itemBefore) → element
   * @param events { top(): near the beginning; end(): reached or left the end; drawn(): after each drawing }
   */
  constructor(parts, make, events) {
    Object.assign(this, parts);
    this.make = make;
    this.events = events;
    this.scroller.addEventListener('scroll', () => {
      this.#setStick(this.#distance() < NEAR_END);
      this.#later();
    }, { passive: true });
    new ResizeObserver(() => this.#later()).observe(this.scroller);
  }

  get atEnd() { return this.#stick; }

  append(item) {
    this.items.push(item);
    this.#heights.push(GUESS);
    this.#later();
  }

  prepend(items) {
    if (items.length === 0) return;
    const first = this.items[0];
    this.items = [...items, ...this.items];
    this.#heights = [...items.map(() => GUESS), ...this.#heights];
    if (first) this.redraw(first.id);
    this.#later();
  }

  /** Creates a row again, because the content of the row depends on more than its entry. */
  redraw(id) {
    this.#stale.add(id);
    this.#later();
  }

  redrawAll() {
    for (const id of this.#shown.keys()) this.redraw(id);
  }

  toEnd() {
    this.#setStick(true);
    this.#draw();
  }

  changed() {
    this.#later();
  }

  #later() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #setStick(stick) {
    if (stick === this.#stick) return;
    this.#stick = stick;
    this.events.end();
  }

  #draw() {
    if (this.scroller.clientHeight === 0) return;
    const anchor = this.#stick ? null : this.#anchor();
    // Rows that are shown for the first time replace estimates, and so change which rows are visible.
    for (let pass = 0; pass < 4; pass++) {
      if (this.#stick) this.scroller.scrollTop = this.scroller.scrollHeight;
      const settled = this.#fill(anchor);
      if (anchor) this.#hold(anchor);
      if (settled) break;
    }
    if (this.#stick) this.scroller.scrollTop = this.scroller.scrollHeight;
    this.events.drawn();
    if (this.scroller.scrollTop < NEAR_TOP) this.events.top();
  }

  /** Returns the row at the upper edge, and the distance from the edge. */
  #anchor() {
    const view = this.scroller.getBoundingClientRect();
    for (const row of this.rows.children) {
      const box = row.getBoundingClientRect();
      if (box.bottom > view.top && box.top < view.bottom) return { id: row.dataset.id, at: box.top, below: box.top - view.top };
    }
    return null;
  }

  #hold({ id, at }) {
    const row = this.#shown.get(id);
    if (!row) return;
    const off = row.getBoundingClientRect().top - at;
    if (Math.abs(off) >= 1) this.scroller.scrollTop += off;
  }

  /** Puts the visible rows into the DOM; returns whether all heights were known. */
  #fill(anchor) {
    const edge = this.#edge(anchor);
    const from = edge - AROUND;
    const to = edge + this.scroller.clientHeight + AROUND;
    let y = 0;
    let start = 0;
    while (start < this.items.length && y + this.#heights[start] < from) y += this.#heights[start++];
    const above = y;
    let end = start;
    while (end < this.items.length && y < to) y += this.#heights[end++];
    let below = 0;
    for (let i = end; i < this.items.length; i++) below += this.#heights[i];
    this.top.style.height = `${above}px`;
    this.bottom.style.height = `${below}px`;
    this.#place(start, end);
    return this.#measure(start, end);
  }

  /**
   * Returns the position of the upper edge in the list: its distance from the anchor is unchanged, wherever the anchor
   * is now.
   */
  #edge(anchor) {
    const at = anchor ? this.items.findIndex(item => item.id === anchor.id) : -1;
    if (at < 0) return this.scroller.scrollTop - this.top.offsetTop;
    let y = -anchor.below;
    for (let i = 0; i < at; i++) y += this.#heights[i];
    return y;
  }

  #place(start, end) {
    const wanted = new Set();
    for (let i = start; i < end; i++) wanted.add(this.items[i].id);
    for (const [id, row] of this.#shown) {
      if (wanted.has(id)) continue;
      row.remove();
      this.#shown.delete(id);
    }
    let next = this.rows.firstElementChild;
    for (let i = start; i < end; i++) {
      const item = this.items[i];
      let row = this.#shown.get(item.id);
      if (!row || this.#stale.has(item.id)) {
        const made = this.make(item, this.items[i - 1]);
        if (next && next === row) next = made;
        row?.replaceWith(made);
        row = made;
        this.#shown.set(item.id, row);
      }
      if (row === next) next = next.nextElementSibling;
      else this.rows.insertBefore(row, next);
    }
    this.#stale.clear();
  }

  #measure(start, end) {
    let settled = true;
    for (let i = start; i < end; i++) {
      const { height } = this.#shown.get(this.items[i].id).getBoundingClientRect();
      if (Math.abs(height - this.#heights[i]) > 0.5) {
        this.#heights[i] = height;
        settled = false;
      }
    }
    return settled;
  }
}
