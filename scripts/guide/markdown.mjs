// How the generated pages look.

/** The lines under a page's title: what makes it. */
export const MADE_BY = '<!-- Written by `npm run guide`; edit doc comments, schema/*.toml or scripts/guide instead of this page. -->';

/** A table; columns are titles, rows are lists of cells. */
export function table(columns, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map((cells) => line(cells.map(cellText)))].join('\n');
}

function cellText(text) {
  return String(text).replaceAll('\n', ' ').replaceAll('|', '\\|');
}

export function code(text) {
  return text === undefined || text === '' ? '' : `\`${text}\``;
}

/** A page: title, what it says first, sections. */
export function page(title, introduction, sections) {
  return `${[`# ${title}`, MADE_BY, introduction, ...sections].join('\n\n')}\n`;
}
