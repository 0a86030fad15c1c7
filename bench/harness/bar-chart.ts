// Bar charts as SVG: groups of bars on one scale each, for figures that differ by orders of magnitude from group to group.

/** A bar; null is a figure that there is not. */
export interface Bar {
  readonly label: string;
  readonly value: number | null;
  /** What stands behind the bar. */
  readonly text: string;
  readonly isOwn?: boolean;
}

/** Bars that are compared with each other. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
const LABEL_WIDTH = 110;
const TEXT_WIDTH = 170;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 24;
const TITLE_HEIGHT = 34;
const MARGIN = 16;
const OWN_COLOR = '#c2410c';
const OTHER_COLOR = '#94a3b8';

/** The chart as a document. It brings its own background: a page may be dark. */
export function barChart(title: string, groups: readonly BarGroup[]): string {
  const parts: string[] = [];
  let y = MARGIN + 22;
  parts.push(textAt(MARGIN, y, title, 'font-size="16" font-weight="600"'));
  y += 8;
  for (const group of groups) {
    y += TITLE_HEIGHT;
    parts.push(textAt(MARGIN, y - 10, group.title, 'font-size="13" font-weight="600"'));
    const longest = Math.max(...group.bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
    for (const bar of group.bars) {
      parts.push(...barAt(bar, y, longest));
      y += ROW_HEIGHT;
    }
  }
  return svgDocument(title, WIDTH, y + MARGIN, parts);
}

function barAt({ label, value, text, isOwn = false }: Bar, y: number, longest: number): string[] {
  const width = ((value ?? 0) / longest) * (WIDTH - LABEL_WIDTH - TEXT_WIDTH - 2 * MARGIN);
  const left = MARGIN + LABEL_WIDTH;
  const middle = y + BAR_HEIGHT / 2 + 4;
  return [
    textAt(left - 8, middle, label, 'font-size="12" text-anchor="end"'),
    `<rect x="${left}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${isOwn ? OWN_COLOR : OTHER_COLOR}"/>`,
    textAt(left + Number(width.toFixed(1)) + 6, middle, text, 'font-size="12"'),
  ];
}

/** A document of the size, with a background and a title for those who do not see it. */
export function svgDocument(title: string, width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`,
    '  font-family="system-ui, sans-serif" fill="#0f172a">',
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** A piece of text. */
export function textAt(x: number, y: number, text: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
