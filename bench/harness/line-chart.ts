// Line charts as SVG: a figure against a size that grows, straight or by powers of ten.
import { svgDocument, textAt } from './bar-chart.ts';

/** A measured point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Points that belong together, in order of x. */
export interface Line {
  readonly label: string;
  readonly points: readonly Point[];
}

/** What is drawn. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** x by powers of ten. */
  readonly isLogX?: boolean;
  readonly lines: readonly Line[];
}

const [WIDTH, HEIGHT] = [720, 360];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 130, 56, 52];
const COLORS = ['#c2410c', '#2563eb', '#15803d', '#7c3aed', '#0f766e'];
const STEPS = 5;

/** The chart as a document; y begins at zero. */
export function lineChart({ title, xLabel, yLabel, isLogX = false, lines }: LineChart): string {
  const points = lines.flatMap((line) => line.points);
  const place = (x: number) => (isLogX ? Math.log10(x) : x);
  const xs = points.map(({ x }) => place(x));
  const [xMin, xMax] = [Math.min(...xs), Math.max(...xs)];
  const yMax = roundUp(Math.max(...points.map(({ y }) => y), 0));
  const toX = (x: number) => LEFT + ((place(x) - xMin) / (xMax - xMin || 1)) * (WIDTH - LEFT - RIGHT);
  const toY = (y: number) => HEIGHT - BOTTOM - (y / yMax) * (HEIGHT - TOP - BOTTOM);
  const parts = [textAt(16, 28, title, 'font-size="16" font-weight="600"'), textAt(16, 46, yLabel, 'font-size="12" fill="#475569"')];
  for (let step = 0; step <= STEPS; step += 1) {
    const y = (yMax * step) / STEPS;
    const at = toY(y).toFixed(1);
    parts.push(`<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#e2e8f0"/>`);
    parts.push(textAt(LEFT - 8, Number(at) + 4, shortNumber(y), 'font-size="11" text-anchor="end"'));
  }
  for (const x of new Set(points.map((point) => point.x))) {
    parts.push(textAt(Number(toX(x).toFixed(1)), HEIGHT - BOTTOM + 18, shortNumber(x), 'font-size="11" text-anchor="middle"'));
  }
  parts.push(textAt((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, xLabel, 'font-size="12" fill="#475569" text-anchor="middle"'));
  for (const [at, line] of lines.entries()) parts.push(...drawn(line, COLORS[at % COLORS.length] as string, toX, toY));
  return svgDocument(title, WIDTH, HEIGHT, parts);
}

function drawn({ label, points }: Line, color: string, toX: (x: number) => number, toY: (y: number) => number): string[] {
  const places = points.map(({ x, y }) => [toX(x).toFixed(1), toY(y).toFixed(1)] as const);
  const last = places.at(-1);
  return [
    `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`,
    ...places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${color}"/>`),
    ...(last === undefined ? [] : [textAt(Number(last[0]) + 8, Number(last[1]) + 4, label, `font-size="12" fill="${color}"`)]),
  ];
}

/** The next number that begins with 1, 2 or 5 and has zeros behind it. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((digit) => digit * power >= value) ?? 10) * power;
}

function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
}
