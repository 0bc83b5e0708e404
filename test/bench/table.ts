import { type Figure, type Goal, isMet, type PartFigure } from './figure.js';

/** All figures, each with its goal and whether it is met, part by part. */
export function figureTable(figures: readonly PartFigure[]): string {
  const rows = figures.map((figure) => [
    figure.part,
    figure.what,
    shown(figure.value, figure.unit),
    goalOf(figure),
    verdictOf(figure),
  ]);
  return aligned([['part', 'what', 'figure', 'goal', ''], ...rows], [2]);
}

/** Rows of texts in columns of equal width; those in `right` are aligned to the right. */
export function aligned(rows: readonly (readonly string[])[], right: readonly number[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) =>
    right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

/** A value as people read it: three digits that count, or all before the point. */
export function shown(value: number, unit = ''): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const number = Number.isFinite(value)
    ? value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    : '-';
  return unit === '' ? number : `${number} ${unit}`;
}

function goalOf({ goal, unit }: Figure): string {
  return goal === undefined ? '' : goalInWords(goal, unit);
}

function goalInWords({ is, value }: Goal, unit = ''): string {
  return `${is} ${value.toLocaleString('en-US')}${unit === '' ? '' : ` ${unit}`}`;
}

function verdictOf(figure: Figure): string {
  const met = isMet(figure);
  if (met === null) return '';
  return met ? 'met' : 'NOT MET';
}
