import { computed, type Ref, ref, watch } from 'vue';
import type { AnswerOf } from '../../../api/procedures/index.js';
import {
  bodyToSend,
  changedFields,
  isSameValue,
  type TogetherBody,
  togetherOf,
  withFields,
} from '../../../manager/catalogue/changed-fields.js';
import {
  bodyOfPresent,
  type Choice,
  choicesIn,
  entryOf,
  valueOfAnswer,
  withFixed,
} from '../../../manager/catalogue/present-body.js';
import { MOST_READ, type PresentBy, type ReadBy } from '../../../manager/catalogue/present-values.js';
import type { Reason } from '../../../manager/shared/reason.js';
import { reasonOf } from '../../client/composables/refused-call.js';
import { afterPause } from '../../client/composables/settled.js';
import { useRpc } from '../../client/composables/use-rpc.js';
import { blankBodyOf, type Draft, type FormOperation } from './draft.js';

type Answers = AnswerOf<'commands.read'>;

/** A value that a parameter may have, and on how many of the gateways that were read. */
export interface OfferedChoice extends Choice {
  on: number;
  of: number;
}

/** What was read of the gateways. */
export interface PresentValues extends TogetherBody {
  /** The bodies that would leave the gateways as they are, by client id. */
  own: ReadonlyMap<string, unknown>;
  sites: ReadonlyMap<string, string>;
  /** The gateways that could not be read, with why. */
  unread: readonly { clientid: string; fault: Reason }[];
  readAt: number;
}

/**
 * Begins the form of a draft with what its gateways have, and keeps apart what the person changes in it: whatever is read again, or read
 * from another gateway, the changes stay. `clientids` are the gateways to read from, of which the first few are read.
 */
export function usePresentValues(draft: Ref<Draft | null>, clientids: () => readonly string[]) {
  const { call } = useRpc();
  const values = ref<PresentValues | null>(null);
  const isReading = ref(false);
  const fault = ref<Reason | null>(null);
  /** Whether the gateways tell something, but not what the operation sets. */
  const tellsOther = ref(false);
  const read = computed(() => clientids().slice(0, MOST_READ));
  const operation = computed(() => draft.value?.operation ?? null);
  const by = computed(() => operation.value?.reads.present ?? null);
  /** The parameters without which nothing can be read. */
  const lacking = computed(() => {
    if (by.value === null) return [];
    const names = [...Object.values(by.value.params), ...(by.value.entry === null ? [] : [by.value.entry])];
    return names.filter((name) => isBlank(paramOf(name)));
  });
  const compared = useComparison(draft, values);

  let asked = 0;

  const paramOf = (name: string) => (draft.value?.params as Record<string, unknown> | undefined)?.[name];
  const paramsOf = ({ params }: ReadBy) =>
    Object.fromEntries(Object.entries(params).map(([name, own]) => [name, String(paramOf(own))]));
  const ask = (by: ReadBy): Promise<Answers> =>
    call('commands.read', { operation: by.operation, params: paramsOf(by), clientids: [...read.value] });

  const choices = useChoices(draft, read, paramOf, ask);

  async function readNow() {
    asked += 1;
    const own = asked;
    const present = by.value;
    const isPossible = present !== null && read.value.length > 0 && lacking.value.length === 0;
    isReading.value = isPossible;
    fault.value = null;
    tellsOther.value = false;
    if (!isPossible) return forget();
    try {
      const answers = await ask(present);
      if (own === asked) take(answers);
    } catch (error) {
      if (own === asked) fault.value = reasonOf(error);
    } finally {
      if (own === asked) isReading.value = false;
    }
  }

  function take(answers: Answers) {
    const now = draft.value;
    const present = by.value;
    if (now?.operation == null || present === null || now.operation.bodySchema === null) return;
    const { bodySchema } = now.operation;
    const { own, unread } = bodiesIn(answers, present, now.operation, paramOf(present.entry ?? ''));
    if (own.size === 0) {
      forget();
      fault.value = unread[0]?.fault ?? null;
      tellsOther.value = unread.length === 0;
      return;
    }
    const before = now.before ?? blankBodyOf(now.operation);
    const typed = changedFields(before, now.body).filter(({ after }) => after !== undefined);
    const { common, differing } = togetherOf([...own.values()]);
    const sites = new Map(answers.map(({ clientid, site }) => [clientid, site]));
    values.value = { own, common, differing, unread, sites, readAt: Date.now() };
    draft.value = { ...now, before: common, body: withFixed(bodySchema, withFields(common, typed)) };
  }

  /** The values of other gateways are not those of these: only what the person has typed stays. */
  function forget() {
    values.value = null;
    const now = draft.value;
    if (now?.operation == null || now.before === undefined) return;
    const typed = changedFields(now.before, now.body).filter(({ after }) => after !== undefined);
    const { before: _before, ...rest } = now;
    draft.value = { ...rest, body: withFields(blankBodyOf(now.operation), typed) };
  }

  const key = computed(() => {
    const names = by.value === null ? [] : [...Object.values(by.value.params), by.value.entry ?? ''];
    return JSON.stringify([operation.value?.id, by.value, names.map(paramOf), read.value]);
  });
  const pause = afterPause(readNow);
  watch(
    key,
    (_now, before) => {
      asked += 1;
      isReading.value = by.value !== null && read.value.length > 0 && lacking.value.length === 0;
      pause.ask(before === undefined ? 0 : undefined);
    },
    { immediate: true },
  );

  return {
    values,
    isReading,
    fault,
    tellsOther,
    choices,
    lacking,
    by,
    read,
    readNow,
    ...compared,
  };
}

/** What the person has changed of the present values, and what each gateway keeps as its own. */
function useComparison(draft: Ref<Draft | null>, values: Ref<PresentValues | null>) {
  const operation = computed(() => draft.value?.operation ?? null);
  const changes = computed(() => {
    if (values.value === null || draft.value === null) return [];
    const found = changedFields(values.value.common, draft.value.body);
    // What PATCH does not send stays as it is.
    return operation.value?.method === 'PATCH' ? found.filter(({ after }) => after !== undefined) : found;
  });
  /** The fields in which the gateways differ, and that the person leaves so. */
  const kept = computed(() => {
    const changed = new Set(changes.value.map(({ path }) => path));
    return Object.entries(values.value?.differing ?? {}).filter(([path]) => !changed.has(path));
  });

  /** The bodies of the gateways that keep values of their own; empty where one body serves all. */
  function ownBodies(): { clientid: string; requestBody: unknown }[] {
    const [known, now] = [values.value, draft.value];
    if (known === null || now?.operation == null || kept.value.length === 0) return [];
    const { operation: one } = now;
    return [...known.own].map(([clientid, before]) => ({
      clientid,
      requestBody: bodyToSend(one, before, withFields(before, changes.value)),
    }));
  }

  return { changes, kept, ownBodies };
}

/** The bodies that would leave the gateways as they are, and why some could not be read. */
function bodiesIn(answers: Answers, present: PresentBy, { bodySchema, path }: FormOperation, key: unknown) {
  const own = new Map<string, unknown>();
  const unread: PresentValues['unread'][number][] = [];
  for (const { clientid, payload, fault } of answers) {
    const value = valueOfAnswer(payload);
    const found = present.entry === null ? value : entryOf(value, present.entry, key);
    const body = fault === null ? bodyOfPresent(bodySchema ?? {}, found, path) : undefined;
    if (body !== undefined) own.set(clientid, body);
    else if (fault !== null) unread.push({ clientid, fault });
  }
  return { own, unread };
}

/** What the parameters of a draft may be, by the gateways that are read. */
function useChoices(
  draft: Ref<Draft | null>,
  read: Readonly<Ref<readonly string[]>>,
  paramOf: (name: string) => unknown,
  ask: (by: ReadBy) => Promise<Answers>,
) {
  const operation = computed(() => draft.value?.operation ?? null);
  const choices = ref<Record<string, OfferedChoice[]>>({});

  async function readChoices() {
    const reads = operation.value?.reads.choices ?? {};
    for (const [name, choice] of Object.entries(reads)) {
      const isPossible =
        read.value.length > 0 && Object.values(choice.params).every((one) => !isBlank(paramOf(one)));
      if (!isPossible) continue;
      const forWhich = choicesKey.value;
      const answers = await ask(choice).catch((): Answers => []);
      if (forWhich !== choicesKey.value) return;
      const found = offered(answers, name);
      choices.value = { ...choices.value, [name]: found };
      const [only, ...others] = found;
      // What all gateways have once needs no choice.
      if (only === undefined || others.length > 0 || only.on < only.of || !isBlank(paramOf(name))) continue;
      draft.value = { ...draft.value!, params: { ...(draft.value!.params as object), [name]: only.value } };
    }
  }

  const choicesKey = computed(() => {
    const reads = operation.value?.reads.choices ?? {};
    const needed = Object.values(reads).flatMap(({ params }) => Object.values(params).map(paramOf));
    return JSON.stringify([operation.value?.id, Object.keys(reads), needed, read.value]);
  });
  watch(
    choicesKey,
    () => {
      choices.value = {};
      void readChoices();
    },
    { immediate: true },
  );
  return choices;
}

/** What the gateways have in common first, each with how many have it. */
function offered(answers: Answers, name: string): OfferedChoice[] {
  const read = answers.filter(({ fault }) => fault === null);
  const found: OfferedChoice[] = [];
  for (const { payload } of read) {
    for (const choice of choicesIn(valueOfAnswer(payload), name)) {
      const same = found.find(({ value }) => isSameValue(value, choice.value));
      if (same === undefined) found.push({ ...choice, on: 1, of: read.length });
      else same.on += 1;
    }
  }
  return found.sort((one, other) => other.on - one.on);
}

/** Also for what a job fills in only for each gateway. */
function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '' || String(value).includes('{{');
}
