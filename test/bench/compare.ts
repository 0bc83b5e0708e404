import { median, type PartFigure } from './figure.js';
import { aligned, shown } from './table.js';

/** The figures of one run of each tree, made one right after the other. */
export interface Pair {
  old: readonly PartFigure[];
  new: readonly PartFigure[];
}

/** One figure in both trees: medians over the pairs, and the ratios new to old within each pair. */
export interface Compared {
  part: string;
  what: string;
  unit: string;
  old: number;
  new: number;
  ratio: number;
  lowest: number;
  highest: number;
}

/** The figures that all runs of both trees have, in the order of the first new run; with them what only one tree has. */
export function compare(pairs: readonly Pair[]): { compared: Compared[]; alone: string[] } {
  const keyOf = ({ part, what }: PartFigure) => `${part}: ${what}`;
  const runs = pairs.map((pair) => ({ old: byKey(pair.old, keyOf), new: byKey(pair.new, keyOf) }));
  const keys = new Map(pairs.flatMap((pair) => [...pair.new, ...pair.old].map((one) => [keyOf(one), one])));
  const compared: Compared[] = [];
  const alone: string[] = [];
  for (const [key, { part, what, unit = '' }] of keys) {
    const values = runs.map((run) => ({ old: run.old.get(key), new: run.new.get(key) }));
    const both = values.filter((value) => value.old !== undefined && value.new !== undefined);
    if (both.length < pairs.length) {
      alone.push(key);
      continue;
    }
    const ratios = both.map((value) => (value.new === value.old ? 1 : value.new! / value.old!));
    compared.push({
      ...{ part, what, unit },
      old: median(both.map((value) => value.old!)),
      new: median(both.map((value) => value.new!)),
      ratio: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
    });
  }
  return { compared, alone };
}

function byKey(figures: readonly PartFigure[], keyOf: (figure: PartFigure) => string): Map<string, number> {
  return new Map(figures.map((figure) => [keyOf(figure), figure.value]));
}

/** The comparison as a table; `rev` is the name of the old tree. */
export function comparisonTable({ compared, alone }: ReturnType<typeof compare>, rev: string): string {
  const rows = compared.map((one) => [
    one.part,
    one.what,
    shown(one.old, one.unit),
    shown(one.new, one.unit),
    one.ratio.toFixed(2),
    `${one.lowest.toFixed(2)} - ${one.highest.toFixed(2)}`,
  ]);
  const table = aligned(
    [['part', 'what', rev, 'this tree', 'new / old', 'of the pairs'], ...rows],
    [2, 3, 4],
  );
  if (alone.length === 0) return table;
  return `${table}\n\nnot measured in all runs of both trees: ${alone.join('; ')}`;
}
