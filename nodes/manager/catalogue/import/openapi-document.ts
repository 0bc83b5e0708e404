import { isSchema as isObject } from '../validation/subschemas.js';
import { listed, type Notes } from './note-list.js';
import { noteFields, type Reading } from './openapi-reading.js';

const DIALECTS = /^https:\/\/(spec\.openapis\.org\/oas\/|json-schema\.org\/draft\/2020-12\/)/;

const DOCUMENT_FIELDS = {
  read: 'openapi paths servers security webhooks components jsonSchemaDialect'.split(' '),
  unread: ['info', 'tags', 'externalDocs'],
};

/** Adds the notes that concern the document as a whole. Call it after all operations were read, since these contribute to it. */
export function noteDocument(reading: Reading, notes: Notes): void {
  const { document, refs, words, formats, security } = reading;
  noteFields(reading, document, '', notes, DOCUMENT_FIELDS);
  if (isObject(document.webhooks)) {
    const names = Object.keys(document.webhooks);
    if (names.length > 0) notes.add('/webhooks', 'webhooks', { names: listed(names) });
  }
  const { jsonSchemaDialect: url } = document;
  if (typeof url === 'string' && !DIALECTS.test(url)) notes.add('/jsonSchemaDialect', 'dialect', { url });
  addSecurity(reading, document.security);
  if (security.size > 0) notes.add('/security', 'security', { names: listed(security) });
  const { elsewhere } = refs;
  if (elsewhere.size > 0) {
    const count = [...elsewhere.values()].reduce((sum, one) => sum + one, 0);
    notes.add('', 'other-files', { count: String(count), files: listed(elsewhere.keys(), 3) });
  }
  if (formats.size > 0) notes.add('', 'formats', { names: listed([...formats].sort()) });
  if (words.size > 0) notes.add('', 'only-words', { names: listed([...words].sort(), 12) });
}

/** Collects the names of the security schemes of an operation or of the document. */
export function addSecurity({ security }: Reading, given: unknown): void {
  for (const one of Array.isArray(given) ? given : [])
    if (isObject(one)) for (const name of Object.keys(one)) security.add(name);
}
