import { type ComputedRef, computed, inject, provide } from 'vue';

/** What a form says of one of its fields, beside its value. */
export interface FieldNote {
  text: string;
  /** The person has given it another value than the gateways have. */
  isChanged: boolean;
  /** What can be done about it, as a button beside the text. */
  act?: { text: string; run: () => void };
}

/** Notes by the JSON Pointer of their field. */
type FieldNotes = Readonly<Record<string, FieldNote>>;

const KEY = 'tpedm-field-notes';
const NONE = computed<FieldNotes>(() => ({}));

/** Gives notes to the fields of all forms below the component. Call it in setup. */
export function provideFieldNotes(notes: ComputedRef<FieldNotes>): void {
  provide(KEY, notes);
}

/** The notes for the fields of the form. Call it in setup. */
export function useFieldNotes(): ComputedRef<FieldNotes> {
  return inject<ComputedRef<FieldNotes>>(KEY, NONE);
}
