import { type Ref, ref, watch } from 'vue';
import type { JobDefinition } from '../../../manager/jobs/definition/definition.js';
import type { JobPreview } from '../../../manager/jobs/job.js';
import type { Reason } from '../../../manager/shared/reason.js';
import { jobRpc } from '../../client/composables/job-calls.js';
import { reasonOf } from '../../client/composables/refused-call.js';
import { useRpc } from '../../client/composables/use-rpc.js';
import { t } from './translate.js';

const DEBOUNCE_MS = 400;
/** The server takes no larger message; what is sent beside the definition has room. */
const MOST_CHARACTERS = 480_000;
const MOST_IDS = 40_000;

/**
 * What the server says that the job would do, asked again after each change. `preview` is null while there is none for the present
 * definition; `isAsking` is true from the change on.
 */
export function usePreview(definition: Ref<JobDefinition | null>) {
  const { call } = jobRpc(useRpc());
  const preview = ref<JobPreview | null>(null);
  const fault = ref<Reason | null>(null);
  const isAsking = ref(false);
  let debounce: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  async function ask(given: JobDefinition) {
    asked += 1;
    const own = asked;
    try {
      const answer = await call('jobs.preview', { definition: given });
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

  watch(
    definition,
    (given) => {
      clearTimeout(debounce);
      asked += 1;
      isAsking.value = given !== null;
      if (given === null || isTooLarge(given)) {
        preview.value = null;
        fault.value = given === null ? null : { text: t('tooLarge'), cause: null };
        isAsking.value = false;
        return;
      }
      debounce = setTimeout(() => void ask(given), DEBOUNCE_MS);
    },
    { immediate: true },
  );
  return { preview, fault, isAsking };
}

function isTooLarge(given: JobDefinition): boolean {
  return (given.targets.ids?.length ?? 0) > MOST_IDS || JSON.stringify(given).length > MOST_CHARACTERS;
}
