/** The steps of an axis, as factors of a power of ten. */
const FACTORS = [1, 2, 5, 10];
/** The most marks above zero. */
const MARKS = 4;

/** The marks of an axis from zero to at least `most`, in whole and round numbers. */
export function marksUpTo(most: number): number[] {
  const least = Math.max(1, most / MARKS);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, power * (FACTORS.find((factor) => factor * power >= least) ?? 10));
  const marks = [0];
  while (marks.at(-1)! < most || marks.length < 2) marks.push(marks.at(-1)! + step);
  return marks;
}
