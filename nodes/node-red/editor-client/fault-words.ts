import { type FaultWords, sayFault } from '../../api/words/fault-words.ts';
import { chosenLanguage } from '../../api/words/languages.ts';
import type { Fault } from '../../manager/shared/fault.ts';
import { call } from './calls.ts';

/** English until they have come. */
let known: FaultWords = { fields: {}, reasons: {} };

/** Asks for the words. Rejects never: without them the words are English. `server` is the id of a tpe-server. */
export async function loadFaultWords(server: string): Promise<void> {
  const language = chosenLanguage([RED.i18n.lang()]);
  if (language === 'en-US') return;
  const asked = call<FaultWords>('tpe/operation-words', { server, language, part: 'faults' });
  known = await asked.catch(() => known);
}

/** What is wrong, in the language of the editor, for who shows it beside the value. */
export function faultInWords(fault: Fault): string {
  return sayFault(known, fault) ?? fault.text;
}

/** The same with the place of the value, as flows name it. */
export function faultLine(fault: Fault): string {
  const words = sayFault(known, fault);
  return words === null ? fault.text : `${fault.in}${fault.path}: ${words}`;
}
