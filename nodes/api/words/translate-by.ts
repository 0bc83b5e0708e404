import { fillIn, type Reason, type ReasonValue } from '../../manager/shared/reason.js';

/** A time as `toISOString` makes it, alone. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/;

/**
 * Translates a reason by the texts of one language, with the reasons in its values. Times among the values are put as `timeInWords` puts
 * them. The words of others, such as a gateway's own, stay as they are, and so does the English text of a code without a translation.
 */
export function translateBy(
  texts: Readonly<Record<string, string>>,
  { text, cause }: Reason,
  timeInWords: (time: string) => string = (time) => time,
): string {
  if (cause == null) return text;
  if (!Object.hasOwn(texts, cause.code)) {
    return timesOf(cause.params).reduce(
      (words, time) => words.replaceAll(time, () => timeInWords(time)),
      text,
    );
  }
  const values = Object.entries(cause.params).map(([name, value]) => [
    name,
    isTime(value) ? timeInWords(value) : value,
  ]);
  return fillIn(texts[cause.code]!, Object.fromEntries(values), (inner) =>
    translateBy(texts, inner, timeInWords),
  );
}

function isTime(value: ReasonValue): value is string {
  return typeof value === 'string' && INSTANT.test(value);
}

/** All times in the values, also in those of the reasons in them. */
function timesOf(params: Readonly<Record<string, ReasonValue>>): string[] {
  return Object.values(params).flatMap((value) => {
    if (typeof value === 'object' && value !== null) return value.cause ? timesOf(value.cause.params) : [];
    return isTime(value) ? [value] : [];
  });
}
