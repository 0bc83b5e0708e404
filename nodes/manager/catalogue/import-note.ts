/** What of a file could not be kept as it stands there, and why: nothing of it is lost without a word. */
export interface ImportNote {
  /** JSON Pointer in the file; "" is the file itself. */
  place: string;
  code: NoteCode;
  params: Readonly<Record<string, string>>;
  /** For a person, in English. */
  text: string;
}

type Words = (params: Readonly<Record<string, string>>) => string;

const NOTES = {
  // Of the file as a whole.
  'file-comments': () => 'Comments and commas too many, which JSON has not, were passed over.',
  'yaml-tags': ({ names }) =>
    `The YAML tags ${names} are not known, and were passed over: what they stand for was not brought in.`,
  'yaml-numbers': ({ count }) => `${count} numbers that JSON cannot hold (.nan, .inf) became null.`,
  'no-paths': () => 'The document has no paths, so there is no operation to take.',
  webhooks: ({ names }) => `Webhooks are what a server calls, not a gateway: ${names} are left out.`,
  security: ({ names }) =>
    `What it says of signing in (${names}) is left out: a command over MQTT carries no such thing, and needs none.`,
  dialect: ({ url }) => `Its schemas are said to be of ${url}: they were read as OpenAPI's own are.`,
  'unknown-fields': ({ names }) => `OpenAPI knows no ${names} here: left out.`,
  'only-words': ({ names }) => `What is only for people or programs to read is not kept: ${names}.`,
  formats: ({ names }) => `Formats that are not checked: ${names}.`,
  'other-files': ({ count, files }) =>
    `${count} references lead to other files (${files}), which are not here: what needs them is left out. Bundle all into one file first, with "npx @redocly/cli bundle openapi.yaml -o bundled.yaml" for example, and bring that.`,
  'server-used': ({ url, prefix }) =>
    `"${prefix}" stands before each path, from the server ${url}. Is that not so on the gateway, give another prefix.`,
  'server-mock': ({ url }) =>
    `The server ${url} is a stand-in for trying (a mock), no gateway: its path is not put before the others. Is it needed, give it as the prefix.`,
  'server-unknown': ({ url }) =>
    `What path the server ${url} has is not known here: nothing is put before the others. Is something needed, give it as the prefix.`,
  'servers-left': ({ names }) => `Other servers, which were not asked: ${names}.`,
  // Of an operation.
  'own-server': ({ url, prefix }) =>
    `It has a server of its own (${url}): "${prefix}" stands before its path.`,
  deprecated: () => 'It is marked as deprecated.',
  callbacks: ({ names }) => `Callbacks are nothing that a gateway can do over MQTT: ${names} are left out.`,
  'header-parameter': ({ name }) => `The header ${name} is left out: MQTT carries none.`,
  'header-needed': ({ name }) =>
    `The header ${name} is left out, since MQTT carries none, and the operation says that it is required: the gateway may refuse it.`,
  'cookie-parameter': ({ name }) => `The cookie ${name} is left out: MQTT carries none.`,
  'cookie-needed': ({ name }) =>
    `The cookie ${name} is left out, since MQTT carries none, and the operation says that it is required: the gateway may refuse it.`,
  'parameter-place': ({ name, where }) => `The parameter ${name} is left out: nothing is in ${where}.`,
  'parameter-not-in-path': ({ name }) =>
    `The parameter ${name} is left out: it is said to be in the path, which has no {${name}}.`,
  'parameter-in-path': ({ name, where }) =>
    `The parameter ${name} stands in the path, and was taken for one of it, though it is said to be in ${where}.`,
  'parameter-undeclared': ({ name }) => `Nothing is said of {${name}} in the path: any text is taken.`,
  'parameter-twice': ({ name }) => `The parameter ${name} stands there twice: the first counts.`,
  'parameter-nested': ({ name }) =>
    `Lists and objects within the values of the parameter ${name} cannot be given: no style says how to write them.`,
  'parameter-style': ({ name, style, taken }) =>
    `The style of the parameter ${name} (${style}) is none for its place and kind: ${taken} was taken.`,
  'parameter-content': ({ name, types }) =>
    `The parameter ${name} is left out: its value is ${types}, and only JSON and plain text can be given.`,
  'body-as-json': ({ type }) => `Its body is ${type}: over MQTT it goes as plain JSON.`,
  'body-types': ({ types }) => `Its body may be ${types} as well: left out, over MQTT it is JSON.`,
  'body-method': ({ method }) =>
    `OpenAPI 3.0 gives a body of ${method} no meaning: it is offered all the same.`,
  'body-nothing': () => 'Its body has no content, so that nothing is known of it.',
  'read-only': ({ names }) => `Only read, so left out of the body: ${names}.`,
  'example-missing': ({ reason }) => `An example is left out: ${reason}.`,
  'example-elsewhere': ({ url }) => `An example is left out: it is elsewhere (${url}), and was not fetched.`,
  'example-large': ({ reason }) => `An example is left out: it ${reason}.`,
  'example-unfit': ({ fault }) =>
    `An example is left out, since it does not fit the schema of the body: ${fault}.`,
  'answer-types': ({ types }) => `Its answer may be ${types} as well, of which nothing is known over MQTT.`,
  'answers-left': ({ names }) => `What it answers with the status ${names} is left out: one form is kept.`,
  'answer-unreadable': ({ reason }) => `What it answers is not known: ${reason}.`,
  more: ({ count }) => `${count} more of such.`,
  // Of a schema.
  'ref-siblings': ({ names }) => `Beside a reference these count for nothing: ${names}.`,
  'ref-merged': ({ names }) =>
    `OpenAPI does not say what ${names} beside a reference mean: they were taken as well.`,
  'dynamic-ref': ({ ref }) => `The dynamic reference ${ref} was followed to where it is written.`,
  circular: ({ ref }) => `${ref} has itself within: from there on anything is taken.`,
  'no-schema': ({ value }) => `Where a schema should be is ${value}: anything is taken there.`,
  'too-deep': () => 'The schema is deeper than is checked: from there on anything is taken.',
  keyword: ({ name }) => `"${name}" is not checked.`,
  'keyword-value': ({ name, value }) => `"${name}" is left out: it cannot be ${value}.`,
  pattern: ({ pattern, reason }) => `The pattern ${pattern} is left out: it ${reason}.`,
  number: ({ name, value }) =>
    `"${name}" is left out: ${value} is beyond what a number holds exactly (2^53 - 1).`,
  'discriminator-alone': ({ name }) =>
    `"${name}" tells which other schema is meant, but none are listed beside it (oneOf, anyOf): what those add is not checked.`,
  'discriminator-mapping': ({ value, reason }) =>
    `What "${value}" of the discriminator stands for is left out: ${reason}.`,
  'discriminator-name': ({ name }) =>
    `No value of the discriminator "${name}" is known for one of the schemas: it is chosen by its form alone.`,
  'closed-branch': ({ names }) =>
    `A part of an "allOf" forbids all fields but its own, so that by the standard ${names} of the other parts are refused.`,
} as const satisfies Record<string, Words>;

export type NoteCode = keyof typeof NOTES;

const LONGEST_PARAM = 200;
const LONGEST_PLACE = 300;

/** Makes a note; texts of a file are shortened. */
export function noteOf(place: string, code: NoteCode, params: Record<string, string> = {}): ImportNote {
  const short = Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, shown(value, LONGEST_PARAM)]),
  );
  const words: Words = NOTES[code];
  return { place: shown(place, LONGEST_PLACE), code, params: short, text: words(short) };
}

/** In one line, and something that a database and a page can hold. */
export function shown(text: string, length: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is dropped
  const plain = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  return (plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`).toWellFormed();
}

/** What is noted while something is read. */
export interface Notes {
  add(place: string, code: NoteCode, params?: Record<string, string>): void;
  /** Each text once; of many the first, and how many more there are. */
  list(): ImportNote[];
}

const MOST_NOTES = 20;

/** Notes of one operation, or of a file. */
export function createNotes(): Notes {
  const notes = new Map<string, ImportNote>();
  let more = 0;
  return {
    add(place, code, params) {
      const note = noteOf(place, code, params);
      if (notes.has(note.text)) return;
      if (notes.size < MOST_NOTES) notes.set(note.text, note);
      else more += 1;
    },
    list: () => [...notes.values(), ...(more === 0 ? [] : [noteOf('', 'more', { count: String(more) })])],
  };
}

/** `a, b, c and 4 more`. */
export function listed(names: Iterable<string>, most = 8): string {
  const all = [...new Set(names)].map((name) => shown(name, 60));
  const some = all.slice(0, most).join(', ');
  return all.length > most ? `${some} and ${all.length - most} more` : some;
}
