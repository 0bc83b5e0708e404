/** The lowest and the highest value of each integer format. Many documents give the format and no minimum or maximum. */
const RANGES: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = Object.fromEntries(
  [8, 16, 32, 64].flatMap((bits): [string, [bigint, bigint]][] => {
    const all = 2n ** BigInt(bits);
    return [
      [`int${bits}`, [-all / 2n, all / 2n - 1n]],
      [`uint${bits}`, [0n, all - 1n]],
    ];
  }),
);

/** The names of the integer formats, such as `int32`. */
export const WHOLE_FORMATS: readonly string[] = Object.keys(RANGES);

/** Whether a number is a whole one within the range of an integer format; null for any other format. */
export function isWholeOf(format: string, value: number | bigint): boolean | null {
  if (!Object.hasOwn(RANGES, format)) return null;
  const [least, most] = RANGES[format]!;
  return (typeof value === 'bigint' || Number.isInteger(value)) && value >= least && value <= most;
}
