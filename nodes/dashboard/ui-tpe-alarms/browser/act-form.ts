import type { InputOf } from '../../../api/procedures/index.js';

/** What a person says with an act on alarms. */
export interface ActForm {
  act: 'acknowledge' | 'assign' | 'shelve';
  note: string;
  /** Empty: nobody. */
  to: string;
  seconds: number;
}

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** For how long alarms can be put aside, s. */
export const SHELVE_FOR: readonly number[] = [HOUR_S, 8 * HOUR_S, DAY_S, 7 * DAY_S, 30 * DAY_S];

/** The form as it is first shown: to the person who looks, and for as short as can be. */
export function emptyForm(act: ActForm['act'], ownName: string): ActForm {
  return { act, note: '', to: ownName, seconds: SHELVE_FOR[0]! };
}

/** The act on these alarms. */
export function actOf(form: ActForm, ids: string[]): InputOf<'alarms.act'> {
  const note = form.note.trim();
  const said = note === '' ? {} : { note };
  if (form.act === 'assign') return { act: 'assign', ids, to: form.to.trim() || null };
  if (form.act === 'shelve') return { act: 'shelve', ids, seconds: form.seconds, ...said };
  return { act: 'acknowledge', ids, ...said };
}
