/** What a figure should reach, by the goals of the project. */
export interface Goal {
  is: 'at least' | 'at most' | 'below';
  value: number;
}

/** One thing that was measured. `what` is the same in every run, so that runs can be compared by it. */
export interface Figure {
  what: string;
  value: number;
  unit?: string;
  goal?: Goal;
}

/** A figure with the name of the part of the bench that measured it. */
export interface PartFigure extends Figure {
  part: string;
}

export const atLeast = (value: number): Goal => ({ is: 'at least', value });
export const atMost = (value: number): Goal => ({ is: 'at most', value });
export const below = (value: number): Goal => ({ is: 'below', value });

/** Null for a figure without a goal. */
export function isMet({ value, goal }: Figure): boolean | null {
  if (goal === undefined) return null;
  if (goal.is === 'at least') return value >= goal.value;
  return goal.is === 'at most' ? value <= goal.value : value < goal.value;
}

/** NaN for no values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
