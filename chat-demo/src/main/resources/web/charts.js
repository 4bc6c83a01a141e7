/** The charts, drawn by Chart.js: one with all lines, and a small one in each pane. */

import { SLOTS } from './latency.js';

const styles = () => getComputedStyle(document.documentElement);
const colour = name => styles().getPropertyValue(`--${name}`).trim();

function options({ logarithmic, small }) {
  const muted = colour('muted');
  const line = colour('line');
  return {
    animation: false, responsive: true, maintainAspectRatio: false, normalized: true, events: [],
    layout: { padding: 0 },
    plugins: { legend: { display: !small, align: 'end', labels: { color: muted, boxWidth: 14, boxHeight: 2, font: { size: 12 } } }, tooltip: { enabled: false } },
    scales: {
      x: {
        type: 'linear', min: 0, max: SLOTS, display: !small, grid: { display: false }, border: { color: line },
        ticks: { color: muted, maxRotation: 0, autoSkip: false, stepSize: SLOTS / 6, font: { size: 11 },
          callback: i => (i === 0 ? '60 s ago' : i === SLOTS ? 'now' : 60 - i / 2) },
      },
      y: {
        type: logarithmic ? 'logarithmic' : 'linear', ...(logarithmic ? { min: 0.5, suggestedMax: 1000 } : { beginAtZero: true, suggestedMax: 5 }),
        grid: { color: line, drawTicks: false }, border: { display: false },
        ticks: { color: muted, padding: 6, font: { size: 11 }, ...(small && { maxTicksLimit: 3 }),
          callback: value => (!logarithmic || [1, 10, 100, 1000, 10_000].includes(value) ? tick(value) : null) },
      },
    },
  };
}

function tick(ms) {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

function dataset(transport, label, small) {
  const stroke = colour(transport);
  return {
    label, data: [], borderColor: stroke, backgroundColor: `${stroke}22`, borderWidth: small ? 1.5 : 2, pointRadius: 0,
    spanGaps: 6, tension: 0.2, fill: small, parsing: false, transport,
  };
}

export class Charts {
  #all = [];

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#repaint());
  }

  /** @param lines [{ transport, label }] */
  add(canvas, lines, kind) {
    if (!window.Chart) return { set() {}, draw() {} };
    Object.assign(window.Chart.defaults.font, { family: styles().getPropertyValue('--font') });
    const chart = new window.Chart(canvas, {
      type: 'line',
      data: { datasets: lines.map(({ transport, label }) => dataset(transport, label, kind.small)) },
      options: options(kind),
    });
    this.#all.push({ chart, kind });
    return {
      // A time without deliveries has no point: a short gap is bridged, a long gap is visible.
      set: (i, values) => {
        chart.data.datasets[i].data = values.flatMap((y, slot) => (y === null ? [] : [{ x: slot + 1, y }]));
      },
      draw: () => chart.update('none'),
    };
  }

  #repaint() {
    for (const { chart, kind } of this.#all) {
      chart.options = options(kind);
      for (const one of chart.data.datasets) {
        one.borderColor = colour(one.transport);
        one.backgroundColor = `${colour(one.transport)}22`;
      }
      chart.update('none');
    }
  }
}
