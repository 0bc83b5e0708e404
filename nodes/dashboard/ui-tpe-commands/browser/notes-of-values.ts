import type { ChangedField } from '../../../manager/catalogue/changed-fields.js';
import type { FieldNote } from '../../client/composables/field-notes.js';
import { t } from './translate.js';
import { valuesText, valueText } from './value-text.js';

/** What is beside the values of the fields. */
export interface NotedValues {
  changes: readonly ChangedField[];
  /** The fields in which the gateways differ and that are left so, with their values. */
  kept: readonly (readonly [path: string, values: unknown[]])[];
  /** All in which they differ. */
  differing: Readonly<Record<string, unknown[]>>;
  /** Says what can be done about a field that is left so: each gateway keeps its own, or it is filled in. */
  onKept: (path: string, values: unknown[]) => Omit<FieldNote, 'isChanged'>;
}

/** What the fields of a body say of the present values: what was there before, and where gateways differ. */
export function fieldNotes({ changes, kept, differing, onKept }: NotedValues): Record<string, FieldNote> {
  const changed = changes.map(({ path, before }): [string, FieldNote] => {
    const values = differing[path];
    const was = values === undefined ? valueText(before, {}, path) : valuesText(values);
    const text = before === undefined && values === undefined ? t('wasBlank') : t('was', { value: was });
    return [`/requestBody${path}`, { text, isChanged: true }];
  });
  const different = kept.map(([path, values]): [string, FieldNote] => [
    `/requestBody${path}`,
    { ...onKept(path, values), isChanged: false },
  ]);
  return Object.fromEntries([...changed, ...different]);
}
