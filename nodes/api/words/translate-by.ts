import { fillIn, type Reason } from '../../manager/shared/reason.js';

/**
 * Translates a reason by the texts of one language, with the reasons in its values. The words of others, such as a gateway's own, stay as
 * they are, and so does the English text of a code without a translation.
 */
export function translateBy(texts: Readonly<Record<string, string>>, { text, cause }: Reason): string {
  if (cause == null || !Object.hasOwn(texts, cause.code)) return text;
  return fillIn(texts[cause.code]!, cause.params, (inner) => translateBy(texts, inner));
}
