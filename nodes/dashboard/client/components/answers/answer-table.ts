/** A value in an answer. Its tone says whether it is good; `percent`, 0 to 100, is drawn as a bar behind it. */
export interface AnswerCell {
  text: string;
  tone?: 'good' | 'bad' | 'warning' | 'neutral';
  percent?: number;
}

/** A part of a gateway's answer, as a person reads it. */
export interface AnswerTable {
  /** What it is about; null where the place says so. */
  title: string | null;
  /** Few things with many values are shown one below the other. */
  isOfFacts: boolean;
  columns: { title: string; isNumber?: boolean; isCode?: boolean }[];
  /** One cell for each column; null where the gateway does not tell. */
  rows: (AnswerCell | null)[][];
}

/** Makes tables of the payload of an answer; null where it is not as expected, and is shown as it came. */
export type ReadAnswer = (payload: unknown) => AnswerTable[] | null;

type Column = AnswerTable['columns'][number];

/** Describes a column together with what is in it. */
export interface Reading<Item> extends Column {
  of(item: Item): AnswerCell | string | null;
}

/** Makes a table of items. Columns of which no item tells anything are left out. */
export function tableOf<Item>(
  items: readonly Item[],
  readings: readonly Reading<Item>[],
  { title = null, isOfFacts = false }: Partial<Pick<AnswerTable, 'title' | 'isOfFacts'>> = {},
): AnswerTable {
  const filled = readings
    .map(({ of, ...column }) => ({ column, cells: items.map((item) => cellOf(of(item))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== null));
  return {
    title,
    isOfFacts,
    columns: filled.map(({ column }) => column),
    rows: items.map((_item, row) => filled.map(({ cells }) => cells[row] ?? null)),
  };
}

function cellOf(value: AnswerCell | string | null): AnswerCell | null {
  const cell = typeof value === 'string' ? { text: value } : value;
  return cell === null || cell.text.trim() === '' ? null : cell;
}
