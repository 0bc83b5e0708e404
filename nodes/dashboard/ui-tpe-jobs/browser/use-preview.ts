import { type Ref, ref, watch } from 'vue';
import type { JobDefinition } from '../../../manager/jobs/definition/definition.js';
import type { JobPreview } from '../../../manager/jobs/job.js';
import type { Reason } from '../../../manager/shared/reason.js';
import { jobRpc } from '../../client/composables/job-calls.js';
import { reasonOf } from '../../client/composables/refused-call.js';
import { afterPause } from '../../client/composables/settled.js';
import { useRpc } from '../../client/composables/use-rpc.js';
import { t } from './translate.js';

/** The server takes no larger message; what is sent beside the definition has room. */
const MOST_CHARACTERS = 480_000;
const MOST_IDS = 40_000;

/**
 * What the server says that a job would do, asked by `ask` again after each change of what is given. `preview` is null while there is none
 * for the present one; `isAsking` is true from the change on. `refuse` says what must not be asked.
 */
export function usePreview<Given>(
  given: Readonly<Ref<Given | null>>,
  ask: (given: Given) => Promise<JobPreview>,
  refuse: (given: Given) => Reason | null = () => null,
) {
  const preview = ref<JobPreview | null>(null);
  const fault = ref<Reason | null>(null);
  const isAsking = ref(false);
  let asked = 0;

  async function askNow(now: Given) {
    asked += 1;
    const own = asked;
    try {
      const answer = await ask(now);
      if (own !== asked) return;
      preview.value = answer;
      fault.value = null;
    } catch (error) {
      if (own !== asked) return;
      preview.value = null;
      fault.value = reasonOf(error);
    }
    isAsking.value = false;
  }

  const pause = afterPause(() => given.value !== null && askNow(given.value));
  watch(
    given,
    (now) => {
      pause.cancel();
      asked += 1;
      const refusal = now === null ? null : refuse(now);
      isAsking.value = now !== null && refusal === null;
      // What was wrong with the one before says nothing about this one.
      fault.value = refusal;
      if (now === null || refusal !== null) {
        preview.value = null;
        return;
      }
      pause.ask();
    },
    { immediate: true },
  );
  return { preview, fault, isAsking };
}

/** The same for a definition that a person fills in. */
export function useDefinitionPreview(definition: Readonly<Ref<JobDefinition | null>>) {
  const { call } = jobRpc(useRpc());
  return usePreview(
    definition,
    (given) => call('jobs.preview', { definition: given }),
    (given) => (isTooLarge(given) ? { text: t('tooLarge'), cause: null } : null),
  );
}

function isTooLarge(given: JobDefinition): boolean {
  return (given.targets.ids?.length ?? 0) > MOST_IDS || JSON.stringify(given).length > MOST_CHARACTERS;
}
