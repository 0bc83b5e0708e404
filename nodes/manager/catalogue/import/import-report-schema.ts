import { listOf, objectOf, text, textOrNull, texts } from '../../shared/value-schemas.js';
import { NOTE_TEXTS, type NoteCode } from './import-note.js';

const note = objectOf({
  place: { ...text, description: 'JSON Pointer in the file; an empty text is the file itself.' },
  code: { enum: Object.keys(NOTE_TEXTS) as NoteCode[] },
  params: { type: 'object', additionalProperties: text },
  text: { ...text, description: 'For a person.' },
});

const refused = {
  type: 'object',
  properties: { place: text, name: text, method: text, path: text, reason: text },
  required: ['place', 'name', 'reason'],
  additionalProperties: false,
} as const;

/** The JSON Schema of the type ImportReport. */
export const OPERATION_IMPORT = {
  ...objectOf({
    format: { enum: ['tpedm', 'openapi', 'operations'] },
    added: texts,
    changed: texts,
    same: texts,
    refused: { ...listOf(refused), description: 'Left out.' },
    operations: listOf(
      objectOf({
        id: text,
        name: text,
        method: text,
        path: text,
        place: text,
        outcome: { enum: ['added', 'changed', 'same'] },
        notes: listOf(note),
      }),
    ),
    prefix: { ...textOrNull, description: 'What stands before each path of an OpenAPI document.' },
    notes: listOf(note),
  }),
  description: 'What became of a file of operations; `added`, `changed` and `same` are ids.',
} as const;
