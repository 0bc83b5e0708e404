import { shallowReactive, watchEffect } from 'vue';
import type { AnswerOf, InputOf } from '../../../api/procedures/index.js';
import type { FoundBy } from '../../../manager/catalogue/find-operations.js';
import { boundsOf, titleOf } from '../../../manager/catalogue/form-schema.js';
import type { JsonSchema, Operation } from '../../../manager/catalogue/operation.js';
import { contextOf, taskOf } from '../../../manager/catalogue/task-of.js';
import { withoutPlace } from '../../../manager/catalogue/validation/told-faults.js';
import type { Fault } from '../../../manager/shared/fault.js';
import { levelsOf } from '../../../manager/shared/json-pointer.js';
import { type Language, language } from '../i18n/language.js';
import { translated } from '../i18n/reasons.js';
import { useRpc } from './use-rpc.js';

// The words of the catalogue in the reader's language. The server has them, and a page that needs them asks once for each language: all of
// them are larger than what most pages show. Until they are there, and where there are none, the words are English.

type Words = AnswerOf<'commands.words'>;
type Part = InputOf<'commands.words'>['part'];

/** Null while an answer is awaited. */
const known = shallowReactive(new Map<string, Words | null>());

/** What operations are called. Call it in setup. */
export function useTaskWords() {
  const words = useWords('tasks');
  const category = (title: string) => said(words().categories, title);
  const task = (operation: Pick<Operation, 'id' | 'name'>) => said(words().tasks, taskOf(operation));
  return {
    category,
    /** What an operation does, where its category stands beside it. */
    task,
    /** The same where it stands alone: with the service that it belongs to. */
    taskAlone({ path, ...operation }: Pick<Operation, 'id' | 'name' | 'path'>): string {
      const context = contextOf(path);
      return context === null ? task(operation) : `${category(context)} · ${task(operation)}`;
    },
    /** Operations as they are searched. */
    searchable: <One extends Omit<FoundBy, 'task' | 'categoryTitle'>>(operations: readonly One[]) =>
      operations.map((one) => ({ ...one, task: task(one), categoryTitle: category(one.category) })),
  };
}

/** What is wrong with values, in the words of a person: without pointers and keywords. Call it in setup. */
export function useFaultWords() {
  const { labelOfName, say } = useFieldWords();
  const rule = (fault: Fault) => sayRule(fault, say);
  /** `/addresses/0/ip` as "Addresses 1 › IP address"; "" for the whole. */
  const place = (path: string) =>
    levelsOf(path).reduce((before, level) => {
      if (/^\d+$/.test(level)) return `${before} ${Number(level) + 1}`.trim();
      return before === '' ? labelOfName(level) : `${before} › ${labelOfName(level)}`;
    }, '');
  return {
    /** What a value must be, for who shows it beside the value. */
    rule,
    /** The same with the place of the value. */
    line(fault: Fault): string {
      const where = place(fault.path);
      return where === '' ? rule(fault) : `${where}: ${rule(fault)}`;
    },
    place,
  };
}

/** What fields of requests and answers are called. Call it in setup. */
export function useFieldWords() {
  const words = useWords('fields');
  const say = (text: string) => said(words().fields, text);
  return {
    /** The label of a field of a form, with its unit. Fields of users' own operations without a title keep their names. */
    label: (schema: JsonSchema, name: string) =>
      titleOf(typeof schema.title === 'string' ? { ...schema, title: say(schema.title) } : schema, name),
    /** A choice, or another text of a schema. */
    say,
    /** What a value has to be, in few words; "" where there is nothing to say. */
    bounds: (schema: JsonSchema) =>
      boundsOf(
        typeof schema.patternTitle === 'string'
          ? { ...schema, patternTitle: say(schema.patternTitle) }
          : schema,
      ),
    /** The label of a field of an answer, of which only the name is known. */
    labelOfName: (name: string) => say(said(words().labels, name, wordsOfName)),
  };
}

function sayRule(fault: Fault, say: (text: string) => string): string {
  const { cause } = fault;
  if (cause?.code === 'fault-pattern-named') {
    const what = say(String(cause.params.what));
    return translated({ text: `must be ${what}`, cause: { code: cause.code, params: { what } } });
  }
  return translated(withoutPlace(fault));
}

function useWords(part: Part): () => Words {
  const { call } = useRpc();
  const key = (of: Language) => `${of} ${part}`;
  watchEffect(() => {
    const wanted = language.value;
    // The labels of names are English, and wanted in English too.
    if ((wanted === 'en-US' && part === 'tasks') || known.has(key(wanted))) return;
    known.set(key(wanted), null);
    call('commands.words', { language: wanted, part }).then(
      (words) => known.set(key(wanted), words),
      // Whoever comes next asks again.
      () => known.delete(key(wanted)),
    );
  });
  return () => known.get(key(language.value)) ?? {};
}

function said(
  words: Readonly<Record<string, string>> | undefined,
  text: string,
  otherwise: (text: string) => string = (same) => same,
): string {
  return words !== undefined && Object.hasOwn(words, text) ? words[text]! : otherwise(text);
}

/** `lastBootTime` as "Last boot time", for fields that nobody has named. */
function wordsOfName(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim();
  if (words === '') return name;
  return (
    words[0]!.toUpperCase() + words.slice(1).replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())
  );
}
