/** Says what of a file was left out or changed, and why. Every such loss has a note, so that people can trust an import. */
export interface ImportNote {
  /** JSON Pointer in the file; "" is the file itself. */
  place: string;
  code: NoteCode;
  params: Readonly<Record<string, string>>;
  /** For a person, in English. */
  text: string;
}

/** The English texts, in which `__name__` stands for a parameter. The editor has the texts in other languages. */
export const NOTE_TEXTS = {
  // About the file as a whole.
  'lost-characters':
    'It has the character U+FFFD __count__ times, first on line __line__: it stands for one that was lost where the file was saved or read. Save it again as UTF-8, or hand it on as bytes (a Buffer) and not as text.',
  'file-comments': 'Comments and commas too many, which JSON has not, were passed over.',
  'yaml-tags':
    'The YAML tags __names__ are not known, and were passed over: what they stand for was not brought in.',
  'yaml-numbers': '__count__ numbers that JSON cannot hold (.nan, .inf) became null.',
  'number-rounded': 'The number __value__ has more digits than are kept here: it became __near__.',
  'number-text':
    'The number __value__ has more digits than are kept here: it became a text of its digits. Put the number itself there when the command is sent.',
  'not-kept': 'Nothing is made of __names__: left out.',
  'headers-ours':
    'What it says of the headers __names__ is left out: the device manager gives both to each command itself.',
  'risk-raised': 'Its risk is told as __risk__ here, and not as __said__: no description makes it less.',
  'no-paths': 'The document has no paths, so there is no operation to take.',
  webhooks: 'Webhooks are what a server calls, not a gateway: __names__ are left out.',
  security:
    'What it says of signing in (__names__) is left out: a command over MQTT carries no such thing, and needs none.',
  dialect: "Its schemas are said to be of __url__: they were read as OpenAPI's own are.",
  'unknown-fields': 'OpenAPI knows no __names__ here: left out.',
  'only-words': 'What is only for people or programs to read is not kept: __names__.',
  formats: 'Formats that are not checked: __names__.',
  'other-files':
    'References to other files, which are not here: __count__ (__files__). What needs them is left out. Bundle all into one file first, with "npx @redocly/cli bundle openapi.yaml -o bundled.yaml" for example, and bring that.',
  'server-used':
    '"__prefix__" stands before each path, from the server __url__. Is that not so on the gateway, give another prefix.',
  'server-mock':
    'The server __url__ is a stand-in for trying (a mock), no gateway: its path is not put before the others. Is it needed, give it as the prefix.',
  'server-unknown':
    'What path the server __url__ has is not known here: nothing is put before the others. Is something needed, give it as the prefix.',
  'servers-left': 'Other servers, which were not asked: __names__.',
  // About an operation.
  'own-server': 'It has a server of its own (__url__): "__prefix__" stands before its path.',
  renamed: 'The name "__name__" is taken in its category: it is called otherwise here.',
  'name-cut': 'Its name is longer than __count__ characters: it was shortened.',
  secrets:
    'Secrets in its examples and defaults were left blank: all who may look at the catalogue see those.',
  deprecated: 'It is marked as deprecated.',
  callbacks: 'Callbacks are nothing that a gateway can do over MQTT: __names__ are left out.',
  'header-parameter': 'The header __name__ is left out: MQTT carries none.',
  'header-needed':
    'The header __name__ is left out, since MQTT carries none, and the operation says that it is required: the gateway may refuse it.',
  'cookie-parameter': 'The cookie __name__ is left out: MQTT carries none.',
  'cookie-needed':
    'The cookie __name__ is left out, since MQTT carries none, and the operation says that it is required: the gateway may refuse it.',
  'parameter-place': 'The parameter __name__ is left out: nothing is in __where__.',
  'parameter-not-in-path':
    'The parameter __name__ is left out: it is said to be in the path, which has no {__name__}.',
  'parameter-in-path':
    'The parameter __name__ stands in the path, and was taken for one of it, though it is said to be in __where__.',
  'parameter-undeclared': 'Nothing is said of {__name__} in the path: any text is taken.',
  'parameter-twice': 'The parameter __name__ stands there twice: the first counts.',
  'parameter-nested':
    'Lists and objects within the values of the parameter __name__ cannot be given: no style says how to write them.',
  'parameter-style':
    'The style of the parameter __name__ (__style__) is none for its place and kind: __taken__ was taken.',
  'parameter-content':
    'The parameter __name__ is left out: its value is __types__, and only JSON and plain text can be given.',
  'body-as-json': 'Its body is __type__: over MQTT it goes as plain JSON.',
  'body-types': 'Its body may be __types__ as well: left out, over MQTT it is JSON.',
  'body-method': 'OpenAPI 3.0 gives a body of __method__ no meaning: it is offered all the same.',
  'body-nothing': 'Its body has no content, so that nothing is known of it.',
  'read-only': 'Only read, so left out of the body: __names__.',
  'example-missing': 'An example is left out: __reason__.',
  'example-elsewhere': 'An example is left out: it is elsewhere (__url__), and was not fetched.',
  'example-large': 'An example is left out: it __reason__.',
  'example-unfit': 'An example is left out, since it does not fit the schema of the body: __fault__.',
  'answer-types': 'Its answer may be __types__ as well, of which nothing is known over MQTT.',
  'answers-left': 'What it answers with the status __names__ is left out: one form is kept.',
  'answer-unreadable': 'What it answers is not known: __reason__.',
  more: '__count__ more notes, which are too many to be told here.',
  // About a schema.
  'ref-siblings': 'Beside a reference these count for nothing: __names__.',
  'ref-merged': 'OpenAPI does not say what __names__ beside a reference mean: they were taken as well.',
  'dynamic-ref': 'The dynamic reference __ref__ was followed to where it is written.',
  circular: '__ref__ has itself within: from there on anything is taken.',
  'no-schema': 'Where a schema should be is __value__: anything is taken there.',
  'too-deep': 'The schema is deeper than is checked: from there on anything is taken.',
  keyword: '"__name__" is not checked.',
  'keyword-value': '"__name__" is left out: it cannot be __value__.',
  pattern: 'The pattern __pattern__ is left out: it __reason__.',
  'number-near':
    '"__name__" is checked as __near__, the nearest number that is kept here: it is said to be __value__.',
  number: '"__name__" is left out: __value__ is beyond what a number holds exactly (2^53 - 1).',
  'discriminator-alone':
    '"__name__" tells which other schema is meant, but the document names none (by oneOf, anyOf, or an allOf of theirs), or they are too much to be kept: what those add is not checked.',
  'discriminator-mapping': 'What "__value__" of the discriminator stands for is left out: __reason__.',
  'discriminator-name':
    'No value of the discriminator "__name__" is known for one of the schemas: it is chosen by its form alone.',
  'closed-branch':
    'A part of an "allOf" forbids all fields but its own, so that by the standard __names__ of the other parts are refused.',
} as const;

export type NoteCode = keyof typeof NOTE_TEXTS;
