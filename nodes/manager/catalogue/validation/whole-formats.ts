/** The least and the most of each kind of whole number: documents say it by the format alone. */
const RANGES: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = Object.fromEntries(
  [8, 16, 32, 64].flatMap((bits): [string, [bigint, bigint]][] => {
    const all = 2n ** BigInt(bits);
    return [
      [`int${bits}`, [-all / 2n, all / 2n - 1n]],
      [`uint${bits}`, [0n, all - 1n]],
    ];
  }),
);

/** Their names. */
export const WHOLE_FORMATS: readonly string[] = Object.keys(RANGES);

/** Whether a number is one of the format, with all its digits; null for formats of other things. */
export function isWholeOf(format: string, value: number | bigint): boolean | null {
  if (!Object.hasOwn(RANGES, format)) return null;
  const [least, most] = RANGES[format]!;
  return (typeof value === 'bigint' || Number.isInteger(value)) && value >= least && value <= most;
}
