import type { ChangedField } from '../../../manager/catalogue/changed-fields.js';
import type { FieldNote } from '../../client/composables/field-notes.js';
import { t } from './translate.js';
import { valuesText, valueText } from './value-text.js';

/**
 * What the fields of a body say of the present values: what was there before, and where gateways differ. `keepsOwn`: a field that is left as
 * it is stays different.
 */
export function fieldNotes(
  changes: readonly ChangedField[],
  kept: readonly (readonly [path: string, values: unknown[]])[],
  keepsOwn: boolean,
): Record<string, FieldNote> {
  const changed = changes.map(({ path, before }): [string, FieldNote] => {
    const text = before === undefined ? t('wasBlank') : t('was', { value: valueText(before, {}, path) });
    return [`/requestBody${path}`, { text, isChanged: true }];
  });
  const different = kept.map(([path, values]): [string, FieldNote] => [
    `/requestBody${path}`,
    { text: t(keepsOwn ? 'differs' : 'differsFill', { values: valuesText(values) }), isChanged: false },
  ]);
  return Object.fromEntries([...changed, ...different]);
}
